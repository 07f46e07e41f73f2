"""Everything on the command line but `transcribe`: library, models, server, system."""

import io
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from meeting_app import __version__
from meeting_app.cli.formats import FILE_FORMATS, FORMAT_NAMES, SCREEN_FORMAT
from meeting_app.cli.server import workers
from meeting_app.cli.system import settings_table
from meeting_app.formats import FORMATS
from meeting_app.processes import ChildProcess
from tests.fakes_cli import Fakes, Run

ROOT = Path(__file__).resolve().parents[3]


def test_version_is_that_of_the_package(run: Run) -> None:
    assert run("--version").out == f"meeting-app {__version__}\n"


def test_help_names_every_exit_code(run: Run) -> None:
    epilog = run("--help").out.split("Exit codes:")[1]
    assert [word for word in epilog.split() if word.isdecimal()] == ["0", "1", "2", "3", "130"]


def test_the_formats_of_the_help_are_the_formats_there_are() -> None:
    assert ", ".join(FORMATS) == FORMAT_NAMES
    assert {*FILE_FORMATS, SCREEN_FORMAT} <= {*FORMATS}


def test_a_wrong_setting_exits_with_2(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "my.yaml"
    path.write_text("asr:\n  modle: x\n")
    call = run("--config", path, "list")
    assert call.code == 2
    assert call.err == "error: asr.modle: no such setting; did you mean asr.model?\n"


def test_an_empty_library_says_how_to_fill_it(run: Run) -> None:
    assert "meeting-app transcribe FILE" in run("list").out


def test_the_list_has_a_line_for_each_meeting(run: Run, meeting_id: str) -> None:
    header, row = run("list").out.splitlines()
    assert header.split() == [
        *("id", "added", "length", "language", "title", "speakers", "folder", "tags")
    ]
    assert row.split()[0] == meeting_id
    assert row.split()[3:] == ["00:01", "en", "standup", "Speaker", "1,", "Speaker", "2", "–", "–"]


def test_show_prints_the_meeting(run: Run, meeting_id: str) -> None:
    assert "Speaker 2: I will write the notes." in run("show", meeting_id).out


def test_search_finds_the_turn_and_its_speaker(run: Run, meeting_id: str) -> None:
    (line,) = run("search", "notes", "write").out.splitlines()
    assert line.startswith(f"{meeting_id}  standup  [")
    assert "Speaker 2: I will write the notes." in line


def test_search_says_when_nothing_was_found(run: Run, meeting_id: str) -> None:
    call = run("search", "elephant")
    assert (call.code, call.out) == (0, "Nothing found.\n")


def test_export_writes_the_named_file(run: Run, meeting_id: str, tmp_path: Path) -> None:
    target = tmp_path / "deep" / "minutes.docx"
    assert run("export", meeting_id, "--format", "docx", "--output", target).code == 0
    assert target.read_bytes().startswith(b"PK")
    assert [path.name for path in target.parent.iterdir()] == ["minutes.docx"]


def test_export_names_the_file_after_the_meeting(
    run: Run, meeting_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("export", meeting_id, "--format", "srt").out == "standup.srt\n"
    assert (tmp_path / "standup.srt").exists()


def test_export_into_an_impossible_place_fails_and_leaves_nothing(
    run: Run, meeting_id: str, standup: Path
) -> None:
    before = standup.read_bytes()
    call = run("export", meeting_id, "--format", "txt", "--output", standup / "x.txt")
    assert call.code == 1
    assert "cannot be written" in call.err
    assert standup.read_bytes() == before


def test_delete_forgets_the_meeting_and_its_recording(
    run: Run, meeting_id: str, tmp_path: Path
) -> None:
    assert run("delete", meeting_id, "--for-good", "--yes").out == "deleted standup\n"
    assert "empty" in run("list").out
    assert not list((tmp_path / "home").rglob("original.*"))


@pytest.mark.parametrize(
    "arguments",
    [("show", "x"), ("export", "x", "--format", "txt"), ("delete", "x", "--yes")],
    ids=lambda arguments: arguments[0],
)
def test_an_unknown_meeting_is_one_line_and_exit_1(run: Run, arguments: tuple[str, ...]) -> None:
    call = run(*arguments)
    assert call.code == 1
    assert call.err.startswith("error: x: no such meeting")
    assert call.err.count("\n") == 1


def test_models_list_says_what_is_here(run: Run) -> None:
    rows = {line.split()[0]: line.split()[-1] for line in run("models", "list").out.splitlines()}
    assert rows == {"name": "here", "whisper-base": "yes", "minilm-l6-v2": "no", "x": "damaged"}


def test_models_pull_takes_the_embedded_set_or_what_is_named(run: Run, fakes: Fakes) -> None:
    assert run("models", "pull").code == 0
    assert fakes.weights.pulled == ["whisper-base", "minilm-l6-v2", "x"]
    assert run("models", "pull", "x").code == 0
    assert fakes.weights.pulled[3:] == ["x"]
    assert run("models", "pull", "no-such").code == 3


def test_models_verify_looks_at_what_is_here_and_exits_with_3_for_damage(
    run: Run,
) -> None:
    call = run("models", "verify")
    assert call.out == "whisper-base: ok\nx: missing or damaged: a.bin\n"
    assert call.code == 3
    assert "meeting-app models pull x" in call.err
    assert run("models", "verify", "whisper-base").code == 0


def test_doctor_says_what_is_missing_and_what_to_do(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEETING_APP_DEVICE_NAME", "cpu")
    call = run("doctor")
    assert call.code == 1
    assert "ok    database: 0 meetings, 0 jobs waiting or running" in call.out
    assert "FAIL  models: " in call.out


def test_settings_of_the_documentation_are_those_of_the_program(run: Run) -> None:
    table = settings_table()
    assert run("settings").out == table
    documented = (ROOT / "configs" / "README.md").read_text(encoding="utf-8")
    assert documented.endswith(table), "write the output of `meeting-app settings` to its end"


def test_the_server_says_when_its_port_is_taken(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        call = run("serve", "--port", other.getsockname()[1])
    assert call.code == 2
    assert "choose another --port" in call.err


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


READ_TO_END = "import sys; sys.stdin.buffer.read()"


def test_a_worker_that_dies_is_started_again_and_ends_with_the_server() -> None:
    with ChildProcess((sys.executable, "-c", READ_TO_END), first_pause=0.01) as process:
        first = process.pid
        os.kill(first, signal.SIGKILL)
        _until(lambda: process.pid != first)
        second = process.pid
        assert _is_alive(second)
    assert not _is_alive(second)


NAME_DEVICE = """
import os, pathlib, sys
device = os.environ["CUDA_VISIBLE_DEVICES"]
pathlib.Path(sys.argv[1], device).touch()
sys.stdin.buffer.read()
"""


def test_every_device_has_a_worker_of_its_own(tmp_path: Path) -> None:
    environments = [{"CUDA_VISIBLE_DEVICES": name} for name in ("0", "3")]
    folder = tmp_path / "devices"
    folder.mkdir()
    command = (sys.executable, "-c", NAME_DEVICE, str(folder))
    with workers(command, environments) as started:
        _until(lambda: {path.name for path in folder.iterdir()} == {"0", "3"})
        assert len({process.pid for process in started}) == 2
    assert not any(_is_alive(process.pid) for process in started)


class ClosedInput:
    buffer = io.BytesIO()


def test_the_worker_of_a_server_ends_when_its_server_is_gone(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    handled: dict[int, object] = {}
    monkeypatch.setattr(signal, "signal", handled.__setitem__)
    monkeypatch.setattr(sys, "stdin", ClosedInput())
    assert run("worker", "--until-stdin-closes").code == 0
    # Ctrl-C in a terminal reaches the worker too, and must not take its job from it.
    assert handled[signal.SIGINT] is signal.SIG_IGN


def test_sigterm_lets_a_worker_end_in_peace(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def deliver(number: int, handler: Callable[..., None]) -> None:
        assert number == signal.SIGTERM
        handler(number, None)

    monkeypatch.setattr(signal, "signal", deliver)
    assert run("worker").code == 0
