"""Running meetings: the WebSocket of docs/live-protocol.md, and what the page lists."""

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import anyio
import anyio.to_thread
from fastapi import APIRouter, Response, WebSocket
from starlette.websockets import WebSocketDisconnect, WebSocketState

from meeting_app.api.schemas import LiveEntrySchema
from meeting_app.domain.live_messages import LiveRefused, Refusal
from meeting_app.errors import (
    ConflictError,
    EndedError,
    FormatError,
    FrameError,
    FullError,
    LiveVersionError,
    MeetingAppError,
    StorageError,
    TakenError,
    UnknownLiveError,
    WrongTokenError,
)
from meeting_app.formats.live import (
    MAX_TEXT_BYTES,
    command_from_text,
    frame_from_bytes,
    hello_from_text,
    message_to_text,
    state_to_json,
)
from meeting_app.formats.live_events import dump

if TYPE_CHECKING:
    from meeting_app.live.service import LiveService, Seat

_LOGGER = logging.getLogger(__name__)

_HELLO_WITHIN = 10.0  # seconds
_SEND_WITHIN = 30.0  # seconds; a reader who takes nothing for so long is gone
_THREADS = 64  # that may wait for a disk at once, apart from those of REST
_REFUSED = 1008  # close code: the connection broke a rule
_CODES: tuple[tuple[type[MeetingAppError], Refusal], ...] = (
    (LiveVersionError, Refusal.VERSION),
    (FrameError, Refusal.FRAME),
    (FormatError, Refusal.MESSAGE),
    (UnknownLiveError, Refusal.UNKNOWN),
    (WrongTokenError, Refusal.TOKEN),
    (TakenError, Refusal.TAKEN),
    (FullError, Refusal.FULL),
    (EndedError, Refusal.ENDED),
    (ConflictError, Refusal.MESSAGE),
    (StorageError, Refusal.DISK),
)

_Result = TypeVar("_Result")


def live_router(live: "LiveService") -> APIRouter:
    """What the page lists and does without a connection."""
    router = APIRouter(tags=["live"])

    @router.get("/live", summary="Live meetings that are not in the library yet")
    def entries() -> tuple[LiveEntrySchema, ...]:
        return tuple(LiveEntrySchema.of(entry) for entry in live.entries())

    @router.get("/live/{meeting_id}", summary="All that is known of a live meeting")
    def state(meeting_id: str) -> Response:
        document = dump(state_to_json(live.state(meeting_id)))
        return Response(document, media_type="application/json")

    @router.post("/live/{meeting_id}/end", status_code=204, summary="Seal an interrupted meeting")
    def end(meeting_id: str) -> Response:
        live.end(meeting_id)
        return Response(status_code=204)

    @router.delete("/live/{meeting_id}", status_code=204, summary="Forget an interrupted meeting")
    def discard(meeting_id: str) -> Response:
        live.discard(meeting_id)
        return Response(status_code=204)

    return router


def live_socket(live: "LiveService") -> APIRouter:
    """The socket at /ws/live."""
    router = APIRouter()
    threads = anyio.CapacityLimiter(_THREADS)

    @router.websocket("/ws/live")
    async def connect(socket: WebSocket) -> None:
        await socket.accept()
        await _Connection(live, socket, threads).run()

    return router


class _Connection:
    """One open socket. Whatever touches a disk runs in a thread, so that nobody else waits."""

    def __init__(
        self, live: "LiveService", socket: WebSocket, threads: anyio.CapacityLimiter
    ) -> None:
        self._live = live
        self._socket = socket
        self._threads = threads
        self._news = asyncio.Event()

    async def run(self) -> None:
        """From the hello to the end."""
        try:
            seat = await self._seat()
        except (MeetingAppError, TimeoutError) as error:
            await self._refuse(error)
            return
        except WebSocketDisconnect:
            return
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(self._send_all, seat, group.cancel_scope)
                await self._receive_all(seat)
                group.cancel_scope.cancel()
        finally:
            with anyio.CancelScope(shield=True):
                await self._in_thread(seat.leave)

    async def _seat(self) -> "Seat":
        with anyio.fail_after(_HELLO_WITHIN):
            message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005))
        hello = hello_from_text(_checked(message.get("text")))
        loop = asyncio.get_running_loop()

        def wake() -> None:
            # The loop may have ended with the server while a thread still had something to say.
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._news.set)

        return await self._in_thread(lambda: self._live.join(hello, wake))

    async def _receive_all(self, seat: "Seat") -> None:
        """Until the other side goes, or breaks a rule."""
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            sound = message.get("bytes")
            try:
                if sound is not None:
                    frame = frame_from_bytes(sound)
                    await self._in_thread(partial(seat.receive, frame))
                else:
                    command = command_from_text(_checked(message.get("text")))
                    await self._in_thread(partial(seat.command, command))
            except ConflictError as error:
                await self._say(LiveRefused(Refusal.MESSAGE, str(error), is_fatal=False))
            except MeetingAppError as error:
                await self._refuse(error)
                return

    async def _send_all(self, seat: "Seat", scope: anyio.CancelScope) -> None:
        """Until nothing more is to be said; then the connection ends."""
        try:
            while True:
                await self._news.wait()
                self._news.clear()
                is_last = seat.is_over  # asked first: what comes after it is taken next time
                for text in await self._in_thread(seat.take):
                    with anyio.fail_after(_SEND_WITHIN):
                        await self._socket.send_text(text)
                if is_last:
                    await self._close()
                    break
        except (WebSocketDisconnect, RuntimeError, TimeoutError):
            _LOGGER.info("live: a reader went away")
        scope.cancel()

    async def _say(self, error: LiveRefused) -> None:
        await self._socket.send_text(message_to_text(error))

    async def _refuse(self, error: Exception) -> None:
        """Says why, and closes."""
        if isinstance(error, TimeoutError):
            error = FormatError(f"no hello within {_HELLO_WITHIN:g} s; send it first")
        code = _code_of(error)
        if code is Refusal.DISK:
            _LOGGER.error("live: %s", error)
        try:
            with anyio.fail_after(_SEND_WITHIN):
                await self._say(LiveRefused(code, str(error), is_fatal=True))
                await self._close()
        except (WebSocketDisconnect, RuntimeError, TimeoutError):
            _LOGGER.info("live: went away before it heard: %s", error)

    async def _close(self) -> None:
        if self._socket.application_state is WebSocketState.CONNECTED:
            await self._socket.close(_REFUSED)

    async def _in_thread(self, work: Callable[[], _Result]) -> _Result:
        return await anyio.to_thread.run_sync(work, limiter=self._threads)


def _checked(text: str | None) -> str:
    if text is None:
        raise FormatError("the first message is sound; say hello first")
    if len(text.encode(errors="replace")) > MAX_TEXT_BYTES:
        raise FormatError(f"a message of {len(text)} characters; {MAX_TEXT_BYTES} bytes at most")
    return text


def _code_of(error: Exception) -> Refusal:
    return next((code for kind, code in _CODES if isinstance(error, kind)), Refusal.MESSAGE)
