"""Regions of speech in sound that is still coming in."""

import numpy as np
import numpy.typing as npt
from pyannote.core import Segment, Timeline

from meeting_app.config import VadConfig
from meeting_app.domain import SAMPLE_RATE
from pipelines.protocols import SpeechStream
from pipelines.vad.hysteresis import to_timeline
from pipelines.vad.silero import FRAME_SAMPLES, SileroScorer, SileroStream

_FRAME = FRAME_SAMPLES / SAMPLE_RATE  # seconds


class RunningDetector:
    """Where was speech just now, in any number of conversations at once?"""

    def __init__(self, scorer: SileroScorer, config: VadConfig, reach: float = 12.0) -> None:
        """``reach`` is how many seconds are remembered."""
        self._scorer = scorer
        self._config = config
        self._num_kept = round(reach / _FRAME)

    def __call__(self) -> SpeechStream:
        """Begins with silence."""
        return RunningSpeech(self._scorer(), self._config, self._num_kept)


class RunningSpeech:
    """The regions of one conversation."""

    def __init__(self, scores: SileroStream, config: VadConfig, num_kept: int) -> None:
        self._stream = scores
        self._config = config
        self._num_kept = num_kept
        self._scores = np.zeros(0, np.float32)
        self._num_frames = 0

    def accept(self, samples: npt.NDArray[np.float32]) -> Timeline:
        """Regions among the last seconds, in seconds from the start of the conversation.

        Args:
            samples: (num_samples,) in [-1, 1], following the last ones without a gap.
        """
        new = self._stream.accept(samples)
        self._num_frames += len(new)
        self._scores = np.concatenate([self._scores, new])[-self._num_kept :]
        start = (self._num_frames - len(self._scores)) * _FRAME
        regions = to_timeline(self._scores, _FRAME, len(self._scores) * _FRAME, self._config)
        return Timeline([Segment(start + r.start, start + r.end) for r in regions])
