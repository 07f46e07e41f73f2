"""A meeting in reading order: what every format written for people shows, computed once."""

from dataclasses import dataclass
from datetime import datetime

from pyannote.core import Segment

from meeting_app.domain import ActionItem, Chapter, Decision, Meeting, Statement, Turn, Word
from meeting_app.formats.options import DEFAULTS, ExportOptions, Part
from meeting_app.formats.selection import chapter_at
from meeting_app.formats.text import clean
from meeting_app.formats.wording import Wording

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
    moments: tuple[Moment, ...]  # in time order; none when times are not wanted
    owner: str | None = None
    due: str | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A turn as it is printed."""

    turn_id: int
    speaker: str | None  # None when names are not wanted
    colour: str  # hexadecimal RGB
    start: float  # seconds
    text: str
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter as it is printed, or all of a meeting whose chapters are not wanted."""

    heading: str | None
    start: float  # seconds
    end: float  # seconds
    keywords: tuple[str, ...]
    summary: tuple[Line, ...]
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """A meeting as it is printed; every text is clean and on one line."""

    options: ExportOptions
    say: Wording
    title: str
    date: str | None
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
    def has_minutes(self) -> bool:
        """Whether the minutes are wanted."""
        return self.options.part is not Part.TRANSCRIPT

    @property
    def has_transcript(self) -> bool:
        """Whether the transcript is wanted."""
        return self.options.part is not Part.MINUTES

    @property
    def has_chapters(self) -> bool:
        """Whether sections have headings to navigate by."""
        return any(section.heading for section in self.sections)

    @property
    def minutes(self) -> tuple[Line, ...]:
        """Every line that is to be handed on."""
        if not self.has_minutes:
            return ()
        summary = (line for section in self.sections for line in section.summary)
        return (*summary, *self.decisions, *self.action_items)

    @property
    def proofs(self) -> frozenset[int]:
        """Ids of the turns that the minutes point at, where the document holds them."""
        if not self.has_transcript:
            return frozenset()
        return frozenset(moment.turn_id for line in self.minutes for moment in line.moments)

    @property
    def facts(self) -> str:
        """Date, duration, language and number of speakers on one line."""
        count = len(self.speakers)
        voices = self.say("{count} speaker" if count == 1 else "{count} speakers", count=count)
        found = (self.date, self.duration, self.language, voices if count else None)
        return " · ".join(filter(None, found))


def outline_of(
    meeting: Meeting, options: ExportOptions = DEFAULTS, created_at: datetime | None = None
) -> Outline:
    """The meeting in reading order.

    Every turn and every line of the summary is in exactly one section: that of the last chapter
    that begins no later, or the first one. A meeting without chapters has one section.

    Args:
        meeting: all of it, or the chapter that the options ask for.
        options: what the reader wants to see.
        created_at: when it was recorded or handed in; None where nobody knows.
    """
    maker = _Maker(meeting, options, Wording(options.language))
    language = meeting.language and clean(meeting.language)
    known = _LANGUAGES.get(language) if language else None
    return Outline(
        options=options,
        say=maker.say,
        title=clean(meeting.title) or maker.say("Meeting"),
        date=None if created_at is None else maker.say.date(created_at),
        duration=maker.say.length(_duration(meeting, options)),
        language=maker.say(known) if known else language or None,
        speakers=maker.speakers() if options.with_speakers else (),
        sections=maker.sections(),
        decisions=tuple(map(maker.line, meeting.minutes.decisions)),
        action_items=tuple(map(maker.line, meeting.minutes.action_items)),
    )


def speaker_name(meeting: Meeting, speaker: str | None, say: Wording | None = None) -> str:
    """How to call a label or a spoken name on paper; never empty."""
    say = say or Wording()
    known = meeting.speaker_by_label.get(speaker) if speaker is not None else None
    number = known.label.rpartition("_")[2] if known is not None and known.name is None else ""
    if number.isdecimal():
        return say("Speaker {number}", number=int(number) + 1)
    if speaker is None:
        return say("Unknown")
    return clean(meeting.display_name(speaker)) or clean(speaker) or say("Unknown")


