"""Words, turns and sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyannote.core import Segment

from meeting_app.domain import Turn, Word, join_words, sentences_of
from meeting_app.domain.transcript import is_sentence_end


def _words(*texts: str) -> tuple[Word, ...]:
    return tuple(Word(Segment(i, i + 0.5), text, 1.0) for i, text in enumerate(texts))


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ((), ""),
        (("Hello,", "world."), "Hello, world."),
        (("今天", "开会", "。"), "今天开会。"),
        (("我们", "用", "Python", "写"), "我们用Python写"),
        (("これ", "は", "テスト"), "これはテスト"),
        (("안녕하세요", "여러분"), "안녕하세요 여러분"),
        (("สวัสดี", "ครับ"), "สวัสดีครับ"),
        (("naïve", "café"), "naïve café"),
    ],
)
def test_words_are_joined_as_their_script_is_written(texts: tuple[str, ...], expected: str) -> None:
    assert join_words(_words(*texts)) == expected


@given(st.lists(st.text("abcxyz'", min_size=1), max_size=8))
def test_joined_latin_words_split_into_the_same_words(texts: list[str]) -> None:
    assert join_words(_words(*texts)).split() == texts


@pytest.mark.parametrize(
    "text", ["end.", "end?", "end!", "end…", "结束。", "好？", 'end."', "end?)"]
)
def test_sentence_ending_punctuation_ends_a_sentence(text: str) -> None:
    assert is_sentence_end(text)


@pytest.mark.parametrize("text", ["end", "end,", "Mr.", "Dr.", "J.", "e.g.", "U.S.", "3.5", ".NET"])
def test_abbreviations_numbers_and_commas_do_not_end_a_sentence(text: str) -> None:
    assert not is_sentence_end(text)


def test_a_turn_is_cut_after_each_sentence_and_keeps_an_unfinished_last_one() -> None:
    turn = Turn(4, "SPEAKER_01", _words("Yes.", "Dr.", "Wu", "agreed.", "So", "we"))
    sentences = sentences_of([turn])
    assert [sentence.text for sentence in sentences] == ["Yes.", "Dr. Wu agreed.", "So we"]
    assert {(sentence.turn_id, sentence.speaker) for sentence in sentences} == {(4, "SPEAKER_01")}
    assert sentences[1].segment == Segment(1, 3.5)


def test_a_sentence_never_spans_two_turns() -> None:
    turns = [Turn(0, "SPEAKER_00", _words("I", "think")), Turn(1, None, _words("so", "too."))]
    assert [sentence.text for sentence in sentences_of(turns)] == ["I think", "so too."]


@given(st.lists(st.sampled_from(["a", "b.", "c?", "Mr.", "好。"]), min_size=1, max_size=12))
def test_sentences_hold_every_word_once_and_in_order(texts: list[str]) -> None:
    turn = Turn(0, None, _words(*texts))
    assert tuple(w for s in sentences_of([turn]) for w in s.words) == turn.words


def test_a_turn_reaches_to_the_last_end_of_its_words() -> None:
    long_then_short = (Word(Segment(0, 5), "a", 1.0), Word(Segment(1, 2), "b", 1.0))
    assert Turn(0, None, long_then_short).segment == Segment(0, 5)


def test_a_turn_without_words_is_refused() -> None:
    with pytest.raises(ValueError, match="turn 7: no words"):
        Turn(7, None, ())
