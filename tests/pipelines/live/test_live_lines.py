"""What is known of the lines of a running meeting, and what that makes known."""

from pyannote.core import Segment

from meeting_app.config import AttributionConfig
from meeting_app.domain import (
    BetterWords,
    FinalWords,
    LiveUpdate,
    PartialWords,
    SpeakerSegment,
    StableWords,
    VoicesHeard,
    Word,
    WordSpeakers,
)
from pipelines.attribution import WordAttributor
from pipelines.live.agreement import Shown
from pipelines.live.lines import Lines


def word(text: str, start: float) -> Word:
    return Word(Segment(start, start + 0.4), text, 0.9)


def lines_with(number: int = 0) -> Lines:
    return Lines("m", number, WordAttributor(AttributionConfig()))


A, B = word("so", 1.0), word("we", 1.5)
ANN = SpeakerSegment(Segment(0.5, 3.0), "SPEAKER_00")


def test_lines_are_numbered_from_where_they_are_told() -> None:
    lines = lines_with(7)
    assert [lines.open(0.0), lines.open(5.0)] == [7, 8]


def test_only_what_follows_the_stable_words_is_sent_again() -> None:
    lines = lines_with()
    line = lines.open(0.9)
    assert list(lines.show(line, Shown((A,), 1))) == [
        PartialWords(line, (A,)),
        StableWords(line, 1),
    ]
    assert list(lines.show(line, Shown((A,), 1))) == []
    assert list(lines.show(line, Shown((A, B), 1))) == [PartialWords(line, (B,))]


def test_a_line_is_final_once_it_is_over_and_answered_in_either_order() -> None:
    for is_answered_first in (True, False):
        lines = lines_with()
        line = lines.open(0.9)
        request = lines.ask(line, 2.0, "en")
        steps = [lambda: lines.answer(request, (A, B)), lambda: lines.close(line, 2.0)]  # noqa: B023
        found: list[LiveUpdate] = []
        for step in steps if is_answered_first else reversed(steps):
            assert not found
            found = list(step())
        assert found[0] == FinalWords(line, (A, B))
        assert not lines.is_waiting


def test_the_answer_to_a_question_that_was_taken_back_is_ignored() -> None:
    lines = lines_with()
    line = lines.open(0.9)
    early = lines.ask(line, 2.0, "en")
    lines.resume(line)
    late = lines.ask(line, 4.0, "en")
    assert list(lines.close(line, 4.0)) == []
    assert list(lines.answer(early, (A,))) == []
    assert lines.is_waiting
    assert FinalWords(line, (A, B)) in list(lines.answer(late, (A, B)))


def test_a_line_that_goes_on_is_to_be_asked_about_again() -> None:
    lines = lines_with()
    line = lines.open(0.9)
    assert not lines.has_asked(line)
    lines.ask(line, 2.0, "en")
    assert lines.has_asked(line)
    lines.resume(line)
    assert not lines.has_asked(line)


def test_the_words_of_the_first_pass_stay_when_the_second_fails() -> None:
    lines = lines_with()
    line = lines.open(0.9)
    list(lines.show(line, Shown((A,), 0)))
    request = lines.ask(line, 2.0, "en")
    list(lines.close(line, 2.0))
    assert FinalWords(line, (A,)) in list(lines.answer(request, None))


def test_words_get_the_label_of_who_is_heard_and_settle_with_it() -> None:
    lines = lines_with()
    line = lines.open(0.9)
    list(lines.show(line, Shown((A, B), 0)))
    heard = VoicesHeard(0.0, (ANN,), 0.0)
    assert list(lines.hear(heard)) == [heard, WordSpeakers(line, ("SPEAKER_00",) * 2)]
    assert list(lines.hear(heard)) == [heard]  # nothing new about the words
    request = lines.ask(line, 2.0, "en")
    list(lines.close(line, 2.0))
    list(lines.answer(request, (A, B)))
    settled = VoicesHeard(3.0, (), 3.0)
    assert list(lines.hear(settled))[1] == WordSpeakers(line, ("SPEAKER_00",) * 2, True)
    assert list(lines.hear(settled)) == [settled]  # and the line is forgotten


def test_what_two_drafts_agree_on_is_shown_in_place_of_the_first_words() -> None:
    lines = lines_with()
    line = lines.open(0.9)
    list(lines.show(line, Shown((word("sew", 1.0), B), 2)))
    assert list(lines.answer(lines.draft(line, 2.0, "en"), (A,))) == []
    found = list(lines.answer(lines.draft(line, 3.0, "en"), (A, B)))
    assert found == [BetterWords(line, 1, (A,))]  # "sew" is gone, "we" stays
    # The first pass goes on behind what is better.
    later = word("will", 2.0)
    first = Shown((word("sew", 1.0), B, later), 2)
    assert list(lines.show(line, first)) == [PartialWords(line, (later,))]
    # Both drafts have "we": it is agreed on as well.
    more = list(lines.answer(lines.draft(line, 4.0, "en"), (A, B)))
    assert more == [BetterWords(line, 2, (A, B))]


def test_a_draft_neither_ends_a_line_nor_changes_one_that_is_final() -> None:
    lines = lines_with()
    line = lines.open(0.9)
    draft = lines.draft(line, 2.0, "en")
    list(lines.close(line, 2.0))
    assert list(lines.answer(draft, (A,))) == []
    assert lines.is_waiting
    request = lines.ask(line, 2.0, "en")
    assert FinalWords(line, (B,)) in list(lines.answer(request, (B,)))
    assert list(lines.answer(draft, (A,))) == []


def test_a_draft_that_fails_changes_nothing() -> None:
    lines = lines_with()
    line = lines.open(0.9)
    list(lines.show(line, Shown((A,), 1)))
    assert list(lines.answer(lines.draft(line, 2.0, "en"), None)) == []


def test_a_final_line_without_words_goes_away() -> None:
    lines = lines_with()
    line = lines.open(0.9)
    request = lines.ask(line, 2.0, "en")
    list(lines.close(line, 2.0))
    assert list(lines.answer(request, ())) == [FinalWords(line, ())]
    assert lines.turns == ()
