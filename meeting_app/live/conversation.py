"""All that is known of what is said in a running meeting, and how news change it."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pyannote.core import Segment

from meeting_app.domain import (
    Behind,
    BetterWords,
    Chapter,
    ChaptersSoFar,
    FinalWords,
    LiveLine,
    LiveUpdate,
    PartialWords,
    SpeakerSegment,
    StableWords,
    VoiceNamed,
    VoiceRecognised,
    VoicesHeard,
    Word,
    WordSpeakers,
)
from meeting_app.domain.editing import retimed
from meeting_app.errors import ConflictError
from meeting_app.live.voices import Voices

_MOST_NAMES = 256
_LineUpdate = PartialWords | StableWords | BetterWords | FinalWords | WordSpeakers


@dataclass(frozen=True, slots=True)
class Restart:
    """Where a recognition that lost its memory goes on."""

    start: float  # seconds
    next_line: int  # id of the first line that it will find
    updates: tuple[FinalWords, ...]  # what becomes of the lines that were not final


class Conversation:
    """Lines, voices, names and chapters; the work per update does not grow with the meeting."""

    def __init__(self) -> None:
        self.lines: dict[int, LiveLine] = {}
        self.names: dict[str, str] = {}  # given by users
        self.recognised: dict[str, str] = {}  # of voices that are known
        self.chapters: tuple[Chapter, ...] = ()
        self.behind = 0.0  # seconds
        self._voices = Voices()
        self._heard: dict[int, LiveLine] = {}  # what the recognition says of edited lines

    def voices(self) -> tuple[SpeakerSegment, ...]:
        """Who speaks when."""
        return self._voices.snapshot()

    def name_of(self, label: str) -> str | None:
        """What to call a voice; None for one that nobody has named or recognised."""
        return self.names.get(label, self.recognised.get(label))

    def in_order(self) -> tuple[LiveLine, ...]:
        """The lines in order of time."""
        return tuple(self.lines[number] for number in sorted(self.lines))

    def apply(self, update: LiveUpdate) -> None:
        """Takes the update in; one that comes too late changes nothing."""
        match update:
            case PartialWords() | StableWords() | BetterWords() | FinalWords() | WordSpeakers():
                self._change_line(update)
            case VoicesHeard(start, segments, _):
                self._voices.revise(start, segments)
            case VoiceNamed(label, name):
                _name(self.names, label, name)
            case VoiceRecognised(label, name):
                _name(self.recognised, label, name)
            case ChaptersSoFar(chapters):
                self.chapters = chapters
            case Behind(seconds):
                self.behind = seconds

    def check_edit(self, number: int) -> None:
        """Raises ConflictError unless the line can be edited."""
        line = self.lines.get(number)
        if line is None or not line.is_final:
            raise ConflictError(f"line {number}: is not there, or not final yet; wait for its end")

    def edit(self, number: int, text: str) -> None:
        """Gives a final line the user's words.

        Raises:
            ConflictError: the line is not there, or not final.
        """
        self.check_edit(number)
        heard = self._heard.setdefault(number, self.lines[number])
        self.lines[number] = _edited(heard, text)

    def span(self, number: int) -> Segment:
        """From the first to the last word that was heard in a line."""
        line = self._heard.get(number, self.lines[number])
        return Segment(line.words[0].segment.start, max(w.segment.end for w in line.words))

    def restart(self) -> Restart:
        """Forgets what was in the air when the recognition died.

        Lines after the last final one are heard again. Others keep the words that they have,
        so that ids, names and edits after them stay true.
        """
        last = max((n for n, line in self.lines.items() if line.is_final), default=-1)
        open_lines = [line for line in self.in_order() if not line.is_final]
        updates = tuple(
            FinalWords(line.id, line.words if line.id < last else ()) for line in open_lines
        )
        later = [line for line in open_lines if line.id > last and line.words]
        start = later[0].words[0].segment.start if later else 0.0
        if not later and last >= 0:
            start = self.span(last).end
        for update in updates:
            self.apply(update)
        return Restart(start, last + 1, updates)

    def _change_line(self, update: _LineUpdate) -> None:
        number = update.line
        line = self._heard.get(number) or self.lines.get(number) or LiveLine(number)
        changed = _changed(line, update)
        if number in self._heard:
            if changed.words:  # the user's words stay, even where nothing is heard any more
                self._heard[number] = changed
                self.lines[number] = _with_labels_of(self.lines[number], changed)
        elif changed.is_final and not changed.words:
            self.lines.pop(number, None)
        else:
            self.lines[number] = changed


def _name(names: dict[str, str], label: str, name: str | None) -> None:
    if name is None:
        names.pop(label, None)
    elif label in names or len(names) < _MOST_NAMES:
        names[label] = name


def _changed(line: LiveLine, update: _LineUpdate) -> LiveLine:
    match update:
        case PartialWords(_, words) if not line.is_final:
            stable = line.num_stable
            return _with_words(line, (*line.words[:stable], *words), stable)
        case StableWords(_, count) if not line.is_final:
            return replace(line, num_stable=min(count, len(line.words)))
        case BetterWords(_, num_replaced, words) if not line.is_final:
            num_stable = len(words) + max(0, line.num_stable - num_replaced)
            return _with_words(line, (*words, *line.words[num_replaced:]), num_stable)
        case FinalWords(_, words):
            return replace(_with_words(line, words, len(words)), is_final=True)
        case WordSpeakers(_, speakers, is_settled):
            # Words may have come since the speakers were looked for; those keep what they have.
            labels = (*speakers, *line.speakers[len(speakers) :])[: len(line.words)]
            return replace(line, speakers=labels, is_settled=is_settled)
        case _:
            return line


def _with_words(line: LiveLine, words: tuple[Word, ...], num_stable: int) -> LiveLine:
    labels = _labels_at(words, line.words, line.speakers)
    return replace(line, words=words, speakers=labels, num_stable=num_stable)


def _edited(heard: LiveLine, text: str) -> LiveLine:
    words = retimed(text, heard.words)
    line = replace(heard, words=(), speakers=(), num_stable=0, is_edited=True)
    labels = _labels_at(words, heard.words, heard.speakers)
    return replace(line, words=words, speakers=labels, num_stable=len(words))


def _with_labels_of(shown: LiveLine, heard: LiveLine) -> LiveLine:
    labels = _labels_at(shown.words, heard.words, heard.speakers)
    return replace(shown, speakers=labels, is_settled=heard.is_settled)


def _labels_at(
    words: Sequence[Word], known: Sequence[Word], labels: Sequence[str | None]
) -> tuple[str | None, ...]:
    """For each word the label of the known word that is nearest in time."""
    if not known:
        return (None,) * len(words)
    middles = [_middle(word) for word in known]
    return tuple(labels[_nearest(middles, _middle(word))] for word in words)


def _middle(word: Word) -> float:
    return float(word.segment.start + word.segment.end) / 2


def _nearest(rising: Sequence[float], value: float) -> int:
    index = bisect_left(rising, value)
    near = [i for i in (index - 1, index) if 0 <= i < len(rising)]
    return min(near, key=lambda i: abs(rising[i] - value))
