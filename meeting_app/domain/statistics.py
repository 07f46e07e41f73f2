"""How a meeting went in numbers: who spoke how long, asked, interrupted, and when nobody did.

Everything is counted from the turns and the diarization alone; docs/glossary.md says what the
words mean.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pyannote.core import Segment

from meeting_app.domain.meeting import Meeting, SpeakerSegment
from meeting_app.domain.transcript import Turn

# What makes a conversation: a listener's "mhm" takes no floor, and whoever is interrupted falls
# silent soon. Source: backchannels and floor changes as in Heldner & Edlund 2010,
# doi:10.1016/j.wocn.2010.08.002, where four in five listeners' signals last under a second.
BACKCHANNEL = 1.0  # seconds; a shorter utterance takes nobody's floor
GIVES_WAY = 1.5  # seconds within which whoever is interrupted stops
LONGEST_PAUSE = 5.0  # seconds; a longer silence ends a monologue
SHORTEST_SILENCE = 0.5  # seconds; shorter gaps are breath, not silence

# Latin, full-width, Arabic, Armenian and Greek question marks, and doubled ones.
_QUESTION = re.compile(
    "[?\uff1f\u061f\u055e\u037e\u203d\u2047\u2048\u2049][\"'”’)\\]」』»!\uff01]*$"
)


@dataclass(frozen=True, slots=True)
class SpeakerStatistics:
    """What one speaker did."""

    label: str
    speaking_time: float  # seconds, overlap included
    num_words: int
    num_turns: int
    num_questions: int
    num_interruptions: int  # of others by this one
    num_interrupted: int  # of this one by others
    monologue: Segment | None  # seconds; the longest; None for one without turns

    @property
    def words_per_minute(self) -> float | None:
        """While speaking; None when the speaker is never heard."""
        return 60 * self.num_words / self.speaking_time if self.speaking_time else None


@dataclass(frozen=True, slots=True)
class MeetingStatistics:
    """What happened in the whole meeting."""

    duration: float  # seconds
    speakers: tuple[SpeakerStatistics, ...]  # as in the meeting
    silence: float  # seconds in which nobody speaks
    longest_silence: Segment | None  # seconds
    overlap: float  # seconds in which two or more speak

    def share_of(self, speaker: SpeakerStatistics) -> float | None:
        """The part of all speaking time, 0..1; None when nobody speaks."""
        total = sum(each.speaking_time for each in self.speakers)
        return speaker.speaking_time / total if total else None


def statistics_of(meeting: Meeting) -> MeetingStatistics:
    """The numbers of a meeting; an empty one has no speakers and is all silence."""
    interruptions = tuple(interruptions_in(meeting.speaker_segments))
    made = Counter(by for by, _ in interruptions)
    suffered = Counter(of for _, of in interruptions)
    turns: dict[str | None, list[Turn]] = defaultdict(list)
    for turn in meeting.turns:
        turns[turn.speaker].append(turn)
    silences = silences_of(meeting)
    monologues: dict[str, Segment] = {}
    for label, stretch in monologues_of(meeting.turns):
        if label not in monologues or stretch.duration > monologues[label].duration:
            monologues[label] = stretch
    return MeetingStatistics(
        duration=meeting.duration,
        speakers=tuple(
            SpeakerStatistics(
                label=speaker.label,
                speaking_time=meeting.speaking_time(speaker.label),
                num_words=sum(len(turn.words) for turn in turns[speaker.label]),
                num_turns=len(turns[speaker.label]),
                num_questions=_num_questions(turns[speaker.label]),
                num_interruptions=made[speaker.label],
                num_interrupted=suffered[speaker.label],
                monologue=monologues.get(speaker.label),
            )
            for speaker in meeting.speakers
        ),
        silence=float(sum(silence.duration for silence in silences)),
        longest_silence=max(silences, key=lambda silence: silence.duration, default=None),
        overlap=float(sum(o.duration for o in overlaps_of(meeting.speaker_segments))),
    )


def silences_of(meeting: Meeting) -> tuple[Segment, ...]:
    """Where nobody speaks for at least ``SHORTEST_SILENCE``, in time order."""
    silences: list[Segment] = []
    heard_until = 0.0
    spans = sorted((float(s.segment.start), float(s.segment.end)) for s in meeting.speaker_segments)
    for start, end in (*spans, (meeting.duration, meeting.duration)):
        if start - heard_until >= SHORTEST_SILENCE:
            silences.append(Segment(heard_until, start))
        heard_until = max(heard_until, end)
    return tuple(silences)


def overlaps_of(segments: Sequence[SpeakerSegment]) -> tuple[Segment, ...]:
    """Where two or more different speakers are heard at once; disjoint, in time order."""
    steps = sorted(
        [(float(s.segment.start), 1, s.speaker) for s in segments]
        + [(float(s.segment.end), -1, s.speaker) for s in segments]
    )
    heard: Counter[str] = Counter()
    num_heard = 0
    found: list[Segment] = []
    since: float | None = None
    for time, step, speaker in steps:
        heard[speaker] += step
        # Only the first stretch of a speaker, and the end of the last, change who is heard.
        num_heard += step * (heard[speaker] == (step + 1) // 2)
        is_overlap = num_heard > 1
        if is_overlap and since is None:
            since = time
        elif not is_overlap and since is not None:
            if time > since:
                found.append(Segment(since, time))
            since = None
    return tuple(found)


def interruptions_in(segments: Sequence[SpeakerSegment]) -> Iterator[tuple[str, str]]:
    """(who interrupts, who is interrupted), in time order.

    Somebody interrupts who begins while another speaks, goes on for at least ``BACKCHANNEL`` and
    longer than the other, who stops within ``GIVES_WAY``.
    """
    ordered = sorted(segments, key=lambda item: (item.segment.start, item.segment.end))
    running: list[SpeakerSegment] = []
    for item in ordered:
        start, end = item.segment.start, item.segment.end
        running = [other for other in running if other.segment.end > start]
        for other in running:
            gives_way = other.segment.end <= min(start + GIVES_WAY, end)
            is_other = other.speaker != item.speaker and other.segment.start < start
            if is_other and gives_way and item.segment.duration >= BACKCHANNEL:
                yield item.speaker, other.speaker
        running.append(item)


def monologues_of(turns: Sequence[Turn]) -> Iterator[tuple[str, Segment]]:
    """(speaker, from the first to the last word) of everybody's stretches, in order of their end.

    Turns of others shorter than ``BACKCHANNEL`` do not end a stretch, a pause of more than
    ``LONGEST_PAUSE`` does.
    """
    holder: str | None = None
    start = end = 0.0
    for turn in turns:
        span = turn.segment
        if turn.speaker == holder and span.start - end <= LONGEST_PAUSE:
            end = max(end, span.end)
        elif turn.speaker is not None and (
            holder is None or span.duration >= BACKCHANNEL or turn.speaker == holder
        ):
            if holder is not None:
                yield holder, Segment(start, end)
            holder, start, end = turn.speaker, span.start, span.end
    if holder is not None:
        yield holder, Segment(start, end)


def is_question(text: str) -> bool:
    """Whether a word, with its punctuation, ends a question."""
    return bool(_QUESTION.search(text))


def _num_questions(turns: Iterable[Turn]) -> int:
    return sum(is_question(word.text) for turn in turns for word in turn.words)
