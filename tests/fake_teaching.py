"""A re-clusterer that answers as it is told."""

from dataclasses import dataclass

from pyannote.core import Segment

from meeting_app.domain import (
    Meeting,
    Relabelling,
    VoiceConstraints,
    VoiceEvidence,
)
from meeting_app.errors import OneVoiceError


@dataclass
class FakeReclusterer:
    """Fits the Reclusterer protocol."""

    segments: tuple[Segment, ...] = ()
    changes: tuple[Relabelling, ...] = ()
    is_one_voice: bool = False
    asked: tuple[VoiceEvidence, Meeting, VoiceConstraints] | None = None  # of the last proposal

    def split(
        self, evidence: VoiceEvidence, meeting: Meeting, label: str, *, insist: bool = False
    ) -> tuple[Segment, ...]:
        if self.is_one_voice and not insist:
            raise OneVoiceError(f"{label}: sounds like one person; insist")
        return self.segments

    def propose(
        self, evidence: VoiceEvidence, meeting: Meeting, constraints: VoiceConstraints
    ) -> tuple[Relabelling, ...]:
        self.asked = evidence, meeting, constraints
        return self.changes
