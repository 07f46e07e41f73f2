"""The torch engine on a GPU against itself on the CPU, with a tiny network."""

from pathlib import Path

import numpy as np
import pytest
import torch

from meeting_app.domain import Waveform
from pipelines.asr.engine import Decoding
from pipelines.asr.whisper.graphs import run_directly
from pipelines.asr.whisper.loading import load_checkpoint
from pipelines.asr.whisper.precision import Precision
from pipelines.asr.whisper_torch import TorchEngine

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device"),
]


def noise(*durations: float) -> list[Waveform]:
    rng = np.random.default_rng(0)
    return [
        Waveform((0.1 * rng.standard_normal(round(16_000 * d))).astype(np.float32))
        for d in durations
    ]


@pytest.mark.parametrize("beam", [1, 5])
def test_recorded_steps_write_what_direct_ones_write(tiny_whisper: Path, beam: int) -> None:
    recorded = TorchEngine(load_checkpoint(tiny_whisper), "cuda")
    direct = TorchEngine(load_checkpoint(tiny_whisper), "cuda", recorder=run_directly)
    decoding = Decoding("en", beam_size=beam)
    for windows in (noise(4.0, 3.0, 2.0), noise(1.0), noise(4.0, 3.0, 2.0)):
        assert recorded.decode(windows, decoding) == direct.decode(windows, decoding)
    recorded.release()
    windows = noise(4.0, 3.0, 2.0)
    assert recorded.decode(windows, decoding) == direct.decode(windows, decoding)


def test_a_gpu_hears_what_the_cpu_hears(tiny_whisper: Path) -> None:
    torch.backends.cudnn.allow_tf32 = False
    gpu = TorchEngine(load_checkpoint(tiny_whisper), "cuda")
    cpu = TorchEngine(load_checkpoint(tiny_whisper))
    decoding = Decoding("en", beam_size=1)
    (found,), (expected,) = gpu.decode(noise(2.0), decoding), cpu.decode(noise(2.0), decoding)
    assert found.text[:5] == expected.text[:5]  # later tokens hang on rounding
    assert found.no_speech == pytest.approx(expected.no_speech, rel=0.01)


@pytest.mark.parametrize("precision", [Precision.FLOAT16, Precision.BFLOAT16, Precision.INT8])
def test_every_precision_runs(tiny_whisper: Path, precision: Precision) -> None:
    engine = TorchEngine(load_checkpoint(tiny_whisper), "cuda", precision)
    for decoding in (Decoding("en"), Decoding("en", temperature=0.5)):
        assert len(engine.decode(noise(2.0, 1.0, 1.5), decoding)) == 3
