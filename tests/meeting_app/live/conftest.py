"""Running meetings with a recognition and a clock that do what the test says."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from meeting_app.config import LiveConfig
from meeting_app.domain.live_messages import (
    AudioFrame,
    EngineOrder,
    Hello,
    ListenTo,
    RecordNew,
    RecordOn,
    Watch,
)
from meeting_app.live.service import LiveService, Seat
from storage import live as storage_live
from storage.repository import LiveStore
from tests.meeting_app.conftest import App


class FakeRecognition:
    """Notes its orders; the test reports in its place."""

    def __init__(self) -> None:
        self.orders: list[EngineOrder] = []
        self.listener: LiveService | None = None

    def start(self, listener: LiveService) -> None:
        self.listener = listener

    def stop(self) -> None:
        self.listener = None

    def order(self, order: EngineOrder) -> None:
        self.orders.append(order)

    def opened(self) -> list[ListenTo]:
        return [order for order in self.orders if isinstance(order, ListenTo)]


class Clock:
    """Stands still until it is told otherwise."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def a_frame(number: int, num_samples: int = 1600) -> AudioFrame:
    """A tenth of a second whose samples tell its number."""
    return AudioFrame(number, np.full(num_samples, number + 1, np.int16))


class Client:
    """One connection."""

    def __init__(self, room: "Room", hello: Hello) -> None:
        self.num_wakes = 0
        self.seat: Seat = room.live.join(hello, self._wake)
        self.welcome = self.take()[0]

    def _wake(self) -> None:
        self.num_wakes += 1

    def take(self, *kinds: str) -> list[dict]:
        """What was said since; only some kinds if given."""
        found = [json.loads(text) for text in self.seat.take()]
        return [message for message in found if not kinds or message["type"] in kinds]

    def send(self, *numbers: int) -> None:
        for number in numbers:
            self.seat.receive(a_frame(number))

    @property
    def id(self) -> str:
        return self.welcome["meeting"]

    def on(self) -> RecordOn:
        """The hello with which this recorder comes back."""
        return RecordOn(self.id, self.welcome["token"])


@dataclass
class Room:
    """A library and its running meetings."""

    app: App
    config: LiveConfig = field(default_factory=LiveConfig)
    recognition: FakeRecognition = field(default_factory=FakeRecognition)
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.store = LiveStore(self.app.home)
        self.live = self._service()

    def _service(self) -> LiveService:
        service = LiveService(
            self.store, self.app.service, self.recognition, self.config, self.clock
        )
        service.recover()
        self.recognition.start(service)
        service.recognition_ready(4)
        return service

    def restart(self) -> None:
        """As after `kill -9`: nothing is closed properly, and another process begins."""
        old, self.recognition = self.live, FakeRecognition()
        self.live = self._service()
        for place in old._all():
            place.session.close()  # the test's own process would otherwise run out of files

    def record(self, title: str | None = "Weekly", language: str | None = "en") -> Client:
        return Client(self, RecordNew(title, language))

    def join(self, hello: Hello) -> Client:
        return Client(self, hello)

    def watch(self, meeting_id: str) -> Client:
        return Client(self, Watch(meeting_id))

    def wait(self, seconds: float) -> None:
        self.clock.now += seconds
        self.live.tick()

    def sound(self, meeting_id: str) -> np.ndarray:
        """The samples on disk."""
        path = self.app.home / "live" / meeting_id / "sound.au"
        return np.frombuffer(path.read_bytes()[128:], ">i2").astype(np.int16)

    def seal(self) -> None:
        """Everything that leads to a sealed meeting, worker included."""
        self.live.seal()
        while self.app.worker().run_next() is not None:
            continue
        self.live.seal()


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    # Whether the disk has it is not asked here, and costs minutes on a busy one.
    monkeypatch.setattr(storage_live.os, "fsync", lambda _: None)
    app = App(tmp_path / "home")
    app.service._probe = _probe_anything
    found = Room(app)
    yield found
    found.live.close()
    app.repository.close()


def _probe_anything(path: Path, filename: str):
    from meeting_app.domain import MediaFacts

    return MediaFacts("au", "pcm_s16be", path.stat().st_size / 32_000)
