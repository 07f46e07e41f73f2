"""The seam to the recognition of running meetings: a process that may die or get stuck."""

import logging
import queue
import threading
from collections.abc import Sequence
from subprocess import Popen
from typing import Protocol

from meeting_app.domain import LiveUpdate
from meeting_app.domain.live_messages import (
    EngineOrder,
    EngineReady,
    Flushed,
    Heard,
    ListenTo,
    SoundGrew,
    StopListening,
)
from meeting_app.errors import FormatError
from meeting_app.formats.live_engine import MAX_LINE_BYTES, order_to_line, report_from_line
from meeting_app.processes import ChildProcess

_LOGGER = logging.getLogger(__name__)

_STUCK_AFTER = 15.0  # seconds in which the recognition reads nothing, although it should


class Listener(Protocol):
    """Who wants to hear from the recognition; called from its own thread."""

    def recognition_ready(self, num_meetings: int) -> None:
        """It has started, knows no meeting, and can follow so many at once."""

    def recognition_lost(self) -> None:
        """It is gone; it will start again, and must be told of every meeting then."""

    def heard(self, meeting_id: str, update: LiveUpdate) -> None:
        """News of one meeting."""

    def flushed(self, meeting_id: str) -> None:
        """All was said about a meeting."""


class Recognition(Protocol):
    """What follows running meetings. No method waits, whatever the other side does."""

    def start(self, listener: Listener) -> None:
        """Begins to work."""

    def stop(self) -> None:
        """Ends the work."""

    def order(self, order: EngineOrder) -> None:
        """Tells it something; lost while it is not ready."""


class EngineProcess:
    """A child process that speaks JSON lines over its pipes."""

    def __init__(self, command: Sequence[str]) -> None:
        self._child = ChildProcess(command, on_start=self._greet, reads_output=True)
        self._listener: Listener | None = None
        self._orders = _Orders()

    def start(self, listener: Listener) -> None:
        """Starts the child, again and again if it dies."""
        self._listener = listener
        self._child.start()

    def stop(self) -> None:
        """Ends the child; what it did not say is lost."""
        self._orders.retire()
        self._child.stop()

    def order(self, order: EngineOrder) -> None:
        """Puts the order where the writer finds it; orders of growth replace each other."""
        self._orders.put(order)

    def _greet(self, process: "Popen[bytes]") -> None:
        """Called with every new child."""
        orders = self._orders = _Orders()
        for name, work in (("engine-reader", self._read), ("engine-writer", self._write)):
            threading.Thread(target=work, args=(process, orders), name=name, daemon=True).start()

    def _read(self, process: "Popen[bytes]", orders: "_Orders") -> None:
        """Until the child closes its output."""
        listener, output = self._listener, process.stdout
        if listener is None or output is None:
            return
        try:
            while line := output.readline(MAX_LINE_BYTES):
                if not line.endswith(b"\n"):
                    break  # torn by a crash, or endless
                self._report(line, listener, orders)
        finally:
            orders.retire()
            output.close()
            process.kill()  # one that closed its output is of no use any more
            listener.recognition_lost()

    def _report(self, line: bytes, listener: Listener, orders: "_Orders") -> None:
        try:
            report = report_from_line(line.decode())
        except (FormatError, UnicodeDecodeError):
            _LOGGER.exception("recognition: a line that cannot be read; ignored")
            return
        try:
            match report:
                case EngineReady(num_meetings):
                    orders.is_open = True
                    listener.recognition_ready(num_meetings)
                case Heard(meeting_id, update):
                    listener.heard(meeting_id, update)
                case Flushed(meeting_id):
                    listener.flushed(meeting_id)
        except Exception:  # the boundary: one bad meeting must not deafen the others
            _LOGGER.exception("recognition: a report could not be used")

    def _write(self, process: "Popen[bytes]", orders: "_Orders") -> None:
        """Until the child or its orders end."""
        if process.stdin is None:
            return
        while (order := orders.next()) is not None:
            watchdog = threading.Timer(_STUCK_AFTER, self._give_up, (process,))
            watchdog.daemon = True
            watchdog.start()
            try:
                process.stdin.write(order_to_line(order).encode() + b"\n")
                process.stdin.flush()
            except OSError:  # it has died; its reader says so
                return
            finally:
                watchdog.cancel()

    def _give_up(self, process: "Popen[bytes]") -> None:
        _LOGGER.error("recognition: reads nothing for %g s; started again", _STUCK_AFTER)
        process.kill()


class _Orders:
    """What one child is still to be told: bounded by the number of meetings."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[EngineOrder | str | None] = queue.SimpleQueue()
        self._grown: dict[str, int] = {}  # meeting → samples; only the last counts
        self._lock = threading.Lock()
        self.is_open = False  # the child is ready

    def put(self, order: EngineOrder) -> None:
        """Never waits."""
        if not self.is_open:
            return
        match order:
            case SoundGrew(meeting_id, num_samples):
                with self._lock:
                    is_waiting = meeting_id in self._grown
                    self._grown[meeting_id] = num_samples
                if not is_waiting:
                    self._queue.put(meeting_id)
            case ListenTo() | StopListening():
                self._queue.put(order)

    def next(self) -> EngineOrder | None:
        """Waits for the next one; None is the end."""
        item = self._queue.get()
        if not isinstance(item, str):
            return item
        with self._lock:
            return SoundGrew(item, self._grown.pop(item))

    def retire(self) -> None:
        """Nothing more is taken."""
        self.is_open = False
        self._queue.put(None)
