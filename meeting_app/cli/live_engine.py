"""`live-engine`: recognises running meetings for the server that started it."""

import logging
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

import typer

from meeting_app.cli.context import application
from meeting_app.errors import MeetingAppError

if TYPE_CHECKING:
    from meeting_app.bootstrap import LiveEngine
    from meeting_app.domain import LiveUpdate
    from meeting_app.domain.live_messages import EngineOrder, EngineReport

_log = logging.getLogger(__name__)

# Seconds after which a thread that computes in Python lets another one go on; the default of 5 ms,
# paid several times for each 40 ms of sound, made words late.
_SWITCH_INTERVAL = 0.0005


def live_engine(ctx: typer.Context) -> None:
    """Recognise running meetings: orders on the standard input, reports on the output."""
    from meeting_app.domain.live_messages import EngineReady, Flushed, Heard

    # Ctrl-C reaches every process of a terminal; the server decides when this one ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pipe = _Pipe()

    def report(meeting: str, update: "LiveUpdate | None") -> None:
        pipe.write(Flushed(meeting) if update is None else Heard(meeting, update))

    sys.setswitchinterval(_SWITCH_INTERVAL)
    app = application(ctx)
    engine = app.live_engine(report)
    engine.start()
    pipe.write(EngineReady(app.config.live.meetings_per_core * (os.cpu_count() or 1)))
    _serve(engine)
    # The networks' own threads abort the process when the interpreter is taken down under them.
    logging.shutdown()
    os._exit(0)


def _serve(engine: "LiveEngine") -> None:
    """Obeys until nobody gives orders any more."""
    from meeting_app.formats.live_engine import order_from_line

    for line in sys.stdin:
        try:
            _obey(engine, order_from_line(line))
        except MeetingAppError:  # of one meeting; the others must go on
            _log.exception("order refused: %s", line[:200])


def _obey(engine: "LiveEngine", order: "EngineOrder") -> None:
    from meeting_app.domain.live_messages import ListenTo, SoundGrew, StopListening

    match order:
        case ListenTo():
            engine.open(order)
        case SoundGrew(meeting, num_samples):
            engine.grow(meeting, num_samples)
        case StopListening(meeting):
            engine.close(meeting)


class _Pipe:
    """Reports, one line each, from any thread."""

    def __init__(self) -> None:
        # Whatever a library prints must not get between the lines.
        self._file = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        self._lock = threading.Lock()

    def write(self, report: "EngineReport") -> None:
        """Sends a report; nobody being there any more ends the process."""
        from meeting_app.formats.live_engine import report_to_line

        try:
            with self._lock:
                self._file.write(report_to_line(report) + "\n")
                self._file.flush()
        except BrokenPipeError:
            os._exit(0)
