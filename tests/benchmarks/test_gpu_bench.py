"""The GPU benchmark in its small form, on the CPU."""

import json

import pytest

from benchmarks import gpu
from benchmarks.gpu_results import table
from pipelines.asr.whisper.shape import SHAPES, WhisperShape

pytestmark = pytest.mark.slow


@pytest.fixture
def results(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines it prints for a network of one layer."""
    monkeypatch.setitem(SHAPES, "tiny", WhisperShape(80, 64, 1, 1, 2, 51865))
    options = "--device cpu --shapes tiny --batches 1,2 --tokens 6 --utterances 2"
    gpu.main(options.split())
    return capsys.readouterr().out.splitlines()


@pytest.mark.filterwarnings("default")  # transformers and torch's profiler
def test_everything_is_checked_and_timed_in_one_call(results: list[str]) -> None:
    found = [json.loads(line) for line in results if line.startswith("{")]
    assert [row["kind"] for row in found] == [
        "machine",
        "check",
        "latency",
        "throughput",
        "throughput",
        "profile",
    ]
    check = found[1]
    assert check["float32_difference"] == 0  # the CPU against itself
    assert check["same_tokens"] == 1
    assert check["same_with_graphs"] is True
    assert found[2]["p95_ms"] >= found[2]["p50_ms"] > 0
    for row, batch in zip(found[3:5], (1, 2), strict=True):
        assert row["batch"] == batch
        assert row["error"] is None
        spent = sum(row[f"{stage}_ms"] for stage in ("features", "encode", "decode", "align"))
        assert row["rtfx"] == pytest.approx(batch * 30_000 / spent)
        assert row["ratio"] == pytest.approx(
            row["transformers_ms"] / (row["encode_ms"] + row["decode_ms"])
        )
    assert found[5]["operations"]
    assert len(results) == len(found) + 1 + 2 + 1  # head, two batches, one latency
    assert list(table(found)) == results[len(found) :]


def test_a_batch_without_room_is_told_and_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    settings = gpu._settings(["--device", "cpu", "--shapes", "tiny", "--no-peer"])
    monkeypatch.setitem(SHAPES, "tiny", WhisperShape(80, 64, 1, 1, 2, 51865))
    subject = gpu.Subject(gpu.random_network("tiny", settings.device), settings.device)

    def full(*arguments: object) -> None:
        raise torch.OutOfMemoryError("out of memory")

    monkeypatch.setattr(subject, "stages", full)
    found = gpu.throughput(subject, "tiny", 4, settings)
    assert found.error == "out of memory"
    assert found.rtfx == 0
