"""The corrections of a meeting in order: which count, what they lead to, how they are replayed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from meeting_app.domain.corrections.applying import apply
from meeting_app.domain.corrections.commands import Correction
from meeting_app.domain.corrections.numbering import Numbering
from meeting_app.domain.meeting import Meeting


@dataclass(frozen=True, slots=True)
class MadeCorrection:
    """A correction that somebody made."""

    number: int  # in its meeting, from 1
    correction: Correction
    author: str
    made_at: datetime  # UTC
    is_undone: bool = False
    is_dropped: bool = False  # undone, and something else was corrected since
    undone_by: str | None = None  # who took it back last
    problem: str | None = None  # why a later run over the recording left it without effect

    @property
    def is_active(self) -> bool:
        """Whether the meeting is as it is because of it."""
        return not self.is_undone and self.problem is None


@dataclass(frozen=True, slots=True)
class Corrected:
    """A meeting on the way through its corrections."""

    meeting: Meeting
    numbering: Numbering

    @classmethod
    def of(cls, base: Meeting) -> "Corrected":
        """Before the first one."""
        return cls(base, Numbering.of(base))

    def then(self, correction: Correction) -> "Corrected":
        """After one more. Raises as ``apply`` does."""
        meeting = apply(self.meeting, correction, self.numbering)
        return Corrected(meeting, self.numbering.after(meeting))


@dataclass(frozen=True, slots=True)
class History:
    """How a meeting became what it is."""

    base: Meeting  # what the pipeline made
    made: tuple[MadeCorrection, ...]  # all corrections, in order


def replayed(base: Meeting, history: Iterable[MadeCorrection]) -> Corrected:
    """The meeting after all corrections that count."""
    state = Corrected.of(base)
    for made in history:
        if made.is_active:
            state = state.then(made.correction)
    return state


def to_undo(history: Sequence[MadeCorrection]) -> MadeCorrection | None:
    """The last correction that counts."""
    return next((made for made in reversed(history) if made.is_active), None)


def to_redo(history: Sequence[MadeCorrection]) -> MadeCorrection | None:
    """The first of those that were undone since the last one that counts."""
    found: MadeCorrection | None = None
    for made in reversed(history):
        if made.is_active or made.is_dropped:
            break
        if made.problem is None:
            found = made
    return found
