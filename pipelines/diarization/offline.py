"""Who spoke when, in a whole recording.

Segmentation of overlapping chunks → embeddings of local speakers → voices by clustering →
constrained assignment → decision per frame.
"""

import logging
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from pyannote.core import Annotation, Timeline

from meeting_app.config import DiarizationConfig
from meeting_app.domain import MAX_SPEAKERS, SAMPLE_RATE, SpeakerCount, Waveform
from meeting_app.errors import ModelError
from pipelines.diarization.assignment import assign
from pipelines.diarization.clustering.agglomerative import (
    ClusteringOptions,
    Samples,
    find_voices,
)
from pipelines.diarization.embedding import FRAME_RATE, EcapaEmbedder, choose_precision
from pipelines.diarization.extraction import MIN_STRETCH, Extractor, LocalSpeakers
from pipelines.diarization.resegmentation import (
    FrameOptions,
    overlap_add,
    speech_mask,
    to_annotation,
    voice_similarity,
    who_speaks,
)
from pipelines.diarization.segmentation import CHUNK_DURATION, Segmenter, to_multilabel
from pipelines.protocols import ReportFraction, report_nothing

_log = logging.getLogger(__name__)

_SEGMENTATION_SHARE = 0.45  # of the time


class OfflineDiarizer:
    """Segmentation-3.0 and ECAPA-TDNN; their networks are loaded once."""

    def __init__(
        self,
        segmentation: Path,
        embedding: Path,
        config: DiarizationConfig,
        device: str = "cpu",
        num_threads: int = 1,
    ) -> None:
        """Loads the networks from their folders.

        Raises:
            ModelError: a folder does not hold the weights.
        """
        self._config = config
        self._num_threads = num_threads
        # Both networks must mean the same moment by a chunk: a whole number of 10 ms.
        self._step = round(config.step * FRAME_RATE) / FRAME_RATE
        self._segmenter = Segmenter(segmentation, self._step, config.batch_size, device)
        precision = choose_precision(config.precision, device)
        embedder = EcapaEmbedder(embedding, device, precision)
        self._extractor = Extractor(embedder, self._step, num_threads)

    def __call__(
        self,
        waveform: Waveform,
        speech: Timeline,
        speakers: SpeakerCount = SpeakerCount(),  # noqa: B008 - frozen
        report: ReportFraction = report_nothing,
    ) -> Annotation:
        """Labels SPEAKER_00… in order of first appearance; overlap kept; empty for silence.

        Args:
            waveform: 16 kHz.
            speech: what the detector found; where the segmentation is sure, it adds to it.
            speakers: bounds of the number of speakers.
            report: rises to 1.

        Raises:
            ModelError: the sound is not at 16 kHz.
        """
        if waveform.sample_rate != SAMPLE_RATE:
            raise ModelError(f"sample rate: {waveform.sample_rate} Hz; give {SAMPLE_RATE} Hz")
        if len(waveform.samples) == 0:
            return Annotation()
        with _one_thread_each(self._num_threads) as executor:
            scores = self._segmenter(
                waveform, executor, lambda done: report(_SEGMENTATION_SHARE * done)
            )
            local, sliding = self._extractor(
                waveform,
                to_multilabel(scores),
                executor,
                lambda done: report(_SEGMENTATION_SHARE + (1 - _SEGMENTATION_SHARE) * done),
            )
        voices = self._voices(local, speakers)
        if len(voices) == 0:
            return Annotation()
        labels = assign(local.embeddings @ voices.T, local.chunks)
        frames = overlap_add(np.exp(scores), local, labels, self._step)
        similarity = voice_similarity(
            sliding, voices[: len(frames.activity)], frames.activity.shape[1]
        )
        mask = speech_mask(speech, frames.activity.shape[1])
        decided = who_speaks(frames, similarity, mask, self._frame_options)
        report(1.0)
        return to_annotation(decided, waveform.duration)

    def _voices(self, local: LocalSpeakers, speakers: SpeakerCount) -> np.ndarray:
        """(num_speakers, 192) centroids."""
        is_heard = np.linalg.norm(local.embeddings, axis=1) > 0
        votes = is_heard & (local.clean >= self._config.min_vote)
        if votes.sum() < max(2, speakers.minimum):
            votes = is_heard
        # A second of speech is in several chunks; count it once.
        speech = local.clean * self._step / CHUNK_DURATION
        is_short = is_heard & ~votes & (local.clean >= MIN_STRETCH / FRAME_RATE)
        options = ClusteringOptions(
            self._config.max_distance, self._config.min_speaker, self._config.min_distinct_speaker
        )
        voices = find_voices(
            Samples(local.embeddings[votes], speech[votes]),
            Samples(local.embeddings[is_short], speech[is_short]),
            speakers,
            options,
        )
        if len(voices) > MAX_SPEAKERS:
            _log.warning(
                "%d speakers: more than the %d that accuracy was measured for",
                len(voices),
                MAX_SPEAKERS,
            )
        return voices

    @property
    def _frame_options(self) -> FrameOptions:
        config = self._config
        return FrameOptions(config.overlap_onset, config.sure_speech, config.voice_weight)


@contextmanager
def _one_thread_each(num_workers: int) -> Iterator[Executor]:
    """Workers that compute with one thread each.

    Small recurrent and pooled products gain nothing from threads inside one operation, and on a
    busy machine waiting for each other makes them several times slower.
    """
    threads = torch.get_num_threads()
    try:
        with ThreadPoolExecutor(
            num_workers, initializer=torch.set_num_threads, initargs=(1,)
        ) as executor:
            yield executor
    finally:
        torch.set_num_threads(threads)
