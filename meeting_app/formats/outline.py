"""A meeting in reading order: what every format written for people shows, computed once."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pyannote.core import Segment

from meeting_app.domain import ActionItem, Chapter, Decision, Meeting, Statement, Turn
from meeting_app.formats.text import clean

WHOLE = "Whole recording"  # heading of the only section when there are no chapters
NO_SPEECH = "No speech was found in this recording."
NO_MINUTES = "No summary, decision or action item was found."

# Hexadecimal RGB, dark enough to be read on white: contrast at least 4.5 to 1 as WCAG 2 asks.
SPEAKER_COLOURS = (
    "1D4ED8", "B45309", "047857", "BE185D", "6D28D9", "0E7490", "B91C1C", "4D7C0F",
)  # fmt: skip
UNKNOWN_COLOUR = "52525B"  # a turn that no voice was found for

# The languages most often met; others are shown by their code.
_LANGUAGES = {
    "ar": "Arabic", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek",
    "en": "English", "es": "Spanish", "fi": "Finnish", "fr": "French", "he": "Hebrew",
    "hi": "Hindi", "id": "Indonesian", "it": "Italian", "ja": "Japanese", "ko": "Korean",
    "nl": "Dutch", "no": "Norwegian", "pl": "Polish", "pt": "Portuguese", "ru": "Russian",
    "sv": "Swedish", "th": "Thai", "tr": "Turkish", "uk": "Ukrainian", "vi": "Vietnamese",
    "yue": "Cantonese", "zh": "Chinese",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SpeakerRow:
    """One voice and how much of the talk it had."""

    name: str
    colour: str  # hexadecimal RGB
    seconds: float
    share: float  # 0..1 of all speaking time, overlap counted for each


@dataclass(frozen=True, slots=True)
class Moment:
    """Where in the recording something can be heard."""

    turn_id: int
    start: float  # seconds


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the minutes."""

    text: str
    moments: tuple[Moment, ...]  # in time order
    owner: str | None = None
    due: str | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A turn as it is printed."""

    turn_id: int
    speaker: str
    colour: str  # hexadecimal RGB
    start: float  # seconds
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter as it is printed."""

    heading: str
    start: float  # seconds
    end: float  # seconds
    keywords: tuple[str, ...]
    summary: tuple[Line, ...]
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """A meeting as it is printed; every text is clean and on one line."""

    title: str
    duration: str
    language: str | None
    speakers: tuple[SpeakerRow, ...]
    sections: tuple[Section, ...]
    decisions: tuple[Line, ...]
    action_items: tuple[Line, ...]

    @property
    def is_silent(self) -> bool:
        """Whether nothing was said."""
        return not any(section.passages for section in self.sections)

    @property
    def minutes(self) -> tuple[Line, ...]:
        """Every line that is to be handed on."""
        summary = (line for section in self.sections for line in section.summary)
        return (*summary, *self.decisions, *self.action_items)

    @property
    def facts(self) -> str:
        """Duration, language and number of speakers on one line."""
        count = len(self.speakers)
        voices = f"{count} speaker{'' if count == 1 else 's'}" if count else None
        return " · ".join(filter(None, (self.duration, self.language, voices)))


def outline_of(meeting: Meeting) -> Outline:
    """The meeting in reading order.

    Every turn and every line of the summary is in exactly one section: that of the last chapter
    that begins no later, or the first one. A meeting without chapters has one section.
    """
    colours = {
        speaker.label: SPEAKER_COLOURS[index % len(SPEAKER_COLOURS)]
        for index, speaker in enumerate(meeting.speakers)
    }
    passages = [_passage(turn, meeting, colours) for turn in meeting.turns]
    summary = [_line(statement, meeting) for statement in meeting.minutes.summary]
    return Outline(
        title=clean(meeting.title) or "Meeting",
        duration=length(meeting.duration),
        language=meeting.language
        and (_LANGUAGES.get(meeting.language) or clean(meeting.language) or None),
        speakers=_speaker_rows(meeting, colours),
        sections=_sections(_chapters(meeting), passages, summary),
        decisions=tuple(_line(decision, meeting) for decision in meeting.minutes.decisions),
        action_items=tuple(_line(item, meeting) for item in meeting.minutes.action_items),
    )


def speaker_name(meeting: Meeting, speaker: str | None) -> str:
    """How to call a label or a spoken name on paper; never empty."""
    return clean(meeting.display_name(speaker)) or clean(speaker or "") or "Unknown"


def clock(seconds: float) -> str:
    """A time as a player shows it, rounded down: 01:05, 1:01:05, 100:00:00."""
    minutes, rest = divmod(int(max(0.0, seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


def length(seconds: float) -> str:
    """A duration in words, to the nearest second: 45 s, 3 min 05 s, 1 h 02 min."""
    minutes, rest = divmod(round(max(0.0, seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def _chapters(meeting: Meeting) -> tuple[Chapter, ...]:
    if meeting.chapters:
        return tuple(
            replace(chapter, title=f"{number}. {clean(chapter.title) or 'Chapter'}")
            for number, chapter in enumerate(meeting.chapters, start=1)
        )
    if meeting.turns or meeting.minutes.summary:
        return (Chapter(Segment(0.0, meeting.duration), WHOLE, ()),)
    return ()


def _sections(
    chapters: Sequence[Chapter], passages: Sequence[Passage], summary: Sequence[Line]
) -> tuple[Section, ...]:
    starts = [chapter.segment.start for chapter in chapters]

    def section_at(seconds: float) -> int:
        return max(0, bisect_right(starts, seconds) - 1)

    return tuple(
        Section(
            heading=chapter.title,
            start=chapter.segment.start,
            end=chapter.segment.end,
            keywords=tuple(filter(None, map(clean, chapter.keywords))),
            summary=tuple(s for s in summary if section_at(_first(s)) == index),
            passages=tuple(p for p in passages if section_at(p.start) == index),
        )
        for index, chapter in enumerate(chapters)
    )


def _first(line: Line) -> float:
    return line.moments[0].start if line.moments else 0.0


def _passage(turn: Turn, meeting: Meeting, colours: dict[str, str]) -> Passage:
    return Passage(
        turn_id=turn.id,
        speaker=speaker_name(meeting, turn.speaker),
        colour=UNKNOWN_COLOUR
        if turn.speaker is None
        else colours.get(turn.speaker, UNKNOWN_COLOUR),
        start=turn.segment.start,
        text=clean(turn.text),
    )


def _line(line: Statement | Decision | ActionItem, meeting: Meeting) -> Line:
    proofs = [meeting.turn_by_id[key] for key in set(line.evidence) if key in meeting.turn_by_id]
    moments = sorted((turn.segment.start, turn.id) for turn in proofs)
    owner, due = (line.owner, line.due) if isinstance(line, ActionItem) else (None, None)
    return Line(
        text=clean(line.text),
        moments=tuple(Moment(turn_id, start) for start, turn_id in moments),
        owner=None if owner is None else speaker_name(meeting, owner),
        due=None if due is None else clean(due) or None,
    )


def _speaker_rows(meeting: Meeting, colours: dict[str, str]) -> tuple[SpeakerRow, ...]:
    seconds = {speaker.label: meeting.speaking_time(speaker.label) for speaker in meeting.speakers}
    whole = sum(seconds.values())
    return tuple(
        SpeakerRow(
            name=speaker_name(meeting, label),
            colour=colours[label],
            seconds=spent,
            share=spent / whole if whole else 0.0,
        )
        for label, spent in seconds.items()
    )
