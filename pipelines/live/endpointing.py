"""Where an utterance begins and ends, from the scores of a voice activity detector.

    ============================  ==========================================================
    speech for ``opens_after``    the utterance began a little before it
    silence for ``pauses_after``  it may have ended: worth recognising it already
    speech again                  it had not
    silence for ``closes_after``  it has ended
    speech for ``soft_limit``     ever shorter silences end it, and near ``hard_limit`` the
                                  weakest sound does; there, at the latest, it is cut
    ============================  ==========================================================

Everything here is pure: scores in, events out.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

FRAME = 0.032  # seconds from one score to the next
_LAST = 0.75  # part of the way between the limits from which speech itself is cut


@dataclass(frozen=True, slots=True)
class Endpointing:
    """Scores and seconds that decide."""

    onset: float = 0.4  # score that is speech
    offset: float = 0.4  # score below which speech has stopped; below the detector's is late
    opens_after: float = 0.06  # seconds
    pauses_after: float = 0.1  # early: what is recognised then is there when the utterance ends
    closes_after: float = 0.3
    soft_limit: float = 8.0
    hard_limit: float = 20.0
    padding: float = 0.15  # seconds kept around an utterance


@dataclass(frozen=True, slots=True)
class Opened:
    """Somebody speaks."""

    start: float  # seconds; with the padding


@dataclass(frozen=True, slots=True)
class Paused:
    """Nobody speaks just now; unless somebody goes on, the utterance ends at ``end``."""

    end: float  # seconds; with the padding


@dataclass(frozen=True, slots=True)
class Resumed:
    """The utterance goes on."""


@dataclass(frozen=True, slots=True)
class Closed:
    """The utterance is over."""

    end: float  # seconds; with the padding


EndpointEvent = Opened | Paused | Resumed | Closed


class Endpointer:
    """The utterances of one conversation: Opened (Paused Resumed)* Paused? Closed, again."""

    def __init__(self, rules: Endpointing, start: float = 0.0) -> None:
        """``start`` is when the first frame begins, in seconds."""
        self._rules = rules
        self._base = start
        self._num_frames = 0
        self._run = 0  # frames in a row that speak against the present state
        self._opened: float | None = None
        self._last_end = start  # nothing before it belongs to another utterance
        self._is_speech = False  # of the latest frame, between the thresholds as before
        self._is_paused = False

    @property
    def is_open(self) -> bool:
        """Whether an utterance is going on."""
        return self._opened is not None

    def accept(self, scores: Iterable[float]) -> Iterator[EndpointEvent]:
        """What the next frames tell."""
        for score in scores:
            self._num_frames += 1
            if score >= self._rules.onset:
                self._is_speech = True
            elif score < self._rules.offset:
                self._is_speech = False
            yield from self._in_speech(score) if self.is_open else self._in_silence()

    def finish(self) -> Iterator[EndpointEvent]:
        """Nothing follows: what is open ends now."""
        if self.is_open:
            yield self._close(self._now)

    @property
    def _now(self) -> float:
        return self._base + self._num_frames * FRAME

    def _in_silence(self) -> Iterator[EndpointEvent]:
        self._run = self._run + 1 if self._is_speech else 0
        if self._run and self._run * FRAME >= self._rules.opens_after:
            began = self._now - self._run * FRAME - self._rules.padding
            self._opened = max(began, self._last_end)
            self._run = 0
            yield Opened(self._opened)

    def _in_speech(self, score: float) -> Iterator[EndpointEvent]:
        if self._is_speech:
            if self._is_paused:
                self._is_paused = False
                yield Resumed()
            self._run = 0
        else:
            self._run += 1
        silence = self._run * FRAME
        if not self._is_paused and silence >= self._rules.pauses_after:
            self._is_paused = True
            yield Paused(self._end_of_speech())
        eagerness = self._eagerness()
        if silence and silence >= self._rules.closes_after * (1.0 - eagerness):
            yield self._close(self._end_of_speech())
        elif score <= self._weakness(eagerness):
            yield self._close(self._now)

    def _end_of_speech(self) -> float:
        # Counted in frames, so that the end of a pause and that of the utterance are equal.
        end = self._base + (self._num_frames - self._run) * FRAME + self._rules.padding
        return min(self._now, end)

    def _eagerness(self) -> float:
        """0 for an utterance of ordinary length, 1 for one that must be cut now."""
        rules = self._rules
        too_long = self._now - (self._opened or 0.0) - rules.soft_limit
        return min(1.0, max(0.0, too_long / (rules.hard_limit - rules.soft_limit)))

    def _weakness(self, eagerness: float) -> float:
        """The score at which even speech is cut; negative where none is."""
        onset = self._rules.onset
        # In the last quarter it rises from that of speech to that of every sound.
        return onset + (1.0 - onset) * (4.0 * eagerness - 3.0) if eagerness > _LAST else -1.0

    def _close(self, end: float) -> Closed:
        self._opened, self._run, self._is_paused = None, 0, False
        self._last_end = end
        return Closed(end)
