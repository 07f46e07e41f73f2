"""Turns as subtitles: cut into what can be read at a glance, then put on the screen one by one.

Sources: Netflix, "Timed Text Style Guide: General Requirements" and "Simplified Chinese";
BBC, "Subtitle Guidelines" 1.2. Their numbers stand in ``SubtitlesConfig``.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace

from meeting_app.config import SubtitlesConfig
from meeting_app.domain import Meeting, Turn, Word, join_words, sentences_of
from meeting_app.formats.cue_cuts import Atom, cut, end_of, text_of
from meeting_app.formats.cue_lines import Page
from meeting_app.formats.cue_times import Cue, Piece, cues_from
from meeting_app.formats.outline import speaker_name
from meeting_app.formats.text import break_units, chop, clean
from meeting_app.formats.wording import Wording

__all__ = ["Cue", "cues_of", "timestamp"]


def cues_of(
    meeting: Meeting,
    *,
    is_prefixed: bool,
    config: SubtitlesConfig | None = None,
    say: Wording | None = None,
) -> tuple[Cue, ...]:
    """Subtitles in time order, of which one is on the screen at a time.

    A cue holds one sentence, less when it is long. Where two people speak at the same time, or
    so soon after each other that neither could be read, a cue holds a line of each.

    Args:
        meeting: whose turns are shown.
        is_prefixed: whether lines begin with the speaker's name when another one speaks; a long
            name is shortened.
        config: the rules; None takes the defaults.
        say: how to call speakers without a name; None says it in English.
    """
    page = Page(config or SubtitlesConfig())
    crossings = _crossings(meeting.turns)
    pieces: list[Piece] = []
    for turn in meeting.turns:
        name = None if turn.speaker is None else speaker_name(meeting, turn.speaker, say)
        prefix = page.prefix(name) if is_prefixed else ""
        groups = cut(_atoms(turn, page, crossings), page, prefix)
        pieces.extend(_piece(atoms, turn.speaker, name, prefix) for atoms in groups)
    return tuple(cues_from(pieces, page))


def timestamp(milliseconds: int, decimal_mark: str) -> str:
    """A time as subtitles write it: 00:01:02.345, hours with as many digits as it takes."""
    seconds, rest = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{decimal_mark}{rest:03}"


def _crossings(turns: Sequence[Turn]) -> list[tuple[float, float]]:
    """Where turns of different speakers overlap; disjoint, in time order."""
    found: list[tuple[float, float]] = []
    open_turns: list[Turn] = []
    for turn in sorted(turns, key=lambda turn: turn.segment.start):
        start = turn.segment.start
        open_turns = [other for other in open_turns if other.segment.end > start]
        for other in open_turns:
            end = min(other.segment.end, turn.segment.end)
            if other.speaker != turn.speaker and end > start:
                found.append((start, end))
        open_turns.append(turn)
    merged: list[tuple[float, float]] = []
    for start, end in sorted(found):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _atoms(turn: Turn, page: Page, crossings: Sequence[tuple[float, float]]) -> list[Atom]:
    """The words of the turn, cleaned; one too long for a line in parts, its time shared out."""
    atoms: list[Atom] = []
    previous: Word | None = None
    for sentence in sentences_of((turn,)):
        for word in sentence.words:
            cleaned = replace(word, text=clean(word.text))
            if not cleaned.text:
                continue
            joined = join_words((previous, cleaned)) if previous else cleaned.text
            lead = joined[len(previous.text) if previous else 0 : -len(cleaned.text)]
            atoms += _split(cleaned, lead, page)
            previous = cleaned
        if atoms:
            atoms[-1] = replace(atoms[-1], is_sentence_end=True)
    return [replace(atom, is_crossed=_is_in(atom, crossings)) for atom in atoms]


def _is_in(atom: Atom, crossings: Sequence[tuple[float, float]]) -> bool:
    after = bisect_left(crossings, atom.end, key=lambda crossing: crossing[0])
    return after > 0 and crossings[after - 1][1] > atom.start


def _split(word: Word, lead: str, page: Page) -> Iterator[Atom]:
    start, length = word.segment.start, max(0.0, word.segment.duration)
    per_character = length / len(word.text)
    num_done = 0
    for unit in break_units(word.text):
        for piece in chop(unit, page.columns, page.shortest_line):
            begin = start + per_character * num_done
            num_done += len(piece)
            yield Atom(begin, start + per_character * num_done, lead + piece)
            lead = ""


def _piece(atoms: Sequence[Atom], label: str | None, name: str | None, prefix: str) -> Piece:
    return Piece(
        start_ms=round(atoms[0].start * 1000),
        end_ms=round(end_of(atoms) * 1000),
        label=label,
        name=name,
        prefix=prefix,
        text=text_of(atoms),
    )
