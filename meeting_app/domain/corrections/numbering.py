"""Ids of turns and labels of speakers that were never given before."""

import re
from dataclasses import dataclass

from meeting_app.domain.meeting import Meeting

_NUMBERED = re.compile(r"SPEAKER_(\d{1,9})")


@dataclass(frozen=True, slots=True)
class Numbering:
    """What comes next; it only grows, so that nothing is called as something gone was."""

    next_turn: int = 0
    next_speaker: int = 0

    @classmethod
    def of(cls, meeting: Meeting) -> "Numbering":
        """After all that the meeting holds."""
        numbers = [_NUMBERED.fullmatch(speaker.label) for speaker in meeting.speakers]
        return cls(
            max((turn.id for turn in meeting.turns), default=-1) + 1,
            max((int(found[1]) for found in numbers if found), default=-1) + 1,
        )

    def after(self, meeting: Meeting) -> "Numbering":
        """The same once ``meeting`` was made with it."""
        latest = Numbering.of(meeting)
        return Numbering(
            max(self.next_turn, latest.next_turn), max(self.next_speaker, latest.next_speaker)
        )

    @property
    def new_label(self) -> str:
        """The label of the next new speaker."""
        return f"SPEAKER_{self.next_speaker:02}"
