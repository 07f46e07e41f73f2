"""Sound becomes lines of words while it is spoken; one conversation, no threads."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from meeting_app.domain import SAMPLE_RATE, LiveUpdate, Word
from pipelines.live.agreement import Agreement, Patience
from pipelines.live.endpointing import (
    Closed,
    Endpointer,
    EndpointEvent,
    Endpointing,
    Opened,
    Paused,
    Resumed,
)
from pipelines.live.lines import Lines
from pipelines.live.waiting import Request
from pipelines.protocols import RecognitionStream

_LONGEST_SILENCE = 3.0  # seconds after which the recogniser begins anew, so that it stays quick
_DRAFT_EVERY = 0.4  # seconds of a line that goes on
_REACH = 0.3  # seconds by which the times of first words may precede their line


class ScoreStream(Protocol):
    """Speech against silence, frame by frame."""

    def accept(self, samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Scores of the frames that are now complete: (num_frames,) float32."""


class Desk(Protocol):
    """Where the second pass is asked."""

    def put(self, request: Request) -> None:
        """Asks, in the place of what was asked about the line before."""

    def withdraw(self, meeting: str, line: int | None = None) -> None:
        """Takes back what was asked about a line, or about all."""


@dataclass(frozen=True, slots=True)
class Listening:
    """How one conversation is listened to."""

    scores: ScoreStream
    words: RecognitionStream
    rules: Endpointing
    patience: Patience
    language: str | None  # ISO 639-1
    is_rewritten: bool = False  # lines are drafted by the second pass while they go on


@dataclass(frozen=True, slots=True)
class Sounded:
    """What a little more sound was heard as."""

    scores: tuple[float, ...]
    words: tuple[Word, ...]  # of the utterance so far


class FirstPass:
    """Feeds the detector and the streaming recogniser, and tells the lines."""

    def __init__(
        self, meeting: str, listening: Listening, start: float, lines: Lines, desk: Desk
    ) -> None:
        """``start`` is when the first sample was recorded, in seconds."""
        self._meeting = meeting
        self._use = listening
        self._lines = lines
        self._desk = desk
        self._start = start
        self._num_samples = 0
        self._endpointer = Endpointer(listening.rules, start)
        self._agreement = Agreement(listening.patience)
        self._line: int | None = None
        self._reopened: int | None = None  # a line that is listened to again from its start
        self._line_start = start
        self._drafted_until = start
        self._is_paused = False
        self._fresh_since = start  # when the recogniser last began an utterance

    @property
    def line_start(self) -> float | None:
        """Where the line that is going on began, in seconds; None in silence."""
        return None if self._line is None else self._line_start

    def hear(self, samples: npt.NDArray[np.float32]) -> Sounded:
        """Listens on; the work, which changes no line.

        Args:
            samples: (num_samples,) in [-1, 1], following the last ones without a gap.
        """
        self._num_samples += len(samples)
        scores = tuple(self._use.scores.accept(samples).tolist())
        return Sounded(scores, self._use.words.accept(samples))

    def apply(self, sounded: Sounded) -> Iterator[LiveUpdate]:
        """What was heard becomes lines."""
        words = sounded.words
        for event in self._endpointer.accept(sounded.scores):
            yield from self._apply(event, words)
        if self._line is not None:
            shown = self._agreement.accept(self._own(words))
            yield from self._lines.show(self._line, shown)
            self._draft(self._line)
        elif self._now - self._fresh_since > _LONGEST_SILENCE:
            self._begin_anew()

    def adopt(self, listening: Listening, start: float) -> None:
        """Listens in another way from ``start`` on, where the present line began."""
        self._use = listening
        self._start, self._num_samples = start, 0
        line = self._line
        self._endpointer = Endpointer(listening.rules, start)
        self._agreement = Agreement(listening.patience)
        self._reopened, self._line = line, None

    def finish(self) -> Iterator[LiveUpdate]:
        """Nothing follows."""
        for event in self._endpointer.finish():
            yield from self._apply(event, ())

    def give_up(self) -> Iterator[LiveUpdate]:
        """Leaves the line that is going on to the second pass."""
        if self._line is not None:
            line, self._line = self._line, None
            self._ask(line, self._now)
            yield from self._lines.close(line, self._now)

    def _apply(self, event: EndpointEvent, words: Sequence[Word]) -> Iterator[LiveUpdate]:
        match event:
            case Opened(start):
                self._line = self._lines.open(start) if self._reopened is None else self._reopened
                self._line_start, self._reopened = start, None
                self._drafted_until, self._is_paused = start, False
                self._agreement = Agreement(self._use.patience)
            case Paused(end) if self._line is not None:
                self._is_paused = True
                self._ask(self._line, end)
            case Resumed() if self._line is not None:
                self._is_paused = False
                self._desk.withdraw(self._meeting, self._line)
                self._lines.resume(self._line)
            case Closed(end) if self._line is not None:
                yield from self._close(self._line, end)
            case _:
                pass

    def _close(self, line: int, end: float) -> Iterator[LiveUpdate]:
        shown = self._agreement.finish(self._own(self._begin_anew()))
        yield from self._lines.show(line, shown)
        if not self._lines.has_asked(line):
            self._ask(line, end)
        self._line = None
        yield from self._lines.close(line, end)

    def _draft(self, line: int) -> None:
        """Asks what the second pass makes of the line so far, now and then."""
        is_due = self._now - self._drafted_until >= _DRAFT_EVERY
        if is_due and self._use.is_rewritten and not self._is_paused:
            self._drafted_until = self._now
            self._desk.put(self._lines.draft(line, self._now, self._use.language))

    def _ask(self, line: int, end: float) -> None:
        self._desk.put(self._lines.ask(line, end, self._use.language))

    def _begin_anew(self) -> tuple[Word, ...]:
        self._fresh_since = self._now
        return self._use.words.finish()

    def _own(self, words: Sequence[Word]) -> tuple[Word, ...]:
        """Those of the line; noise before it may have been taken for words."""
        return tuple(w for w in words if w.segment.end > self._line_start - _REACH)

    @property
    def _now(self) -> float:
        return self._start + self._num_samples / SAMPLE_RATE


class NoWords:
    """The words before a language is known: none."""

    def accept(self, samples: npt.NDArray[np.float32]) -> tuple[Word, ...]:
        """Nothing."""
        return ()

    def finish(self) -> tuple[Word, ...]:
        """Nothing."""
        return ()


# A second hypothesis before a word is shown costs 50 ms at the median, and 6 % more are right.
STREAMING = Patience(to_show=1, to_change=2, to_settle=1)
"""For a recogniser that gives a hypothesis every 20 ms."""

# Between two decodings of a growing utterance the same hypothesis comes many times.
REDECODING = Patience(to_show=1, to_change=1, to_settle=1)
"""For hypotheses that two decodings agree on already."""

OpenListening = Callable[[float, str | None], Listening]
"""How to listen from ``start`` on, in a language, or before one is known."""
