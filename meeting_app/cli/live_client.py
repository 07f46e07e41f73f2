"""The recorder's side of docs/live-protocol.md: nothing that was recorded is lost on the way."""

import queue
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit

import numpy as np
import numpy.typing as npt
from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect

from meeting_app.domain.live_messages import (
    Acknowledged,
    AudioFrame,
    EndMeeting,
    LivePhase,
    LiveRefused,
    LiveState,
    MeetingSealed,
    RecordNew,
    RecordOn,
    Refusal,
    SealProgress,
    ServerMessage,
    Watch,
    Welcome,
)
from meeting_app.errors import LiveError, MeetingAppError
from meeting_app.formats.live import (
    command_to_text,
    frame_to_bytes,
    hello_to_text,
    message_from_text,
)

BLOCK = 1_600  # samples of a frame: 100 ms
_MOST_AT_ONCE = 600  # frames that are sent in one go after a cut: a minute
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 5.0  # seconds between two tries to connect


class Screen(Protocol):
    """Where the text of a meeting is shown."""

    def show(self, message: ServerMessage) -> None:
        """Whatever of it can be seen."""

    def note(self, text: str) -> None:
        """Something beside the text of the meeting."""


@dataclass(frozen=True, slots=True)
class _Block:
    samples: npt.NDArray[np.int16] | None  # None is the end of the sound


@dataclass(frozen=True, slots=True)
class _Said:
    connection: ClientConnection
    text: str


@dataclass(frozen=True, slots=True)
class _Opened:
    connection: ClientConnection


@dataclass(frozen=True, slots=True)
class _Lost:
    connection: ClientConnection | None  # None: there never was one
    error: Exception | None = None


