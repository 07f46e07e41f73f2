"""What the command line is tested with in place of networks and their store."""

import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from meeting_app.cli import main
from meeting_app.domain import ProcessingOptions
from meeting_app.errors import NetworkError, UnknownModelError
from pipelines.weights.catalogue import ModelEntry, ModelFile
from pipelines.weights.pull import PullProgress
from pipelines.weights.store import ModelStatus
from tests import fakes_jobs

# Name → files that are missing, files that are damaged.
STATES = {"whisper-base": ((), ()), "minilm-l6-v2": (("a.bin",), ()), "x": ((), ("a.bin",))}


class FakeWeights:
    """A store with three models, of which one is here and one is damaged."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pulled: list[str] = []
        self.has_network = True

    def get(self, name: str, report: Callable[[PullProgress], None] = lambda _: None) -> Path:
        if name == "no-such":
            raise UnknownModelError("no-such: no such model; did you mean x?")
        if not self.has_network:
            raise NetworkError(f"{name}: cannot be fetched; check the network")
        self.pulled.append(name)
        report(PullProgress(name, "a.bin", 5_000_000, 10_000_000))
        return self.folder

    def status(self) -> tuple[ModelStatus, ...]:
        return tuple(self.verify(name) for name in STATES)

    def verify(self, name: str) -> ModelStatus:
        missing, damaged = STATES[name]
        files = (ModelFile("a.bin", 2_000_000, "0" * 64),)
        entry = ModelEntry(name, f"The {name} model", "MIT", True, files, ())
        return ModelStatus(entry, Path("models") / name, missing, damaged, 0)

    def embedded(self) -> tuple[str, ...]:
        return tuple(STATES)


@dataclass
class Fakes:
    """What stands in for the networks, and what was asked of it."""

    weights: FakeWeights
    stages: fakes_jobs.Stages = field(default_factory=fakes_jobs.Stages)
    asked: list[ProcessingOptions] = field(default_factory=list)

    def pipeline(self, waveform, title, options, *rest):  # type: ignore[no-untyped-def]
        self.asked.append(options)
        return self.stages.pipeline(waveform, title, options, *rest)

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        return np.ones((len(texts), 4), dtype=np.float32)


Run = Callable[..., "Call"]


class Call:
    """One run of the program and what it left."""

    def __init__(self, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        self.code = ended.value.code or 0
        self.out, self.err = capsys.readouterr()


def a_recording(path: Path) -> Path:
    """A second of a tone."""
    path.parent.mkdir(exist_ok=True, parents=True)
    tone = (np.sin(np.arange(16_000) / 5) * 9_000).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(tone.tobytes())
    return path
