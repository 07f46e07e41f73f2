"""From the scores of overlapping chunks to those of the recording's frames.

Of a chunk's seven classes a decision needs who of three speaks, and whether anybody or two do.
The latter need no names, so they are averaged while the network runs; the former wait for the
local speakers' names.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from pipelines.diarization.assignment import UNASSIGNED
from pipelines.diarization.extraction import LocalSpeakers
from pipelines.diarization.segmentation import (
    FRAME_STEP,
    NUM_LOCAL_SPEAKERS,
    powerset_mapping,
    to_multilabel,
)

Frames = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class ChunkScores:
    """What the segmentation says of a recording."""

    active: npt.NDArray[np.bool_]  # (num_chunks, length, 3) the most probable set of speakers
    marginals: npt.NDArray[np.float32]  # (num_chunks, length, 3) probability that each speaks
    starts: npt.NDArray[np.intp]  # (num_chunks,) frame of the recording where each begins
    counts: Frames  # (num_frames,) chunks that see a frame, at least 1
    speech: Frames  # (num_frames,) probability that anybody speaks, mean of the chunks
    overlap: Frames  # (num_frames,) probability that two speak, mean of the chunks

    @property
    def num_frames(self) -> int:
        """Of the recording, the silence after its end in the last chunk included."""
        return len(self.counts)


@dataclass(frozen=True, slots=True, eq=False)
class FrameScores:
    """What the segmentation says of each frame, averaged over the chunks that see it."""

    speech: Frames  # (num_frames,) probability that anybody speaks
    overlap: Frames  # (num_frames,) probability that two speak
    activity: Frames  # (num_speakers, num_frames) probability that each speaks


def condensed(batches: Iterable[Frames], num_chunks: int, length: int, step: float) -> ChunkScores:
    """Takes in the network's answers batch by batch; none is kept whole.

    Args:
        batches: each (batch, length, 7) log-probabilities of the powerset classes.
        num_chunks: in all batches together.
        length: frames of a chunk.
        step: seconds between chunks.
    """
    starts = np.rint(np.arange(num_chunks) * step / FRAME_STEP).astype(np.intp)
    num_frames = int(starts[-1]) + length if num_chunks else 0
    counts, speech, overlap = (np.zeros(num_frames, np.float32) for _ in range(3))
    shape = (num_chunks, length, NUM_LOCAL_SPEAKERS)
    active, marginals = np.zeros(shape, np.bool_), np.zeros(shape, np.float32)
    mapping = powerset_mapping()
    is_overlap = (mapping.sum(axis=1) > 1).astype(np.float32)
    for chunk, log_probabilities in enumerate(chain.from_iterable(batches)):
        span = slice(starts[chunk], starts[chunk] + length)
        probabilities = np.exp(log_probabilities)  # (length, 7)
        counts[span] += 1
        speech[span] += 1 - probabilities[:, 0]
        overlap[span] += probabilities @ is_overlap
        marginals[chunk] = probabilities @ mapping
        active[chunk] = to_multilabel(log_probabilities) > 0
    np.maximum(counts, 1, out=counts)
    return ChunkScores(active, marginals, starts, counts, speech / counts, overlap / counts)


def overlap_add(
    scores: ChunkScores, local: LocalSpeakers, labels: npt.NDArray[np.intp], frames: range
) -> FrameScores:
    """Averages overlapping chunks, now that it is known who their local speakers are.

    Args:
        scores: of all chunks.
        local: the local speakers.
        labels: (num_local,) speaker of each, or UNASSIGNED.
        frames: which part of the recording.
    """
    length = scores.marginals.shape[1]
    part = slice(frames.start, frames.stop)
    activity = np.zeros((int(labels.max(initial=-1)) + 1, len(frames)), np.float32)
    starts = scores.starts[local.chunks] - frames.start  # (num_local,)
    is_seen = (starts > -length) & (starts < len(frames)) & (labels != UNASSIGNED)
    for row in np.flatnonzero(is_seen):
        begin, end = max(0, starts[row]), min(len(frames), starts[row] + length)
        marginal = scores.marginals[local.chunks[row], :, local.speakers[row]]
        activity[labels[row], begin:end] += marginal[begin - starts[row] : end - starts[row]]
    activity /= scores.counts[part]
    return FrameScores(scores.speech[part], scores.overlap[part], activity)
