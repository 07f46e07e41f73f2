"""Speech recognition on a GPU, built, checked and timed in one call.

    python -m benchmarks.gpu                          # every shape, on the first GPU
    python -m benchmarks.gpu --device cpu --shapes tiny --batches 1,2

Networks have the shapes of the published ones and random weights, and are made to write a fixed
number of tokens, as speed does not depend on what they say. One JSON object is printed per shape
and batch, then one per shape for the latency of a short utterance and for what bounds it, and a
table last.
"""

import argparse
import json
import logging
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from itertools import pairwise
from typing import Any

import numpy as np
import torch

from benchmarks.gpu_peer import generate_ms, now, peak, reset_peak
from benchmarks.gpu_results import (
    UTTERANCE,
    WINDOW,
    Check,
    Latency,
    Settings,
    Throughput,
    table,
)
from meeting_app.domain import Waveform
from pipelines.asr.packing import padded_duration
from pipelines.asr.whisper.alignment import Aligner
from pipelines.asr.whisper.decoding import Decoder
from pipelines.asr.whisper.features import SAMPLE_RATE, LogMel
from pipelines.asr.whisper.graphs import recorder_for, run_directly
from pipelines.asr.whisper.model import Whisper
from pipelines.asr.whisper.precision import Precision, prepared
from pipelines.asr.whisper.search import SearchOptions
from pipelines.asr.whisper.shape import FRAME_RATE, SHAPES, Vocabulary, WhisperShape

_log = logging.getLogger(__name__)

TOKENS_PER_SECOND = 4  # of real conversation, with timestamps: 3.1 to 4.4 in five recordings
PROMPT = 3  # tokens
CHECKED_SECONDS = 10.0
CHECKED_TOKENS = 16


