"""What the networks hear in the ten seconds behind a moving present.

The segmentation looks at the whole window at every step. The trunk of the embedding runs over
stretches as in ``extraction``: the last two seconds in which one local speaker talks alone. Its
frames are kept while they are inside the window; so most of an embedding is pooled from what was
computed before, and a frame is computed again only while it is young.

Times are counted on a grid that both networks share: 0.27 s are 16 frames of the segmentation
and 27 of the trunk.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from meeting_app.domain import SAMPLE_RATE
from pipelines.diarization.embedding import DIMENSION, FRAME_RATE, EcapaEmbedder, TrunkFrames
from pipelines.diarization.extraction import (
    MIN_ACTIVE,
    MIN_CLEAN,
    MIN_STRETCH,
    MIN_WINDOW,
    WINDOW,
    Indices,
    LocalSpeakers,
    Mask,
    around_middle,
    at_frame_rate,
    pooled,
    trunk_of,
)
from pipelines.diarization.segmentation import NUM_FRAMES, NUM_LOCAL_SPEAKERS, to_multilabel

GRID = 0.27  # seconds
GRID_SAMPLES = round(GRID * SAMPLE_RATE)
GRID_SCORES = 16  # frames of the segmentation
WINDOW_GRID = 37  # 9.99 s
NUM_SCORES = NUM_FRAMES  # of the segmentation in a window; a few at its end are not whole
_GRID_FRAMES = round(GRID * FRAME_RATE)
_WINDOW_SCORES = round(WINDOW / FRAME_RATE / GRID * GRID_SCORES)  # of a sliding window
_SAMPLES_PER_SCORE = GRID_SAMPLES // GRID_SCORES
_FRAMES = WINDOW_GRID * _GRID_FRAMES  # trunk frames in a window
CONTEXT = 200  # frames of a voice that the trunk is run over at every step
WINDOW_MIDDLE = WINDOW / 2 / FRAME_RATE  # seconds from where a sliding window begins
_RENEWED = 108  # frames; sliding embeddings that ended earlier are not pooled again
_THINNED = 2  # frames of the whole window; pooling leaves out half of what is left
_MIN_NEW = 10  # frames; the trunk waits for so many
_MIN_ALONE = 30  # frames of the segmentation, 0.5 s
_ALONE = 0.8  # share of a sliding window that makes it one local speaker's
_IMPOSSIBLE = -30.0  # log-probability

Scores = npt.NDArray[np.float32]
Segment = Callable[[Scores], Scores]
"""(1, num_samples) of sound → (1, num_frames, 7) log-probabilities of the powerset."""


@dataclass(frozen=True, slots=True, eq=False)
class Glimpse:
    """The last ten seconds as the networks hear them."""

    end: int  # grid
    scores: Scores  # (589, 7) log-probabilities of the powerset; nobody before the beginning
    local: LocalSpeakers  # all of chunk 0
    places: Indices  # (num_windows,) grid, where each sliding window begins; rising
    embeddings: npt.NDArray[np.float32]  # (num_windows, 192) of norm one


def speakers_at(glimpse: Glimpse, places: Indices) -> Indices:
    """Which local speaker a sliding window belongs to.

    Args:
        glimpse: what was heard.
        places: (num_places,) grid, where each window begins; may be outside the glimpse.

    Returns:
        (num_places,) from 0, or -1 where several talk, or hardly anybody, or nobody listened.
    """
    active = to_multilabel(glimpse.scores)
    alone = active * (active.sum(axis=1, keepdims=True) == 1)
    until = np.pad(alone.cumsum(axis=0), ((1, 0), (0, 0)))  # (590, 3)
    first = (places - glimpse.end + WINDOW_GRID) * GRID_SCORES
    begin, end = (np.clip(edge, 0, NUM_SCORES) for edge in (first, first + _WINDOW_SCORES))
    heard = until[end] - until[begin]  # (num_places, 3)
    total = heard.sum(axis=1)
    is_clear = (first >= 0) & (total >= _MIN_ALONE) & (heard.max(axis=1) >= _ALONE * total)
    return np.where(is_clear, heard.argmax(axis=1), -1)


class Listener:
    """Goes along with a conversation, step by step."""

    def __init__(self, segment: Segment, embedder: EcapaEmbedder, step: int) -> None:
        """Begins before the first sample.

        Args:
            segment: the segmentation network.
            embedder: the embedding network.
            step: grid, from one glimpse to the next.
        """
        self._segment = segment
        self._embedder = embedder
        self._step = step
        self._end = 0  # grid
        self._sound = np.zeros(0, np.float32)
        self._trunk: TrunkFrames | None = None  # a ring, see _places
        self._is_heard = np.zeros(_FRAMES, dtype=bool)  # frames that the trunk was run over

    def __call__(self, samples: npt.NDArray[np.float32]) -> Glimpse:
        """Listens on for one step.

        Args:
            samples: (step * 4320,) float32 at 16 kHz.
        """
        self._move(samples)
        scores = self._scores()
        mask = at_frame_rate(to_multilabel(scores))[:_FRAMES]  # (999, 3)
        features = self._embedder.features(self._sound)
        is_alone = mask.sum(axis=1) == 1
        for speaker in range(NUM_LOCAL_SPEAKERS):
            self._run_trunk(features, np.flatnonzero(mask[:, speaker] & is_alone))
        local = self._local(mask, features)
        windows = list(self._windows())
        return Glimpse(
            self._end,
            scores,
            local,
            np.array([place for place, _ in windows], dtype=np.intp),
            np.array([found for _, found in windows], np.float32).reshape(-1, DIMENSION),
        )

    def _move(self, samples: npt.NDArray[np.float32]) -> None:
        self._sound = np.concatenate([self._sound, samples])[-WINDOW_GRID * GRID_SAMPLES :]
        self._end += self._step
        hop = self._step * _GRID_FRAMES
        self._is_heard = np.concatenate([self._is_heard[hop:], np.zeros(hop, dtype=bool)])

    def _scores(self) -> Scores:
        """(589, 7) with the frames before the beginning filled up."""
        found = self._segment(self._sound[np.newaxis])[0]
        first = (WINDOW_GRID * GRID_SAMPLES - len(self._sound)) // _SAMPLES_PER_SCORE
        scores = np.full((NUM_SCORES, found.shape[1]), _IMPOSSIBLE, np.float32)
        scores[:, 0] = 0
        scores[first : first + len(found)] = found[: NUM_SCORES - first]
        return scores

    def _run_trunk(self, features: torch.Tensor, clean: Indices) -> None:
        """Over the youngest of the frames in which one speaker talks alone, if any are new."""
        if len(clean) < MIN_STRETCH or (~self._is_heard[clean]).sum() < _MIN_NEW:
            return
        stretch = clean[-CONTEXT:]
        found = trunk_of(self._embedder, features, self._in_sound(stretch, features))
        if self._trunk is None:
            self._trunk = TrunkFrames(
                *(
                    part.new_zeros(_FRAMES, part.shape[1])
                    for part in (found.frames, found.attention)
                )
            )
        rows = torch.from_numpy(self._places(stretch))
        self._trunk.frames[rows] = found.frames
        self._trunk.attention[rows] = found.attention
        self._is_heard[stretch] = True

    def _places(self, frames: Indices) -> Indices:
        """Where frames of the window stand in the ring."""
        return np.asarray((frames + self._end * _GRID_FRAMES) % _FRAMES)

    def _pooled(self, frames: Indices) -> npt.NDArray[np.float32]:
        """(192,) of norm one from frames that were heard; zero when none ever was."""
        if self._trunk is None:
            return np.zeros(DIMENSION, np.float32)
        return pooled(self._embedder, self._trunk, self._places(frames))

    def _in_sound(self, frames: Indices, features: torch.Tensor) -> Indices:
        """Frames of the window as frames of the features, which may begin later."""
        missing = _FRAMES - round(len(self._sound) / SAMPLE_RATE * FRAME_RATE)
        return np.clip(frames - missing, 0, len(features) - 1)

    def _local(self, mask: Mask, features: torch.Tensor) -> LocalSpeakers:
        is_alone = (mask.sum(axis=1) == 1) & self._is_heard
        speakers = [s for s in range(NUM_LOCAL_SPEAKERS) if mask[:, s].sum() >= MIN_ACTIVE]
        embeddings, seconds = [], []
        for speaker in speakers:
            clean = np.flatnonzero(mask[:, speaker] & is_alone)
            embeddings.append(
                self._pooled(clean[::_THINNED])
                if len(clean) >= MIN_CLEAN
                else self._mixed(features, np.flatnonzero(mask[:, speaker]))
            )
            seconds.append(len(clean) / FRAME_RATE)
        return LocalSpeakers(
            np.zeros(len(speakers), dtype=np.intp),
            np.array(speakers, dtype=np.intp),
            np.array(embeddings, np.float32).reshape(-1, DIMENSION),
            np.array(seconds, dtype=np.float64),
        )

    def _mixed(self, features: torch.Tensor, active: Indices) -> npt.NDArray[np.float32]:
        """(192,) of somebody who is hardly heard alone, from frames in which others talk too."""
        stretch = self._in_sound(active[-CONTEXT:], features)
        trunk = trunk_of(self._embedder, features, stretch)
        return pooled(self._embedder, trunk, np.arange(len(stretch)))

    def _windows(self) -> Iterator[tuple[int, npt.NDArray[np.float32]]]:
        """Place and embedding of each sliding window that has changed."""
        begin = self._end - WINDOW_GRID
        for place in range(begin + -begin % self._step, self._end, self._step):
            first = (place - begin) * _GRID_FRAMES
            if place < 0 or first + WINDOW < _FRAMES - _RENEWED:
                continue
            is_heard = self._is_heard[first : first + WINDOW]
            part = around_middle(is_heard)
            chosen = first + part.start + np.flatnonzero(is_heard[part])
            if len(chosen) >= MIN_WINDOW:
                yield place, self._pooled(chosen)
