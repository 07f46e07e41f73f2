"""Who spoke when, in a whole recording: the networks listen, then it is decided."""

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import torch
from pyannote.core import Annotation, Timeline

from meeting_app.config import DiarizationConfig
from meeting_app.domain import (
    SAMPLE_RATE,
    Diarization,
    SpeakerCount,
    VoiceEvidence,
    Waveform,
)
from meeting_app.errors import ModelError
from pipelines.diarization.close_ups import CloseUps
from pipelines.diarization.decision import Heard, decide
from pipelines.diarization.embedding import (
    DIMENSION,
    FRAME_RATE,
    VOICE_SPACE,
    EcapaEmbedder,
    choose_precision,
)
from pipelines.diarization.extraction import Extractor, SlidingEmbeddings
from pipelines.diarization.segmentation import NUM_FRAMES, Segmenter, chunk_starts
from pipelines.diarization.stitching import condensed
from pipelines.protocols import ReportFraction, Resemblance, report_nothing

_SEGMENTATION_SHARE = 0.65  # of the time


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
        self._embedder = EcapaEmbedder(embedding, device, precision)
        self._extractor = Extractor(self._embedder, self._step, num_threads)

    def __call__(
        self,
        waveform: Waveform,
        speech: Timeline,
        speakers: SpeakerCount = SpeakerCount(),  # noqa: B008 - frozen
        report: ReportFraction = report_nothing,
    ) -> Diarization:
        """Labels SPEAKER_00… in order of first appearance; overlap kept; empty for silence.

        Args:
            waveform: 16 kHz.
            speech: what the detector found; where the segmentation is sure, it adds to it.
            speakers: bounds of the number of speakers.
            report: rises to 1.

        Raises:
            ModelError: the sound is not at 16 kHz.
        """
        if len(waveform.samples) == 0:
            return Diarization(Annotation(), VoiceEvidence.nothing(VOICE_SPACE, DIMENSION))
        heard = self.listen(waveform, report)
        annotation = decide(heard, speech, speakers, self._config)
        return Diarization(annotation, evidence_of(heard.sliding))

    def listen(self, waveform: Waveform, report: ReportFraction = report_nothing) -> Heard:
        """What the networks make of the sound; nothing is decided yet.

        Args:
            waveform: 16 kHz, not empty.
            report: rises to 1.

        Raises:
            ModelError: the sound is not at 16 kHz.
        """
        if waveform.sample_rate != SAMPLE_RATE:
            raise ModelError(f"sample rate: {waveform.sample_rate} Hz; give {SAMPLE_RATE} Hz")
        with _one_thread_each(self._num_threads) as executor:
            batches = self._segmenter(
                waveform, executor, lambda done: report(_SEGMENTATION_SHARE * done)
            )
            num_chunks = len(chunk_starts(len(waveform.samples), self._step))
            scores = condensed(batches, num_chunks, NUM_FRAMES, self._step)
            local, sliding = self._extractor(
                waveform,
                scores.active,
                executor,
                lambda done: report(_SEGMENTATION_SHARE + (1 - _SEGMENTATION_SHARE) * done),
            )
        return Heard(scores, local, sliding, self._step, waveform.duration)

    def close_ups(
        self,
        waveform: Waveform,
        annotation: Annotation,
        report: ReportFraction = report_nothing,
    ) -> Resemblance:
        """Whom moments of the sound are like; nothing is listened to before that is asked.

        Args:
            waveform: 16 kHz.
            annotation: who speaks when in it.
            report: rises to 1 while moments are looked at.
        """
        workers = partial(_one_thread_each, self._num_threads)
        return CloseUps(waveform, annotation, self._embedder, workers, report)


def evidence_of(sliding: SlidingEmbeddings) -> VoiceEvidence:
    """The sliding embeddings as they are kept; those of samples that are no number are not."""
    is_sound = np.isfinite(sliding.embeddings).all(axis=1)
    return VoiceEvidence(
        VOICE_SPACE,
        sliding.times[is_sound],
        sliding.embeddings[is_sound],
        sliding.clean[is_sound].astype(np.float32),
    )


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
