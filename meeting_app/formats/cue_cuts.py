"""Where a turn is cut into subtitles: the cheapest way through it, by dynamic programming.

Source of the method: Knuth and Plass 1981, "Breaking paragraphs into lines"; lines there are
cues here.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from meeting_app.formats.cue_lines import Page, is_clause_end, is_leaning

# Costs, chosen so that a sentence that lasts is a cue of its own, a shorter one joins the next,
# and a long one is cut behind a clause, else into parts of equal length.
_CUE = 30.0
_SENTENCE_END, _CLAUSE_END, _LEANING = -60.0, -25.0, 15.0
_HURRIED = 50.0  # a cue whose speech is shorter than it must be shown
_FEW_COLUMNS, _FEW = 20.0, 0.15  # per squared column that a cue has less
_FULL = 12.0  # a cue without any room left


@dataclass(frozen=True, slots=True)
class Atom:
    """What is never broken: usually a word, with the space that parts it from the one before."""

    start: float  # seconds
    end: float  # seconds
    text: str
    is_sentence_end: bool = False
    is_crossed: bool = False  # somebody else speaks at the same time


def cut(atoms: Sequence[Atom], page: Page, prefix: str) -> Iterator[Sequence[Atom]]:
    """The atoms of one turn in groups that fit into a cue each.

    Args:
        atoms: in time order.
        page: what fits.
        prefix: what may stand before the text of each cue.
    """
    ruler = _Ruler(atoms, page, prefix)
    costs, begins = [0.0], [0]
    for end in range(1, len(atoms) + 1):
        ways = [(costs[begin] + cost, begin) for begin, cost in ruler.costs(end)]
        cost, begin = min(ways)
        costs.append(cost)
        begins.append(begin)
    found: list[Sequence[Atom]] = []
    end = len(atoms)
    while end:
        found.append(atoms[begins[end] : end])
        end = begins[end]
    for group in reversed(found):
        yield from _halved(group, page, prefix)


def end_of(atoms: Sequence[Atom]) -> float:
    """When the last of them has been said."""
    return max(atom.end for atom in atoms)


def text_of(atoms: Sequence[Atom]) -> str:
    """What they say."""
    return "".join(atom.text for atom in atoms).strip()


class _Ruler:
    """Tells what it costs to make a cue of a stretch of atoms."""

    def __init__(self, atoms: Sequence[Atom], page: Page, prefix: str) -> None:
        self._atoms = atoms
        self._page = page
        self._first = page.columns(prefix)
        # Edges of the atoms on one endless line.
        self._edges = [0.0, *accumulate(page.columns(atom.text) for atom in atoms)]

    def costs(self, end: int) -> Iterator[tuple[int, float]]:
        """(begin, cost) of every cue that ends before the atom ``end``; at least one."""
        atoms, rules = self._atoms, self._page.config
        closing = self._closing(end)
        last, is_crossed = 0.0, False
        for begin in range(end - 1, -1, -1):
            atom = atoms[begin]
            last, is_crossed = max(last, atom.end), is_crossed or atom.is_crossed
            is_first = begin == end - 1
            if not is_first and not self._fits(begin, end, last, is_crossed):
                return
            width = self._edges[end] - self._edges[begin]
            cost = _CUE + closing + _FULL * (width / (rules.line * rules.max_lines)) ** 2
            if width < _FEW_COLUMNS:
                cost += _FEW * (_FEW_COLUMNS - width) ** 2
            if last - atom.start < rules.shortest:
                cost += _HURRIED
            yield begin, cost

    def _closing(self, end: int) -> float:
        atom = self._atoms[end - 1]
        if atom.is_sentence_end:
            return _SENTENCE_END
        if is_clause_end(atom.text):
            return _CLAUSE_END
        return _LEANING if is_leaning(atom.text) else 0.0

    def _fits(self, begin: int, end: int, last: float, is_crossed: bool) -> bool:
        atoms, rules = self._atoms, self._page.config
        if atoms[begin + 1].start - atoms[begin].end > rules.longest_pause:
            return False
        if last - atoms[begin].start > rules.longest:
            return False
        if is_crossed:  # it will share the screen with another voice
            width = self._edges[end] - self._edges[begin]
            return self._page.has_room_for_line(self._first + width)
        used = -self._first
        for _ in range(rules.max_lines):
            reach = self._edges[begin] + used + rules.line
            begin = bisect_right(self._edges, reach, begin, end + 1) - 1
            if begin >= end:
                return True
            used = 0.0
        return False


def _halved(atoms: Sequence[Atom], page: Page, prefix: str) -> Iterator[Sequence[Atom]]:
    """The ruler knows nothing of where lines may not break; what it took for too short is cut."""
    text = text_of(atoms)
    is_crossed = any(atom.is_crossed for atom in atoms)
    is_fine = (
        page.is_one_line(prefix, text)
        if is_crossed
        else len(page.wrap(prefix + text)) <= page.config.max_lines
    )
    if is_fine or len(atoms) == 1:
        yield atoms
        return
    middle = len(atoms) // 2
    yield from _halved(atoms[:middle], page, prefix)
    yield from _halved(atoms[middle:], page, prefix)
