"""What the doctor sees and says."""

import shutil
import socket
import threading
from collections import namedtuple
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from meeting_app.bootstrap import Application
from meeting_app.config import Config, override
from meeting_app.doctor import Check, check_database, check_disk, check_models, check_page, examine
from tests.fakes_cli import FakeWeights


def _application(home: Path, **settings: object) -> Application:
    config = override(override(Config(), "storage.home", home), "device.name", "cpu")
    for key, value in settings.items():
        config = override(config, key.replace("__", "."), value)
    return Application(config)


@pytest.fixture(autouse=True)
def _fake_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Application, "weights", FakeWeights(tmp_path))


def test_every_part_of_the_machine_is_looked_at(tmp_path: Path) -> None:
    checks = examine(_application(tmp_path, device__num_threads=3))
    assert [check.name for check in checks] == ["device", "models", "disk", "database", "page"]
    assert checks[0] == Check("device", True, "cpu in float32, 3 CPU threads")


def test_a_check_that_fails_does_not_keep_the_others_from_being_made(tmp_path: Path) -> None:
    (tmp_path / "library.sqlite3").write_text("not a database, but long enough to be one" * 40)
    checks = {check.name: check for check in examine(_application(tmp_path))}
    assert not checks["database"].is_ok
    assert "library.sqlite3" in checks["database"].finding
    assert checks["disk"].is_ok


def test_an_empty_library_is_in_order(tmp_path: Path) -> None:
    found = check_database(_application(tmp_path / "new"))
    assert found == Check("database", True, "0 meetings, 0 jobs waiting or running")


def test_a_model_that_is_not_here_is_to_be_pulled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Application, "models_for", lambda app, _: ("whisper-base", "minilm-l6-v2"))
    found = check_models(_application(tmp_path))
    assert not found.is_ok
    assert found.advice == "run `meeting-app models pull minilm-l6-v2`"


def test_a_model_that_nobody_knows_is_to_be_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Application, "models_for", lambda app, _: ("whisper-base", "whisper-bass"))
    found = check_models(_application(tmp_path))
    assert (found.is_ok, found.finding) == (False, "whisper-bass: not in the catalogue")


def test_all_models_here_is_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Application, "models_for", lambda app, _: ("whisper-base",))
    assert check_models(_application(tmp_path)) == Check("models", True, "1 in models")


Usage = namedtuple("Usage", "total used free")


@pytest.mark.parametrize(("free", "is_ok"), [(2 << 30, True), ((2 << 30) - 1, False)])
def test_less_than_two_gib_is_too_little_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, is_ok: bool
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(1 << 40, 0, free))
    found = check_disk(_application(tmp_path / "not" / "yet" / "made"))
    assert found.is_ok is is_ok
    assert found.finding.startswith("2.1 GB free")
    assert (found.advice is None) is is_ok


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def test_a_free_port_can_be_served(tmp_path: Path, port: int) -> None:
    found = check_page(_application(tmp_path, server__port=port))
    assert (found.is_ok, found.finding) == (True, f"http://127.0.0.1:{port} is free")


class Page(BaseHTTPRequestHandler):
    """Answers like ours at one address only."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/api/health" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def page(port: int) -> Iterator[int]:
    with HTTPServer(("127.0.0.1", port), Page) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield port
        server.shutdown()
        thread.join()


def test_a_page_that_answers_is_in_order(tmp_path: Path, page: int) -> None:
    found = check_page(_application(tmp_path, server__port=page))
    assert found.is_ok
    assert "answers" in found.finding


def test_a_port_of_another_program_is_to_be_changed(
    tmp_path: Path, page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Page, "do_GET", lambda self: self.send_error(404))
    found = check_page(_application(tmp_path, server__port=page))
    assert not found.is_ok
    assert "choose another port" in (found.advice or "")
