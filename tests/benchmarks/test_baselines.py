"""Plain ways to give words to speakers."""

from pyannote.core import Segment

from benchmarks.baselines import by_overlap, by_sentence, loudest
from meeting_app.domain import SpeakerSegment, Turn, Word


def heard(speaker: str, start: float, end: float) -> SpeakerSegment:
    return SpeakerSegment(Segment(start, end), speaker)


def said(*texts: str) -> list[Word]:
    """A word in each second."""
    return [Word(Segment(start, start + 1), text, 1.0) for start, text in enumerate(texts)]


def owners(turns: tuple[Turn, ...]) -> list[tuple[str | None, str]]:
    return [(turn.speaker, turn.text) for turn in turns]


def test_word_belongs_to_who_is_heard_for_most_of_it() -> None:
    # Of 1.0–2.0, a has 0.3 s and b 0.7 s.
    segments = [heard("a", 0.0, 1.3), heard("b", 1.3, 3.0)]
    assert loudest(Segment(1.0, 2.0), segments) == "b"


def test_stretches_of_one_speaker_add_up() -> None:
    # a: 0.3 + 0.3 s, b: 0.4 s.
    segments = [heard("a", 0.0, 0.3), heard("b", 0.3, 0.7), heard("a", 0.7, 1.0)]
    assert loudest(Segment(0.0, 1.0), segments) == "a"


def test_first_of_two_who_are_heard_alike_has_the_word() -> None:
    segments = [heard("b", 0.0, 1.0), heard("a", 0.0, 1.0)]
    assert loudest(Segment(0.0, 1.0), segments) == "b"


def test_touching_is_not_hearing() -> None:
    assert loudest(Segment(1.0, 2.0), [heard("a", 0.0, 1.0), heard("b", 2.0, 3.0)]) is None


def test_by_overlap_each_word_stands_alone() -> None:
    segments = [heard("a", 0.0, 1.4), heard("b", 1.4, 2.0), heard("a", 2.0, 3.0)]
    turns = by_overlap(said("we", "all", "agree."), segments)
    assert owners(turns) == [("a", "we"), ("b", "all"), ("a", "agree.")]
    assert [turn.id for turn in turns] == [0, 1, 2]


def test_by_overlap_a_word_in_silence_goes_to_the_nearest() -> None:
    # 1.0–2.0 is 0.6 s behind a and 0.5 s before b.
    segments = [heard("a", 0.0, 0.4), heard("b", 2.5, 3.0)]
    assert owners(by_overlap(said("Yes", "er", "no"), segments)) == [("a", "Yes"), ("b", "er no")]


def test_by_sentence_the_majority_has_all_of_it() -> None:
    # a has 1.4 s of the first sentence, b 1.6 s; the second is in silence, after b.
    segments = [heard("a", 0.0, 1.4), heard("b", 1.4, 3.0)]
    turns = by_sentence(said("We", "all", "agree.", "Do", "we?"), segments)
    assert owners(turns) == [("b", "We all agree. Do we?")]


def test_without_speakers_words_are_nobodys() -> None:
    assert owners(by_overlap(said("one."), [])) == [(None, "one.")]
    assert owners(by_sentence(said("one."), [])) == [(None, "one.")]


def test_without_words_there_are_no_turns() -> None:
    assert by_overlap([], [heard("a", 0.0, 1.0)]) == by_sentence([], []) == ()
