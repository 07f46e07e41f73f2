"""What a user can ask to be changed in a meeting.

A correction says what it is about in a way that outlives another run over the same recording:
words by their time and speaker, chapters by their start, lines of the minutes by their text.
"""

from dataclasses import dataclass
from enum import StrEnum

from pyannote.core import Segment

from meeting_app.domain.evidence import Relabelling


@dataclass(frozen=True, slots=True)
class Passage:
    """The words of one speaker whose middle lies in a stretch of time."""

    segment: Segment  # seconds
    speaker: str | None  # label; None for words that are nobody's


class LineKind(StrEnum):
    """The three lists of the minutes."""

    SUMMARY = "summary"
    DECISION = "decision"
    ACTION = "action"


@dataclass(frozen=True, slots=True)
class LinePlace:
    """Where a line of the minutes stands, and what it says there."""

    list: LineKind
    position: int  # in it, from 0
    text: str  # if it says something else by now, the only line that says this is meant


@dataclass(frozen=True, slots=True)
class RenameMeeting:
    """Another title."""

    title: str


@dataclass(frozen=True, slots=True)
class RenameSpeaker:
    """A name for a voice, or none."""

    label: str
    name: str | None


@dataclass(frozen=True, slots=True)
class NameSpeakers:
    """Names of several voices at once: what was filled in on one sheet."""

    names: tuple[RenameSpeaker, ...]  # of a label that comes twice the last one counts


@dataclass(frozen=True, slots=True)
class MergeSpeakers:
    """Two labels are one person: ``label`` goes, ``into`` stays."""

    label: str
    into: str


@dataclass(frozen=True, slots=True)
class SplitSpeaker:
    """One label is two people: what of it lies in ``segments`` goes to a new speaker."""

    label: str
    segments: tuple[Segment, ...]  # seconds


@dataclass(frozen=True, slots=True)
class ReassignWords:
    """The words were said by somebody else."""

    passages: tuple[Passage, ...]
    label: str | None  # who said them; None makes a new speaker


@dataclass(frozen=True, slots=True)
class Relabel:
    """Many stretches change their speaker at once: an accepted proposal."""

    changes: tuple[Relabelling, ...]


@dataclass(frozen=True, slots=True)
class ReplaceWords:
    """``text`` takes the place of the words whose middle lies in ``segment``."""

    segment: Segment  # seconds
    text: str
    speakers: tuple[str | None, ...] = ()  # whose words; empty means everybody's


@dataclass(frozen=True, slots=True)
class RemoveWords:
    """Nobody said these words."""

    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class MoveTurnBoundary:
    """The turn that begins at ``start`` begins earlier or later, at its neighbour's cost."""

    start: float  # seconds
    to: float  # seconds


@dataclass(frozen=True, slots=True)
class AddChapter:
    """A new topic begins."""

    start: float  # seconds; the nearest beginning of a turn counts
    title: str


@dataclass(frozen=True, slots=True)
class MoveChapter:
    """A topic begins earlier or later than was thought."""

    start: float  # seconds
    to: float  # seconds; the nearest beginning of a turn counts


@dataclass(frozen=True, slots=True)
class RemoveChapter:
    """No new topic begins here; the one before goes on."""

    start: float  # seconds


@dataclass(frozen=True, slots=True)
class RenameChapter:
    """Another title of a topic."""

    start: float  # seconds
    title: str


@dataclass(frozen=True, slots=True)
class AddLine:
    """A line of the minutes that was missing."""

    list: LineKind
    text: str
    proofs: tuple[float, ...]  # seconds; the turns at these times prove it, at least one
    owner: str | None = None  # label or name; of action items only
    due: str | None = None  # of action items only


@dataclass(frozen=True, slots=True)
class EditLine:
    """A line of the minutes says something else; what proves it stays."""

    line: LinePlace
    text: str
    owner: str | None = None  # label or name; of action items only
    due: str | None = None  # of action items only


@dataclass(frozen=True, slots=True)
class RemoveLine:
    """A line that does not belong into the minutes."""

    line: LinePlace


Correction = (
    RenameMeeting
    | RenameSpeaker
    | NameSpeakers
    | MergeSpeakers
    | SplitSpeaker
    | ReassignWords
    | Relabel
    | ReplaceWords
    | RemoveWords
    | MoveTurnBoundary
    | AddChapter
    | MoveChapter
    | RemoveChapter
    | RenameChapter
    | AddLine
    | EditLine
    | RemoveLine
)
