"""`meeting-app live` against a real server: what is sent is what is recorded and sealed."""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from meeting_app.api import create_app
from meeting_app.cli.live_client import LiveClient
from meeting_app.config import LiveConfig, ServerConfig
from meeting_app.domain import MediaFacts
from meeting_app.domain.live_messages import RecordNew
from meeting_app.errors import LiveError
from meeting_app.live.service import LiveService
from storage.repository import LiveStore
from tests.fakes_cli import Run
from tests.fakes_live import Deaf
from tests.meeting_app.conftest import App
from tests.ui.serving import serving


class Quiet:
    """A screen that remembers."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def show(self, message: object) -> None:
        pass

    def note(self, text: str) -> None:
        self.notes.append(text)


class Server:
    def __init__(self, home: Path) -> None:
        self.app = App(home)
        self.app.service._probe = lambda path, _: MediaFacts("au", "pcm_s16be", 1.0)
        self.live = LiveService(LiveStore(home), self.app.service, Deaf(8), LiveConfig())

    def blocks(self, num_blocks: int, cut_at: int | None = None) -> Iterator[np.ndarray]:
        """Sound that tells its number; the connection is cut in the middle of it."""
        for number in range(num_blocks):
            if number == cut_at:
                while not (found := self.live.entries()) or not found[0].position:
                    time.sleep(0.01)
                entry = found[0]
                session = self.live._places.awake[entry.id].session
                session._recorder.is_over = True  # its connection is closed with the next news
                session._recorder._wake()
            yield np.full(1600, number, np.int16)

    def sealed_sound(self) -> np.ndarray:
        (path,) = (self.app.home / "media").glob("*/*/original.au")
        return np.frombuffer(path.read_bytes()[128:], ">i2")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    found = Server(tmp_path / "served")
    with found.live:
        yield found
    found.app.repository.close()


@pytest.mark.parametrize("cut_at", [None, 7])
def test_every_block_is_in_the_library_once_whatever_is_cut(
    server: Server, cut_at: int | None
) -> None:
    worker, screen = server.app.worker(), Quiet()
    web = create_app(server.app.service, ServerConfig(), server.live)
    with serving(web) as address:
        client = LiveClient(address, {}, RecordNew("Weekly", None), screen)
        run = client._turn

        def turn():
            worker.run_next()  # stands in for the process beside the server
            return run()

        client._turn = turn
        sealed = client.run(server.blocks(20, cut_at))
    assert np.array_equal(server.sealed_sound(), np.repeat(np.arange(20), 1600))
    assert server.app.service.meeting(sealed.meeting_id).meeting.title == "Weekly"


def test_a_server_that_is_not_there_is_an_error() -> None:
    client = LiveClient("http://127.0.0.1:9", {}, RecordNew(), Quiet())
    with pytest.raises(LiveError, match="cannot connect"):
        client.run(iter([]))


def test_a_recording_or_a_microphone_is_asked_for(run: Run, standup: Path) -> None:
    for arguments in (["live"], ["live", standup, "--device", "x"]):
        call = run(*arguments)
        assert (call.code, "give a FILE, or --device NAME" in call.err) == (2, True)


def test_a_given_server_that_does_not_answer_is_said_so(run: Run, standup: Path) -> None:
    call = run("live", standup, "--url", "http://127.0.0.1:9")
    assert call.code == 2
    assert "meeting-app serve" in call.err


def test_a_microphone_that_is_not_there_is_said_so(run: Run) -> None:
    call = run("live", "--device", "no-such-device")
    assert call.code in (1, 2)
    assert "no-such-device" in call.err
