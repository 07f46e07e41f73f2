"""What the second pass is asked while one conversation is listened to."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from pyannote.core import Segment

from meeting_app.config import AttributionConfig
from meeting_app.domain import LiveUpdate, PartialWords, StableWords, Word
from pipelines.attribution import WordAttributor
from pipelines.live.endpointing import FRAME, Endpointing
from pipelines.live.first_pass import STREAMING, FirstPass, Listening
from pipelines.live.lines import Lines
from pipelines.live.waiting import Request

STEP = round(FRAME * 16_000)  # samples of one score


class Loudness:
    """Speech wherever there is sound, one score for each step."""

    def accept(self, samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        return np.abs(samples).reshape(-1, STEP).max(axis=1).astype(np.float32)


class OneWord:
    """Hears one word as soon as there is sound."""

    def __init__(self) -> None:
        self._words: tuple[Word, ...] = ()

    def accept(self, samples: npt.NDArray[np.float32]) -> tuple[Word, ...]:
        if samples.max() > 0:
            self._words = (Word(Segment(1.0, 1.3), "so", 0.5),)
        return self._words

    def finish(self) -> tuple[Word, ...]:
        found, self._words = self._words, ()
        return found


class Notes:
    """A desk that notes what is asked."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.withdrawn: list[int | None] = []

    def put(self, request: Request) -> None:
        self.asked.append(request)

    def withdraw(self, meeting: str, line: int | None = None) -> None:
        self.withdrawn.append(line)

    @property
    def drafts(self) -> list[float]:
        """Until when lines that go on were drafted, to a tenth of a second."""
        return [round(request.end, 1) for request in self.asked if request.is_draft]

    @property
    def finals(self) -> list[float]:
        return [round(request.end, 1) for request in self.asked if not request.is_draft]


def heard(
    desk: Notes, parts: Sequence[tuple[float, float]], *, is_rewritten: bool
) -> Iterator[LiveUpdate]:
    """Listens to parts of (level, seconds)."""
    lines = Lines("m", 0, WordAttributor(AttributionConfig()))
    listening = Listening(Loudness(), OneWord(), Endpointing(), STREAMING, "en", is_rewritten)
    first = FirstPass("m", listening, 0.0, lines, desk)
    for level, duration in parts:
        for _ in range(round(duration / FRAME)):
            yield from first.apply(first.hear(np.full(STEP, level, np.float32)))


def test_an_utterance_is_asked_about_once_when_it_pauses_and_ends_there() -> None:
    desk = Notes()
    list(heard(desk, [(0.0, 1.0), (0.9, 2.0), (0.0, 1.0)], is_rewritten=False))
    assert desk.finals == [3.1]  # 0.1 s after speech, long before the line is over
    assert desk.withdrawn == []


def test_an_utterance_that_goes_on_after_a_pause_is_asked_about_again() -> None:
    desk = Notes()
    parts = [(0.0, 1.0), (0.9, 1.0), (0.0, 0.3), (0.9, 1.0), (0.0, 1.0)]
    list(heard(desk, parts, is_rewritten=False))
    assert desk.finals == [2.1, 3.4]
    assert desk.withdrawn == [0]


def test_a_line_is_drafted_again_and_again_while_somebody_speaks() -> None:
    desk = Notes()
    list(heard(desk, [(0.0, 1.0), (0.9, 1.5), (0.0, 1.0)], is_rewritten=True))
    # The line begins at 0.85, with the padding.
    assert desk.drafts == [1.2, 1.7, 2.1, 2.5]


def test_nothing_is_drafted_in_a_pause_or_where_nobody_wants_it() -> None:
    desk = Notes()
    list(heard(desk, [(0.0, 1.0), (0.9, 0.1), (0.0, 1.0)], is_rewritten=True))
    list(heard(desk, [(0.0, 1.0), (0.9, 3.5), (0.0, 1.0)], is_rewritten=False))
    assert desk.drafts == []


def test_a_word_is_shown_when_it_is_first_heard_and_stays() -> None:
    updates = list(heard(Notes(), [(0.0, 1.0), (0.9, 0.2)], is_rewritten=False))
    assert updates == [
        PartialWords(0, (Word(Segment(1.0, 1.3), "so", 0.5),)),
        StableWords(0, 1),
    ]
