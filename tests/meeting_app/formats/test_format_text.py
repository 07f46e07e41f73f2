"""What text may hold on paper, how wide it is and where it breaks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meeting_app.formats.text import break_units, chop, clean, columns, is_right_to_left, wrap
from tests.strategies import texts


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  a \n\t b  ", "a b"),
        ("a\x00b\x1bc", "abc"),
        ("line\u2028break", "line break"),
        ("\u202eevil\u202c", "evil"),
        ("bad\udce9\ufffe", "bad"),
        ("\x00 \x01", ""),
        ("今天　开会", "今天 开会"),
        ("👩‍👧 שלום", "👩‍👧 שלום"),
    ],
)
def test_clean_keeps_one_line_of_legal_characters(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@pytest.mark.parametrize(
    ("text", "width"), [("abc", 3.0), ("会议", 4.0), ("e\u0301", 1.0), ("é", 1.0), ("", 0.0)]
)
def test_full_width_character_takes_two_columns(text: str, width: float) -> None:
    assert columns(text) == width


def test_full_width_character_is_as_wide_as_the_screen_makes_it() -> None:
    assert columns("会议 ok", 2.5) == 8.0


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("to be, or", ("to ", "be, ", "or")),
        ("今天开会。", ("今", "天", "开", "会。")),
        ("他说“好”吗", ("他", "说", "“好”", "吗")),
        ("用GPU吗", ("用", "GPU", "吗")),
        ("好👩‍👧!", ("好", "👩‍👧!")),
        ("a  b", ("a  ", "b")),
        ("", ()),
    ],
)
def test_lines_break_after_spaces_and_between_ideographs(text: str, units: tuple[str, ...]) -> None:
    assert break_units(text) == units


def test_lines_are_filled_from_the_first_on() -> None:
    assert wrap("one two three", 8) == ("one two", "three")
    assert wrap("会" * 25, 42) == ("会" * 21, "会" * 4)
    assert wrap("x" * 10 + " y", 4) == ("xxxx", "xxxx", "xx y")
    assert wrap("", 10) == ()


@given(texts.map(clean), st.integers(3, 50))
def test_wrapping_loses_nothing_and_keeps_to_the_limit(text: str, limit: int) -> None:
    lines = wrap(text, limit)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(columns(line) <= limit for line in lines)
    assert "".join(break_units(text)) == text


def test_character_wider_than_the_limit_stands_alone() -> None:
    assert list(chop("会议", columns, 1.0)) == ["会", "议"]


@pytest.mark.parametrize(
    ("text", "expected"), [("שלום a", True), ("1. مرحبا", True), ("a שלום", False), ("12 …", False)]
)
def test_direction_is_that_of_the_first_letter(text: str, expected: bool) -> None:
    assert is_right_to_left(text) is expected
