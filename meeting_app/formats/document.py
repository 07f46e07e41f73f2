"""The formats a meeting can be handed out in, and a file in one of them."""

import difflib
import re
from dataclasses import dataclass

from meeting_app.domain import Meeting
from meeting_app.errors import FormatError
from meeting_app.formats.text import clean

_NOT_IN_FILENAMES = re.compile(r'[<>:"/\\|?*]')  # on one system or another
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")  # device names on Windows
# Characters; four bytes each and the longest suffix stay below the 255 bytes of a file name.
_LONGEST_STEM = 60
_NOT_IN_TOKENS = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True)
class Format:
    """How a meeting can be written."""

    name: str
    suffix: str  # of the file, with its dot
    media_type: str


@dataclass(frozen=True, slots=True)
class Document:
    """A file to hand out."""

    filename: str  # without folders, fit for every file system
    media_type: str
    content: bytes


_WORD_PROCESSING = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_ALL = (
    Format("json", ".json", "application/json"),
    Format("rttm", ".rttm", "text/plain; charset=utf-8"),
    Format("seglst", ".seglst.json", "application/json"),
    Format("srt", ".srt", "application/x-subrip; charset=utf-8"),
    Format("vtt", ".vtt", "text/vtt; charset=utf-8"),
    Format("md", ".md", "text/markdown; charset=utf-8"),
    Format("txt", ".txt", "text/plain; charset=utf-8"),
    Format("docx", ".docx", _WORD_PROCESSING),
    Format("pdf", ".pdf", "application/pdf"),
)
FORMATS: tuple[str, ...] = tuple(known.name for known in _ALL)


def format_named(name: str) -> Format:
    """The format of that name.

    Raises:
        FormatError: there is none; names the nearest one and all of them.
    """
    for known in _ALL:
        if known.name == name:
            return known
    near = difflib.get_close_matches(name.lower(), FORMATS, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    raise FormatError(f"{name}: not a format; {hint}choose one of {', '.join(FORMATS)}")


def filename_of(title: str, format: Format) -> str:
    """The title as the name of a file, letters of every script kept."""
    stem = _NOT_IN_FILENAMES.sub("_", clean(title))[:_LONGEST_STEM].strip(" .") or "meeting"
    return (f"{stem}_" if _RESERVED.fullmatch(stem) else stem) + format.suffix


def uri_of(meeting: Meeting) -> str:
    """The title as one token, the name scorers know the recording by."""
    return token(meeting.title) or "meeting"


def token(text: str) -> str:
    """Letters of every script, digits, ``_.-``; anything else becomes one underscore."""
    return _NOT_IN_TOKENS.sub("_", clean(text)).strip("_")
