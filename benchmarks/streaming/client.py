"""A recorder that plays a file as a microphone would: paced by the clock, frame by frame."""

import asyncio
import json
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.streaming.captions import Arrival
from meeting_app.domain import SAMPLE_RATE
from meeting_app.errors import MeetingAppError

FRAME = 320  # samples, 20 ms
SILENCE = 2.0  # seconds after a recording in which its last line may end
_PATIENCE = 900.0  # seconds for a seal, on a machine that others use too
_DRAINED = 5.0  # seconds for the last acknowledgements

Samples = npt.NDArray[np.int16]


@dataclass(slots=True)
class Heard:
    """What the server answered to one recording."""

    meeting: str = ""
    sealed: str = ""  # the meeting in the library
    arrivals: list[Arrival] = field(default_factory=list)
    acks: list[float] = field(default_factory=list)  # seconds from a frame's end to its ack


def frame_message(number: int, samples: Samples) -> bytes:
    """A binary message of the protocol.

    Args:
        number: of the frame, from 0.
        samples: (num_samples,) int16.
    """
    return struct.pack("<I", number) + samples.astype("<i2").tobytes()


def frame_due(number: int) -> float:
    """When a microphone has the whole frame, seconds of sound after its first sample was spoken.

    From the beginning each time, so that no delay adds up.
    """
    return (number + 1) * FRAME / SAMPLE_RATE


class Recorder:
    """One session with the server."""

    def __init__(self, address: str, title: str, speed: float = 1.0) -> None:
        """``speed`` is how many seconds of sound are played in a second."""
        self._url = f"{address.replace('http', 'ws', 1)}/ws/live"
        self._title = title
        self._speed = speed
        self._began = 0.0
        self._num_safe = 0  # frames
        self._is_sealed = asyncio.Event()
        self._failure: str | None = None
        self.heard = Heard()

    async def record(
        self, samples: Samples, until_all_played: Callable[[], Awaitable[None]]
    ) -> Heard:
        """Play the samples and wait for the seal.

        Args:
            samples: (num_samples,) int16, 16 kHz.
            until_all_played: awaited between the last frame and the end, so that no seal
                takes the processor from a recording that is still playing.

        Raises:
            MeetingAppError: the server reported a fatal error or did not seal the meeting.
        """
        async with self._session() as socket:
            await self._play(socket, samples)
            await until_all_played()
            await socket.send(json.dumps({"type": "end"}))
            try:
                await asyncio.wait_for(self._is_sealed.wait(), _PATIENCE)
            except TimeoutError as error:
                raise MeetingAppError(
                    f"{self._title}: not sealed after {_PATIENCE:.0f} s; see the server's output"
                ) from error
            self._check()
        return self.heard

    async def play(self, samples: Samples) -> Heard:
        """Play the samples and leave the meeting as it is; otherwise as ``record``."""
        async with self._session() as socket:
            await self._play(socket, samples)
        return self.heard

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[ClientConnection]:
        async with connect(self._url, max_size=None, compression=None, proxy=None) as socket:
            await self._open(socket)
            listening = asyncio.create_task(self._listen(socket))
            try:
                yield socket
            finally:
                listening.cancel()

    def _check(self) -> None:
        if self._failure is not None:
            raise MeetingAppError(f"{self._title}: {self._failure}")

    def _now(self) -> float:
        """Seconds of sound on a clock that runs as fast as it is played."""
        return time.perf_counter() * self._speed

    async def _open(self, socket: ClientConnection) -> None:
        hello = {"type": "hello", "version": 1, "role": "record", "title": self._title}
        await socket.send(json.dumps({**hello, "language": "en"}))
        welcome = json.loads(await socket.recv())
        if welcome["type"] != "welcome":
            raise MeetingAppError(f"{self._title}: {welcome}; is the server free?")
        self.heard.meeting = welcome["meeting"]

    async def _play(self, socket: ClientConnection, samples: Samples) -> None:
        self._began = self._now()
        for number, start in enumerate(range(0, len(samples), FRAME)):
            wait = self._began + frame_due(number) - self._now()
            if wait > 0:
                await asyncio.sleep(wait / self._speed)
            self._check()
            await socket.send(frame_message(number, samples[start : start + FRAME]))
        deadline = self._now() + _DRAINED
        while self._num_safe * FRAME < len(samples) and self._now() < deadline:
            await asyncio.sleep(0.01)

    async def _listen(self, socket: ClientConnection) -> None:
        async for text in socket:
            at = self._now() - self._began
            message = json.loads(text)
            self._take(at, message)
        self._is_sealed.set()  # or will never be
        if not self.heard.sealed:
            self._failure = self._failure or "the server closed the connection"

    def _take(self, at: float, message: dict[str, str | int | float | bool]) -> None:
        match message["type"]:
            case "ack":
                safe = int(message["next"])
                self.heard.acks += [at - frame_due(n) for n in range(self._num_safe, safe)]
                self._num_safe = max(self._num_safe, safe)
            case "error" if message.get("fatal"):
                self._failure = f"{message['code']}: {message['message']}"
                self._is_sealed.set()
            case "sealed":
                self.heard.sealed = str(message["meeting"])
                self._is_sealed.set()
            case _:
                self.heard.arrivals.append(Arrival(at, message))
