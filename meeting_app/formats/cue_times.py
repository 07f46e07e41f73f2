"""When subtitles are on the screen: one after the other, each for as long as reading takes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from meeting_app.formats.cue_lines import DASH, Page


@dataclass(frozen=True, slots=True)
class Voice:
    """What one person says in a cue."""

    speaker: str | None  # display name; None when nobody was heard
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cue:
    """One subtitle."""

    start_ms: int
    end_ms: int
    voices: tuple[Voice, ...]  # one, or two who speak at the same time

    @property
    def lines(self) -> tuple[str, ...]:
        """All lines, from the top."""
        return tuple(line for voice in self.voices for line in voice.lines)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one turn that fits into a cue."""

    start_ms: int
    end_ms: int
    label: str | None  # of the speaker
    name: str | None  # of the speaker, whole
    prefix: str  # the name as a line begins with it; empty where names are not shown
    text: str


def cues_from(pieces: Sequence[Piece], page: Page) -> Iterator[Cue]:
    """The pieces as cues that follow each other with a gap between them.

    A cue begins with the speech, or as soon as the one before has been seen for the shortest
    time. It ends when it could be read, at the latest when the next one begins.

    Args:
        pieces: in any order.
        page: what fits, and the rules of time.
    """
    gap = round(page.config.gap * 1000)
    shortest, longest = (round(s * 1000) for s in (page.config.shortest, page.config.longest))
    groups = list(_grouped(sorted(pieces, key=_place), page))
    end: int | None = None
    speaker: str | None = None
    for index, group in enumerate(groups):
        start = group[0].start_ms if end is None else max(group[0].start_ms, end + gap)
        wanted = max(*(piece.end_ms for piece in group), start + _needed(group, page))
        end = min(wanted, start + longest)
        if index + 1 < len(groups):
            end = min(end, max(groups[index + 1][0].start_ms - gap, start + shortest))
        yield Cue(start, end, _voices(group, speaker, page))
        speaker = group[-1].label


def _place(piece: Piece) -> tuple[int, int]:
    return piece.start_ms, piece.end_ms


def _grouped(pieces: Sequence[Piece], page: Page) -> Iterator[tuple[Piece, ...]]:
    """One piece for each cue, or two of different voices that must share the screen."""
    index = 0
    while index < len(pieces):
        pair = tuple(pieces[index : index + 2])
        group = pair if len(pair) == 2 and _must_share(*pair, page) else pair[:1]
        yield group
        index += len(group)


def _must_share(first: Piece, second: Piece, page: Page) -> bool:
    """Whether the second begins before the first can be read, and both fit."""
    room = second.start_ms - round(page.config.gap * 1000) - first.start_ms
    length = max(first.end_ms, second.end_ms) - first.start_ms
    return (
        first.label != second.label
        and room < _needed((first,), page)
        and length <= page.config.longest * 1000
        and all(page.is_one_line(piece.prefix, piece.text) for piece in (first, second))
    )


def _needed(group: Sequence[Piece], page: Page) -> int:
    """Milliseconds on the screen, the fewest that are comfortable."""
    seconds = sum(page.reading_time(piece.text) for piece in group)
    return round(1000 * max(page.config.shortest, seconds))


def _voices(group: Sequence[Piece], before: str | None, page: Page) -> tuple[Voice, ...]:
    """The lines of a cue; a name stands where another person speaks than before."""
    if len(group) == 2:
        return tuple(Voice(p.name, (f"{DASH}{p.prefix}{p.text}",)) for p in group)
    (piece,) = group
    prefix = piece.prefix if piece.label != before else ""
    return (Voice(piece.name, page.lines(prefix + piece.text)),)
