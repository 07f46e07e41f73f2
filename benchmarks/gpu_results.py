"""What the measurements on a GPU are told with: settings, results and their table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from pipelines.asr.whisper.precision import Precision

WINDOW = 30.0  # seconds
UTTERANCE = 5.0  # seconds


@dataclass(frozen=True, slots=True)
class Settings:
    """What is measured."""

    device: torch.device
    precision: Precision
    shapes: tuple[str, ...]
    batches: tuple[int, ...]
    beam: int
    num_tokens: int
    num_utterances: int  # decoded for the latency
    budget: float  # seconds; what does not fit is left out
    has_peer: bool  # whether transformers runs beside


@dataclass(frozen=True, slots=True)
class Throughput:
    """One batch of 30 s windows, best of the runs; times in milliseconds."""

    shape: str
    batch: int
    beam: int
    precision: str
    features_ms: float
    encode_ms: float
    decode_ms: float
    align_ms: float
    rtfx: float  # of all four
    peak_memory_mb: float | None
    transformers_ms: float | None  # of generate, which encodes and decodes
    ratio: float | None  # against encoding and decoding here
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """How far the device is from the CPU in float32, on the same random weights."""

    shape: str
    float32_difference: float  # largest of the logits, relative to their spread
    precision_difference: float  # the same for the measured precision
    same_tokens: float  # share of greedy tokens in float32 that are the CPU's
    same_with_graphs: bool  # recorded steps write what direct ones write


@dataclass(frozen=True, slots=True)
class Latency:
    """One utterance of 5 s from samples to words, in milliseconds."""

    shape: str
    p50_ms: float
    p95_ms: float
    num_tokens: int


def table(results: Sequence[dict[str, Any]]) -> Iterator[str]:
    """The throughput and latency of every shape, in lines of text."""
    yield f"{'shape':16}{'batch':>6}{'RTFx':>10}{'encode ms':>11}{'decode ms':>11}" + (
        f"{'memory MB':>11}{'vs transformers':>17}"
    )
    for found in results:
        if found["kind"] == "throughput":
            ratio = f"{found['ratio']:.1f} x" if found["ratio"] else "-"
            memory = f"{found['peak_memory_mb']:.0f}" if found["peak_memory_mb"] else "-"
            yield (
                f"{found['shape']:16}{found['batch']:>6}{found['rtfx']:>10.1f}"
                f"{found['encode_ms']:>11.1f}{found['decode_ms']:>11.1f}{memory:>11}{ratio:>17}"
                + (f"  {found['error']}" if found["error"] else "")
            )
    for found in results:
        if found["kind"] == "latency":
            yield (
                f"{found['shape']}: {UTTERANCE:g} s utterance "
                f"p50 {found['p50_ms']:.1f} ms, p95 {found['p95_ms']:.1f} ms"
            )
