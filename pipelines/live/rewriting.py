"""A line that goes on, written anew by the better model as far as it is sure.

The growing line is decoded again and again. What two decodings in a row agree on takes the place
of the words of the first pass and stays until the line is over. Pure.

Source: the agreement of two is that of Liu, Niehues & Waibel 2020, arXiv:2005.11185.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from meeting_app.domain import Word
from pipelines.asr.redecoding import agreeing, plain
from pipelines.live.agreement import Shown

_SEAM = 2  # words of the first pass around the end of the agreed ones that may be the same word


@dataclass(frozen=True, slots=True)
class Rewriting:
    """What the second pass makes of the beginning of a line."""

    words: tuple[Word, ...] = ()  # agreed on
    num_replaced: int = 0  # leading words of the first pass in whose place they are
    last: tuple[Word, ...] = ()  # all words of the latest decoding

    def heard(self, found: Sequence[Word], first: Shown) -> "Rewriting":
        """After another decoding.

        Args:
            found: its words; those it has in common with the one before are agreed on.
            first: the words of the first pass; only stable ones are replaced.
        """
        heard = replace(self, last=tuple(found))
        further = agreeing(self._behind(self.last), self._behind(found))
        if not further:
            return heard
        words = (*self.words, *further)
        stable = first.words[: first.num_stable]
        return replace(
            heard, words=words, num_replaced=max(self.num_replaced, _seam(words, stable))
        )

    def _behind(self, words: Sequence[Word]) -> tuple[Word, ...]:
        """Those that follow what is agreed on, whatever they make of that now."""
        kept = len(agreeing(self.words, words))
        if kept == len(self.words):
            return tuple(words[kept:])
        end = self.words[-1].segment.end
        return tuple(word for word in words if word.segment.middle > end)

    def over(self, first: Shown) -> Shown:
        """The agreed words, and those of the first pass that follow them."""
        rest = first.words[self.num_replaced :]
        num_stable = len(self.words) + max(0, first.num_stable - self.num_replaced)
        return Shown((*self.words, *rest), num_stable)


def _seam(words: Sequence[Word], stable: Sequence[Word]) -> int:
    """How many of ``stable`` say what ``words`` say.

    Where the last word is found near by, up to it; the times of first words are too rough to
    tell. Else those that came before its end.
    """
    last = words[-1]
    count = sum(word.segment.middle < last.segment.end for word in stable)
    near = range(max(0, count - _SEAM), min(len(stable), count + _SEAM))
    same = [index for index in near if plain(stable[index].text) == plain(last.text)]
    return min(same, key=lambda index: abs(index + 1 - count)) + 1 if same else count
