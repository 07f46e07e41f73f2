"""What a user may choose about a document; the only place where these defaults stand."""

from dataclasses import dataclass
from enum import StrEnum

from meeting_app.errors import FormatError
from meeting_app.formats.wording import LANGUAGES


class Part(StrEnum):
    """How much of a meeting is handed out."""

    WHOLE = "whole"
    MINUTES = "minutes"
    TRANSCRIPT = "transcript"


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """The choices; ``docs/exports.md`` says which format honours which.

    Raises:
        FormatError: no headings in that language, or a chapter before the first.
    """

    with_timestamps: bool = True
    with_speakers: bool = True  # without, nobody's name or share of the talk is told
    with_chapters: bool = True
    with_audio: bool = True  # of a page or package that can hold it
    with_history: bool = True  # what was corrected, by whom, and what stood there before
    # Biometric data, which nobody hands on unasked; needed to tell voices apart anew without sound.
    with_voices: bool = False
    part: Part = Part.WHOLE
    chapter: int | None = None  # counted from 1; None is all of the meeting
    language: str = "en"  # of headings and numbers; what was said stays as it is

    def __post_init__(self) -> None:
        if self.language not in LANGUAGES:
            raise FormatError(
                f"{self.language}: no headings in this language; choose {' or '.join(LANGUAGES)}"
            )
        if self.chapter is not None and self.chapter < 1:
            raise FormatError(f"chapter {self.chapter}: the first one is 1; choose from there on")


DEFAULTS = ExportOptions()