def vocabulary_of(shape: WhisperShape) -> Vocabulary:
    """The tokens of the multilingual vocabulary, with as many languages as the shape has."""
    begin = shape.vocabulary_size - 1501
    layers = range(shape.num_decoder_layers // 2, shape.num_decoder_layers)
    return Vocabulary(
        size=shape.vocabulary_size,
        start=50258,
        end=50257,
        no_speech=begin - 2,
        timestamp_begin=begin,
        # Real models list 6 to 10 heads.
        alignment_heads=tuple((layer, head) for layer in layers for head in range(2))[:10],
    )


class Subject:
    """One network with everything around it, on the device."""

    def __init__(self, network: Whisper, device: torch.device, is_recorded: bool = True) -> None:
        self.network = network
        self.vocabulary = vocabulary_of(network.shape)
        recorder = recorder_for(device) if is_recorded else run_directly
        self.features = LogMel(network.shape.num_mels, device)
        self.decoder = Decoder(network, self.vocabulary, recorder)
        self.aligner = Aligner(network, self.vocabulary)
        self.prompt = [self.vocabulary.start, self.vocabulary.start + 1, self.vocabulary.start + 2]

    def stages(
        self, windows: Sequence[Waveform], options: SearchOptions
    ) -> tuple[dict[str, float], tuple[tuple[int, ...], ...]]:
        """Milliseconds of each stage, and the tokens."""
        seconds = padded_duration(max(window.duration for window in windows))
        marks = [now(self.network.device)]
        features = self.features(windows, round(seconds * 100)).to(self.network.dtype)
        marks.append(now(self.network.device))
        encoded = self.network.encoder(features)
        marks.append(now(self.network.device))
        found, _ = self.decoder.generate(encoded, self.prompt, options)
        marks.append(now(self.network.device))
        texts = [[t for t in row if t < self.vocabulary.end] for row in found.tokens]
        frames = [round(window.duration * FRAME_RATE) for window in windows]
        self.aligner(encoded, self.prompt, texts, frames)
        marks.append(now(self.network.device))
        names = ("features_ms", "encode_ms", "decode_ms", "align_ms")
        spans = [1000 * (b - a) for a, b in pairwise(marks)]
        return dict(zip(names, spans, strict=True)), found.tokens


def random_network(name: str, device: torch.device) -> Whisper:
    """A network of a published shape whose weights mean nothing."""
    torch.manual_seed(0)
    with device:
        network = Whisper(SHAPES[name])
    torch.nn.init.normal_(network.encoder.positions, std=0.02)
    torch.nn.init.normal_(network.decoder.positions, std=0.02)
    torch.nn.init.normal_(network.decoder.embedding.weight, std=0.05)
    return network.eval().requires_grad_(False)


def speech_like(count: int, seconds: float) -> list[Waveform]:
    """Noise whose loudness comes and goes, different in each window."""
    rng = np.random.default_rng(0)
    num_samples = round(seconds * SAMPLE_RATE)
    swell = 0.55 + 0.45 * np.sin(np.arange(num_samples) / SAMPLE_RATE * 8)
    return [
        Waveform((0.1 * swell * rng.standard_normal(num_samples)).astype(np.float32))
        for _ in range(count)
    ]


def check(name: str, settings: Settings) -> Check:
    """The device against the CPU in float32."""
    device = settings.device
    torch.backends.cudnn.allow_tf32 = False  # float32 as the CPU has it
    network = random_network(name, device)
    cpu_network = random_network(name, torch.device("cpu"))
    cpu_network.load_state_dict(network.state_dict())
    reference = Subject(cpu_network, torch.device("cpu"))
    subject = Subject(network, device)
    windows = speech_like(1, CHECKED_SECONDS)
    options = SearchOptions(1, CHECKED_TOKENS, is_length_forced=True)
    _, expected = reference.stages(windows, options)
    _, found = subject.stages(windows, options)
    _, direct = Subject(network, device, is_recorded=False).stages(windows, options)
    same = statistics.fmean(a == b for a, b in zip(found[0], expected[0], strict=True))
    truth = _logits(reference, windows, expected[0])
    exact = _difference(truth, _logits(subject, windows, expected[0]))
    lowered = Subject(prepared(network, settings.precision, device), device)
    lower = _difference(truth, _logits(lowered, windows, expected[0]))
    return Check(name, exact, lower, same, found == direct)


def throughput(subject: Subject, name: str, batch: int, settings: Settings) -> Throughput:
    """The best of two runs after one that warms up, and the peer's time beside it."""
    options = SearchOptions(settings.beam, settings.num_tokens, is_length_forced=True)
    windows = speech_like(batch, WINDOW - 0.5)
    none = Throughput(
        name, batch, settings.beam, settings.precision.value, 0, 0, 0, 0, 0, None, None, None
    )
    reset_peak(settings.device)
    try:
        subject.stages(windows, options)
        runs = [subject.stages(windows, options)[0] for _ in range(2)]
    except torch.OutOfMemoryError:
        return replace(none, error="out of memory")
    finally:
        subject.decoder.release()
    best = min(runs, key=lambda run: sum(run.values()))
    found = replace(
        none,
        features_ms=best["features_ms"],
        encode_ms=best["encode_ms"],
        decode_ms=best["decode_ms"],
        align_ms=best["align_ms"],
        rtfx=1000 * batch * WINDOW / sum(best.values()),
        peak_memory_mb=peak(settings.device),
    )
    if not settings.has_peer:
        return found
    peer = generate_ms(name, batch, settings)
    ratio = None if peer is None else peer / (best["encode_ms"] + best["decode_ms"])
    return replace(found, transformers_ms=peer, ratio=ratio)


def latency(subject: Subject, name: str, settings: Settings) -> Latency:
    """Of utterances one after the other, the first ones left out."""
    num_tokens = round(UTTERANCE * TOKENS_PER_SECOND)
    options = SearchOptions(settings.beam, num_tokens, is_length_forced=True)
    windows = speech_like(1, UTTERANCE)
    for _ in range(3):
        subject.stages(windows, options)
    spans = [
        sum(subject.stages(windows, options)[0].values()) for _ in range(settings.num_utterances)
    ]
    p50, p95 = np.percentile(spans, [50, 95])
    return Latency(name, float(p50), float(p95), num_tokens)


def profile(subject: Subject, batch: int, settings: Settings) -> list[dict[str, Any]]:
    """The operations that take most of the device's time in one batch, in milliseconds."""
    from torch.profiler import ProfilerActivity
    from torch.profiler import profile as watch

    is_cuda = settings.device.type == "cuda"
    kinds = [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if is_cuda else [])]
    options = SearchOptions(settings.beam, settings.num_tokens, is_length_forced=True)
    windows = speech_like(batch, WINDOW - 0.5)
    subject.stages(windows, options)
    with watch(activities=kinds) as watched:
        subject.stages(windows, options)
    key = "self_device_time_total" if is_cuda else "self_cpu_time_total"
    events = sorted(watched.key_averages(), key=lambda event: -getattr(event, key))
    total = sum(getattr(event, key) for event in events) or 1.0
    return [
        {
            "name": event.key[:90],
            "count": event.count,
            "ms": round(getattr(event, key) / 1000, 2),
            "share": round(getattr(event, key) / total, 3),
        }
        for event in events[:8]
    ]


