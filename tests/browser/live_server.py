"""The server's side of docs/live-protocol.md, kept in memory and told by the test what to say."""

import asyncio
import json
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from fastapi import APIRouter, WebSocket, WebSocketDisconnect


@dataclass
class FakeMeeting:
    """A running meeting as the server knows it."""

    id: str
    token: str
    title: str | None
    language: str | None
    frames: list[np.ndarray] = field(default_factory=list)
    orders: list[dict] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    state: dict = field(default_factory=dict)
    sockets: list[WebSocket] = field(default_factory=list)
    recorder: WebSocket | None = None

    @property
    def sound(self) -> np.ndarray:
        """(num_samples,) int16, all that arrived."""
        return np.concatenate([np.zeros(0, np.int16), *self.frames])


class FakeLive:
    """Sits behind /ws/live of the application under test."""

    def __init__(self) -> None:
        self.meetings: dict[str, FakeMeeting] = {}
        self.is_away = False  # refuses everybody, as after a cut cable
        self.refusal: dict | None = None  # an error for the next hello
        self.num_hellos = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self.router = APIRouter()
        self.router.add_api_websocket_route("/ws/live", self._serve)
        self.router.add_api_route("/api/live", self._list)

    @property
    def only(self) -> FakeMeeting:
        """The one meeting there is."""
        (meeting,) = self.meetings.values()
        return meeting

    def wait(self, condition: Callable[[], object], seconds: float = 30) -> None:
        """Until it holds; the browser goes on meanwhile."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "it did not happen in time"
            time.sleep(0.02)

    def say(self, *events: dict) -> None:
        """Sends events to everybody who is connected."""
        self._run(self._broadcast(self.only, events))

    def cut(self) -> None:
        """Breaks all connections and lets nobody in until ``is_away`` is reset."""
        self.is_away = True
        self._run(self._drop())

    def _run(self, work) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _drop(self) -> None:
        for socket in [s for meeting in self.meetings.values() for s in meeting.sockets]:
            await socket.close(1012)

    async def _broadcast(self, meeting: FakeMeeting, events) -> None:
        for event in events:
            for socket in list(meeting.sockets):
                await socket.send_json(event)

    async def _list(self) -> list[dict]:
        names = ("phase", "title", "position", "is_recorder_connected")
        return [
            {"id": m.id, "started_at": "2026-03-04T09:30:00Z"}
            | {name: self._state(m)[name] for name in names}
            for m in self.meetings.values()
        ]

    def _state(self, meeting: FakeMeeting) -> dict:
        return {
            "type": "state",
            "phase": "recording",
            "title": meeting.title,
            "language": meeting.language,
            "position": len(meeting.sound) / 16_000,
            "is_paused": False,
            "is_recorder_connected": meeting.recorder is not None,
            "lines": [],
            "voices": [],
            "names": {},
            "marks": [],
            "chapters": [],
            "behind": 0,
            "sealed": None,
            "failure": None,
        } | meeting.state

    async def _serve(self, socket: WebSocket) -> None:
        self._loop = asyncio.get_running_loop()
        if self.is_away:
            await socket.close()
            return
        await socket.accept()
        hello = await socket.receive_json()
        self.num_hellos += 1
        if self.refusal:
            await socket.send_json({"type": "error", "fatal": True} | self.refusal)
            await socket.close()
            return
        meeting, is_recorder = self._welcome(hello), hello["role"] == "record"
        welcome = {"type": "welcome", "version": 1, "meeting": meeting.id, "sample_rate": 16_000}
        token = {"token": meeting.token} if is_recorder else {}
        await socket.send_json(welcome | token | {"next": len(meeting.frames)})
        before, meeting.recorder = meeting.recorder, socket if is_recorder else meeting.recorder
        if is_recorder and before is not None:
            taken = {"type": "error", "code": "taken", "message": "elsewhere", "fatal": True}
            await before.send_json(taken)
            await before.close()
        await socket.send_json(self._state(meeting))
        meeting.sockets.append(socket)
        try:
            await self._listen(meeting, socket)
        except (WebSocketDisconnect, RuntimeError):
            pass
        finally:
            if socket in meeting.sockets:
                meeting.sockets.remove(socket)
            if meeting.recorder is socket:
                meeting.recorder = None

    def _welcome(self, hello: dict) -> FakeMeeting:
        assert hello["version"] == 1
        if hello["role"] == "view":
            return self.meetings[hello["meeting"]]
        if "meeting" in hello:
            meeting = self.meetings[hello["meeting"]]
            assert hello["token"] == meeting.token
            return meeting
        number = len(self.meetings) + 1
        meeting = FakeMeeting(f"live{number}", f"secret{number}", hello["title"], hello["language"])
        self.meetings[meeting.id] = meeting
        return meeting

    async def _listen(self, meeting: FakeMeeting, socket: WebSocket) -> None:
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            if message.get("bytes") is not None:
                await self._frame(meeting, socket, message["bytes"])
            else:
                await self._order(meeting, socket, json.loads(message["text"]))

    async def _frame(self, meeting: FakeMeeting, socket: WebSocket, data: bytes) -> None:
        (sequence,) = struct.unpack_from("<I", data)
        samples = np.frombuffer(data, "<i2", offset=4)
        expected = len(meeting.frames)
        if sequence > expected:
            meeting.errors.append(f"gap: {sequence} instead of {expected}")
            await socket.send_json(
                {"type": "error", "code": "gap", "message": "", "fatal": False, "next": expected}
            )
            return
        if sequence == expected:
            meeting.frames.append(samples)
        await socket.send_json({"type": "ack", "next": len(meeting.frames)})

    async def _order(self, meeting: FakeMeeting, socket: WebSocket, order: dict) -> None:
        kind = order["type"]
        if kind == "ping":
            await socket.send_json({"type": "pong"})
            return
        meeting.orders.append(order)
        position = len(meeting.sound) / 16_000
        answers = {
            "pause": {"type": "paused", "is_paused": True},
            "resume": {"type": "paused", "is_paused": False},
            "mark": {"type": "marked", "time": position, "note": order.get("note")},
            "name": {"type": "named", "label": order.get("label"), "name": order.get("name")},
            "edit": {"type": "edited", "line": order.get("line"), "text": order.get("text")},
            "end": {"type": "sealing", "fraction": 0.0, "eta": None},
        }
        if kind in ("pause", "resume"):
            meeting.state["is_paused"] = kind == "pause"
        if kind == "end":
            meeting.state["phase"] = "sealing"
        await self._broadcast(meeting, [answers[kind]])
