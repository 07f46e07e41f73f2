"""Embeddings of a whole recording: of each chunk's local speakers, and of a sliding window.

The network's squeeze-excitation layers average over all frames they are given. Given two voices
at once they mix them: on read speech the equal error rate of single chunks rises from 2 to 10
percent. So the trunk runs over *stretches*: the frames of one block in which one local speaker
talks alone, put together. Every second of speech belongs to one stretch and is computed once;
pooling then picks frames from the stretches it needs.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import torch
from pyannote.core import Segment

from meeting_app.domain import Waveform
from pipelines.diarization.embedding import DIMENSION, FRAME_RATE, EcapaEmbedder, TrunkFrames
from pipelines.diarization.segmentation import CHUNK_DURATION, FRAME_STEP, NUM_LOCAL_SPEAKERS
from pipelines.protocols import ReportFraction, report_nothing

MIN_STRETCH = 20  # frames; less sound tells the trunk nothing
MIN_ACTIVE = 10  # frames; a local speaker heard for less is noise of the segmentation
MIN_CLEAN = 50  # frames; with less of it, a local speaker is embedded with who talks over them
WINDOW, WINDOW_STEP = 150, 50  # frames of the sliding embedding
MIN_WINDOW = 30  # frames of speech in it
MIN_PAUSE = 25  # frames; behind a longer one somebody else may speak
_POOLED_EVERY = 2  # frames; neighbours say nearly the same
_CHUNK = round(CHUNK_DURATION * FRAME_RATE)  # frames
_BLOCKS_PER_WORKER = 2  # in memory at once
# oneDNN keeps a compiled kernel of each layer for every length it has met; a thousand of them
# are 300 MB.
_LENGTH_STEP = 20  # frames

Mask = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class LocalSpeakers:
    """The voices of all chunks; rows in order of chunk."""

    chunks: Indices  # (num_local,)
    speakers: Indices  # (num_local,) 0..2
    embeddings: npt.NDArray[np.float32]  # (num_local, 192) of norm one; zero when unheard
    clean: npt.NDArray[np.float64]  # (num_local,) seconds in which nobody else spoke


@dataclass(frozen=True, slots=True, eq=False)
class SlidingEmbeddings:
    """What the voice sounds like around each moment."""

    times: npt.NDArray[np.float64]  # (num_windows,) seconds, middle of the window, rising
    embeddings: npt.NDArray[np.float32]  # (num_windows, 192) of norm one
    clean: npt.NDArray[np.float64]  # (num_windows,) seconds of one voice alone in each


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """Trunk frames of at most ten seconds; a frame outside every stretch has none."""

    start: int  # frame of the recording
    rows: Indices  # (num_frames,) where each frame stands in ``trunk``; -1 when it has none
    trunk: TrunkFrames


@dataclass(frozen=True, slots=True, eq=False)
class _Voice:
    """One pooled embedding and where it belongs."""

    place: int  # chunk, or middle of the sliding window in frames
    speaker: int
    embedding: npt.NDArray[np.float32]
    clean: float  # seconds


class Extractor:
    """Goes through a recording once, a group of blocks at a time."""

    def __init__(self, embedder: EcapaEmbedder, step: float, num_workers: int) -> None:
        self._embedder = embedder
        self._group = _BLOCKS_PER_WORKER * num_workers
        self._hop = round(step * FRAME_RATE)  # frames between chunks

    def __call__(
        self,
        waveform: Waveform,
        activity: Mask,
        executor: Executor,
        report: ReportFraction = report_nothing,
    ) -> tuple[LocalSpeakers, SlidingEmbeddings]:
        """Embeddings of the local speakers and of sliding windows.

        Args:
            waveform: 16 kHz.
            activity: (num_chunks, 589, 3) who speaks; chunk ``i`` begins at ``i * step`` seconds.
            executor: runs blocks side by side; results do not depend on it.
            report: rises with the blocks that are done.
        """
        anchors = _anchors(len(activity), self._hop)
        local: list[_Voice] = []
        sliding: list[_Voice] = []
        carried: list[_Block] = []
        for first in range(0, len(anchors) - 1, self._group):
            group = range(first, min(first + self._group, len(anchors) - 1))
            spans = [(anchors[i], anchors[i + 1]) for i in group]
            blocks = [
                *carried,
                *executor.map(lambda span: self._block(waveform, activity, span), spans),
            ]
            is_last = group[-1] == len(anchors) - 2
            pairs = [*pairwise(blocks), *([(blocks[-1], None)] if is_last else [])]
            for chunks, windows in executor.map(
                lambda pair: self._pool(waveform, activity, pair), pairs
            ):
                local.extend(chunks)
                sliding.extend(windows)
            carried = blocks[-1:]
            report((group[-1] + 1) / (len(anchors) - 1))
        return _local_speakers(local), _sliding(sliding)

    def _block(self, waveform: Waveform, activity: Mask, span: tuple[int, int]) -> _Block:
        """The trunk over each stretch between two anchors."""
        first, last = span
        start = first * self._hop
        num_frames = _CHUNK if last == len(activity) else (last - first) * self._hop
        begin = start / FRAME_RATE
        sound = waveform.crop(Segment(begin, begin + num_frames / FRAME_RATE)).samples
        rows = np.full(num_frames, -1, dtype=np.intp)
        features = self._embedder.features(sound)
        mask = at_frame_rate(activity[first])[: min(num_frames, len(features))]
        found: list[TrunkFrames] = []
        for stretch in _stretches(mask):
            rows[stretch] = sum(len(f.frames) for f in found) + np.arange(len(stretch))
            found.append(trunk_of(self._embedder, features, stretch))
        return _Block(start, rows, _joined(found))

    def _pool(
        self,
        waveform: Waveform,
        activity: Mask,
        pair: tuple[_Block, _Block | None],
    ) -> tuple[list[_Voice], list[_Voice]]:
        """What begins in the first block, and may reach into the second."""
        block, following = pair
        rows, trunk = block.rows, block.trunk
        if following is not None:
            moved = np.where(following.rows < 0, -1, following.rows + len(trunk.frames))
            rows = np.concatenate([rows, moved])
            trunk = _joined([trunk, following.trunk])
        end = block.start + len(block.rows)
        chunks = range(-(-block.start // self._hop), min(-(-end // self._hop), len(activity)))
        local = [
            voice
            for chunk in chunks
            for voice in self._voices(
                waveform, chunk, activity[chunk], rows[chunk * self._hop - block.start :], trunk
            )
        ]
        return local, list(self._windows(block.start, len(block.rows), rows, trunk))

    def _voices(
        self,
        waveform: Waveform,
        chunk: int,
        activity: Mask,
        rows: Indices,
        trunk: TrunkFrames,
    ) -> Iterator[_Voice]:
        mask = at_frame_rate(activity)[: len(rows)]
        is_clean = (mask.sum(axis=1) == 1) & (rows[: len(mask)] >= 0)
        for speaker in range(NUM_LOCAL_SPEAKERS):
            active = mask[:, speaker]
            if active.sum() < MIN_ACTIVE:
                continue
            clean = rows[: len(mask)][active & is_clean]
            embedding = (
                self._embedding(clean, trunk, MIN_CLEAN)
                if len(clean) >= MIN_CLEAN
                else self._mixed(waveform, chunk * self._hop + np.flatnonzero(active))
            )
            yield _Voice(chunk, speaker, embedding, len(clean) / FRAME_RATE)

    def _mixed(self, waveform: Waveform, frames: Indices) -> npt.NDArray[np.float32]:
        """(192,) of somebody who is hardly heard alone, from all frames in which they talk."""
        frames = frames[frames < round(waveform.duration * FRAME_RATE)]
        if len(frames) < MIN_ACTIVE:
            return np.zeros(DIMENSION, dtype=np.float32)
        span = Segment(frames[0] / FRAME_RATE, (frames[-1] + 1) / FRAME_RATE)
        features = self._embedder.features(waveform.crop(span).samples)
        trunk = trunk_of(self._embedder, features, frames - frames[0])
        return self._embedding(np.arange(len(trunk.frames)), trunk, MIN_ACTIVE)

    def _windows(
        self, start: int, num_frames: int, rows: Indices, trunk: TrunkFrames
    ) -> Iterator[_Voice]:
        first = -start % WINDOW_STEP
        for offset in range(first, num_frames, WINDOW_STEP):
            window = rows[offset : offset + WINDOW]
            window = window[around_middle(window >= 0)]
            chosen = window[window >= 0]
            if len(chosen) >= MIN_WINDOW:
                embedding = self._embedding(chosen, trunk, MIN_WINDOW)
                yield _Voice(start + offset + WINDOW // 2, 0, embedding, len(chosen) / FRAME_RATE)

    def _embedding(self, rows: Indices, trunk: TrunkFrames, least: int) -> npt.NDArray[np.float32]:
        """(192,) of norm one, or zero when there are fewer than ``least`` frames."""
        if len(rows) < least:
            return np.zeros(DIMENSION, dtype=np.float32)
        return pooled(self._embedder, trunk, rows)


def trunk_of(embedder: EcapaEmbedder, features: torch.Tensor, stretch: Indices) -> TrunkFrames:
    """The trunk over some frames.

    They are run through from the beginning again up to a full length: few lengths mean few
    kernels.

    Args:
        embedder: whose trunk.
        features: (num_frames, 80).
        stretch: (num_chosen,) which frames of them, rising.

    Returns:
        num_chosen frames.
    """
    trunk = embedder.trunk(filled(features, stretch))
    return TrunkFrames(trunk.frames[: len(stretch)], trunk.attention[: len(stretch)])


def filled(features: torch.Tensor, stretch: Indices) -> torch.Tensor:
    """Some frames, and those from the beginning again up to a full length.

    Args:
        features: (num_frames, 80).
        stretch: (num_chosen,) which of them, at least one.
    """
    length = -(-len(stretch) // _LENGTH_STEP) * _LENGTH_STEP
    return features[torch.from_numpy(np.resize(stretch, length))]


def pooled(embedder: EcapaEmbedder, trunk: TrunkFrames, rows: Indices) -> npt.NDArray[np.float32]:
    """(192,) embedding of norm one of the frames ``rows``, of which some are left out."""
    embedding = embedder.pool(trunk, rows[::_POOLED_EVERY])
    norm = float(np.linalg.norm(embedding))
    return (embedding / max(norm, 1e-9)).astype(np.float32)


def at_frame_rate(activity: npt.NDArray[np.float32] | Mask) -> Mask:
    """(589, 3) of one chunk, every 16.875 ms → (1000, 3) bool, every 10 ms."""
    source = np.arange(_CHUNK) / FRAME_RATE / FRAME_STEP
    return activity[np.minimum(source.astype(np.intp), len(activity) - 1)] > 0


def around_middle(is_heard: Mask) -> slice:
    """The part of a window that no pause cuts off from its middle.

    Args:
        is_heard: (num_frames,) of a window that may end early; with a pause in its middle, the
            side with more speech is taken.
    """
    first, last, middle = 0, len(is_heard), WINDOW // 2
    for begin, end in runs(~is_heard):
        if end - begin < MIN_PAUSE:
            continue
        is_left_poorer = is_heard[:begin].sum() < is_heard[end:].sum()
        if end <= middle or (begin < middle and is_left_poorer):
            first = max(first, end)
        else:
            last = min(last, begin)
    return slice(first, last)


def runs(mask: Mask) -> list[tuple[int, int]]:
    """First frame and the one after the last of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return [(int(first), int(last)) for first, last in edges.reshape(-1, 2)]