def clock(seconds: float) -> str:
    """A time as a player shows it, rounded down: 01:05, 1:01:05, 100:00:00."""
    minutes, rest = divmod(int(max(0.0, seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


def _duration(meeting: Meeting, options: ExportOptions) -> float:
    if options.chapter is None:
        return meeting.duration
    return float(meeting.chapters[0].segment.duration)


class _Maker:
    """Makes the parts of one outline."""

    def __init__(self, meeting: Meeting, options: ExportOptions, say: Wording) -> None:
        self.say = say
        self._meeting = meeting
        self._options = options
        self._colours = {
            speaker.label: SPEAKER_COLOURS[index % len(SPEAKER_COLOURS)]
            for index, speaker in enumerate(meeting.speakers)
        }

    def speakers(self) -> tuple[SpeakerRow, ...]:
        seconds = {label: self._meeting.speaking_time(label) for label in self._colours}
        whole = sum(seconds.values())
        return tuple(
            SpeakerRow(
                name=self._name(label),
                colour=self._colours[label],
                seconds=spent,
                share=spent / whole if whole else 0.0,
            )
            for label, spent in seconds.items()
        )

    def sections(self) -> tuple[Section, ...]:
        chapters = self._chapters()
        parts: list[tuple[list[Line], list[Passage]]] = [([], []) for _ in chapters]
        for line in map(self._statement, self._meeting.minutes.summary):
            parts[chapter_at(chapters, line[0])][0].append(line[1])
        for turn in self._meeting.turns:
            parts[chapter_at(chapters, turn.segment.start)][1].append(self._passage(turn))
        return tuple(
            Section(
                heading=self._heading(number, chapter),
                start=chapter.segment.start,
                end=chapter.segment.end,
                keywords=tuple(filter(None, map(clean, chapter.keywords))),
                summary=tuple(summary),
                passages=tuple(passages),
            )
            for number, (chapter, (summary, passages)) in enumerate(
                zip(chapters, parts, strict=True), start=self._options.chapter or 1
            )
        )

    def line(self, line: Statement | Decision | ActionItem) -> Line:
        owner, due = (line.owner, line.due) if isinstance(line, ActionItem) else (None, None)
        is_named = owner is not None and self._options.with_speakers
        return Line(
            text=clean(line.text),
            moments=self._moments(line) if self._options.with_timestamps else (),
            owner=self._name(owner) if is_named else None,
            due=None if due is None else clean(due) or None,
        )

    def _chapters(self) -> tuple[Chapter, ...]:
        if self._meeting.chapters and self._options.with_chapters:
            return self._meeting.chapters
        if self._meeting.turns or self._meeting.minutes.summary:
            return (Chapter(Segment(0.0, self._meeting.duration), "", ()),)
        return ()

    def _heading(self, number: int, chapter: Chapter) -> str | None:
        if not self._options.with_chapters:
            return None
        if not self._meeting.chapters:
            return self.say(WHOLE)
        return f"{number}. {clean(chapter.title) or self.say('Chapter')}"

    def _statement(self, statement: Statement) -> tuple[float, Line]:
        """When the first proof begins, and the line."""
        moments = self._moments(statement)
        return moments[0].start if moments else 0.0, self.line(statement)

    def _moments(self, line: Statement | Decision | ActionItem) -> tuple[Moment, ...]:
        known = self._meeting.turn_by_id
        proofs = [known[key] for key in set(line.evidence) if key in known]
        return tuple(
            Moment(turn_id, start)
            for start, turn_id in sorted((turn.segment.start, turn.id) for turn in proofs)
        )

    def _passage(self, turn: Turn) -> Passage:
        return Passage(
            turn_id=turn.id,
            speaker=self._name(turn.speaker) if self._options.with_speakers else None,
            colour=self._colours.get(turn.speaker or "", UNKNOWN_COLOUR),
            start=turn.segment.start,
            text=clean(turn.text),
            words=turn.words,
        )

    def _name(self, speaker: str | None) -> str:
        return speaker_name(self._meeting, speaker, self.say)
