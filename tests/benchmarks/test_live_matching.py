"""Which shown word is which reference word, worked out by hand."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.streaming.captions import Captions, Display, ShownWord
from benchmarks.streaming.matching import SaidWord, WordHistory, pair_words, word_histories


def said(text: str, start: float = 0.0, step: float = 0.5) -> list[SaidWord]:
    """Words that follow each other, ``step`` seconds each."""
    return [
        SaidWord(word, start + i * step, start + (i + 1) * step)
        for i, word in enumerate(text.split())
    ]


def display(at: float, text: str, **more: object) -> Display:
    """The words half a second each, from the start of the line."""
    start, label = float(more.pop("start", 0.0)), more.pop("label", None)
    shown = tuple(ShownWord(w.text, w.start, w.end, label) for w in said(text, start))
    return Display(at, int(more.pop("line", 0)), shown, **more)


def history(text: str, *displays: Display) -> list[WordHistory]:
    return list(word_histories(Captions(displays), said(text)))


def test_equal_words_are_paired_in_order() -> None:
    assert pair_words(said("a b c"), said("a x c")) == ((0, 0), (2, 2))


def test_a_word_said_twice_is_paired_with_the_nearer_one() -> None:
    # "no" was said at 0 and at 0.5; the one shown lies at 0.5.
    assert pair_words(said("no", start=0.5), said("no no")) == ((0, 1),)


def test_words_farther_apart_than_the_tolerance_are_not_the_same() -> None:
    assert pair_words(said("yes", start=1.1), said("yes"), tolerance=1.0) == ()
    assert pair_words(said("yes", start=0.9), said("yes"), tolerance=1.0) == ((0, 0),)


def test_more_pairs_win_over_nearer_pairs() -> None:
    # Pairing the second "a" would be exact in time but would leave "b" alone.
    assert pair_words(said("a b", start=0.5), said("a a b")) == ((0, 1), (1, 2))
    assert pair_words(said("b a"), said("a b a")) == ((0, 1), (1, 2))


def test_nothing_is_paired_with_nothing() -> None:
    assert pair_words([], said("a")) == pair_words(said("a"), []) == ()


@settings(deadline=None)
@given(
    st.lists(st.sampled_from("abc"), max_size=8),
    st.lists(st.sampled_from("abc"), max_size=8),
    st.floats(0, 100),
)
def test_pairs_rise_hold_equal_words_and_do_not_hang_on_the_hour(
    left: list[str], right: list[str], shift: float
) -> None:
    shown, spoken = said(" ".join(left)), said(" ".join(right))
    pairs = pair_words(shown, spoken)
    assert all(shown[i].text == spoken[j].text for i, j in pairs)
    assert all(b[0] > a[0] and b[1] > a[1] for a, b in itertools.pairwise(pairs))
    later = pair_words(said(" ".join(left), shift), said(" ".join(right), shift))
    assert len(later) >= len(pairs) - 1  # rounding may move a pair over the tolerance


def test_a_word_is_first_shown_when_it_is_right_for_the_first_time() -> None:
    first, second = history(
        "hello there", display(0.7, "yellow"), display(1.0, "hello"), display(1.4, "hello there")
    )
    assert (first.first_shown, first.shown_since) == (1.0, 1.0)
    assert (second.first_shown, second.shown_since) == (1.4, 1.4)


def test_a_word_that_went_away_is_there_for_good_from_its_return_on() -> None:
    (word,) = history("cat", display(0.6, "cat"), display(0.8, "cap"), display(1.1, "Cat."))
    assert (word.first_shown, word.shown_since) == (0.6, 1.1)


def test_a_word_that_went_away_for_good_was_shown_but_never_for_good() -> None:
    (word,) = history("cat", display(0.6, "cat"), display(0.8, "cap"))
    assert (word.first_shown, word.shown_since) == (0.6, None)


def test_a_word_that_only_the_second_pass_knows_is_not_one_of_the_first_pass() -> None:
    late, early = history(
        "cat sat", display(1.2, "cap sat"), display(2.0, "cat sat", is_final=True)
    )
    assert (late.first_shown, late.first_pass_shown) == (2.0, None)
    assert (early.first_shown, early.first_pass_shown) == (1.2, 1.2)


def test_a_word_that_was_never_shown_has_no_times() -> None:
    word = history("cat dog", display(0.6, "cat"))[1]
    assert word == WordHistory(SaidWord("dog", 0.5, 1.0))


def test_two_lines_do_not_show_the_same_word() -> None:
    words = history("no no", display(0.6, "no"), display(1.2, "no", line=1, start=0.5))
    assert [(word.line, word.first_shown) for word in words] == [(0, 0.6), (1, 1.2)]


def test_each_change_of_a_label_is_kept_once() -> None:
    shown = ((0.6, None), (1.0, "A"), (1.5, "A"), (2.0, "B"))
    (word,) = history("cat", *(display(at, "cat", label=label) for at, label in shown))
    assert word.labels == [(1.0, "A"), (2.0, "B")]
