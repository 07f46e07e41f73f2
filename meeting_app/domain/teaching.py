"""What corrections say about voices: who is heard where, and who is not.

Words that a user has given to somebody are confirmed as theirs, and refused as those of whoever
had them before. Merging, splitting and accepting a proposal confirm no word: the user has not
listened to each. But who was confirmed before moves along.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from pyannote.core import Segment

from meeting_app.domain.corrections import (
    Corrected,
    Correction,
    MergeSpeakers,
    MoveTurnBoundary,
    ReassignWords,
)
from meeting_app.domain.evidence import VoiceConstraints
from meeting_app.domain.meeting import Meeting, SpeakerSegment
from meeting_app.domain.transcript import Turn, Word


def constraints_of(base: Meeting, corrections: Iterable[Correction]) -> VoiceConstraints:
    """What the corrections of a meeting say about its voices, in the labels that it ends up with.

    Args:
        base: the meeting before the first correction.
        corrections: those that count, in the order they were made.

    Raises:
        ConflictError: a correction does not fit.
        NotFoundError: a correction names a speaker whom the meeting does not have.
    """
    state, lessons = Corrected.of(base), _Lessons()
    for correction in corrections:
        before = state.meeting
        state = state.then(correction)
        match correction:
            case ReassignWords() | MoveTurnBoundary():
                lessons.take(before, state.meeting)
            case MergeSpeakers(label, into):
                lessons.merge(label, into)
    return lessons.constraints(state.meeting)


@dataclass(slots=True)
class _Lessons:
    """Words that users have given to somebody, by the identity of their time."""

    refused: dict[Segment, frozenset[str]] = field(default_factory=dict)  # by a word's segment

    def take(self, before: Meeting, after: Meeting) -> None:
        """A user has moved words: they were not who had them."""
        had = dict(_owners(before.turns, after.turns))
        for segment, speaker in _owners(after.turns, before.turns):
            lost = had.get(segment, speaker)
            if lost != speaker:
                refused = self.refused.get(segment, frozenset()) - {speaker}
                self.refused[segment] = refused | ({lost} if lost is not None else frozenset())

    def merge(self, label: str, into: str) -> None:
        """Two labels are one person, who was not heard where either was not."""
        for segment, refused in self.refused.items():
            if label in refused:
                self.refused[segment] = refused - {label} | {into}

    def constraints(self, meeting: Meeting) -> VoiceConstraints:
        """Words side by side of which the same is known make one segment."""
        confirmed: list[SpeakerSegment] = []
        refused: list[SpeakerSegment] = []
        for turn in meeting.turns:
            for lesson, group in groupby(turn.words, lambda word: self.refused.get(word.segment)):
                if lesson is None or turn.speaker is None:
                    continue
                segment = _span(tuple(group))
                confirmed.append(SpeakerSegment(segment, turn.speaker))
                refused += [
                    SpeakerSegment(segment, label) for label in sorted(lesson - {turn.speaker})
                ]
        return VoiceConstraints(tuple(confirmed), tuple(refused))


def _owners(turns: Sequence[Turn], others: Sequence[Turn]) -> Iterator[tuple[Segment, str | None]]:
    """Each word's segment and speaker in the turns that are not among ``others`` as they are."""
    same = {id(turn) for turn in others}
    for turn in turns:
        if id(turn) not in same:
            yield from ((word.segment, turn.speaker) for word in turn.words)


def _span(words: Sequence[Word]) -> Segment:
    return Segment(words[0].segment.start, max(word.segment.end for word in words))
