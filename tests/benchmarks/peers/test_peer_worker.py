"""Programs in processes of their own, and how they are spoken with."""

import sys
from pathlib import Path

import pytest

from benchmarks.peers.errors import PeerFailedError, PeerUnavailableError
from benchmarks.peers.programs import SERVER
from benchmarks.peers.worker import Worker

pytestmark = pytest.mark.slow

ECHO = """
def load(weights):
    print("loaded from", weights["model"])
    return lambda audio: {"heard": audio, "from": weights["model"]}
"""
FAILS_ON_ONE = """
def load(weights):
    def hear(audio):
        if audio.endswith("bad.wav"):
            raise ValueError("no sound in it")
        return {"heard": audio}
    return hear
"""
CRASHES = """
import os, sys
def load(weights):
    def hear(audio):
        sys.stderr.write("out of luck\\n")
        sys.stderr.flush()
        os._exit(7)
    return hear
"""
CALLS_HOME = """
import socket
def load(weights):
    return lambda audio: {"connected": socket.create_connection(("127.0.0.1", 9))}
"""
HOLDS_MEMORY = """
import time
def load(weights):
    def hear(audio):
        block = bytearray(b"1") * (150 << 20)
        time.sleep(0.2)
        return {"size": len(block)}
    return hear
"""


def worker(folder: Path, script: str) -> Worker:
    path = folder / "program.py"
    path.write_text(script)
    return Worker("program", [sys.executable, "-I", SERVER, path, '{"model": "folder"}'])


def test_answers_come_one_for_one_past_what_the_program_prints(tmp_path: Path) -> None:
    with worker(tmp_path, ECHO) as program:
        first, _ = program.hear(Path("a.wav"))
        second, _ = program.hear(Path("b.wav"))
    assert first == {"heard": "a.wav", "from": "folder"}
    assert second == {"heard": "b.wav", "from": "folder"}
    assert not program.is_alive


def test_failure_on_one_recording_leaves_the_program_alive(tmp_path: Path) -> None:
    with worker(tmp_path, FAILS_ON_ONE) as program:
        with pytest.raises(PeerFailedError, match=r"program: bad.wav: ValueError: no sound in it"):
            program.hear(Path("bad.wav"))
        assert program.is_alive
        assert program.hear(Path("good.wav"))[0] == {"heard": "good.wav"}


def test_crash_is_told_with_code_and_last_words(tmp_path: Path) -> None:
    with worker(tmp_path, CRASHES) as program:
        with pytest.raises(PeerFailedError, match="program: ended with code 7: out of luck"):
            program.hear(Path("a.wav"))
        assert not program.is_alive
        with pytest.raises(PeerFailedError, match="not running"):
            program.hear(Path("b.wav"))


def test_program_that_cannot_load_is_unavailable(tmp_path: Path) -> None:
    with (
        pytest.raises(PeerUnavailableError, match="No module named 'nowhere'"),
        worker(tmp_path, "import nowhere\n"),
    ):
        pass


def test_rubbish_is_no_answer_and_ends_the_program() -> None:
    script = (
        "print('{\"ready\": true}', flush=True); input(); print('Traceback', flush=True); input()"
    )
    with Worker("program", [sys.executable, "-c", script]) as program:
        with pytest.raises(PeerFailedError, match=r"said 'Traceback\\n', which is no answer"):
            program.hear(Path("a.wav"))
        assert not program.is_alive


def test_program_with_another_greeting_is_unavailable() -> None:
    with (
        pytest.raises(PeerUnavailableError, match="hello"),
        Worker("program", [sys.executable, "-c", "print('{\"hello\": 1}')"]),
    ):
        pass


def test_network_is_refused(tmp_path: Path) -> None:
    with (
        worker(tmp_path, CALLS_HOME) as program,
        pytest.raises(PeerFailedError, match="PermissionError: the network is off"),
    ):
        program.hear(Path("a.wav"))


def test_peak_memory_is_that_of_the_program(tmp_path: Path) -> None:
    with worker(tmp_path, HOLDS_MEMORY) as program:
        _, peak = program.hear(Path("a.wav"))
    assert 150 << 20 < peak < 250 << 20
