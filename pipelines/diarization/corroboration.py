"""Short stretches that every chunk hears alike.

A word that one chunk gives to a local speaker of its own may be noise, or somebody known whom the
network did not recognise; then the next chunk, which hears it after and before other sound, says
something else. Who is heard alike by all chunks is somebody.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.diarization.segmentation import FRAME_STEP, NUM_LOCAL_SPEAKERS
from pipelines.diarization.stitching import ChunkScores

MIN_WITNESSES = 3  # chunks; with the default step three or four see a word whole
MIN_CERTAINTY = 0.6  # mean probability of the local speaker, in each of them
MIN_AGREEMENT = 0.5  # shared frames of all frames, between a chunk's stretch and another's
_MARGIN = round(0.25 / FRAME_STEP)  # frames of context without which a chunk is no witness


@dataclass(frozen=True, slots=True)
class Stretch:
    """From a local speaker's first frame to the last."""

    begin: int  # frame of the recording
    end: int
    certainty: float  # mean probability of the speaker in the active frames

    def agrees(self, other: "Stretch") -> bool:
        """Whether both are the same word, as far as two chunks ever agree."""
        shared = min(self.end, other.end) - max(self.begin, other.begin)
        either = max(self.end, other.end) - min(self.begin, other.begin)
        return shared >= MIN_AGREEMENT * either


def stretch_of(scores: ChunkScores, chunk: int, speaker: int) -> Stretch | None:
    """Where a local speaker is heard in a chunk; None when they are not."""
    frames = np.flatnonzero(scores.active[chunk, :, speaker])
    if not len(frames):
        return None
    start = int(scores.starts[chunk])
    certainty = float(scores.marginals[chunk, frames, speaker].mean())
    return Stretch(start + int(frames[0]), start + int(frames[-1]) + 1, certainty)


def is_corroborated(scores: ChunkScores, chunk: int, speaker: int) -> bool:
    """Whether all chunks that see a local speaker's stretch whole hear it alike, and enough do.

    Args:
        scores: of all chunks.
        chunk: in which the local speaker is heard.
        speaker: 0..2.
    """
    stretch = stretch_of(scores, chunk, speaker)
    if stretch is None:
        return False
    begins = scores.starts <= stretch.begin - _MARGIN
    ends = stretch.end + _MARGIN <= scores.starts + scores.active.shape[1]
    witnesses = np.flatnonzero(begins & ends)
    return len(witnesses) >= MIN_WITNESSES and all(
        _testifies(scores, int(witness), stretch) for witness in witnesses
    )


def _testifies(scores: ChunkScores, chunk: int, stretch: Stretch) -> bool:
    """Whether one of the chunk's local speakers is heard there, surely, and nowhere else."""
    others = (stretch_of(scores, chunk, speaker) for speaker in range(NUM_LOCAL_SPEAKERS))
    return any(
        other is not None and other.certainty >= MIN_CERTAINTY and stretch.agrees(other)
        for other in others
    )


def corroborated(
    scores: ChunkScores, chunks: npt.NDArray[np.intp], speakers: npt.NDArray[np.intp]
) -> npt.NDArray[np.bool_]:
    """(num_local,) which local speakers are heard alike by all chunks.

    Args:
        scores: of all chunks.
        chunks: (num_local,) the chunk of each local speaker.
        speakers: (num_local,) 0..2.
    """
    pairs = zip(chunks.tolist(), speakers.tolist(), strict=True)
    return np.array([is_corroborated(scores, *pair) for pair in pairs], dtype=np.bool_)
