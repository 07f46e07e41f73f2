"""A user who knows the reference, and always does what mends most."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import combinations, groupby

from pyannote.core import Segment

from benchmarks.workbench.misclustered import Case
from benchmarks.workbench.speaker_words import (
    SpeakerErrors,
    labelled_words,
    same_people,
    speaker_errors,
    wrong_words,
)
from meeting_app.domain import Meeting, Word
from meeting_app.domain.corrections import (
    Corrected,
    Correction,
    MergeSpeakers,
    Passage,
    ReassignWords,
    Relabel,
    SplitSpeaker,
)
from meeting_app.domain.teaching import constraints_of
from meeting_app.errors import ConflictError
from pipelines.protocols import Reclusterer


@dataclass(slots=True)
class Desk:
    """A meeting while somebody corrects it."""

    case: Case
    reclusterer: Reclusterer
    done: list[Correction] = field(default_factory=list)
    state: Corrected = field(init=False)

    def __post_init__(self) -> None:
        self.state = Corrected.of(self.case.meeting)

    @property
    def meeting(self) -> Meeting:
        """As it is now."""
        return self.state.meeting

    def errors(self, without: frozenset[Segment] = frozenset()) -> SpeakerErrors:
        """How wrong it is now."""
        return speaker_errors(self.case.reference, self.meeting, without)

    def do(self, correction: Correction) -> None:
        """One action."""
        self.state = self.state.then(correction)
        self.done.append(correction)

    def proposal(self) -> Relabel | None:
        """What the corrections so far teach; None when nothing else should change."""
        constraints = constraints_of(self.case.meeting, self.done)
        changes = self.reclusterer.propose(self.case.evidence, self.meeting, constraints)
        return Relabel(changes) if changes else None


def best_action(desk: Desk) -> Correction | None:
    """The action that leaves fewest words wrong; None when none makes them fewer."""
    best, least = None, desk.errors().num_wrong
    for correction in _sensible(desk):
        left = _errors_after(desk, correction)
        if left is not None and left < least:
            best, least = correction, left
    return best


def largest_reassignment(desk: Desk) -> ReassignWords | None:
    """Gives the longest passage with a wrong speaker to who said it; None when there is none.

    A passage is consecutive words of a turn that one other person said.
    """
    words, labels = labelled_words(desk.meeting)
    truth = desk.case.reference.truth(words)
    wrong = wrong_words(labels, truth)
    people = same_people(labels, truth)
    turns = [turn.id for turn in desk.meeting.turns for _ in turn.words]
    speakers = truth.argmax(axis=1)
    keys = [
        (turn, int(speaker) if is_wrong else None)
        for turn, speaker, is_wrong in zip(turns, speakers, wrong, strict=True)
    ]
    longest: tuple[int, int, int] | None = None  # number of words, first, person
    place = 0
    for (_, person), group in groupby(keys):
        size = len(list(group))
        if person is not None and (longest is None or size > longest[0]):
            longest = size, place, person
        place += size
    if longest is None:
        return None
    size, first, person = longest
    label = next((name for name, row in people.items() if row == person), None)
    return ReassignWords((Passage(_span(words[first : first + size]), labels[first]),), label)


def _sensible(desk: Desk) -> Iterator[Correction]:
    """The actions worth a look; a proposal comes first, because it costs nothing to try."""
    proposal = desk.proposal()
    if proposal is not None:
        yield proposal
    labels = [speaker.label for speaker in desk.meeting.speakers]
    for one, other in combinations(labels, 2):
        yield MergeSpeakers(other, one)
    for label in labels:
        try:
            segments = desk.reclusterer.split(desk.case.evidence, desk.meeting, label)
            yield SplitSpeaker(label, segments)
        except ConflictError:  # one voice only, which the user is told
            continue
    reassignment = largest_reassignment(desk)
    if reassignment is not None:
        yield reassignment


def _errors_after(desk: Desk, correction: Correction) -> int | None:
    tried = replace(desk, done=list(desk.done))
    tried.state = desk.state
    try:
        tried.do(correction)
    except ConflictError:  # such as taking a speaker's last word away by a split
        return None
    return tried.errors().num_wrong


def _span(words: tuple[Word, ...]) -> Segment:
    return Segment(words[0].segment.start, max(word.segment.end for word in words))
