"""Which engine understands a model, and which of them is used."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from meeting_app.config import AsrConfig
from meeting_app.errors import ConfigError
from pipelines.asr.by_language import ByLanguage
from pipelines.asr.engine import Notify, ignore_notice
from pipelines.asr.moonshine import ENCODER_FILE
from pipelines.asr.recognizer import WhisperRecognizer
from pipelines.asr.scheduling import Lane
from pipelines.device import Device


def open_live_recognizer(
    folder: Path, others: Mapping[str, Path], config: AsrConfig, device: Device
) -> ByLanguage:
    """The recogniser that all running meetings share, from whatever thread; errors as below.

    Args:
        folder: of the model that understands what the others do not.
        others: folders of models for one language each, by ISO 639-1 code.
        config: of the recognition.
        device: to compute on.
    """
    # An utterance brings its own padding, and whoever reads along waits for one alone. The first
    # pass and the voices work meanwhile: threads that wait for a core that those have would keep
    # each other waiting.
    own = replace(config, padding=0.0, num_workers=1)
    half = replace(device, num_threads=max(1, device.num_threads // 2))
    own_language = {code: open_recognizer(other, own, half) for code, other in others.items()}
    return ByLanguage(open_recognizer(folder, own, half), own_language).shared(Lane.LIVE)


def open_recognizer(
    folder: Path, config: AsrConfig, device: Device, notify: Notify = ignore_notice
) -> WhisperRecognizer:
    """The recogniser of the model in ``folder``, as ``config.engine`` asks.

    Args:
        folder: of the model.
        config: of the recognition.
        device: to compute on.
        notify: is told when memory runs out and what is done about it, for as long as the
            recogniser is used.

    Raises:
        ConfigError: that engine cannot read this model.
        ModelError: the folder holds no model, or it cannot be loaded.
    """
    is_ctranslate2 = (folder / "model.bin").is_file()
    if config.engine == "ctranslate2" and not is_ctranslate2:
        raise ConfigError(
            f"asr.engine: ctranslate2, but {folder} holds no model.bin; set auto or torch, "
            "or convert the model"
        )
    is_torch = config.engine == "torch" or (config.engine == "auto" and device.name == "cuda")
    if (folder / ENCODER_FILE).is_file():
        from pipelines.asr.moonshine.engine import MoonshineRecognizer

        return MoonshineRecognizer(folder, config, device)
    if not is_ctranslate2 and _kind(folder) not in (None, "whisper"):
        from pipelines.asr.hugging_face import HuggingFaceRecognizer

        return HuggingFaceRecognizer(folder, config, device.name, notify)
    if is_torch or not is_ctranslate2:
        from pipelines.asr.whisper_torch import WhisperTorch

        return WhisperTorch(folder, config, device.name, device.num_threads, notify)
    from pipelines.asr.whisper_ct2 import WhisperCt2

    precision = None if config.precision == "auto" else config.precision
    return WhisperCt2(
        folder, config, device.name, precision, device.num_threads, config.num_workers
    )


def _kind(folder: Path) -> str | None:
    """The architecture as Hugging Face's config.json names it; None where nothing says it."""
    try:
        facts = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    kind = facts.get("model_type") if isinstance(facts, dict) else None
    return kind if isinstance(kind, str) else None
