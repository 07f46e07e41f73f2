"""Which engine is taken for which model, device and setting."""

from pathlib import Path

import pytest

from meeting_app.config import AsrConfig
from meeting_app.errors import ConfigError, ModelError
from pipelines.asr import choice, whisper_ct2, whisper_torch
from pipelines.device import Device

CPU = Device("cpu", "float32", 2)
CUDA = Device("cuda", "float16", 2)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, object, object]]:
    """What was opened: engine, device, precision; no model is loaded."""
    calls: list[tuple[str, object, object]] = []

    def ct2(folder: Path, config: AsrConfig, device: str, kind: str | None, threads: int) -> None:
        calls.append(("ctranslate2", device, kind))

    def by_torch(folder: Path, config: AsrConfig, device: str, threads: int) -> None:
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


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no Whisper"):
        choice.open_recognizer(tmp_path, AsrConfig(), CPU)
