"""How turns are gathered into passages."""

from hypothesis import given
from hypothesis import strategies as st
from pyannote.core import Segment

from meeting_app.domain import passages_of
from tests.builders import a_turn


def sentences(*lengths: int) -> str:
    """A sentence of each length, in words."""
    return " ".join(" ".join(["so"] * (length - 1) + ["it."]) for length in lengths)


def lengths(*turns: str) -> list[int]:
    made = [a_turn(number, text=text, start=100.0 * number) for number, text in enumerate(turns)]
    return [len(passage.text.split()) for passage in passages_of(made)]


def test_a_passage_ends_with_the_sentence_that_makes_it_long_enough():
    assert lengths(sentences(20, 20, 5)) == [40, 5]


def test_a_passage_ends_before_a_sentence_that_would_make_it_too_long():
    assert lengths(sentences(39, 22)) == [39, 22]


def test_a_sentence_longer_than_a_passage_is_cut():
    assert lengths(sentences(130)) == [60, 60, 10]


def test_short_turns_are_put_together():
    assert lengths(*["Yes we do."] * 14) == [42]


def test_no_turns_are_no_passages():
    assert passages_of(()) == ()


def test_a_passage_is_of_who_says_most_of_it_and_starts_with_its_first_turn():
    turns = (
        a_turn(4, "SPEAKER_00", "Why?", 0.0),
        a_turn(7, "SPEAKER_01", "Because of the rent.", 10.0),
    )
    (passage,) = passages_of(turns)
    assert (passage.turn_id, passage.speaker) == (4, "SPEAKER_01")
    assert passage.segment == Segment(0.0, 11.9)
    assert passage.text == "Why? Because of the rent."


@given(st.lists(st.lists(st.integers(1, 90), min_size=1, max_size=4), max_size=6))
def test_passages_hold_every_word_once_and_are_never_too_long(turns: list[list[int]]):
    made = lengths(*(sentences(*turn) for turn in turns))
    assert sum(made) == sum(sum(turn) for turn in turns)
    assert all(1 <= length <= 60 for length in made)
