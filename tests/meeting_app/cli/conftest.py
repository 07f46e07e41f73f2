"""The program as a user calls it, on a real library in a temporary folder."""

from pathlib import Path

import pytest

from meeting_app.bootstrap import Application
from tests.fakes_cli import Call, Fakes, FakeWeights, Run, a_recording
from tests.libraries import empty_library


@pytest.fixture(autouse=True)
def fakes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fakes:
    """The real application, down to the networks."""
    (tmp_path / "models").mkdir()
    found = Fakes(FakeWeights(tmp_path / "models"))
    monkeypatch.setattr(Application, "weights", found.weights)
    monkeypatch.setattr(Application, "pipeline", found.pipeline)
    monkeypatch.setattr(Application, "embedder", staticmethod(found.embed))
    monkeypatch.setenv("MEETING_APP_HOME", str(tmp_path / "home"))
    empty_library(tmp_path / "home").close()
    return found


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return lambda *arguments: Call(capsys, tuple(map(str, arguments)))


@pytest.fixture
def standup(tmp_path: Path) -> Path:
    return a_recording(tmp_path / "standup.wav")


@pytest.fixture
def meeting_id(run: Run, standup: Path) -> str:
    run("transcribe", standup)
    return run("list").out.splitlines()[1].split()[0]
