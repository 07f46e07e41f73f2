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

# The network misses speech that is recorded softly: whole recordings are raised to full scale,
# by so much at most that the noise of an empty room stays low (30 dB).
MAX_GAIN = 32.0


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
        stream = SileroStream(self._session)
        gain = _gain_of(waveform)
        found = []
        num_heard = 0
        for block in waveform.blocks(BLOCK_FRAMES * FRAME_SAMPLES):
            found.append(stream.accept(gain * block))
            num_heard += len(block)
            report(num_heard / len(waveform.samples))
        return np.concatenate([*found, stream.finish()])


class SileroScorer:
    """The network for running sound, of any number of conversations and threads at once."""

    def __init__(self) -> None:
        """Loads the network."""
        self._session = _load()

    def __call__(self) -> "SileroStream":
        """Begins with silence."""
        return SileroStream(self._session)


class SileroStream:
    """The scores of one recording, as its sound comes in."""

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._session = session
        self._hidden = self._cell = np.zeros(STATE_SHAPE, np.float32)
        self._context = np.zeros(CONTEXT_SAMPLES, np.float32)
        self._rest = np.zeros(0, np.float32)  # of a frame that is not complete

    def accept(self, samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Probability of speech in each 32 ms that is now complete: (num_frames,) float32.

        Args:
            samples: (num_samples,) float32 at 16 kHz, following the last ones without a gap.
        """
        sound = np.concatenate([self._rest, samples]) if len(self._rest) else samples
        num_whole = len(sound) - len(sound) % FRAME_SAMPLES
        self._rest = np.array(sound[num_whole:])
        if not num_whole:
            return np.zeros(0, np.float32)
        return self._score(sound[:num_whole].reshape(-1, FRAME_SAMPLES))

    def finish(self) -> npt.NDArray[np.float32]:
        """The score of the last frame, filled with zeros: (0 or 1,) float32."""
        if not len(self._rest):
            return np.zeros(0, np.float32)
        return self.accept(np.zeros(FRAME_SAMPLES - len(self._rest), np.float32))

    def _score(self, frames: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        inputs = _with_context(frames, self._context)
        scores: npt.NDArray[np.float32]
        scores, self._hidden, self._cell = self._session.run(
            ["speech_probs", "hn", "cn"], {"input": inputs, "h": self._hidden, "c": self._cell}
        )
        self._context = frames[-1, -CONTEXT_SAMPLES:]
        return scores


def _gain_of(waveform: Waveform) -> np.float32:
    """What brings the loudest sample to full scale; 1 where the sound is silent or not finite."""
    blocks = waveform.blocks(BLOCK_FRAMES * FRAME_SAMPLES)
    peak = max((float(np.abs(block).max()) for block in blocks), default=0.0)
    return np.float32(min(MAX_GAIN, 1 / peak) if 0 < peak < np.inf else 1.0)


def _load() -> onnxruntime.InferenceSession:
    # Importing the package would set torch to one thread for the whole process.
    path = distribution("silero-vad").locate_file(MODEL_FILE)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # the recurrent layer gains nothing from more
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors only
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _with_context(
    frames: npt.NDArray[np.float32], before: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """(num_frames, 64 + 512) float32: each frame behind the end of the one before."""
    contexts = np.vstack([before[np.newaxis], frames[:-1, -CONTEXT_SAMPLES:]])
    return np.hstack([contexts, frames])
