"""Several running meetings on one set of models.

===============  ===========================================================  =============
thread           what it does                                                 when it yields
===============  ===========================================================  =============
one per meeting  words while they are spoken                                  never
second pass      the text of whole utterances, of all meetings                to the first
speakers         who speaks, in all meetings                                  to both
chapters         the topics so far, now and then                              to all
===============  ===========================================================  =============
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pyannote.core import Segment, Timeline

from meeting_app.domain import SAMPLE_RATE, ChaptersSoFar, LiveUpdate, Waveform, Word
from meeting_app.domain.live_messages import ListenTo
from pipelines.asr.by_language import drafting_recognizer
from pipelines.live.conversation import Conversation
from pipelines.live.first_pass import OpenListening
from pipelines.live.part import Part
from pipelines.live.second_pass import Utterance, recognize
from pipelines.live.speakers import Speakers
from pipelines.live.waiting import Request, WaitingRoom
from pipelines.protocols import (
    Attributor,
    ChapterFinder,
    OnlineDiarizer,
    SpeechRecognizer,
)

_log = logging.getLogger(__name__)

_SECOND_PASS_NICE, _CHAPTERS_NICE = 5, 15  # beside the first pass's 0
_MOST_TOGETHER = 4  # utterances; more would make the first of them late
_SAME_LENGTH = 5.0  # seconds; as Whisper's windows are padded
_WORTH_ANOTHER_LOOK = 1.0  # seconds of an utterance in which no word was found
_DRAFT_REST = 1.0  # times what the last draft took, for each meeting
_MORE_SOUND = 0.3  # seconds put in front of it then
_REST_FACTOR = 20.0  # chapters take at most a twentieth of the time
_FLUSH_PATIENCE = 60.0  # seconds that the last utterances and voices have


@dataclass(frozen=True, slots=True)
class LiveModels:
    """What the meetings share; each is made by the thread that will use it."""

    open_listening: Callable[[], OpenListening]
    recognizer: Callable[[], SpeechRecognizer]
    diarizer: Callable[[], OnlineDiarizer | None]
    attributor: Attributor
    chapter_finder: Callable[[], ChapterFinder]
    chapters_every: float = 60.0  # seconds


Report = Callable[[str, LiveUpdate | None], None]
"""News of a meeting; None when all was said. May be called from any thread."""


class LiveEngine:
    """Follows running meetings from ``start`` to ``stop``."""

    def __init__(self, models: LiveModels, report: Report) -> None:
        self._models = models
        self._report = report
        self._meetings: dict[str, Conversation] = {}
        self._lock = threading.Lock()
        self._second_pass = _SecondPass(models, self._conversation, lambda: len(self._meetings))
        self._speakers = Speakers(models.diarizer, self._second_pass.is_at_leisure)
        self._chapters = _Chapters(models, self._conversations)
        self._open_listening: OpenListening | None = None

    def start(self) -> None:
        """Loads the models.

        Raises:
            MeetingAppError: one cannot be had, loaded or run.
        """
        self._second_pass.start()
        self._speakers.start()
        self._chapters.start()
        self._open_listening = self._models.open_listening()
        for part in (self._second_pass, self._speakers):
            part.wait_until_ready()

    def open(self, order: ListenTo) -> None:
        """Follows a recording; one that is followed already is begun anew.

        Raises:
            BrokenMediaError: it cannot be read.
        """
        self.forget(order.meeting_id)

        def emit(update: LiveUpdate) -> None:
            self._report(order.meeting_id, update)

        conversation = Conversation(
            order.meeting_id,
            Path(order.path),
            order.from_sample,
            order.next_line,
            attribute=self._models.attributor,
            emit=emit,
        )
        with self._lock:
            self._meetings[order.meeting_id] = conversation
        self._speakers.follow(conversation)
        threading.Thread(
            target=self._follow,
            args=(conversation, order.language),
            name=f"listen-{order.meeting_id}",
            daemon=True,
        ).start()

    def grow(self, meeting: str, num_samples: int) -> None:
        """There is more of a recording on disk."""
        if (conversation := self._conversation(meeting)) is not None:
            conversation.grow(num_samples)

    def close(self, meeting: str) -> None:
        """Nothing follows; what is still to be said is said, then None is reported."""
        if (conversation := self._conversation(meeting)) is not None:
            conversation.close()

    def forget(self, meeting: str) -> None:
        """Stops following without another word."""
        with self._lock:
            conversation = self._meetings.pop(meeting, None)
        if conversation is not None:
            self._second_pass.withdraw(meeting)
            conversation.close()

    def _follow(self, conversation: Conversation, language: str | None) -> None:
        if self._open_listening is None:
            raise RuntimeError("the engine was not started; call start() first")
        try:
            conversation.listen(
                self._open_listening, self._second_pass.detect, language, self._second_pass
            )
            conversation.wait_for_finals(_FLUSH_PATIENCE)
            self._speakers.wait_for(conversation, _FLUSH_PATIENCE)
        except Exception:  # noqa: BLE001 - the boundary of a meeting: the others must go on
            _log.exception("%s: no longer followed", conversation.meeting)
        with self._lock:
            is_ours = self._meetings.get(conversation.meeting) is conversation
            if is_ours:
                del self._meetings[conversation.meeting]
        if is_ours:
            self._report(conversation.meeting, None)

    def _conversation(self, meeting: str) -> Conversation | None:
        with self._lock:
            return self._meetings.get(meeting)

    def _conversations(self) -> tuple[Conversation, ...]:
        with self._lock:
            return tuple(self._meetings.values())


class _SecondPass(Part):
    """Utterances by the better model."""

    def __init__(
        self,
        models: LiveModels,
        conversation: Callable[[str], Conversation | None],
        num_meetings: Callable[[], int],
    ) -> None:
        super().__init__("second-pass", _SECOND_PASS_NICE)
        self._num_meetings = num_meetings
        self._models = models
        self._conversation = conversation
        self._changed = threading.Condition()
        self._room = WaitingRoom(_kind)
        self.is_at_leisure = threading.Event()  # nobody waits for an utterance that may be over
        self.is_at_leisure.set()
        self._is_serving = False  # somebody who waits for such an utterance
        self._recognizer: SpeechRecognizer | None = None
        self._drafter: SpeechRecognizer | None = None
        self._rested_at = 0.0  # on the clock of the machine; before it no line is drafted

    def put(self, request: Request) -> None:
        """Asks, in the place of what was asked about the line before."""
        if request.is_draft and self._drafter is None:
            return  # nothing here is quick enough
        with self._changed:
            self._room.put(request)
            self._changed.notify()
            self._look_who_waits()

    def withdraw(self, meeting: str, line: int | None = None) -> None:
        """Takes back what was asked about a line, or about all."""
        with self._changed:
            self._room.withdraw(meeting, line)
            self._look_who_waits()

    def _look_who_waits(self) -> None:
        """With the lock held, whenever that may have changed."""
        if self._is_serving or self._room.is_urgent:
            self.is_at_leisure.clear()
        else:
            self.is_at_leisure.set()

    def detect(self, waveform: Waveform) -> str | None:
        """The language of speech; None when no word is heard."""
        if self._recognizer is None:
            return None
        whole = Timeline([Segment(0.0, waveform.duration)])
        return self._recognizer(waveform, whole).language

    def _load(self) -> None:
        self._recognizer = self._models.recognizer()
        self._drafter = drafting_recognizer(self._recognizer)
        # The first call builds what the others use.
        silence = Waveform(np.zeros(SAMPLE_RATE, np.float32))
        recognize(self._recognizer, [Utterance(silence, 0.0, 0.0)], "en")

    def _recognize(
        self, known: Sequence[tuple[Request, Conversation]]
    ) -> tuple[tuple[Word, ...], ...]:
        """The words of each; where none are found, a second look with a little more sound.

        A decoder that falls into a loop loses a whole utterance, and a few frames more or less
        are often all that it takes.
        """
        if self._recognizer is None:
            raise RuntimeError("the second pass was not loaded; call start() first")
        language = known[0][0].language
        found = recognize(self._recognizer, [_utterance(*each, 0.0) for each in known], language)
        doubtful = [
            each
            for each, words in zip(known, found, strict=True)
            if not words and each[0].end - each[0].start > _WORTH_ANOTHER_LOOK
        ]
        if not doubtful:
            return found
        longer = [_utterance(*each, _MORE_SOUND) for each in doubtful]
        again = iter(recognize(self._recognizer, longer, language))
        return tuple(
            next(again) if each in doubtful else words
            for each, words in zip(known, found, strict=True)
        )

    def _draft(self, request: Request, conversation: Conversation) -> tuple[tuple[Word, ...], ...]:
        """The words so far of a line that goes on; then a rest, longer where many talk."""
        if self._drafter is None:
            raise RuntimeError("lines that go on are not drafted; ask when they are over")
        with _measured() as taken:
            utterance = _utterance(request, conversation, 0.0)
            found = recognize(self._drafter, [utterance], request.language)
        self._rested_at = time.monotonic() + _DRAFT_REST * self._num_meetings() * taken[0]
        return found

    def _next(self) -> tuple[Request, ...]:
        """Waits for what is asked, or, where it had its rest, for a draft."""
        with self._changed:
            while not self._room.is_urgent:
                rest = self._rested_at - time.monotonic()
                if rest <= 0.0 and len(self._room):
                    break
                self._changed.wait(rest if len(self._room) else None)
            self._is_serving = self._room.is_urgent  # they are served before drafts
            return self._room.take(_MOST_TOGETHER)

    def _step(self) -> None:
        requests = self._next()
        known = [(r, c) for r in requests if (c := self._conversation(r.meeting)) is not None]
        if known and self._recognizer is not None:
            self._serve(known)
        with self._changed:
            self._is_serving = False
            self._look_who_waits()

    def _serve(self, known: Sequence[tuple[Request, Conversation]]) -> None:
        try:
            found = self._draft(*known[0]) if known[0][0].is_draft else self._recognize(known)
        except Exception:  # noqa: BLE001 - the boundary of a batch: the next must be served
            _log.exception("second pass failed; the words of the first stay")
            for request, conversation in known:
                conversation.answer(request, None)
            return
        for (request, conversation), words in zip(known, found, strict=True):
            conversation.answer(request, words)


def _utterance(request: Request, conversation: Conversation, context: float) -> Utterance:
    began = max(0.0, request.start - context)
    return Utterance(Waveform(conversation.read(began, request.end)), began, request.start)


def _kind(request: Request) -> tuple[str | None, int]:
    return request.language, int((request.end - request.start) // _SAME_LENGTH)


class _Chapters(Part):
    """The topics so far."""

    def __init__(
        self, models: LiveModels, conversations: Callable[[], tuple[Conversation, ...]]
    ) -> None:
        super().__init__("chapters", _CHAPTERS_NICE)
        self._models = models
        self._conversations = conversations
        self._finder: ChapterFinder | None = None
        self._num_turns: dict[str, int] = {}  # at the last look

    def _load(self) -> None:
        """Nothing yet: the model is loaded when there is something to divide."""

    def _step(self) -> None:
        rest = self._models.chapters_every
        with _measured() as taken:
            for conversation in self._conversations():
                self._divide(conversation)
        time.sleep(max(rest, _REST_FACTOR * taken[0]))

    def _divide(self, conversation: Conversation) -> None:
        turns = conversation.lines.turns
        if len(turns) == self._num_turns.get(conversation.meeting, 0):
            return
        self._num_turns[conversation.meeting] = len(turns)
        try:
            if self._finder is None:
                self._finder = self._models.chapter_finder()
            chapters = self._finder(turns, conversation.duration)
            conversation.say([ChaptersSoFar(tuple(chapters))])
        except Exception:  # noqa: BLE001 - the boundary of a meeting: chapters are a courtesy
            _log.exception("%s: no chapters this time", conversation.meeting)


@contextmanager
def _measured() -> Iterator[list[float]]:
    """Seconds that the body took, in the only item of the list once it is over."""
    taken = [0.0]
    began = time.monotonic()
    yield taken
    taken[0] = time.monotonic() - began
