"""Heavy libraries are loaded only by what needs them."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_architecture import ROOT, WRAPPED_IN


def _loaded_by(code: str) -> set[str]:
    """Top-level modules in memory after a fresh interpreter ran ``code``."""
    script = f"{code}\nimport sys\nprint('\\n'.join(sys.modules), file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {line.split(".")[0] for line in done.stderr.splitlines()}


RUN_HELP = """
from meeting_app.cli import main
try:
    main({arguments})
except SystemExit as done:
    assert done.code == 0, done.code
"""
HEAVY = {*WRAPPED_IN} - {"typer", "rich"} | {"numpy", "pyannote", "pandas", "matplotlib"}


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert not _loaded_by("import meeting_app") & {*WRAPPED_IN, "numpy"}


def test_speakers_are_decided_anew_without_a_model_library() -> None:
    loaded = _loaded_by("import pipelines.diarization.reclustering")
    assert not loaded & {"torch", "speechbrain", "scipy"}


@pytest.mark.parametrize("arguments", [["--help"], ["transcribe", "--help"], ["--version"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    assert not _loaded_by(RUN_HELP.format(arguments=arguments)) & HEAVY


@pytest.mark.slow
def test_listing_the_library_loads_no_model_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEETING_APP_HOME", str(tmp_path))
    loaded = _loaded_by(RUN_HELP.format(arguments=["list"]))
    assert "sqlalchemy" in loaded
    assert not loaded & {"torch", "gradio", "speechbrain", "faster_whisper", "keybert", "sklearn"}
