import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyannote.core import Segment, Timeline

from meeting_app.domain import Word
from pipelines.asr.words import (
    Spelling,
    fit_to_speech,
    in_order,
    shifted,
    timed_words,
    token_starts,
)


def word(start: float, end: float, text: str = "word") -> Word:
    return Word(Segment(start, end), text, 0.5)


def texts(*spellings: str) -> list[str]:
    pieces = [Spelling(text, 1) for text in spellings]
    starts = [float(i) for i in range(len(pieces) + 1)]
    return [w.text for w in timed_words(pieces, starts, [0.5] * len(pieces))]


def test_a_token_begins_where_the_path_first_meets_it() -> None:
    starts = token_starts([0, 0, 1, 1, 1, 2, 3], [0, 1, 1, 2, 3, 3, 4])
    assert starts.tolist() == [0, 1, 3, 4]


def test_a_word_lasts_from_its_first_token_to_the_next_word() -> None:
    spellings = [Spelling(" uncomfort", 2), Spelling(" now", 1)]
    first, second = timed_words(spellings, [0.5, 0.7, 1.0, 1.25], [0.4, 0.8, 1.0])
    assert (first.segment, first.text) == (Segment(0.5, 1.0), "uncomfort")
    assert first.probability == pytest.approx(0.6)  # mean of 0.4 and 0.8
    assert (second.segment, second.text) == (Segment(1.0, 1.25), "now")


def test_closing_punctuation_belongs_to_the_word_before() -> None:
    assert texts(" Hello", ",", " world", ".", "”") == ["Hello,", "world.”"]


def test_opening_punctuation_belongs_to_the_word_after() -> None:
    assert texts(" He", " “", "Go", "!", "”") == ["He", "“Go!”"]
    assert texts(" ¿", "Qué", "?") == ["¿Qué?"]


def test_punctuation_of_scripts_without_spaces_is_attached_too() -> None:
    assert texts("你", "好", "，", "「", "世", "」", "。") == ["你", "好，", "「世」。"]


def test_punctuation_without_a_word_is_left_out() -> None:
    assert texts(" .", " .", " ") == []


def test_punctuation_leaves_time_and_probability_of_its_word_alone() -> None:
    (only,) = timed_words([Spelling(" no", 1), Spelling(".", 1)], [1.0, 1.5, 4.0], [0.75, 0.25])
    assert only == Word(Segment(1.0, 1.5), "no.", 0.75)


def test_a_word_of_no_length_gets_one_step() -> None:
    (only,) = timed_words([Spelling(" no", 1)], [1.0, 1.0], [0.5])
    assert only.segment == Segment(1.0, 1.02)


def test_a_word_is_cut_to_the_speech_it_overlaps() -> None:
    speech = Timeline([Segment(0, 2), Segment(3, 5)])
    assert fit_to_speech([word(1.5, 3.2), word(2.4, 3.6)], speech) == (word(1.5, 2), word(3, 3.6))


def test_a_word_just_beside_speech_moves_to_its_edge() -> None:
    (moved,) = fit_to_speech([word(2.2, 2.4)], Timeline([Segment(0, 2)]))
    assert moved.segment.end == pytest.approx(2.0)
    assert moved.segment.duration == pytest.approx(0.02)


def test_a_word_in_silence_was_not_said() -> None:
    assert fit_to_speech([word(2.6, 3)], Timeline([Segment(0, 2), Segment(9, 10)])) == ()
    assert fit_to_speech([word(0, 1)], Timeline()) == ()


def test_words_are_ordered_by_start_and_equals_keep_their_order() -> None:
    late, early, same = word(2, 3, "late"), word(1, 3, "early"), word(1, 2, "same")
    assert in_order([late, early, same]) == (early, same, late)


def test_shifted_moves_both_ends() -> None:
    assert shifted(word(1, 2), 10) == word(11, 12)


@given(
    st.lists(st.tuples(st.floats(0, 50), st.floats(0.02, 5)), max_size=20),
    st.lists(st.tuples(st.floats(0, 50), st.floats(0.25, 10)), min_size=1, max_size=5),
)
def test_fitted_words_lie_inside_speech(
    spans: list[tuple[float, float]], spoken: list[tuple[float, float]]
) -> None:
    speech = Timeline([Segment(s, s + d) for s, d in spoken]).support()
    for fitted in fit_to_speech([word(s, s + d) for s, d in spans], speech):
        assert fitted.segment.duration > 0
        assert any(
            r.start - 1e-9 <= fitted.segment.start and fitted.segment.end <= r.end + 1e-9
            for r in speech
        )


def test_probabilities_stay_between_zero_and_one() -> None:
    (only,) = timed_words([Spelling(" a", 1)], [0.0, 1.0], np.array([1.0000001]))
    assert only.probability == 1.0
