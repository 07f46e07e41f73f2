"""Which words of a changing hypothesis are shown, and which of them stay.

A recogniser that listens on revises its last words many times a second. A new word is shown at
once or after a few hypotheses that agree on it; a shown word gives way only to what persists;
and after a while it stays. Everything here is pure: hypotheses in, words to show out.
"""

import difflib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from meeting_app.domain import Word


@dataclass(frozen=True, slots=True)
class Patience:
    """How many hypotheses in a row must say a thing."""

    to_show: int = 1  # a new word at the end
    to_change: int = 3  # another word, or none, in the place of one that is shown
    to_settle: int = 10  # a shown word, until it stays


@dataclass(frozen=True, slots=True)
class Shown:
    """What is to be seen of an utterance."""

    words: tuple[Word, ...] = ()
    num_stable: int = 0  # leading words that stay


@dataclass(frozen=True, slots=True)
class _Held:
    """A shown word and what the last hypotheses said about it."""

    word: Word
    age: int = 0  # hypotheses since it was shown
    doubt: int = 0  # latest hypotheses in a row that say something else


class Agreement:
    """The words of one utterance, hypothesis by hypothesis."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._held: list[_Held] = []
        self._num_stable = 0
        self._heard: list[tuple[str, int]] = []  # latest hypothesis: text, rounds it persisted

    @property
    def shown(self) -> Shown:
        """The words as they stand."""
        return Shown(tuple(held.word for held in self._held), self._num_stable)

    def accept(self, words: Sequence[Word]) -> Shown:
        """One more hypothesis of the whole utterance."""
        self._heard = list(_persisting(self._heard, [word.text for word in words]))
        held = list(self._merged(words))
        self._held = [replace(each, age=each.age + 1) for each in held]
        while self._num_stable < len(held) and self._is_settled(self._held[self._num_stable]):
            self._num_stable += 1
        return self.shown

    def finish(self, words: Sequence[Word]) -> Shown:
        """The last hypothesis: what is not shown yet is shown, what is shown stays."""
        self._patience = replace(self._patience, to_show=1, to_change=sys.maxsize)
        return self.accept(words)

    def _is_settled(self, held: _Held) -> bool:
        return held.age >= self._patience.to_settle and held.doubt == 0

    def _merged(self, words: Sequence[Word]) -> Iterator[_Held]:
        """The shown words, each kept, exchanged or left out, and the new ones."""
        before = [held.word.text for held in self._held]
        texts = [word.text for word in words]
        matcher = difflib.SequenceMatcher(None, before, texts, autojunk=False)
        for kind, i1, i2, j1, j2 in matcher.get_opcodes():
            if kind == "equal":
                for held, word in zip(self._held[i1:i2], words[j1:j2], strict=True):
                    yield replace(held, word=word, doubt=0)
            else:
                yield from self._changed(i1, i2, words, range(j1, j2))

    def _changed(
        self, first: int, last: int, words: Sequence[Word], others: range
    ) -> Iterator[_Held]:
        """The shown words ``first`` to ``last``, or those that the hypothesis has instead."""
        is_end = last == len(self._held)
        pairs = min(last - first, len(others))
        for index in range(first, last):
            held = replace(self._held[index], doubt=self._held[index].doubt + 1)
            is_firm = index < self._num_stable or held.doubt < self._patience.to_change
            if is_firm:
                yield held
            elif index - first < pairs:
                yield _Held(words[others[index - first]])
        for index in others[pairs:]:
            needed = self._patience.to_show if is_end else self._patience.to_change
            if self._heard[index][1] < needed:
                if is_end:
                    return
            elif is_end or last > self._num_stable:
                yield _Held(words[index])


def _persisting(
    before: Sequence[tuple[str, int]], texts: Sequence[str]
) -> Iterator[tuple[str, int]]:
    """Each text with the number of hypotheses in a row that had it in this place."""
    matcher = difflib.SequenceMatcher(None, [text for text, _ in before], texts, autojunk=False)
    for kind, i1, _, j1, j2 in matcher.get_opcodes():
        for offset, text in enumerate(texts[j1:j2]):
            yield text, before[i1 + offset][1] + 1 if kind == "equal" else 1
