"""Text made fit for paper and screen: what may stand in it, how wide it is, where it may break."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache

# What no XML 1.0 document may hold (C0 controls, surrogates, non-characters), the C1 controls,
# and the marks that reorder the text after them, which a name must not do.
# Source: XML 1.0, section 2.2; Unicode Standard Annex 9, section 2.
_UNFIT = re.compile(
    "[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufeff"
    + "".join(
        f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
    )
    + "]"
)
_ZERO_WIDTH = ("Mn", "Me", "Cf")  # Unicode categories: marks and format characters
_NEVER_FIRST = frozenset("、。，．：；！？）］｝」』】〕〉》”’…—·,.:;!?)]}%")
_NEVER_LAST = frozenset("（［｛「『【〔〈《“‘([{$")
WIDE_COLUMNS = 2.0  # of a full-width character in a fixed-pitch font


def clean(text: str) -> str:
    """The text on one line, single spaces, without characters a document may not hold."""
    pieces = (_UNFIT.sub("", piece) for piece in text.split())
    return " ".join(piece for piece in pieces if piece)


def columns(text: str, wide: float = WIDE_COLUMNS) -> float:
    """How wide the text is, a Latin letter being 1 and a full-width character ``wide``."""
    if text.isascii():
        return float(len(text))
    num_wide, num_narrow = widths(text)
    return num_narrow + num_wide * wide


def widths(text: str) -> tuple[int, int]:
    """How many full-width characters the text has, and how many others that take room."""
    kinds = [_width_of(character) for character in text]
    return kinds.count(2), kinds.count(1)


def break_units(text: str) -> tuple[str, ...]:
    """The text cut wherever a line may end: after spaces, and between full-width characters.

    Joined they are the text again. Punctuation stays with what it belongs to, marks and emoji
    sequences stay whole.
    Source: a small part of Unicode Standard Annex 14.
    """
    units: list[str] = []
    previous = ""
    for character in text:
        if previous and not _may_break(previous, character):
            units[-1] += character
        else:
            units.append(character)
        previous = character
    return tuple(units)


def chop(unit: str, size_of: Callable[[str], float], limit: float) -> Iterator[str]:
    """A unit cut into pieces no larger than ``limit``, though a single character may be."""
    piece = ""
    for character in unit:
        if piece and size_of(piece + character) > limit:
            yield piece
            piece = ""
        piece += character
    if piece:
        yield piece


def wrap(text: str, limit: float, size_of: Callable[[str], float] = columns) -> tuple[str, ...]:
    """Lines no larger than ``limit``, filled from the first on."""
    lines: list[str] = []
    for unit in break_units(text):
        for piece in chop(unit, size_of, limit) if size_of(unit.rstrip()) > limit else (unit,):
            if lines and size_of((lines[-1] + piece).rstrip()) <= limit:
                lines[-1] += piece
            else:
                lines.append(piece)
    return tuple(line.strip() for line in lines if line.strip())


def is_right_to_left(text: str) -> bool:
    """Whether the first letter with a direction runs from right to left."""
    for character in text:
        direction = unicodedata.bidirectional(character)
        if direction in ("L", "R", "AL"):
            return direction != "L"
    return False


@lru_cache(maxsize=8192)
def _width_of(character: str) -> int:
    """0 for marks, 2 for full-width characters, 1 for all others."""
    if unicodedata.category(character) in _ZERO_WIDTH:
        return 0
    return 2 if _is_wide(character) else 1


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


@lru_cache(maxsize=65536)
def _may_break(before: str, after: str) -> bool:
    if before == " ":
        return after != " "
    if after == " " or after in _NEVER_FIRST or before in _NEVER_LAST:
        return False
    if unicodedata.category(after) in (*_ZERO_WIDTH, "Sk") or before == "\u200d":
        return False  # accents, joiners and skin tones belong to what they follow
    return _is_wide(before) or _is_wide(after)
