"""A user's text takes the place of recognised words, and each word keeps or gets its time."""

import re
import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher

from pyannote.core import Segment

from meeting_app.domain.transcript import UNSPACED, Word

_CERTAIN = 1.0  # probability of a word that a user typed
_PIECE = re.compile(rf"{UNSPACED.pattern}|(?:(?!{UNSPACED.pattern}).)+")


def split_words(text: str) -> tuple[str, ...]:
    """The words of a text; each character of an unspaced script is one, with its punctuation."""
    found: list[str] = []
    for chunk in text.split():
        is_first = True
        for piece in _PIECE.findall(chunk):
            if not is_first and not any(unicodedata.category(c)[0] in "LN" for c in piece):
                found[-1] += piece
            else:
                found.append(piece)
            is_first = False
    return tuple(found)


def retimed(text: str, heard: Sequence[Word]) -> tuple[Word, ...]:
    """The words of ``text`` at the times of the words that it corrects.

    Words that were heard too keep their times. Others share the time of what they replace, by
    their length; what was only added shares the time of its neighbour.

    Args:
        text: the user's words.
        heard: what they replace, in time order; at least one.
    """
    typed = split_words(text)
    matcher = SequenceMatcher(
        None, [_bare(w.text) for w in heard], [_bare(t) for t in typed], autojunk=False
    )
    words: list[Word] = []
    added: tuple[str, ...] = ()  # before the first word that was heard
    for kind, old, old_end, new, new_end in matcher.get_opcodes():
        if kind == "equal":
            for word, shown in zip(heard[old:old_end], typed[new:new_end], strict=True):
                probability = word.probability if shown == word.text else _CERTAIN
                words.append(Word(word.segment, shown, probability))
        elif old < old_end:
            words += _shared(typed[new:new_end], _span(heard[old:old_end]))
        elif words:
            last = words.pop()
            words += _shared((last.text, *typed[new:new_end]), last.segment)
        else:
            added = typed[new:new_end]
    if added:
        first = words.pop(0)
        words = _shared((*added, first.text), first.segment) + words
    return tuple(words)


def _bare(text: str) -> str:
    """What makes it the same word: neither case nor punctuation."""
    kept = "".join(c for c in text.casefold() if unicodedata.category(c)[0] in "LN")
    return kept or text


def _span(words: Sequence[Word]) -> Segment:
    return Segment(words[0].segment.start, max(word.segment.end for word in words))


def _shared(texts: Sequence[str], segment: Segment) -> list[Word]:
    total = sum(len(text) for text in texts)
    words: list[Word] = []
    done = 0
    for text in texts:
        start = segment.start + segment.duration * done / total
        done += len(text)
        words.append(
            Word(Segment(start, segment.start + segment.duration * done / total), text, _CERTAIN)
        )
    return words
