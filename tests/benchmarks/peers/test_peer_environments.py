"""Environments are made once, from locked requirements, by whichever uv there is."""

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.peers.environments import python_of
from benchmarks.peers.errors import PeerUnavailableError
from benchmarks.peers.programs import FASTER_WHISPER, PEERS, PYANNOTE, SENKO, Program

PROGRAMS = (PYANNOTE, SENKO, FASTER_WHISPER)


@dataclass(frozen=True)
class Locked(Program):
    """A program whose requirements the test writes."""

    lock: Path = Path()

    @property
    def requirements(self) -> Path:
        return self.lock


@pytest.fixture
def program(tmp_path: Path) -> Locked:
    lock = tmp_path / "program.lock"
    lock.write_text("one==1.0\n")
    return Locked("program", lock=lock)


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the uv that is found writes how it was called; it makes an empty interpreter."""
    folder = tmp_path / "bin"
    folder.mkdir()
    log = tmp_path / "uv.log"
    script = folder / "uv"
    script.write_text(
        f'#!/bin/sh\necho "$1 index=$UV_DEFAULT_INDEX venv=$VIRTUAL_ENV" >> {log}\n'
        'for last in "$@"; do :; done\n'
        'if [ "$1" = venv ]; then mkdir -p "$last/bin"; : > "$last/bin/python"; '
        'elif [ "$(cat "$last")" = broken ]; then echo "no such version" >&2; exit 1; fi\n'
    )
    script.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    return log


def environ(**settings: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "PIP_CONFIG_FILE": os.devnull, **settings}


def test_environment_is_made_once_and_again_when_the_requirements_change(
    program: Locked, log: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    python = python_of(program, cache, environ())
    assert python == cache / "program" / "bin" / "python"
    assert python_of(program, cache, environ()) == python
    assert log.read_text().count("venv index") == 1
    program.lock.write_text("one==2.0\n")
    python_of(program, cache, environ())
    assert log.read_text().count("venv index") == 2


def test_index_that_pip_would_ask_is_handed_on_and_no_environment_is_active(
    program: Locked, log: Path, tmp_path: Path
) -> None:
    settings = environ(PIP_INDEX_URL="file:///mirror", VIRTUAL_ENV="/some/where")
    python_of(program, tmp_path / "cache", settings)
    assert log.read_text().splitlines() == [
        "venv index=file:///mirror venv=",
        "pip index=file:///mirror venv=",
    ]


def test_half_made_environment_is_not_taken_for_one(
    program: Locked, log: Path, tmp_path: Path
) -> None:
    program.lock.write_text("broken")
    for _ in range(2):
        with pytest.raises(PeerUnavailableError, match=r"`uv pip` failed \(no such version\)"):
            python_of(program, tmp_path / "cache", environ())
    assert log.read_text().count("venv index") == 2


def test_missing_uv_is_named_with_what_to_do(
    program: Locked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(PeerUnavailableError, match=r"uv: neither in .*; run `make install`"):
        python_of(program, tmp_path / "cache", environ(PATH=str(tmp_path)))


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_every_requirement_is_locked_by_hashes_and_names_no_place(program: Program) -> None:
    lock = program.requirements.read_text()
    pinned = re.findall(r"^[a-z0-9._-]+==", lock, flags=re.MULTILINE)
    assert len(pinned) == len(set(pinned)) or "python_full_version" in lock
    assert lock.count("--hash=sha256:") >= len(pinned) > 10
    assert "://" not in lock


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_program_has_a_worker_that_compiles(program: Program) -> None:
    compile(program.script.read_text(), program.script.name, "exec")
    assert "def load(" in program.script.read_text()


def test_fingerprint_tells_programs_apart() -> None:
    assert len({program.fingerprint for program in PROGRAMS}) == len(PROGRAMS)


def test_whisperx_stands_on_the_diarization_of_pyannote() -> None:
    assert PEERS["whisperx"][1] is PEERS["pyannote"][0]
