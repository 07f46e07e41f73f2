"""Which word on the screen is which word of the reference, and what became of it.

A shown word may be a reference word when both are equal once normalised and lie within
``TOLERANCE`` of each other. Of all ways to pair them in order the one with the least edit
distance is taken (a wrong word counts as one missing and one too many), and of equal ones that
with the smaller distances in time.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from benchmarks.normalise import normalise
from benchmarks.streaming.captions import Captions, Display

TOLERANCE = 1.0  # seconds between the middles of a shown word and its reference word
_DISTANCE_COST = 0.5  # of a pair at the tolerance, against 1 for having it


@dataclass(frozen=True, slots=True)
class SaidWord:
    """A normalised word of the reference."""

    text: str
    start: float  # seconds
    end: float
    speaker: str | None = None

    @property
    def middle(self) -> float:
        """Seconds."""
        return (self.start + self.end) / 2


@dataclass(slots=True)
class WordHistory:
    """When a reference word was on the screen, and under which labels."""

    said: SaidWord
    first_shown: float | None = None  # seconds since the first sample; None: never
    first_pass_shown: float | None = None  # the same, as a word of the first pass
    shown_since: float | None = None  # since when it is there for good; None: it is gone or never
    line: int | None = None  # that shows it now
    labels: list[tuple[float, str]] = field(default_factory=list)  # (since, label), in order


def pair_words(
    shown: Sequence[SaidWord], said: Sequence[SaidWord], tolerance: float = TOLERANCE
) -> tuple[tuple[int, int], ...]:
    """(shown, said) indices of equal words, both rising; see the module for which.

    Args:
        shown: in the order on the screen.
        said: in the order in which they were said.
        tolerance: seconds.
    """
    pairs = [
        (i, j, 1.0 - _DISTANCE_COST * distance / tolerance)
        for i, heard in enumerate(shown)
        for j, word in enumerate(said)
        if heard.text == word.text and (distance := abs(heard.middle - word.middle)) <= tolerance
    ]
    scores: list[float] = []
    origins: list[int | None] = []
    for k, (i, j, gain) in enumerate(pairs):
        earlier = (e for e in range(k) if pairs[e][0] < i and pairs[e][1] < j)
        origin = max(earlier, key=scores.__getitem__, default=None)
        origins.append(origin)
        scores.append(gain + (0.0 if origin is None else scores[origin]))
    chain: list[tuple[int, int]] = []
    at = max(range(len(pairs)), key=scores.__getitem__, default=None)
    while at is not None:
        chain.append(pairs[at][:2])
        at = origins[at]
    return tuple(reversed(chain))


def word_histories(captions: Captions, said: Sequence[SaidWord]) -> tuple[WordHistory, ...]:
    """What became of each reference word.

    Args:
        captions: all that was shown.
        said: in order of start.
    """
    reader = _Reader(said)
    for display in captions.displays:
        reader.see(display)
    return reader.histories


class _Reader:
    """Follows the lines and knows which reference word each of them shows."""

    def __init__(self, said: Sequence[SaidWord]) -> None:
        self.histories = tuple(WordHistory(word) for word in said)
        self._starts = [word.start for word in said]
        self._longest = max((word.end - word.start for word in said), default=0.0)
        self._shown_in: dict[int, set[int]] = {}  # line → indices of histories

    def see(self, display: Display) -> None:
        """The line looks like this now."""
        tokens, origins = _tokens(display)
        near = self._near(display)
        pairs = pair_words(tokens, [self.histories[index].said for index in near])
        found = {near[j]: origins[i] for i, j in pairs}
        for index in self._shown_in.get(display.line, set()) - found.keys():
            self.histories[index].line = self.histories[index].shown_since = None
        self._shown_in[display.line] = set(found)
        for index, place in found.items():
            _show(self.histories[index], display, place)

    def _near(self, display: Display) -> list[int]:
        """Reference words that the line may show, and no other line does."""
        if not display.words:
            return []
        begin = min(word.start for word in display.words) - TOLERANCE
        end = max(word.end for word in display.words) + TOLERANCE
        first = bisect_left(self._starts, begin - self._longest)
        return [
            index
            for index in range(first, bisect_right(self._starts, end))
            if begin <= self.histories[index].said.middle <= end
            and self.histories[index].line in (None, display.line)
        ]


def _show(history: WordHistory, display: Display, place: int) -> None:
    label = display.words[place].label
    if history.line is None:
        history.line, history.shown_since = display.line, display.at
    if history.first_shown is None:
        history.first_shown = display.at
    is_second_pass = display.is_final or place < display.num_better
    if history.first_pass_shown is None and not is_second_pass:
        history.first_pass_shown = display.at
    if label is not None and (not history.labels or history.labels[-1][1] != label):
        history.labels.append((display.at, label))


def _tokens(display: Display) -> tuple[list[SaidWord], list[int]]:
    """The normalised words of a line, and which of its words each comes from."""
    tokens: list[SaidWord] = []
    origins: list[int] = []
    for place, word in enumerate(display.words):
        for text in normal(word.text):
            tokens.append(SaidWord(text, word.start, word.end))
            origins.append(place)
    return tokens, origins


@lru_cache(maxsize=1 << 16)
def normal(word: str) -> tuple[str, ...]:
    """A word as it is compared: none for a filler, several for a contraction."""
    return tuple(normalise(word).split())
