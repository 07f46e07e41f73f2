"""Which engine is taken for which model, device and setting."""

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from pyannote.core import Segment, Timeline

from meeting_app.config import AsrConfig
from meeting_app.domain import Waveform
from meeting_app.errors import ConfigError, ModelError
from pipelines.asr import choice, whisper_ct2, whisper_torch
from pipelines.asr.engine import Decoding, Hypothesis, Notify
from pipelines.asr.recognizer import WhisperRecognizer
from pipelines.device import Device

CPU = Device("cpu", "float32", 2)
CUDA = Device("cuda", "float16", 2)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, object, object]]:
    """What was opened: engine, device, precision; no model is loaded."""
    calls: list[tuple[str, object, object]] = []

    def ct2(
        folder: Path, config: AsrConfig, device: str, kind: str | None, threads: int, workers: int
    ) -> None:
        calls.append(("ctranslate2", device, kind))

    def by_torch(
        folder: Path, config: AsrConfig, device: str, threads: int, notify: Notify
    ) -> None:
        notify(f"no memory on {device}")
        calls.append(("torch", device, config.precision))

    monkeypatch.setattr(whisper_ct2, "WhisperCt2", ct2)
    monkeypatch.setattr(whisper_torch, "WhisperTorch", by_torch)
    return calls


def folder_with(path: Path, *names: str) -> Path:
    for name in names:
        (path / name).write_text('{"model_type": "whisper"}')
    return path


@pytest.mark.parametrize(
    ("engine", "device", "expected"),
    [
        ("auto", CPU, ("ctranslate2", "cpu", None)),
        ("auto", CUDA, ("torch", "cuda", "auto")),
        ("ctranslate2", CUDA, ("ctranslate2", "cuda", None)),
        ("torch", CPU, ("torch", "cpu", "auto")),
    ],
)
def test_the_engine_follows_the_setting_and_then_the_device(
    tmp_path: Path,
    opened: list[tuple[str, object, object]],
    engine: str,
    device: Device,
    expected: tuple[str, object, object],
) -> None:
    folder = folder_with(tmp_path, "model.bin", "config.json", "tokenizer.json")
    choice.open_recognizer(folder, AsrConfig(engine=engine), device)
    assert opened == [expected]


def test_an_engine_that_runs_out_of_memory_says_so_to_whoever_opened_it(
    tmp_path: Path, opened: list[tuple[str, object, object]]
) -> None:
    folder = folder_with(tmp_path, "model.bin", "config.json", "tokenizer.json")
    told: list[str] = []
    choice.open_recognizer(folder, AsrConfig(), CUDA, told.append)
    assert told == ["no memory on cuda"]


def test_what_only_torch_can_read_is_read_by_torch(
    tmp_path: Path, opened: list[tuple[str, object, object]]
) -> None:
    folder = folder_with(tmp_path, "model.safetensors", "config.json", "tokenizer.json")
    choice.open_recognizer(folder, AsrConfig(), CPU)
    assert opened == [("torch", "cpu", "auto")]
    with pytest.raises(ConfigError, match=r"asr\.engine: ctranslate2.*no model\.bin"):
        choice.open_recognizer(folder, AsrConfig(engine="ctranslate2"), CPU)


def test_the_precision_is_handed_on(
    tmp_path: Path, opened: list[tuple[str, object, object]]
) -> None:
    folder = folder_with(tmp_path, "model.bin", "config.json")
    choice.open_recognizer(folder, AsrConfig(precision="float32"), CPU)
    choice.open_recognizer(folder, AsrConfig(precision="int8"), CUDA)
    assert opened == [("ctranslate2", "cpu", "float32"), ("torch", "cuda", "int8")]


def test_another_architecture_goes_to_transformers(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(ModelError, match="bert does not recognise speech"):
        choice.open_recognizer(tmp_path, AsrConfig(), CPU)


def test_files_of_onnx_runtime_are_those_of_moonshine(tmp_path: Path) -> None:
    (tmp_path / "encoder_model.ort").write_bytes(b"another")
    with pytest.raises(ModelError, match=r"encoder_model\.ort: cannot be read"):
        choice.open_recognizer(tmp_path, AsrConfig(), CPU)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no Whisper"):
        choice.open_recognizer(tmp_path, AsrConfig(), CPU)


def test_running_meetings_share_an_engine_that_gives_one_utterance_all_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configs: list[AsrConfig] = []

    def open_recognizer(folder: Path, config: AsrConfig, device: Device) -> WhisperRecognizer:
        configs.append(config)
        return WhisperRecognizer(FakeEngine(), config)

    monkeypatch.setattr(choice, "open_recognizer", open_recognizer)
    recognizer = choice.open_live_recognizer(
        tmp_path, {"en": tmp_path / "english"}, AsrConfig(num_workers=2), CPU
    )
    assert [(config.num_workers, config.padding) for config in configs] == [(1, 0.0)] * 2
    second = Waveform(np.zeros(16_000, np.float32))
    recognizer(second, Timeline([Segment(0, 1)]), "en")
    assert FakeEngine.threads - {threading.get_ident()}


class FakeEngine:
    """Hears nothing, and notes which threads asked."""

    languages = ("en",)
    threads: ClassVar[set[int]] = set()

    def detect(self, windows: Sequence[Waveform]) -> tuple[Mapping[str, float], ...]:
        return tuple({"en": 1.0} for _ in windows)

    def decode(self, windows: Sequence[Waveform], decoding: Decoding) -> tuple[Hypothesis, ...]:
        self.threads.add(threading.get_ident())
        return tuple(Hypothesis((), "", window.duration, -0.1, 0.9) for window in windows)
