"""Moonshine as an engine: windows in, words with times out."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch

from meeting_app.config import AsrConfig
from meeting_app.domain import SAMPLE_RATE, Waveform
from pipelines.asr.engine import Decoding, Hypothesis
from pipelines.asr.hugging_face_readers import aligned
from pipelines.asr.moonshine.network import load_network
from pipelines.asr.moonshine.reading import Written, write
from pipelines.asr.moonshine.vocabulary import VOCABULARY_FILE, Vocabulary
from pipelines.asr.recognizer import Attempts, WhisperRecognizer
from pipelines.asr.words import Spelling, timed_words
from pipelines.device import Device, limit_threads

_LANGUAGE = "en"
_SHORTEST = 0.1  # seconds; less is filled up with silence
_RECOGNISED_BY = 4000  # samples; windows that begin with the same ones grow out of each other
_MOST_REMEMBERED = 64  # windows
_ATTEMPTS: Attempts = ()  # it takes no advice


class MoonshineRecognizer(WhisperRecognizer):
    """English, by the likeliest tokens."""

    def __init__(self, folder: Path, config: AsrConfig, device: Device) -> None:
        """Loads the model; nothing is fetched.

        Args:
            folder: as the package index has it: encoder, decoder and tokenizer.
            config: the limits of the filters.
            device: to compute on.

        Raises:
            ModelError: the folder holds no such model.
        """
        engine = MoonshineEngine(folder, device.name, device.num_threads)
        super().__init__(engine, config, _ATTEMPTS)


class MoonshineEngine:
    """A network and its vocabulary on a device; one window at a time.

    The text of a window that has grown since is where the next one begins, so a window may be
    given again and again while it grows: what was heard before is only checked.
    """

    def __init__(
        self,
        folder: Path,
        device: str = "cpu",
        num_threads: int = 1,
        dtype: torch.dtype | None = None,
    ) -> None:
        """Loads the model; nothing is fetched.

        Args:
            folder: as above.
            device: as torch names it.
            num_threads: of the CPU.
            dtype: to compute in; None takes the smallest that the device is quick with.

        Raises:
            ModelError: the folder holds no such model.
        """
        self._dtype = dtype or _dtype(device)
        self._num_threads = num_threads
        self._network = load_network(folder, self._dtype, device)
        self._vocabulary = Vocabulary(folder / VOCABULARY_FILE)
        self._before: OrderedDict[bytes, tuple[int, ...]] = OrderedDict()

    @property
    def languages(self) -> tuple[str, ...]:
        """English."""
        return (_LANGUAGE,)

    def detect(self, windows: Sequence[Waveform]) -> tuple[Mapping[str, float], ...]:
        """English: it knows no other."""
        return tuple({_LANGUAGE: 1.0} for _ in windows)

    def decode(self, windows: Sequence[Waveform], decoding: Decoding) -> tuple[Hypothesis, ...]:
        """One hypothesis per window, by the likeliest tokens; ``decoding`` cannot be followed."""
        limit_threads(self._num_threads)  # which counts for the thread that asks
        return tuple(self._hypothesis(window) for window in windows)

    def _hypothesis(self, window: Waveform) -> Hypothesis:
        samples = np.asarray(window.samples, np.float32)
        key = samples[:_RECOGNISED_BY].tobytes()
        num_missing = max(0, round(_SHORTEST * SAMPLE_RATE) - len(samples))
        sound = torch.from_numpy(np.pad(samples, (0, num_missing)))
        sound = sound.to(self._network.device, self._dtype)
        duration = len(sound) / SAMPLE_RATE
        written = write(self._network, sound, duration, self._before.pop(key, ()))
        self._before[key] = written.tokens
        if len(self._before) > _MOST_REMEMBERED:
            self._before.popitem(last=False)
        return self._spelled(written, duration)

    def _spelled(self, written: Written, duration: float) -> Hypothesis:
        (reading,) = aligned(
            written.attention[None], [written.tokens], [written.probabilities], [duration], duration
        )
        words = timed_words(
            [Spelling(f" {text}", count) for text, count in self._vocabulary.words(reading.tokens)],
            [*reading.starts, *reading.ends[-1:]],
            reading.probabilities,
        )
        return reading.hypothesis(words, duration)


def _dtype(device: str) -> torch.dtype:
    """Half the bytes are half the time, where the machine computes with them."""
    if device != "cpu":
        return torch.bfloat16
    has = torch.cpu.get_capabilities()
    return torch.bfloat16 if has.get("avx512_bf16") or has.get("amx_bf16") else torch.float32
