"""Texts as the full-text index holds and marks them; nothing here touches a database."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from meeting_app.domain.transcript import UNSPACED

# Control characters of the text never reach the index, so they are free to mark places in it.
OPEN, CLOSE, _SPLIT = "\x02", "\x03", "\x1f"
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_MOST_TERMS = 16  # of a query; more would only cost time
_LONGEST_QUERY = 300  # characters
_EXCERPT = 140  # characters of an excerpt
_BEFORE_MATCH = 40  # characters of an excerpt in front of its first match

Pieces = tuple[tuple[str, bool], ...]
"""A text cut into pieces; True marks a match."""


def searchable(plain: str) -> str:
    """The text as it is indexed: unspaced characters set apart, no control characters."""
    composed = unicodedata.normalize("NFC", _CONTROL.sub(" ", plain))
    return UNSPACED.sub(lambda found: f"{_SPLIT}{found[0]}{_SPLIT}", composed)


def terms_of(query: str) -> list[str]:
    """The words of the query as FTS5 phrases; the last one also matches as a beginning."""
    words = _searchable_words(query[:_LONGEST_QUERY])
    phrases = ['"' + word.replace('"', '""') + '"' for word in words][:_MOST_TERMS]
    return [*phrases[:-1], phrases[-1] + " *"] if phrases else []


def pieces_of(marked: str) -> Pieces:
    """A text cut at its marks; neighbours that are both matches become one piece."""
    joined = marked.replace(_SPLIT, "").replace(CLOSE + OPEN, "")
    pieces = re.split(f"({OPEN}[^{CLOSE}]*{CLOSE})", joined)
    return tuple((piece.strip(OPEN + CLOSE), piece.startswith(OPEN)) for piece in pieces if piece)


def excerpt(pieces: Pieces) -> Pieces:
    """What stands around the first match, or at the beginning where there is none."""
    first = next((i for i, (_, is_match) in enumerate(pieces) if is_match), 0)
    before = _end_of("".join(text for text, _ in pieces[:first]))
    cut = [(before, False)] if before else []
    left = _EXCERPT - len(before)
    for text, is_match in pieces[first:]:
        if len(text) > left:
            cut.append((_beginning_of(text, left), is_match))
            break
        cut.append((text, is_match))
        left -= len(text)
    return tuple(cut)


def _end_of(text: str) -> str:
    if len(text) <= _BEFORE_MATCH:
        return text
    end = text[-_BEFORE_MATCH:]
    return "…" + end[end.find(" ") + 1 :]


def _beginning_of(text: str, length: int) -> str:
    beginning = text[:length]
    end = beginning.rfind(" ")
    return (beginning if end < 0 else beginning[:end]) + "…"


def density(marked: str, mean_length: float) -> float:
    """How densely a text holds the words that are marked in it; higher is denser.

    Source: Robertson and Zaragoza 2009, doi:10.1561/1500000019: BM25's weights of saturation
    and length. All words weigh the same, because a text is only found when it holds them all.
    """
    saturation, length_weight = 1.2, 0.75  # k1 and b
    count = marked.count(OPEN)
    length = len(marked) / mean_length
    return count / (count + saturation * (1 - length_weight + length_weight * length))


def _searchable_words(query: str) -> Iterator[str]:
    for word in _CONTROL.sub(" ", query).split():
        # A phrase without a single letter or digit would match nothing, and so would the query.
        if any(unicodedata.category(character)[0] in "LN" for character in word):
            yield searchable(word)


def words_in(query: str) -> Sequence[str]:
    """The words of a query without case and accents, for comparing with other texts."""
    return [folded(word) for word in query.split() if any(map(str.isalnum, word))]


def folded(text: str) -> str:
    """The text without case and accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))
