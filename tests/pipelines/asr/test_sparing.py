"""What happens when memory runs out: halve, remember, shrink, move to the CPU; nothing is lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
import torch

from meeting_app.domain import Waveform
from meeting_app.errors import ModelError
from pipelines.asr.engine import Decoding, Hypothesis
from pipelines.asr.sparing import Rung, SparingEngine, is_out_of_memory, rungs_from
from pipelines.asr.whisper.precision import Precision

FLOAT16 = Rung("cuda", Precision.FLOAT16)
INT8 = Rung("cuda", Precision.INT8)
CPU = Rung("cpu", Precision.FLOAT32)
DECODING = Decoding("en")


@dataclass
class Limited:
    """Decodes so many windows at once and runs out of memory above; writes their lengths."""

    rung: Rung
    most: int
    languages: tuple[str, ...] = ("en",)
    sizes: list[int] = field(default_factory=list)
    num_released: int = 0

    def detect(self, windows: Sequence[Waveform]) -> tuple[Mapping[str, float], ...]:
        self._take(windows)
        return tuple({"en": window.duration} for window in windows)

    def decode(self, windows: Sequence[Waveform], decoding: Decoding) -> tuple[Hypothesis, ...]:
        self._take(windows)
        return tuple(Hypothesis((), f"{w.duration:g}", w.duration, -0.1, 0.0) for w in windows)

    def release(self) -> None:
        self.num_released += 1

    def _take(self, windows: Sequence[Waveform]) -> None:
        self.sizes.append(len(windows))
        if len(windows) > self.most:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB.")


class Builder:
    """Builds engines that hold so many windows each; 0 does not even load."""

    def __init__(self, **most: int) -> None:
        self._most = {FLOAT16: most["float16"], INT8: most["int8"], CPU: most["cpu"]}
        self.built: list[Limited] = []

    def __call__(self, rung: Rung) -> Limited:
        if not self._most[rung]:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 9 GiB.")
        self.built.append(Limited(rung, self._most[rung]))
        return self.built[-1]


def windows(*durations: float) -> list[Waveform]:
    return [Waveform(np.zeros(round(d * 16_000), np.float32)) for d in durations]


def texts(hypotheses: Sequence[Hypothesis]) -> list[str]:
    return [hypothesis.text for hypothesis in hypotheses]


def test_a_batch_that_fits_is_decoded_at_once() -> None:
    build = Builder(float16=8, int8=8, cpu=8)
    engine = SparingEngine(build, rungs_from(FLOAT16))
    assert texts(engine.decode(windows(1, 2, 3), DECODING)) == ["1", "2", "3"]
    assert build.built[0].sizes == [3]
    assert engine.notices == ()


def test_the_batch_is_halved_until_it_fits_and_no_window_is_lost() -> None:
    build = Builder(float16=2, int8=8, cpu=8)
    engine = SparingEngine(build, rungs_from(FLOAT16))
    found = engine.decode(windows(1, 2, 3, 4, 1, 2, 3), DECODING)
    assert texts(found) == ["1", "2", "3", "4", "1", "2", "3"]
    assert build.built[0].sizes == [7, 3, 1, 1, 1, 1, 1, 1, 1]
    assert build.built[0].num_released == 2
    assert engine.rung == FLOAT16


def test_what_was_too_much_is_remembered_in_seconds_of_sound() -> None:
    build = Builder(float16=4, int8=8, cpu=8)
    engine = SparingEngine(build, rungs_from(FLOAT16))
    engine.decode(windows(*[9.0] * 8), DECODING)  # 10 s each once padded: 40 s at a time
    engine.decode(windows(*[9.0] * 8), DECODING)
    engine.decode(windows(*[4.0] * 4), DECODING)  # 5 s each: all four
    engine.decode(windows(*[19.0] * 3), DECODING)  # 20 s each: two
    assert build.built[0].sizes == [8, 4, 4, 4, 4, 4, 2, 1]


def test_padding_by_much_silence_counts() -> None:
    build = Builder(float16=4, int8=8, cpu=8)
    engine = SparingEngine(build, rungs_from(FLOAT16))
    engine.decode(windows(*[9.0] * 8), DECODING)
    engine.decode(windows(1.0, 1.0, 1.0), Decoding("en", is_padded=True))
    assert build.built[0].sizes == [8, 4, 4, 2, 1]


def test_detection_is_spared_too() -> None:
    build = Builder(float16=1, int8=8, cpu=8)
    engine = SparingEngine(build, rungs_from(FLOAT16))
    assert engine.detect(windows(1, 2)) == ({"en": 1.0}, {"en": 2.0})


def test_when_one_window_is_too_much_weights_get_smaller_and_then_the_cpu_takes_over(
    caplog: pytest.LogCaptureFixture,
) -> None:
    told: list[str] = []

    class Failing(Limited):
        def _take(self, windows: Sequence[Waveform]) -> None:
            if self.rung != CPU:
                raise torch.cuda.OutOfMemoryError("CUDA out of memory.")
            super()._take(windows)

    engine = SparingEngine(lambda rung: Failing(rung, 8), rungs_from(FLOAT16), told.append)
    assert texts(engine.decode(windows(3, 4), DECODING)) == ["3", "4"]
    assert engine.rung == CPU
    assert engine.notices == tuple(told)
    assert [record.levelname for record in caplog.records] == ["WARNING"] * 4
    assert told == [
        "out of memory with 2 windows of 5 s as float16 on cuda; continuing with 1 at a time",
        "out of memory with one window as float16 on cuda; continuing as int8 on cuda",
        "out of memory with 2 windows of 5 s as int8 on cuda; continuing with 1 at a time",
        "out of memory with one window as int8 on cuda; continuing as float32 on cpu",
    ]


def test_a_model_that_does_not_fit_is_loaded_smaller() -> None:
    build = Builder(float16=0, int8=8, cpu=8)
    engine = SparingEngine(build, rungs_from(FLOAT16))
    assert engine.rung == INT8
    assert engine.notices == (
        "no memory for the model as float16 on cuda; continuing as int8 on cuda",
    )


def test_when_nothing_fits_the_error_says_what_to_do() -> None:
    with pytest.raises(ModelError, match=r"float32 on cpu.*choose a smaller asr\.model"):
        SparingEngine(Builder(float16=0, int8=0, cpu=0), rungs_from(FLOAT16))

    class Tight(Limited):
        def _take(self, windows: Sequence[Waveform]) -> None:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

    engine = SparingEngine(lambda rung: Tight(rung, 0), [CPU])
    with pytest.raises(ModelError, match="out of memory as float32 on cpu with a single window"):
        engine.decode(windows(1), DECODING)


def test_another_failure_is_no_lack_of_memory() -> None:
    class Broken(Limited):
        def _take(self, windows: Sequence[Waveform]) -> None:
            raise RuntimeError("device-side assert triggered")

    engine = SparingEngine(lambda rung: Broken(rung, 0), rungs_from(FLOAT16))
    with pytest.raises(ModelError, match=r"float16 on cuda .*device-side assert"):
        engine.decode(windows(1, 2), DECODING)
    assert engine.rung == FLOAT16


def test_rungs_lead_from_the_device_to_the_cpu() -> None:
    float32 = Rung("cuda:1", Precision.FLOAT32)
    assert rungs_from(float32) == (
        float32,
        Rung("cuda:1", Precision.FLOAT16),
        Rung("cuda:1", Precision.INT8),
        CPU,
    )
    assert rungs_from(CPU) == (CPU,)


def test_a_library_below_torch_may_say_it_in_its_own_words() -> None:
    assert is_out_of_memory(RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling"))
    assert not is_out_of_memory(RuntimeError("shape mismatch"))


def test_a_failure_on_the_way_out_does_not_hide_it() -> None:
    try:
        try:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        finally:
            raise RuntimeError("operation failed due to a previous error during capture")
    except RuntimeError as error:
        assert is_out_of_memory(error)
