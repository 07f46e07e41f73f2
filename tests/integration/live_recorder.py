"""A recorder for fault tests: it knows every sample that it made and every one that is safe."""

import json
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

FRAME = 640  # samples, 40 ms
RATE = 16_000
PATIENCE = 60.0  # seconds; a busy machine takes twenty for what an idle one does in one

Message = dict[str, Any]
Samples = npt.NDArray[np.int16]


def sound(first: int, count: int) -> Samples:
    """Samples that say where they belong: no two stretches of the first hour are alike."""
    index = np.arange(first, first + count, dtype=np.int64)
    return ((index * 7_919 + (index // 65_521) * 31) % 65_521 - 32_760).astype(np.int16)


def frame(number: int) -> bytes:
    """The message of a frame of the sound."""
    return struct.pack("<I", number) + sound(number * FRAME, FRAME).astype("<i2").tobytes()


def decoded(path: Path) -> Samples:
    """What any player makes of a file."""
    with av.open(str(path)) as container:
        assert container.streams.audio[0].rate == RATE
        pieces = [f.to_ndarray()[0] for f in container.decode(audio=0)]
    return np.concatenate(pieces) if pieces else np.zeros(0, np.int16)


def until(is_so: Callable[[], object], what: str = "", patience: float = PATIENCE) -> None:
    """Waits until it is so."""
    deadline = time.monotonic() + patience
    while not is_so():
        assert time.monotonic() < deadline, f"not in {patience} s: {what}"
        time.sleep(0.01)


class Client:
    """A connection whose messages are read by a thread of its own."""

    def __init__(self, address: str, hello: Message, *, is_reading: bool = True) -> None:
        self._connecting = connect(
            f"{address.replace('http', 'ws', 1)}/ws/live",
            max_size=None,
            compression=None,
            proxy=None,
            close_timeout=1,
        )
        self.socket: ClientConnection = self._connecting.__enter__()
        self.messages: list[Message] = []
        self.is_closed = threading.Event()
        self.tell({"version": 1, "type": "hello"} | hello)
        if is_reading:
            self.read()

    def read(self) -> None:
        """From now on every message is taken."""
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        with suppress(ConnectionClosed):
            for text in self.socket:
                message = json.loads(text)
                self.messages.append(message)
                self.on_message(message)
        self.is_closed.set()

    def on_message(self, message: Message) -> None:
        """For those who want to know at once."""

    def tell(self, message: Message) -> None:
        """A text message."""
        self.socket.send(json.dumps(message))

    def first(self, kind: str, **facts: object) -> Message:
        """The first message of a kind with such fields, when it has come."""
        until(lambda: self.all(kind, **facts) or self.is_closed.is_set(), f"{kind} {facts}")
        found = self.all(kind, **facts)
        assert found, f"closed without {kind} {facts}: {self.messages[-3:]}"
        return found[0]

    def all(self, kind: str, **facts: object) -> list[Message]:
        """The messages of a kind that have come."""
        return [
            m
            for m in list(self.messages)
            if m["type"] == kind and all(m.get(k) == v for k, v in facts.items())
        ]

    def final_words(self) -> list[str]:
        """The words of all final lines, those of the state included, in order."""
        lines: dict[int, list[str]] = {}
        for message in list(self.messages):
            if message["type"] == "state":
                lines |= {
                    m["id"]: [w[0] for w in m["words"]] for m in message["lines"] if m["final"]
                }
            elif message["type"] == "final":
                lines[message["line"]] = [w[0] for w in message["words"]]
        return [word for line in sorted(lines) for word in lines[line]]

    def close(self) -> None:
        """Says goodbye."""
        with suppress(ConnectionClosed, OSError):
            self._connecting.__exit__(None, None, None)

    def cut(self) -> None:
        """The network is gone: no goodbye."""
        with suppress(OSError):
            self.socket.socket.shutdown(2)


class Recorder(Client):
    """Sends the sound and remembers what is safe."""

    def __init__(self, address: str, meeting: str | None = None, token: str | None = None) -> None:
        self.num_safe = 0  # frames
        self.num_sent = 0
        going_on = {} if meeting is None else {"meeting": meeting, "token": token}
        super().__init__(address, {"role": "record", "title": "Faults"} | going_on)
        welcome = self.first("welcome")
        self.meeting, self.token = welcome["meeting"], welcome["token"]
        self.num_safe = self.num_sent = welcome["next"]

    def on_message(self, message: Message) -> None:
        """Notes what is safe."""
        if message["type"] == "ack":
            self.num_safe = max(self.num_safe, message["next"])

    def send(self, num_frames: int, pause: float = 0.0) -> None:
        """The next frames, ``pause`` seconds after each other."""
        for _ in range(num_frames):
            self.socket.send(frame(self.num_sent))
            self.num_sent += 1
            if pause:
                time.sleep(pause)

    def send_until(self, num_frames: int) -> None:
        """All frames before that one, and waits until they are safe."""
        self.send(num_frames - self.num_sent)
        until(lambda: self.num_safe >= num_frames, f"ack of {num_frames}, {self.num_safe} now")

    def end(self) -> None:
        """No more sound."""
        self.tell({"type": "end"})