def _logits(subject: Subject, windows: Sequence[Waveform], tokens: Sequence[int]) -> torch.Tensor:
    """Of a given text, (length, vocabulary_size) float32 on the CPU."""
    seconds = padded_duration(windows[0].duration)
    features = subject.features(windows, round(seconds * 100)).to(subject.network.dtype)
    decoder = subject.network.decoder
    sound = decoder.hear(subject.network.encoder(features))
    row = torch.tensor([[*subject.prompt, *tokens]], device=subject.network.device)
    states, _ = decoder.teach(row, sound, subject.vocabulary.alignment_heads)
    return decoder.logits(states)[0].cpu()


def _difference(expected: torch.Tensor, found: torch.Tensor) -> float:
    return float((expected - found).abs().max() / expected.std())


@torch.inference_mode()
def measure(settings: Settings, report: Callable[[dict[str, Any]], None]) -> None:
    """All shapes, the small ones first; ``report`` is called with each result."""
    start = time.perf_counter()
    report({"kind": "machine", **_machine(settings)})
    for name in settings.shapes:
        report({"kind": "check", **asdict(check(name, settings))})
        reset_peak(settings.device)
        subject = Subject(
            prepared(random_network(name, settings.device), settings.precision, settings.device),
            settings.device,
        )
        report({"kind": "latency", **asdict(latency(subject, name, settings))})
        fitting = 0
        for batch in settings.batches:
            if time.perf_counter() - start > settings.budget:
                _log.warning("%s: batch %d is left out, time is up", name, batch)
                break
            found = throughput(subject, name, batch, settings)
            report({"kind": "throughput", **asdict(found)})
            fitting = batch if found.error is None else fitting
        if fitting and time.perf_counter() - start < settings.budget:
            report(
                {
                    "kind": "profile",
                    "shape": name,
                    "batch": fitting,
                    "operations": profile(subject, fitting, settings),
                }
            )
        del subject


def _machine(settings: Settings) -> dict[str, Any]:
    is_cuda = settings.device.type == "cuda"
    return {
        "device": torch.cuda.get_device_name(settings.device) if is_cuda else "cpu",
        "torch": torch.__version__,
        "precision": settings.precision.value,
        "num_tokens": settings.num_tokens,
        "window": WINDOW,
    }


def _settings(arguments: Sequence[str] | None) -> Settings:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--precision", default=None, choices=[kind.value for kind in Precision])
    parser.add_argument("--shapes", default="base,small,large-v3-turbo,large-v3")
    parser.add_argument("--batches", default="1,2,4,8,16,32,64,128,256")
    parser.add_argument("--beam", type=int, default=1)
    parser.add_argument("--tokens", type=int, default=round(WINDOW * TOKENS_PER_SECOND))
    parser.add_argument("--utterances", type=int, default=50)
    parser.add_argument("--budget", type=float, default=540.0, help="seconds")
    parser.add_argument("--no-peer", action="store_true", help="leave transformers out")
    given = parser.parse_args(arguments)
    default = Precision.FLOAT32 if given.device == "cpu" else Precision.FLOAT16
    return Settings(
        device=torch.device(given.device),
        precision=Precision(given.precision) if given.precision else default,
        shapes=tuple(given.shapes.split(",")),
        batches=tuple(int(batch) for batch in given.batches.split(",")),
        beam=given.beam,
        num_tokens=given.tokens,
        num_utterances=given.utterances,
        budget=given.budget,
        has_peer=not given.no_peer,
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures and prints."""
    results: list[dict[str, Any]] = []

    def report(found: dict[str, Any]) -> None:
        results.append(found)
        print(json.dumps(found), flush=True)

    measure(_settings(arguments), report)
    for line in table(results):
        print(line)


if __name__ == "__main__":
    main()
