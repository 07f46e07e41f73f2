"""One running meeting: its sound, its lines, and the thread that listens."""

import logging
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from meeting_app.domain import SAMPLE_RATE, Behind, LiveUpdate, Waveform, Word
from pipelines.live.first_pass import Desk, FirstPass, OpenListening
from pipelines.live.lines import Lines
from pipelines.live.source import GrowingSound
from pipelines.live.waiting import Request
from pipelines.protocols import Attributor

_log = logging.getLogger(__name__)

Emit = Callable[[LiveUpdate], None]
DetectLanguage = Callable[[Waveform], str | None]

_STEP = 320  # samples; 20 ms, what is listened to at once
_LONG_STEP = 3200  # samples; 200 ms, cheaper, while there is something to catch up with
_LATE = 1.0  # seconds behind from which readers are told
_IN_TIME = 0.3  # seconds behind at which it is over
_ENOUGH_TO_TELL = 2.5  # seconds of an utterance from which its language is told


class Conversation:
    """Follows one recording until it is closed.

    The thread of the first pass reads the sound; those of the second pass and of the speakers
    come with what they found. Whatever changes the lines happens under one lock, and so do the
    updates that it leads to: they leave in the order in which they are to be applied.
    """

    def __init__(
        self,
        meeting: str,
        path: Path,
        first_sample: int,
        first_line: int,
        *,
        attribute: Attributor,
        emit: Emit,
    ) -> None:
        """Opens the file.

        Raises:
            BrokenMediaError: it cannot be read.
        """
        self.meeting = meeting
        self.lines = Lines(meeting, first_line, attribute)
        self._sound = GrowingSound(path)
        self._emit = emit
        self._changed = threading.Condition(threading.RLock())
        self._num_samples = first_sample  # on disk
        self._position = first_sample  # of the first pass
        self._is_closing = False
        self._is_drained = False  # the first pass has heard everything
        self._behind = 0.0

    @property
    def num_samples(self) -> int:
        """On disk, as far as was told."""
        return self._num_samples

    @property
    def is_drained(self) -> bool:
        """Whether nothing more comes and the first pass has heard everything."""
        return self._is_drained

    @property
    def duration(self) -> float:
        """Seconds that the first pass has heard."""
        return self._position / SAMPLE_RATE

    def grow(self, num_samples: int) -> None:
        """So many samples are on disk."""
        with self._changed:
            self._num_samples = max(self._num_samples, num_samples)
            self._changed.notify_all()

    def close(self) -> None:
        """No more comes."""
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()

    def read(self, start: float, end: float) -> npt.NDArray[np.float32]:
        """The sound from ``start`` to ``end`` seconds: (num_samples,) float32."""
        first = max(0, round(start * SAMPLE_RATE))
        return self._sound.read(first, max(0, round(end * SAMPLE_RATE) - first))

    def read_samples(self, first: int, last: int) -> npt.NDArray[np.float32]:
        """The samples from ``first`` to ``last``, those that are on disk."""
        return self._sound.read(first, min(last, self._num_samples) - first)

    def say(self, updates: Iterable[LiveUpdate]) -> None:
        """Sends updates; they are made while nothing else changes."""
        with self._changed:
            for update in updates:
                self._emit(update)
            self._changed.notify_all()

    def answer(self, request: Request, words: tuple[Word, ...] | None) -> None:
        """The second pass has done the request, or failed."""
        self.say(self.lines.answer(request, words))

    def wait_for_finals(self, timeout: float) -> bool:
        """Waits until every line that is over has its final words; whether that came."""
        with self._changed:
            return self._changed.wait_for(lambda: not self.lines.is_waiting, timeout)

    def listen(
        self,
        open_listening: OpenListening,
        detect: DetectLanguage,
        language: str | None,
        desk: Desk,
    ) -> None:
        """The first pass, to the end of the sound; begins anew where something fails."""
        ear = _Ear(self, open_listening, detect, language, desk)
        while True:
            samples = self._next()
            if samples is None:
                break
            ear.listen(samples)
            self._tell_lag()
        ear.finish()
        with self._changed:
            self._is_drained = True
            self._changed.notify_all()

    def rewind(self, position: int) -> None:
        """The first pass is to hear this again."""
        self._position = position

    def _next(self) -> npt.NDArray[np.float32] | None:
        """The next step of sound, waited for; None at the end."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._num_samples - self._position >= _STEP or self._is_closing
            )
            left = self._num_samples - self._position
        if left <= 0:
            return None
        step = _LONG_STEP if left > 2 * _LONG_STEP else _STEP
        samples = self._sound.read(self._position, min(step, left))
        if not len(samples):  # told of more than there is
            return None if self._is_closing else self._wait_a_moment()
        self._position += len(samples)
        return samples

    def _wait_a_moment(self) -> npt.NDArray[np.float32]:
        with self._changed:
            self._changed.wait(0.1)
        return np.zeros(0, np.float32)

    def _tell_lag(self) -> None:
        lag = round((self._num_samples - self._position) / SAMPLE_RATE, 1)
        is_news = abs(lag - self._behind) >= 0.5 if lag >= _LATE else self._behind > 0.0
        if is_news and (lag >= _LATE or lag <= _IN_TIME):
            self._behind = lag if lag >= _LATE else 0.0
            self.say([Behind(self._behind)])


class _Ear:
    """The first pass of a conversation, and how it begins, finds its language and recovers."""

    def __init__(
        self,
        conversation: Conversation,
        open_listening: OpenListening,
        detect: DetectLanguage,
        language: str | None,
        desk: Desk,
    ) -> None:
        self._conversation = conversation
        self._open = open_listening
        self._detect = detect
        self._language = language
        self._desk = desk
        self._pass = self._begin(conversation.duration)

    def listen(self, samples: npt.NDArray[np.float32]) -> None:
        """Hears a little more; a failure costs the words that were being spoken, no more."""
        try:
            sounded = self._pass.hear(samples)
            self._conversation.say(self._pass.apply(sounded))
            self._find_language()
        except Exception:  # noqa: BLE001 - the boundary of a conversation: the others must go on
            _log.exception("%s: first pass failed; it begins anew", self._conversation.meeting)
            self._conversation.say(self._pass.give_up())
            self._pass = self._begin(self._conversation.duration)

    def finish(self) -> None:
        """Nothing follows."""
        try:
            self._conversation.say(self._pass.finish())
        except Exception:  # noqa: BLE001 - as above
            _log.exception("%s: first pass failed at the end", self._conversation.meeting)
            self._conversation.say(self._pass.give_up())

    def _begin(self, start: float) -> FirstPass:
        conversation = self._conversation
        listening = self._open(start, self._language)
        return FirstPass(conversation.meeting, listening, start, conversation.lines, self._desk)

    def _find_language(self) -> None:
        """Once somebody has spoken for a while, listens to that again, knowing the language."""
        start, now = self._pass.line_start, self._conversation.duration
        if self._language is not None or start is None or now - start < _ENOUGH_TO_TELL:
            return
        self._language = self._detect(Waveform(self._conversation.read(start, now)))
        if self._language is not None:
            self._pass.adopt(self._open(start, self._language), start)
            self._conversation.rewind(round(start * SAMPLE_RATE))
