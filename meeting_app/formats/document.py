"""The formats a meeting can be handed out in, and a file in one of them."""

import difflib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pyannote.core import Segment

from meeting_app.domain import UNFILED, Filing, Meeting, Recording, VoiceEvidence
from meeting_app.domain.corrections import History
from meeting_app.errors import FormatError
from meeting_app.formats.options import ExportOptions, Part
from meeting_app.formats.text import clean

_NOT_IN_FILENAMES = re.compile(r'[<>:"/\\|?*]')  # on one system or another
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")  # device names on Windows
# Characters; four bytes each and the longest suffix stay below the 255 bytes of a file name.
_LONGEST_STEM = 60
_NOT_IN_TOKENS = re.compile(r"[^\w.-]+")


CutClip = Callable[[Segment], bytes]
"""Cuts a stretch out of a meeting's sound; .m4a."""


@dataclass(frozen=True, slots=True)
class Format:
    """How a meeting can be written, and which choices mean something there."""

    name: str
    suffix: str  # of the file, with its dot
    media_type: str
    parts: tuple[Part, ...] = tuple(Part)  # others are refused
    has_chapter: bool = True  # whether one chapter can be had alone; else it is refused
    # Names of the fields of ExportOptions that change the file; others change nothing.
    choices: tuple[str, ...] = ()

    def honours(self, options: ExportOptions, choice: str) -> bool:
        """Whether the file is to hold what ``choice``, a name such as with_audio, stands for."""
        return choice in self.choices and bool(getattr(options, choice))

    def check(self, options: ExportOptions) -> None:
        """Refuses what would hand out more, or other things, than was asked for.

        Raises:
            FormatError: this format has no such part, or is always about the whole meeting.
        """
        if options.part not in self.parts:
            raise FormatError(
                f"{self.name}: holds no {options.part} alone; choose "
                f"{' or '.join(self.parts)}, or another format"
            )
        if options.chapter is not None and not self.has_chapter:
            raise FormatError(
                f"{self.name}: always the whole meeting; leave the chapter out, or choose "
                "another format"
            )


@dataclass(frozen=True, slots=True)
class Source:
    """A meeting to be written, and where its sound is."""

    meeting: Meeting
    recording: Recording | None = None
    created_at: datetime | None = None
    original: Path | None = None  # as it was handed in; None where it is gone
    playback: Path | None = None  # as browsers play it; None where it is gone
    cut_clip: CutClip | None = None  # out of ``playback``
    filing: Filing = UNFILED  # folder and tags
    history: History | None = None  # None where nothing was corrected
    voices: VoiceEvidence | None = None  # None where it is not known


@dataclass(frozen=True, slots=True)
class Document:
    """A file to hand out."""

    filename: str  # without folders, fit for every file system
    media_type: str
    blocks: Iterable[bytes]  # what follows each other; made while it is read where it is long

    @property
    def content(self) -> bytes:
        """All of it."""
        return b"".join(self.blocks)


@dataclass(frozen=True, slots=True)
class Streamed:
    """Blocks that are made while they are read, anew each time."""

    make: Callable[[], Iterator[bytes]]

    def __iter__(self) -> Iterator[bytes]:
        return self.make()


_WORD_PROCESSING = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_WHOLE = (Part.WHOLE,)
_SAID = (Part.WHOLE, Part.TRANSCRIPT)  # formats that know no minutes
_TEXT_CHOICES = ("with_timestamps", "with_speakers", "with_chapters", "language")
_KEPT_CHOICES = ("with_history", "with_voices")  # formats that can be taken in again
_ALL = (
    Format("json", ".json", "application/json", _WHOLE, choices=_KEPT_CHOICES),
    Format("rttm", ".rttm", "text/plain; charset=utf-8", _SAID),
    Format("seglst", ".seglst.json", "application/json", _SAID),
    Format(
        *("srt", ".srt", "application/x-subrip; charset=utf-8", _SAID),
        choices=("with_speakers", "language"),
    ),
    Format(
        *("vtt", ".vtt", "text/vtt; charset=utf-8", _SAID), choices=("with_speakers", "language")
    ),
    Format("md", ".md", "text/markdown; charset=utf-8", choices=_TEXT_CHOICES),
    Format("txt", ".txt", "text/plain; charset=utf-8", choices=_TEXT_CHOICES),
    Format("docx", ".docx", _WORD_PROCESSING, choices=_TEXT_CHOICES),
    Format("pdf", ".pdf", "application/pdf", choices=_TEXT_CHOICES),
    Format("html", ".html", "text/html; charset=utf-8", choices=(*_TEXT_CHOICES, "with_audio")),
    Format(
        *("zip", ".meeting.zip", "application/zip", _WHOLE, False),
        choices=("with_audio", *_KEPT_CHOICES),
    ),
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


def filename_of(title: str, suffix: str) -> str:
    """The title as the name of a file, letters of every script kept."""
    stem = _NOT_IN_FILENAMES.sub("_", clean(title))[:_LONGEST_STEM].strip(" .") or "meeting"
    return (f"{stem}_" if _RESERVED.fullmatch(stem) else stem) + suffix


def uri_of(meeting: Meeting) -> str:
    """The title as one token, the name scorers know the recording by."""
    return token(meeting.title) or "meeting"


def token(text: str) -> str:
    """Letters of every script, digits, ``_.-``; anything else becomes one underscore."""
    return _NOT_IN_TOKENS.sub("_", clean(text)).strip("_")
