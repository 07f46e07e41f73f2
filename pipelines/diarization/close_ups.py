"""Whom moments of a recording sound like, where several speak or one follows another.

The windows from which a recording is diarized are long, and leave out where two speak at once. A
close-up is short and takes what is there: who is heard best in it, is most likely who the
recogniser wrote down.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from itertools import groupby, pairwise

import numpy as np
import numpy.typing as npt
import torch
from pyannote.core import Annotation, Segment, Timeline

from meeting_app.domain import SAMPLE_RATE, Waveform
from pipelines.diarization.embedding import DIMENSION, EcapaEmbedder
from pipelines.diarization.extraction import filled, pooled
from pipelines.protocols import ReportFraction, report_nothing

CLOSE_UP = 0.5  # seconds of sound in one
_LEAST_SOUND = 0.1  # seconds; of less nothing is said
_SAMPLE = 1.5  # seconds; pieces of a voice alone that it is known from
_LEAST_SAMPLE = 0.5  # seconds
_NUM_SAMPLES = 8  # pieces at most, from all over the recording
_BATCH = 16  # looks at once; more are no faster
_GROUP = 8  # batches begun together; whoever cancels waits for them

Vectors = npt.NDArray[np.float32]  # (num, 192) of norm one; NaN where nothing is heard


class CloseUps:
    """Fits the Resemblance protocol; listens to nothing before it is asked."""

    def __init__(
        self,
        waveform: Waveform,
        annotation: Annotation,
        embedder: EcapaEmbedder,
        workers: Callable[[], AbstractContextManager[Executor]],
        report: ReportFraction = report_nothing,
    ) -> None:
        """Of one recording.

        Args:
            waveform: 16 kHz.
            annotation: who speaks when; says where each voice is heard alone.
            embedder: what compares voices.
            workers: to embed side by side; results do not depend on their number.
            report: rises to 1 while moments are looked at.
        """
        self._waveform = waveform
        self._annotation = annotation
        self._embedder = embedder
        self._workers = workers
        self._report = report
        self._voices: dict[str, npt.NDArray[np.float32]] = {}

    def __call__(
        self, times: npt.NDArray[np.float64], labels: Sequence[str]
    ) -> npt.NDArray[np.float32]:
        """(num_times, num_labels) cosine of the sound around each time to each voice.

        NaN where there is no sound, and for a speaker who is never heard alone.
        """
        with self._workers() as executor:
            for label in labels:
                if label not in self._voices:
                    self._voices[label] = self._voice(label, executor)
            around = [Segment(time - CLOSE_UP / 2, time + CLOSE_UP / 2) for time in times.tolist()]
            looked = self._embedded(around, executor, self._report)
        if not labels:
            return np.zeros((len(looked), 0), np.float32)
        return np.asarray(looked @ np.stack([self._voices[label] for label in labels]).T)

    def _voice(self, label: str, executor: Executor) -> npt.NDArray[np.float32]:
        """(192,) of norm one."""
        heard = self._embedded(samples_of(self._annotation, label), executor)
        heard = heard[np.isfinite(heard).all(axis=1)]
        if not len(heard):
            return np.full(DIMENSION, np.nan, np.float32)
        mean = heard.mean(axis=0)
        return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-9), np.float32)

    def _embedded(
        self,
        segments: Sequence[Segment],
        executor: Executor,
        report: ReportFraction = report_nothing,
    ) -> Vectors:
        """(num_segments, 192), those of one length together."""
        sounds = [self._waveform.crop(segment).samples for segment in segments]
        heard = [i for i, sound in enumerate(sounds) if len(sound) >= _LEAST_SOUND * SAMPLE_RATE]
        found = np.full((len(sounds), DIMENSION), np.nan, np.float32)
        batches = list(_batches(heard, [len(sound) for sound in sounds]))
        for first in range(0, len(batches), _GROUP):
            group = batches[first : first + _GROUP]
            answers = executor.map(lambda batch: self._embed([sounds[i] for i in batch]), group)
            for batch, embeddings in zip(group, answers, strict=True):
                found[batch] = embeddings
            report((first + len(group)) / len(batches))
        return found

    def _embed(self, sounds: Sequence[npt.NDArray[np.float32]]) -> Vectors:
        """(num_sounds, 192) of sounds that are equally long."""
        features = [self._embedder.features(sound) for sound in sounds]
        frames = np.arange(len(features[0]))
        trunks = self._embedder.trunks(torch.stack([filled(each, frames) for each in features]))
        return np.stack([pooled(self._embedder, trunk, frames) for trunk in trunks])


def _batches(chosen: Sequence[int], lengths: Sequence[int]) -> Iterator[list[int]]:
    """The chosen ones of one length together, a few at a time."""
    ordered = sorted(chosen, key=lambda index: lengths[index])
    for _, alike in groupby(ordered, key=lambda index: lengths[index]):
        group = list(alike)
        for first in range(0, len(group), _BATCH):
            yield group[first : first + _BATCH]


def samples_of(annotation: Annotation, label: str) -> tuple[Segment, ...]:
    """Pieces in which a speaker is heard alone, in time order; none when that never happens.

    The longest ones, and of those that are as long, some from all over the recording.
    """
    pieces = sorted(_pieces(_alone(annotation, label)), key=lambda piece: piece.start)
    if len(pieces) <= _NUM_SAMPLES:
        return tuple(pieces)
    durations = sorted((piece.duration for piece in pieces), reverse=True)
    long = [piece for piece in pieces if piece.duration >= durations[_NUM_SAMPLES - 1]]
    chosen = np.linspace(0, len(long) - 1, _NUM_SAMPLES).round().astype(int)
    return tuple(long[index] for index in chosen)


def _alone(annotation: Annotation, label: str) -> Timeline:
    own = annotation.label_timeline(label).support()
    others = annotation.subset([label], invert=True).get_timeline().support()
    return own.extrude(others)


def _pieces(stretches: Timeline) -> Iterator[Segment]:
    """Stretches cut evenly into what is no longer than a sample."""
    for stretch in stretches:
        count = int(np.ceil(round(stretch.duration / _SAMPLE, 6)))
        edges = np.linspace(stretch.start, stretch.end, count + 1)
        if stretch.duration >= _LEAST_SAMPLE:
            yield from (Segment(start, end) for start, end in pairwise(edges.tolist()))
