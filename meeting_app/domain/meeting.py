"""A meeting: who spoke, what was said, in which chapters, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from pyannote.core import Annotation, Segment

from meeting_app.domain.transcript import Turn


@dataclass(frozen=True, slots=True)
class Speaker:
    """A voice of the meeting, and the name the user gave it."""

    label: str  # "SPEAKER_00"
    name: str | None = None

    @property
    def display_name(self) -> str:
        """The name, or "Speaker 1" while nobody has named the voice."""
        if self.name is not None:
            return self.name
        number = self.label.rpartition("_")[2]
        return f"Speaker {int(number) + 1}" if number.isdecimal() else self.label


@dataclass(frozen=True, slots=True)
class SpeakerSegment:
    """A stretch in which one speaker is heard; those of different speakers may overlap."""

    segment: Segment  # seconds
    speaker: str  # label


@dataclass(frozen=True, slots=True)
class Chapter:
    """A topic of the meeting; chapters follow each other without gaps and never cut a turn."""

    segment: Segment  # seconds
    title: str
    keywords: tuple[str, ...]  # best first


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of the minutes and the turns that prove it."""

    text: str
    evidence: tuple[int, ...]  # ids of turns, at least one


@dataclass(frozen=True, slots=True)
class Decision:
    """Something the meeting agreed on."""

    text: str
    evidence: tuple[int, ...]  # ids of turns, at least one


@dataclass(frozen=True, slots=True)
class ActionItem:
    """Something somebody will do."""

    text: str
    evidence: tuple[int, ...]  # ids of turns, at least one
    owner: str | None = None  # label of the speaker who took it on, or a name that was spoken
    due: str | None = None  # the phrase as spoken, e.g. "by Friday"


@dataclass(frozen=True, slots=True)
class Minutes:
    """What to hand on; every line can be checked by ear."""

    summary: tuple[Statement, ...] = ()  # in time order; a statement's turn says its chapter
    decisions: tuple[Decision, ...] = ()
    action_items: tuple[ActionItem, ...] = ()


@dataclass(frozen=True)
class Meeting:
    """Everything the pipeline found out about one recording."""

    title: str
    duration: float  # seconds of sound
    language: str | None  # ISO 639-1; None when nothing was said
    speakers: tuple[Speaker, ...]  # in order of label
    speaker_segments: tuple[SpeakerSegment, ...]  # the diarization, in time order
    turns: tuple[Turn, ...]  # in time order
    chapters: tuple[Chapter, ...]  # in time order
    minutes: Minutes

    @cached_property
    def turn_by_id(self) -> dict[int, Turn]:
        """Turns under the ids that evidence uses."""
        return {turn.id: turn for turn in self.turns}

    @cached_property
    def speaker_by_label(self) -> dict[str, Speaker]:
        """Speakers under their labels."""
        return {speaker.label: speaker for speaker in self.speakers}

    def display_name(self, speaker: str | None) -> str:
        """How to call a label, a spoken name, or nobody."""
        if speaker is None:
            return "Unknown"
        known = self.speaker_by_label.get(speaker)
        return known.display_name if known else speaker

    def turns_in(self, chapter: Chapter) -> tuple[Turn, ...]:
        """The turns that begin inside the chapter."""
        segment = chapter.segment
        start, end = segment.start, segment.end
        return tuple(t for t in self.turns if start <= t.words[0].segment.start < end)

    def summary_of(self, chapter: Chapter) -> tuple[Statement, ...]:
        """The statements whose first proof begins inside the chapter."""
        ids = {turn.id for turn in self.turns_in(chapter)}
        return tuple(s for s in self.minutes.summary if s.evidence[0] in ids)

    def speaking_time(self, speaker: str) -> float:
        """Seconds in which the speaker is heard, overlap included."""
        spans = (s.segment for s in self.speaker_segments if s.speaker == speaker)
        return float(sum(span.duration for span in spans))

    def rename_speaker(self, label: str, name: str | None) -> "Meeting":
        """The same meeting with one voice named, or unnamed by None."""
        speakers = tuple(
            replace(speaker, name=name) if speaker.label == label else speaker
            for speaker in self.speakers
        )
        return replace(self, speakers=speakers)


def annotation_of(segments: Sequence[SpeakerSegment], uri: str | None = None) -> Annotation:
    """The segments as pyannote.core knows them; each gets a track of its own."""
    annotation = Annotation(uri=uri)
    for track, item in enumerate(segments):
        annotation[item.segment, track] = item.speaker
    return annotation


def speaker_segments_of(annotation: Annotation) -> tuple[SpeakerSegment, ...]:
    """The annotation as frozen values, ordered by start, end and label."""
    found = [
        SpeakerSegment(Segment(segment.start, segment.end), str(label))
        for segment, _, label in annotation.itertracks(yield_label=True)
    ]
    return tuple(sorted(found, key=lambda s: (s.segment.start, s.segment.end, s.speaker)))
