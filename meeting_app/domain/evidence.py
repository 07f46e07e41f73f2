"""What the voices of a meeting sounded like, moment by moment.

It is kept beside the recording, so that who speaks can be decided anew without listening again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pyannote.core import Annotation, Segment

from meeting_app.domain.meeting import SpeakerSegment


@dataclass(frozen=True, slots=True, eq=False)
class VoiceEvidence:
    """Embeddings of windows that slide over the recording; silence has none."""

    model: str  # what embedded them; embeddings of different models do not compare
    times: npt.NDArray[np.float64]  # (num_windows,) seconds, middle of each window, rising
    embeddings: npt.NDArray[np.float32]  # (num_windows, dimension) of norm one
    durations: npt.NDArray[np.float32]  # (num_windows,) seconds of one voice alone in each

    def __post_init__(self) -> None:
        num_windows = len(self.times)
        shapes = (self.times.shape, self.durations.shape)
        if shapes != ((num_windows,),) * 2 or self.embeddings.shape[:1] != (num_windows,):
            raise ValueError(
                f"evidence: times {self.times.shape}, embeddings {self.embeddings.shape}, "
                f"durations {self.durations.shape}; give one of each for every window"
            )

    @classmethod
    def nothing(cls, model: str, dimension: int) -> "VoiceEvidence":
        """Of a recording in which nobody was heard."""
        return cls(
            model, np.zeros(0), np.zeros((0, dimension), np.float32), np.zeros(0, np.float32)
        )

    def inside(self, segments: Sequence[Segment]) -> npt.NDArray[np.bool_]:
        """(num_windows,) whether the middle of each window lies in one of the segments."""
        return within(self.times, segments)

    def mean(self, segments: Sequence[Segment]) -> npt.NDArray[np.float32] | None:
        """(dimension,) mean embedding inside the segments, not normalised; None without any."""
        chosen = self.embeddings[self.inside(segments)]
        return chosen.mean(axis=0) if len(chosen) else None


def within(times: npt.NDArray[np.float64], segments: Sequence[Segment]) -> npt.NDArray[np.bool_]:
    """(num_times,) whether each time lies in one of the segments.

    Args:
        times: (num_times,) seconds.
        segments: in any order; they may overlap.
    """
    starts = np.sort([segment.start for segment in segments])
    ends = np.sort([segment.end for segment in segments])
    begun = np.searchsorted(starts, times, side="right")
    return np.asarray(begun > np.searchsorted(ends, times, side="right"))


@dataclass(frozen=True, slots=True, eq=False)
class Diarization:
    """Who spoke when, and the evidence it was decided on."""

    annotation: Annotation  # labels SPEAKER_00… in order of first appearance; overlap kept
    evidence: VoiceEvidence


@dataclass(frozen=True, slots=True)
class VoiceConstraints:
    """What users have said about who is heard where; labels are those of the meeting now."""

    confirmed: tuple[SpeakerSegment, ...] = ()  # here this speaker is heard
    refused: tuple[SpeakerSegment, ...] = ()  # here this speaker is not heard


@dataclass(frozen=True, slots=True)
class Relabelling:
    """A stretch that is to go from one speaker to another."""

    segment: Segment  # seconds
    before: str | None  # label; None where nobody was known
    after: str  # label
