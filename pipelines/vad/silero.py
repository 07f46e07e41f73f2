"""Voice activity detection with the Silero network."""

from importlib.metadata import distribution

import numpy as np
import numpy.typing as npt
import onnxruntime
from pyannote.core import Timeline

from meeting_app.config import VadConfig
from meeting_app.domain import SAMPLE_RATE, Waveform
from meeting_app.errors import ConfigError, ModelError
from pipelines.protocols import ReportFraction, report_nothing
from pipelines.vad.hysteresis import to_timeline

# Of the networks in the distribution this one takes many frames per call: the same scores as
# frame by frame, in less than half the time.
MODEL_FILE = "silero_vad/data/silero_vad_16k_sequence.onnx"

# Source: Silero VAD, sequence_vad.py.
FRAME_SAMPLES = 512  # 32 ms
CONTEXT_SAMPLES = 64  # of the frame before, put in front of each
STATE_SHAPE = (1, 1, 128)

BLOCK_FRAMES = 1024  # 33 s per call


class SileroDetector:
    """Where is speech?"""

    def __init__(self, config: VadConfig) -> None:
        """Loads the network.

        Raises:
            ConfigError: the thresholds contradict each other.
        """
        if config.offset > config.onset:
            raise ConfigError(
                f"vad.offset: {config.offset} is above vad.onset {config.onset}; lower it"
            )
        self._config = config
        self._session = _load()

    def __call__(self, waveform: Waveform, report: ReportFraction = report_nothing) -> Timeline:
        """Regions of speech, disjoint, in time order; empty for silence."""
        return to_timeline(
            self.scores(waveform, report),
            FRAME_SAMPLES / SAMPLE_RATE,
            waveform.duration,
            self._config,
        )

    def scores(
        self, waveform: Waveform, report: ReportFraction = report_nothing
    ) -> npt.NDArray[np.float32]:
        """Probability of speech in each 32 ms: (num_frames,) float32; the last is padded.

        Raises:
            ModelError: the sound is not at 16 kHz.
        """
        if waveform.sample_rate != SAMPLE_RATE:
            raise ModelError(f"sample rate: {waveform.sample_rate} Hz; give {SAMPLE_RATE} Hz")
        found = [np.zeros(0, np.float32)]
        hidden = cell = np.zeros(STATE_SHAPE, np.float32)
        context = np.zeros(CONTEXT_SAMPLES, np.float32)
        block_samples = BLOCK_FRAMES * FRAME_SAMPLES
        for first in range(0, len(waveform.samples), block_samples):
            frames = _frames(waveform.samples[first : first + block_samples])
            inputs = _with_context(frames, context)
            block, hidden, cell = self._session.run(
                ["speech_probs", "hn", "cn"], {"input": inputs, "h": hidden, "c": cell}
            )
            context = frames[-1, -CONTEXT_SAMPLES:]
            found.append(block)
            report(min(1.0, (first + block_samples) / len(waveform.samples)))
        return np.concatenate(found)


def _load() -> onnxruntime.InferenceSession:
    # Importing the package would set torch to one thread for the whole process.
    path = distribution("silero-vad").locate_file(MODEL_FILE)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # the recurrent layer gains nothing from more
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors only
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _frames(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """(num_frames, 512) float32, the last frame filled with zeros."""
    num_missing = -len(samples) % FRAME_SAMPLES
    return np.pad(samples, (0, num_missing)).reshape(-1, FRAME_SAMPLES)


def _with_context(
    frames: npt.NDArray[np.float32], before: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """(num_frames, 64 + 512) float32: each frame behind the end of the one before."""
    contexts = np.vstack([before[np.newaxis], frames[:-1, -CONTEXT_SAMPLES:]])
    return np.hstack([contexts, frames])
