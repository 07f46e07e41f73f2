"""An engine that makes do with less when the device runs out of memory.

First the batch is halved, and what was too much is remembered; then weights and sums become
smaller; then the CPU takes over. Nothing is lost on the way: what failed is done again.
"""

import gc
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import torch

from meeting_app.domain import Waveform
from meeting_app.errors import ModelError
from pipelines.asr.engine import Decoding, Hypothesis, Notify, WhisperEngine, ignore_notice
from pipelines.asr.packing import padded_duration
from pipelines.asr.whisper.precision import Precision

_log = logging.getLogger(__name__)

_Result = TypeVar("_Result")
# What libraries beneath torch say when torch's own allocator did not notice.
_OUT_OF_MEMORY = ("out of memory", "CUBLAS_STATUS_ALLOC_FAILED", "can't allocate memory")


@dataclass(frozen=True, slots=True)
class Rung:
    """Where and how precisely an engine computes."""

    device: str  # as torch names it
    precision: Precision

    def __str__(self) -> str:
        return f"{self.precision.value} on {self.device}"


Build = Callable[[Rung], WhisperEngine]


def rungs_from(first: Rung) -> tuple[Rung, ...]:
    """``first`` and what takes less memory, in the order in which it is tried."""
    if first.device == "cpu":
        return (first,)
    smaller = {
        Precision.FLOAT32: (Precision.FLOAT16, Precision.INT8),
        Precision.BFLOAT16: (Precision.INT8,),
        Precision.FLOAT16: (Precision.INT8,),
        Precision.INT8: (),
    }[first.precision]
    on_device = tuple(Rung(first.device, precision) for precision in smaller)
    return (first, *on_device, Rung("cpu", Precision.FLOAT32))


def is_out_of_memory(error: RuntimeError) -> bool:
    """Whether a device, or the library that drives it, could get no more memory."""
    cause: BaseException | None = error
    while cause is not None:  # what is torn down after it may fail as well and hide it
        if isinstance(cause, torch.OutOfMemoryError):
            return True
        if any(phrase in str(cause) for phrase in _OUT_OF_MEMORY):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


class SparingEngine:
    """The engine of the first rung that fits, which may change while it works."""

    def __init__(self, build: Build, rungs: Sequence[Rung], notify: Notify = ignore_notice) -> None:
        """Builds the first engine that fits.

        Args:
            build: makes the engine of a rung; raises torch.OutOfMemoryError where it does not fit.
            rungs: from the best to the one that needs the least memory of the device.
            notify: is told of each step down, in words for the user.

        Raises:
            ModelError: not even the last one fits.
        """
        self._build = build
        self._rungs = tuple(rungs)
        self._notify = notify
        self._number = 0
        self._most: float | None = None  # seconds of padded sound that fit together
        self._notices: list[str] = []
        self._engine: WhisperEngine | None = None
        self._open()

    @property
    def rung(self) -> Rung:
        """What is computed on now."""
        return self._rungs[self._number]

    @property
    def notices(self) -> tuple[str, ...]:
        """The steps down so far, in words for the user."""
        return tuple(self._notices)

    @property
    def languages(self) -> tuple[str, ...]:
        """ISO 639-1 codes of what the model understands."""
        return self._opened.languages

    def detect(self, windows: Sequence[Waveform]) -> tuple[Mapping[str, float], ...]:
        """Per window the probability of each language."""
        seconds = padded_duration(max(window.duration for window in windows))
        return self._in_parts(windows, seconds, lambda engine, part: engine.detect(part))

    def decode(self, windows: Sequence[Waveform], decoding: Decoding) -> tuple[Hypothesis, ...]:
        """One hypothesis per window, in as many batches as memory asks for.

        Raises:
            ModelError: one window alone is too much for the last rung, or the network fails.
        """
        longest = max(window.duration for window in windows)
        seconds = padded_duration(longest, decoding.is_padded)
        return self._in_parts(windows, seconds, lambda engine, part: engine.decode(part, decoding))

    def _in_parts(
        self,
        windows: Sequence[Waveform],
        seconds: float,
        run: Callable[[WhisperEngine, Sequence[Waveform]], tuple[_Result, ...]],
    ) -> tuple[_Result, ...]:
        """``run`` over all windows, each ``seconds`` long, in batches that fit."""
        results: list[_Result] = []
        while len(results) < len(windows):
            rest = windows[len(results) :]
            fitting = len(rest) if self._most is None else max(1, int(self._most // seconds))
            part = rest[:fitting]
            found = self._attempt(run, part)
            if found is not None:
                results.extend(found)
            elif len(part) > 1:
                self._halve(len(part), seconds)
            else:
                self._step_down()
        return tuple(results)

    def _attempt(
        self,
        run: Callable[[WhisperEngine, Sequence[Waveform]], tuple[_Result, ...]],
        part: Sequence[Waveform],
    ) -> tuple[_Result, ...] | None:
        """What ``run`` gives; None when memory ran out.

        The error is let go of before memory is freed: its traceback holds the tensors.
        """
        try:
            return run(self._opened, part)
        except RuntimeError as error:
            if not is_out_of_memory(error):
                raise ModelError(
                    f"speech recognition: failed as {self.rung} ({error}); "
                    "choose another asr.precision, or device.name: cpu"
                ) from error
            _log.debug("out of memory", exc_info=True)
        return None

    def _halve(self, size: int, seconds: float) -> None:
        self._most = size // 2 * seconds
        self._tell(
            f"out of memory with {size} windows of {seconds:g} s as {self.rung}; "
            f"continuing with {size // 2} at a time"
        )
        release = getattr(self._opened, "release", None)
        if release is not None:
            release()
        _free()

    def _step_down(self) -> None:
        if self._number + 1 == len(self._rungs):
            raise ModelError(
                f"speech recognition: out of memory as {self.rung} with a single window; "
                "close other programs, or choose a smaller asr.model"
            )
        former = self.rung
        self._number += 1
        self._most = None
        self._tell(f"out of memory with one window as {former}; continuing as {self.rung}")
        self._engine = None
        _free()
        self._open()

    def _open(self) -> None:
        """Builds the engine of this rung, or of the next that fits."""
        while self._engine is None:
            try:
                self._engine = self._build(self.rung)
            except RuntimeError as error:
                if not is_out_of_memory(error) or self._number + 1 == len(self._rungs):
                    raise ModelError(
                        f"speech recognition: cannot be loaded as {self.rung} ({error}); "
                        "choose a smaller asr.model"
                    ) from error
            if self._engine is None:
                former = self.rung
                self._number += 1
                self._tell(f"no memory for the model as {former}; continuing as {self.rung}")
                _free()

    @property
    def _opened(self) -> WhisperEngine:
        if self._engine is None:
            raise ModelError("speech recognition: no engine is open; start the job again")
        return self._engine

    def _tell(self, notice: str) -> None:
        _log.warning("speech recognition: %s", notice)
        self._notices.append(notice)
        self._notify(notice)


def _free() -> None:
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
