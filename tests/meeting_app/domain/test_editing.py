"""A user's text in place of what was heard."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyannote.core import Segment

from meeting_app.domain import Word
from meeting_app.domain.editing import retimed, split_words
from tests.builders import a_word, words


def shown(found: tuple[Word, ...]) -> list[tuple[str, float, float]]:
    return [(w.text, round(w.segment.start, 3), round(w.segment.end, 3)) for w in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("we  ship\nit", ("we", "ship", "it")),
        ("我们 ship 了。", ("我", "们", "ship", "了。")),
        ("(yes) – no", ("(yes)", "–", "no")),
        ("   ", ()),
    ],
)
def test_unspaced_characters_are_words_of_their_own(text: str, expected: tuple[str, ...]) -> None:
    assert split_words(text) == expected


def test_words_that_were_heard_keep_their_times() -> None:
    heard = words("we will chip on monday")
    found = retimed("We will ship on Monday.", heard)
    assert [w.text for w in found] == ["We", "will", "ship", "on", "Monday."]
    assert [w.segment for w in found] == [w.segment for w in heard]


def test_replaced_words_share_the_time_by_their_length() -> None:
    heard = (a_word("wreck", 0.0, 0.5), a_word("an", 0.5, 0.6), a_word("ice", 0.6, 1.0))
    assert shown(retimed("recognise", heard)) == [("recognise", 0.0, 1.0)]
    assert shown(retimed("abc a", heard)) == [("abc", 0.0, 0.75), ("a", 0.75, 1.0)]


def test_an_added_word_shares_the_time_of_the_one_before_it() -> None:
    found = retimed("we ship", (a_word("we", 0.0, 0.6),))
    assert shown(found) == [("we", 0.0, 0.2), ("ship", 0.2, 0.6)]


def test_a_word_added_at_the_front_shares_the_time_of_the_first() -> None:
    found = retimed("so we", (a_word("we", 1.0, 2.0),))
    assert [w.text for w in found] == ["so", "we"]
    assert found[0].segment == Segment(1.0, 1.5)


def test_a_word_taken_away_leaves_the_others_alone() -> None:
    heard = words("we um ship")
    assert shown(retimed("we ship", heard)) == shown((heard[0], heard[2]))


def test_what_a_user_typed_is_certain() -> None:
    found = retimed("we ship", words("we chip"))
    assert [w.probability for w in found] == [0.9, 1.0]


@given(
    st.lists(st.sampled_from("abcdef"), min_size=1, max_size=8),
    st.lists(st.sampled_from(["a", "b", "xyz", "好", "c."]), min_size=1, max_size=8),
)
def test_every_typed_word_is_there_in_order_of_time(heard: list[str], typed: list[str]) -> None:
    text = " ".join(typed)
    old = words(" ".join(heard))
    found = retimed(text, old)
    assert tuple(w.text for w in found) == split_words(text)
    starts = [w.segment.start for w in found]
    assert starts == sorted(starts)
    assert all(old[0].segment.start <= start <= old[-1].segment.end for start in starts)
