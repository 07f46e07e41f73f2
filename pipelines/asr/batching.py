"""One engine for everybody: windows of many sessions, decoded together on one device."""

import itertools
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from meeting_app.config import AsrConfig
from meeting_app.domain import Waveform
from meeting_app.errors import BusyError, JobCancelledError, MeetingAppError, ModelError
from pipelines.asr.engine import Decoding, Hypothesis, WhisperEngine
from pipelines.asr.packing import padded_duration
from pipelines.asr.scheduling import BatchPolicy, Lane, Request, plan

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Ticket:
    """A window in the queue and where its answer goes."""

    request: Request
    window: Waveform
    decoding: Decoding | None  # None asks for the language
    answer: "Future[Any]" = field(default_factory=Future)


def share(engine: WhisperEngine, config: AsrConfig) -> "BatchingEngine":
    """The engine for many sessions, with the limits of ``config``."""
    policy = BatchPolicy(config.batch_size, config.max_wait, config.patience)
    return BatchingEngine(engine, policy, config.max_queue)


class BatchingEngine:
    """Owns an engine: a thread runs it, and sessions share its batches.

    The decisions are those of ``scheduling.plan``; here are the clock and the threads.
    """

    def __init__(
        self,
        engine: WhisperEngine,
        policy: BatchPolicy,
        max_queue: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Starts the thread.

        Args:
            engine: called from that thread only.
            policy: when to run what.
            max_queue: windows of one lane that may wait.
            clock: in seconds.
        """
        self._engine = engine
        self._policy = policy
        self._max_queue = max_queue
        self._clock = clock
        self._numbers = itertools.count()
        self._sessions = itertools.count()
        self._waiting: dict[int, _Ticket] = {}  # by number; guarded by the condition
        self._is_closed = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="asr-batches", daemon=True)
        self._thread.start()

    @property
    def languages(self) -> tuple[str, ...]:
        """ISO 639-1 codes of what the engine understands."""
        return self._engine.languages

    def session(self, lane: Lane) -> "EngineSession":
        """A view of the engine for one recording or one running meeting."""
        return EngineSession(self, next(self._sessions), lane)

    def __enter__(self) -> "BatchingEngine":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the thread after the batch that runs; what waits is told so."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        self._thread.join()
        for ticket in self._waiting.values():
            ticket.answer.set_exception(_closed())
        self._waiting.clear()

    def _submit(
        self,
        session: "EngineSession",
        windows: Sequence[Waveform],
        decoding: Decoding | None,
    ) -> "list[Future[Any]]":
        """Puts all windows into the queue, or none.

        Raises:
            BusyError: there is no room for them.
            ModelError: the engine was closed.
        """
        with self._changed:
            if self._is_closed:
                raise _closed()
            self._require_room(session.lane, len(windows))
            now = self._clock()
            tickets = [
                _Ticket(
                    Request(
                        next(self._numbers),
                        session.number,
                        session.lane,
                        now,
                        (_input_duration(window, decoding), decoding),
                    ),
                    window,
                    decoding,
                )
                for window in windows
            ]
            self._waiting |= {ticket.request.number: ticket for ticket in tickets}
            self._changed.notify_all()
        return [ticket.answer for ticket in tickets]

    def _require_room(self, lane: Lane, num_windows: int) -> None:
        num_waiting = sum(ticket.request.lane is lane for ticket in self._waiting.values())
        if num_waiting + num_windows > self._max_queue:
            raise BusyError(
                f"speech recognition: busy, {num_waiting} windows wait and {self._max_queue} may; "
                "try again later, or raise asr.max_queue"
            )

    def _drop(self, session: int) -> None:
        """Takes what waits of a session out of the queue; what runs, runs on."""
        with self._changed:
            dropped = [t for t in self._waiting.values() if t.request.session == session]
            for ticket in dropped:
                del self._waiting[ticket.request.number]
                ticket.answer.cancel()

    def _work(self) -> None:
        while (tickets := self._next_batch()) is not None:
            self._answer(tickets)

    def _next_batch(self) -> list[_Ticket] | None:
        """Waits until a batch should run; None when the engine is closed."""
        with self._changed:
            while not self._is_closed:
                now = self._clock()
                requests = [ticket.request for ticket in self._waiting.values()]
                planned = plan(requests, now, self._policy)
                if planned is not None and planned.start <= now:
                    return [self._waiting.pop(request.number) for request in planned.batch]
                self._changed.wait(None if planned is None else planned.start - now)
        return None

    def _answer(self, tickets: Sequence[_Ticket]) -> None:
        """Runs a batch; one that fails is run window by window, so that only the culprit fails."""
        try:
            answers = self._run(tickets)
        except Exception as error:  # noqa: BLE001 - the boundary: it belongs to who asked
            if len(tickets) == 1:
                tickets[0].answer.set_exception(error)
                return
            if not isinstance(error, MeetingAppError):
                _log.exception("a batch of %d windows failed; one by one now", len(tickets))
            for ticket in tickets:
                self._answer([ticket])
            return
        for ticket, answer in zip(tickets, answers, strict=True):
            ticket.answer.set_result(answer)

    def _run(self, tickets: Sequence[_Ticket]) -> Sequence[object]:
        windows, decoding = [ticket.window for ticket in tickets], tickets[0].decoding
        if decoding is None:
            return self._engine.detect(windows)
        return self._engine.decode(windows, decoding)


class EngineSession:
    """What one recogniser sees of a shared engine: a WhisperEngine of its own.

    Its calls may come from several threads; each waits for its own answers.
    """

    def __init__(self, shared: BatchingEngine, number: int, lane: Lane) -> None:
        """Made by ``BatchingEngine.session``."""
        self._shared = shared
        self.number = number
        self.lane = lane

    @property
    def languages(self) -> tuple[str, ...]:
        """ISO 639-1 codes of what the engine understands."""
        return self._shared.languages

    def detect(self, windows: Sequence[Waveform]) -> tuple[Mapping[str, float], ...]:
        """Per window the probability of each language; errors as of ``decode``."""
        return self._ask(windows, None)

    def decode(self, windows: Sequence[Waveform], decoding: Decoding) -> tuple[Hypothesis, ...]:
        """One hypothesis per window.

        Raises:
            BusyError: too many windows of this lane wait already.
            JobCancelledError: the session was cancelled meanwhile.
            ModelError: the engine failed on one of them, or was closed.
        """
        return self._ask(windows, decoding)

    def cancel(self) -> None:
        """Gives up what waits: its callers get a JobCancelledError."""
        self._shared._drop(self.number)

    def _ask(self, windows: Sequence[Waveform], decoding: Decoding | None) -> tuple[Any, ...]:
        answers = self._shared._submit(self, windows, decoding)
        try:
            return tuple(answer.result() for answer in answers)
        except CancelledError as error:
            raise JobCancelledError(
                "speech recognition: cancelled while it waited; start it again"
            ) from error


def _input_duration(window: Waveform, decoding: Decoding | None) -> float:
    return padded_duration(window.duration, decoding is not None and decoding.is_padded)


def _closed() -> ModelError:
    return ModelError("speech recognition: the engine was closed; start the program again")