class LiveClient:
    """A recorder that keeps every frame until the server has it on disk."""

    def __init__(
        self, address: str, headers: dict[str, str], hello: RecordNew, screen: Screen
    ) -> None:
        parts = urlsplit(address)
        scheme = "wss" if parts.scheme == "https" else "ws"
        self._url = urlunsplit((scheme, parts.netloc, "/ws/live", "", ""))
        self._headers = headers
        self._hello = hello
        self._screen = screen
        self._inbox: queue.Queue[_Block | _Said | _Opened | _Lost] = queue.Queue()
        self._connection: ClientConnection | None = None
        self._meeting: Welcome | None = None
        self._waiting: deque[AudioFrame] = deque()  # not acknowledged yet
        self._next_number = 0
        self._next_sent = 0
        self._is_connecting = False  # or connected
        self._retry_at = 0.0
        self._pause = _FIRST_PAUSE
        self._has_all_sound = False
        self._is_end_sent = False
        self._is_sealing = False

    def run(self, blocks: Iterator[npt.NDArray[np.int16]]) -> MeetingSealed:
        """Sends all blocks; returns when the meeting is sealed.

        Raises:
            LiveError: the server refuses.
        """
        threading.Thread(target=self._pump, args=(blocks,), daemon=True).start()
        try:
            while True:
                sealed = self._turn_until_interrupted()
                if sealed is not None:
                    return sealed
        finally:
            if self._connection is not None:
                self._connection.close()

    def _turn_until_interrupted(self) -> MeetingSealed | None:
        try:
            return self._turn()
        except KeyboardInterrupt:
            if self._has_all_sound:
                raise
            self._has_all_sound = True
            self._send_due()
            return None

    def _pump(self, blocks: Iterator[npt.NDArray[np.int16]]) -> None:
        try:
            for block in blocks:
                if self._has_all_sound:
                    break
                self._inbox.put(_Block(block))
        except MeetingAppError as error:  # such as a microphone that was pulled out
            self._screen.note(f"error: {error}")
        finally:
            self._inbox.put(_Block(None))

    def _turn(self) -> MeetingSealed | None:
        """One thing that happens."""
        if not self._is_connecting and time.monotonic() >= self._retry_at:
            self._connect()
        try:
            item = self._inbox.get(timeout=0.1)
        except queue.Empty:
            return None
        match item:
            case _Block():
                self._take(item)
            case _Opened(connection):
                self._connection, self._pause = connection, _FIRST_PAUSE
            case _Said(connection, text) if connection is self._connection:
                return self._hear(text)
            case _Lost(connection, error) if connection is self._connection:
                self._lose(error)
        return None

    def _take(self, block: _Block) -> None:

        if block.samples is None:
            self._has_all_sound = True
        elif not self._has_all_sound:
            self._waiting.append(AudioFrame(self._next_number, block.samples))
            self._next_number += 1
        self._send_due()

    def _connect(self) -> None:
        hello: RecordNew | RecordOn | Watch = self._hello
        if self._meeting is not None:
            hello = RecordOn(self._meeting.meeting_id, self._meeting.token or "")
            hello = Watch(self._meeting.meeting_id) if self._is_sealing else hello
        self._is_connecting = True
        threading.Thread(target=self._listen, args=(hello,), daemon=True).start()

    def _listen(self, hello: RecordNew | RecordOn | Watch) -> None:
        """A thread of one connection, from its beginning to its end."""
        opened: ClientConnection | None = None
        try:
            with connect(
                self._url,
                additional_headers=self._headers,
                compression=None,
                max_size=None,
                proxy=None,
            ) as connection:
                connection.send(hello_to_text(hello))
                opened = connection
                self._inbox.put(_Opened(connection))
                for text in connection:
                    self._inbox.put(_Said(connection, str(text)))
            self._inbox.put(_Lost(opened))
        except (OSError, WebSocketException) as error:
            self._inbox.put(_Lost(opened, error))

    def _lose(self, error: Exception | None) -> None:
        """The connection is gone; what was not acknowledged waits for the next."""
        # A server that answers "no" will do so again; one that is away may come back.
        if isinstance(error, InvalidStatus) or (error and self._meeting is None):
            raise LiveError(f"{self._url}: cannot connect ({error}); check the address") from error
        self._screen.note("the connection is lost; trying again, the recording goes on")
        self._connection = None
        self._is_connecting = self._is_end_sent = False
        self._retry_at = time.monotonic() + self._pause
        self._pause = min(2 * self._pause, _LONGEST_PAUSE)

    def _hear(self, text: str) -> MeetingSealed | None:

        match message := message_from_text(text):
            case Welcome():
                self._welcomed(message)
            case Acknowledged(next_frame):
                self._forget(next_frame)
            case LiveRefused():
                self._refused(message)
            case SealProgress():
                self._is_sealing = True
            case MeetingSealed():
                return message
            case LiveState(phase=LivePhase.FAILED, failure=failure):
                raise LiveError(failure or "the meeting could not be sealed; see the server's log")
            case LiveState(sealed=MeetingSealed() as sealed):
                return sealed
        self._screen.show(message)
        return None

    def _welcomed(self, welcome: Welcome) -> None:

        if not self._is_sealing:
            self._meeting = welcome
        self._forget(welcome.next_frame)
        oldest = self._waiting[0].number if self._waiting else self._next_number
        # A server whose machine lost its power has lost frames that nobody has any more.
        silence = np.zeros(BLOCK, np.int16)
        missing = range(welcome.next_frame, oldest)
        self._waiting.extendleft(AudioFrame(number, silence) for number in reversed(missing))
        self._next_sent = welcome.next_frame
        self._send_due()

    def _forget(self, next_frame: int) -> None:
        while self._waiting and self._waiting[0].number < next_frame:
            self._waiting.popleft()

    def _refused(self, error: LiveRefused) -> None:

        if error.code is Refusal.GAP and error.next_frame is not None:
            self._next_sent = error.next_frame
            self._send_due()
        elif error.code is Refusal.UNKNOWN and self._waiting and not self._waiting[0].number:
            self._meeting = None  # it died before it had any sound: the same again from the start
        elif error.code is Refusal.ENDED:
            self._is_sealing = True  # the end had arrived before the connection was lost
        elif error.is_fatal:
            raise LiveError(error.message)

    def _send_due(self) -> None:
        """Sends what has not been sent, and the end after the last frame."""
        connection = self._connection
        if connection is None or self._meeting is None or self._is_sealing:
            return
        try:
            for frame in _from_number(self._waiting, self._next_sent)[:_MOST_AT_ONCE]:
                connection.send(frame_to_bytes(frame))
                self._next_sent = frame.number + 1
            is_all_sent = self._next_sent == self._next_number
            if self._has_all_sound and is_all_sent and not self._is_end_sent:
                connection.send(command_to_text(EndMeeting()))
                self._is_end_sent = True
        except (OSError, WebSocketException):
            self._inbox.put(_Lost(connection))


def _from_number(frames: Sequence[AudioFrame], number: int) -> list[AudioFrame]:
    return [frame for frame in frames if frame.number >= number]