def _anchors(num_chunks: int, hop: int) -> tuple[int, ...]:
    """Chunks whose own segmentation says what the stretches are, and the end of the last.

    They are as far apart as a chunk is long, counted from the last chunk. So only the first
    block may be shorter, and every chunk lies within the block it begins in and the next.
    """
    anchors = list(range(num_chunks - 1, -1, -(_CHUNK // hop)))[::-1]
    if anchors and anchors[0] != 0:
        anchors.insert(0, 0)
    return (*anchors, num_chunks)


def _stretches(mask: Mask) -> Iterator[Indices]:
    """Frames in which one local speaker talks alone, for each who does so long enough."""
    is_alone = mask.sum(axis=1) == 1
    for speaker in range(NUM_LOCAL_SPEAKERS):
        frames = np.flatnonzero(mask[:, speaker] & is_alone)
        if len(frames) >= MIN_STRETCH:
            yield frames


def _joined(parts: Sequence[TrunkFrames]) -> TrunkFrames:
    heard = [part for part in parts if len(part.frames)]  # an empty one may lie on no device
    if not heard:
        return TrunkFrames(torch.zeros(0, 3072), torch.zeros(0, 128))
    return TrunkFrames(
        torch.cat([part.frames for part in heard]), torch.cat([part.attention for part in heard])
    )


def _local_speakers(voices: Sequence[_Voice]) -> LocalSpeakers:
    ordered = sorted(voices, key=lambda voice: (voice.place, voice.speaker))
    return LocalSpeakers(
        np.array([voice.place for voice in ordered], dtype=np.intp),
        np.array([voice.speaker for voice in ordered], dtype=np.intp),
        _stacked(ordered),
        np.array([voice.clean for voice in ordered], dtype=np.float64),
    )


def _sliding(voices: Sequence[_Voice]) -> SlidingEmbeddings:
    times = np.array([voice.place / FRAME_RATE for voice in voices], dtype=np.float64)
    clean = np.array([voice.clean for voice in voices], dtype=np.float64)
    return SlidingEmbeddings(times, _stacked(voices), clean)


def _stacked(voices: Sequence[_Voice]) -> npt.NDArray[np.float32]:
    if not voices:
        return np.zeros((0, DIMENSION), dtype=np.float32)
    return np.stack([voice.embedding for voice in voices])
