"""Turns as subtitles: short enough to read, on the screen long enough, never two of one voice."""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from meeting_app.domain import Meeting, Turn, Word, join_words, sentences_of
from meeting_app.formats.outline import speaker_name
from meeting_app.formats.text import break_units, chop, clean, columns, wrap

# Source of the first three: Netflix Timed Text Style Guide, general requirements.
LINE_COLUMNS = 42  # or 20 full-width characters
MAX_LINES = 2
LONGEST = 7.0  # seconds
SHORTEST = 1.0  # seconds, where the speaker's next cue leaves room
LONGEST_PAUSE = 1.5  # seconds of silence that a cue may bridge
_NAME_COLUMNS = 20  # so that a name never takes more than half a line
_CLAUSE_END = (",", ";", ":", "，", "；", "：", "、", "–", "—")


@dataclass(frozen=True, slots=True)
class Cue:
    """One subtitle."""

    start_ms: int
    end_ms: int
    speaker: str | None  # display name; None when nobody was heard
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Atom:
    """What is never broken: usually a word, with the space that parts it from the one before."""

    start: float  # seconds
    end: float  # seconds
    text: str
    is_sentence_end: bool = False


def cues_of(meeting: Meeting, *, is_prefixed: bool) -> tuple[Cue, ...]:
    """Subtitles in time order, one sentence each, more when it is long.

    Cues of one speaker never overlap. Those of different speakers do where the speech does, as
    both subtitle formats allow: players stack them.

    Args:
        meeting: whose turns are shown.
        is_prefixed: whether the lines begin with the speaker's name; a long one is shortened.
    """
    found: dict[str | None, list[Cue]] = defaultdict(list)
    for turn in meeting.turns:
        name = None if turn.speaker is None else speaker_name(meeting, turn.speaker)
        prefix = f"{_shortened(name)}: " if is_prefixed and name is not None else ""
        for piece in _pieces(_atoms(turn), prefix):
            found[turn.speaker].append(_cue(piece, name, prefix))
    last_ms = round(meeting.duration * 1000)
    cues = [cue for of_one in found.values() for cue in _apart(of_one, last_ms)]
    return tuple(sorted(cues, key=lambda cue: (cue.start_ms, cue.end_ms)))


def timestamp(milliseconds: int, decimal_mark: str) -> str:
    """A time as subtitles write it: 00:01:02.345, hours with as many digits as it takes."""
    seconds, rest = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{decimal_mark}{rest:03}"


def _shortened(name: str) -> str:
    if columns(name) <= _NAME_COLUMNS:
        return name
    return next(chop(name, columns, _NAME_COLUMNS - 1)).rstrip() + "…"


def _atoms(turn: Turn) -> list[_Atom]:
    """The words of the turn, cleaned; one too long for a line in parts, its time shared out."""
    atoms: list[_Atom] = []
    previous: Word | None = None
    for sentence in sentences_of((turn,)):
        for word in sentence.words:
            cleaned = replace(word, text=clean(word.text))
            if not cleaned.text:
                continue
            joined = join_words((previous, cleaned)) if previous else cleaned.text
            lead = joined[len(previous.text) if previous else 0 : -len(cleaned.text)]
            atoms += _split(cleaned, lead)
            previous = cleaned
        if atoms:
            atoms[-1] = replace(atoms[-1], is_sentence_end=True)
    return atoms


def _split(word: Word, lead: str) -> Iterator[_Atom]:
    start, length = word.segment.start, max(0.0, word.segment.duration)
    per_character = length / len(word.text)
    num_done = 0
    for unit in break_units(word.text):
        for piece in chop(unit, columns, LINE_COLUMNS - _NAME_COLUMNS):
            begin = start + per_character * num_done
            num_done += len(piece)
            yield _Atom(begin, start + per_character * num_done, lead + piece)
            lead = ""


def _pieces(atoms: Sequence[_Atom], prefix: str) -> Iterator[list[_Atom]]:
    """The atoms cut into cues: at sentence ends, else where a cue would be too long."""
    piece: list[_Atom] = []
    for atom in atoms:
        while piece and (_is_complete(piece) or not _fits([*piece, atom], prefix)):
            cut = _cut(piece)
            yield piece[:cut]
            piece = piece[cut:]
        piece.append(atom)
    if piece:
        yield piece


def _is_complete(piece: Sequence[_Atom]) -> bool:
    return piece[-1].is_sentence_end and _end(piece) - piece[0].start >= SHORTEST


def _fits(piece: Sequence[_Atom], prefix: str) -> bool:
    return (
        piece[-1].start - _end(piece[:-1]) <= LONGEST_PAUSE
        and _end(piece) - piece[0].start <= LONGEST
        and len(wrap(prefix + _text(piece), LINE_COLUMNS)) <= MAX_LINES
    )


def _cut(piece: Sequence[_Atom]) -> int:
    """Behind the last clause in the second half of the piece, else behind all of it."""
    if not piece[-1].is_sentence_end:
        for index in range(len(piece) - 1, len(piece) // 2, -1):
            if piece[index].text.rstrip().endswith(_CLAUSE_END):
                return index + 1
    return len(piece)


def _end(piece: Sequence[_Atom]) -> float:
    return max(atom.end for atom in piece)


def _text(piece: Sequence[_Atom]) -> str:
    return "".join(atom.text for atom in piece).strip()


def _cue(piece: Sequence[_Atom], name: str | None, prefix: str) -> Cue:
    return Cue(
        start_ms=round(piece[0].start * 1000),
        end_ms=round(_end(piece) * 1000),
        speaker=name,
        lines=_balanced(prefix + _text(piece)),
    )


def _balanced(text: str) -> tuple[str, ...]:
    """Two lines of similar length rather than a full one and a word."""
    lines = wrap(text, LINE_COLUMNS)
    if len(lines) == MAX_LINES:
        for limit in range(math.ceil(columns(text) / MAX_LINES), LINE_COLUMNS):
            even = wrap(text, limit)
            if len(even) == MAX_LINES:
                return even
    return lines


def _apart(cues: Sequence[Cue], last_ms: int) -> Iterator[Cue]:
    """Cues of one speaker made to follow each other, and to last as long as they may.

    Args:
        cues: in any order.
        last_ms: where the recording ends; no cue is lengthened beyond.
    """
    ordered = sorted(cues, key=lambda cue: cue.start_ms)
    starts: list[int] = []
    for cue in ordered:  # two that begin together are a millisecond apart
        starts.append(max(cue.start_ms, starts[-1] + 1 if starts else 0))
    for index, (cue, start) in enumerate(zip(ordered, starts, strict=True)):
        end = max(cue.end_ms, min(start + round(SHORTEST * 1000), last_ms), start + 1)
        end = min(end, start + round(LONGEST * 1000), *starts[index + 1 : index + 2])
        yield replace(cue, start_ms=start, end_ms=end)
