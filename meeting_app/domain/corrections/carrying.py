"""Corrections go over to what another run found in the same recording."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from meeting_app.domain.corrections.commands import (
    AddLine,
    Correction,
    EditLine,
    MergeSpeakers,
    NameSpeakers,
    Passage,
    ReassignWords,
    Relabel,
    RemoveWords,
    RenameSpeaker,
    ReplaceWords,
    SplitSpeaker,
)
from meeting_app.domain.corrections.history import Corrected, MadeCorrection
from meeting_app.domain.corrections.wording import speakers_in
from meeting_app.domain.evidence import Relabelling
from meeting_app.domain.meeting import Meeting, Speaker
from meeting_app.domain.same_voices import nearest_voices, same_voices
from meeting_app.errors import ConflictError, NotFoundError


@dataclass(frozen=True, slots=True)
class Carried:
    """A new result and the corrections as they are to be told of it."""

    base: Meeting
    now: Corrected
    history: tuple[MadeCorrection, ...]  # what does not fit says why


@dataclass(frozen=True, slots=True)
class _Voices:
    """Which labels of the new result stand for those of the old one."""

    same: dict[str, str]  # one to one
    nearest: dict[str, str]  # several may have become one

    def named(self, label: str) -> str:
        """The one voice that is this one."""
        if label not in self.same:
            raise NotFoundError(f"{label}: no voice of the new result is this speaker")
        return self.same[label]

    def of(self, label: str) -> str:
        """The voice that took this one's place."""
        return self.same.get(label) or self.nearest.get(label) or self.named(label)

    def owner(self, owner: str | None) -> str | None:
        """The same for what may be a name."""
        return None if owner is None else self.same.get(owner, owner)

    def with_new(self, before: Meeting, after: Meeting, now: Meeting) -> "_Voices":
        """The same once a correction has made a speaker; the new result may have had the voice."""
        made = {s.label for s in after.speakers} - {s.label for s in before.speakers}
        heard = [s for s in after.speaker_segments if s.speaker in made]
        taken = set(self.same.values())
        free = [s for s in now.speaker_segments if s.speaker not in taken]
        return _Voices(
            self.same | same_voices(heard, free),
            self.nearest | nearest_voices(heard, now.speaker_segments),
        )


def carried(base: Meeting, history: Sequence[MadeCorrection], result: Meeting) -> Carried:
    """The corrections of ``base`` replayed on ``result``, in order.

    Labels are those of the voices that share most time; words are found by their time. A
    correction that does not fit is kept and says why it has no effect. Names that the old result
    had without a correction go over as well.
    """
    voices = _Voices(
        same_voices(base.speaker_segments, result.speaker_segments),
        nearest_voices(base.speaker_segments, result.speaker_segments),
    )
    named = _with_names(base, result, voices.same)
    old, now = Corrected.of(base), Corrected.of(named)
    told: list[MadeCorrection] = []
    for made in history:
        if made.problem is not None:
            told.append(made)
            continue
        before = old.meeting
        old = old.then(made.correction) if made.is_active else old
        try:
            correction = _translated(made.correction, voices, now.meeting)
            now = now.then(correction) if made.is_active else now
            told.append(replace(made, correction=correction))
        except (ConflictError, NotFoundError) as error:
            told.append(replace(made, problem=str(error)))
        voices = voices.with_new(before, old.meeting, now.meeting)
    return Carried(named, now, tuple(told))


def _with_names(base: Meeting, result: Meeting, same: dict[str, str]) -> Meeting:
    names = {same[s.label]: s.name for s in base.speakers if s.label in same}
    speakers = (Speaker(s.label, s.name or names.get(s.label)) for s in result.speakers)
    return replace(result, speakers=tuple(speakers))


def _translated(  # noqa: PLR0911 - one for each kind
    correction: Correction, voices: _Voices, meeting: Meeting
) -> Correction:
    """The correction as it would be made in ``meeting``.

    Raises:
        ConflictError: what it is about is not there, or is so already.
        NotFoundError: a speaker is not there.
    """
    match correction:
        case RenameSpeaker(label, name):
            return RenameSpeaker(voices.named(label), name)
        case NameSpeakers(names):
            return _names(names, voices)
        case MergeSpeakers(label, into):
            return _merge(voices.of(label), voices.of(into))
        case SplitSpeaker(label, segments):
            return SplitSpeaker(voices.of(label), segments)
        case ReassignWords(passages, label):
            found = tuple(_found(passage, voices, meeting) for passage in passages)
            return ReassignWords(found, None if label is None else voices.of(label))
        case RemoveWords(passages):
            return RemoveWords(tuple(_found(passage, voices, meeting) for passage in passages))
        case Relabel(changes):
            return _relabel(changes, voices, meeting)
        case ReplaceWords(segment, text, speakers):
            owners = [_found(Passage(segment, s), voices, meeting).speaker for s in speakers]
            return ReplaceWords(segment, text, tuple(dict.fromkeys(owners)))
        case AddLine() | EditLine():
            return replace(correction, owner=voices.owner(correction.owner))
        case _:
            return correction


def _names(names: Sequence[RenameSpeaker], voices: _Voices) -> NameSpeakers:
    """Those of the names whose voices are there still."""
    found = tuple(
        RenameSpeaker(voices.same[rename.label], rename.name)
        for rename in names
        if rename.label in voices.same
    )
    if not found:
        raise NotFoundError("no voice of the new result is one of these speakers")
    return NameSpeakers(found)


def _merge(label: str, into: str) -> MergeSpeakers:
    if label == into:
        raise ConflictError(f"{label}: both are one speaker in the new result already")
    return MergeSpeakers(label, into)


def _relabel(changes: Sequence[Relabelling], voices: _Voices, meeting: Meeting) -> Relabel:
    found = (
        Relabelling(
            change.segment,
            _found(Passage(change.segment, change.before), voices, meeting).speaker,
            voices.of(change.after),
        )
        for change in changes
    )
    left = tuple(change for change in found if change.before != change.after)
    if not left:
        raise ConflictError("the new result has all these passages so already")
    return Relabel(left)


def _found(passage: Passage, voices: _Voices, meeting: Meeting) -> Passage:
    """The passage under the speaker who has its words now: the same voice if that has any."""
    counts = Counter(speakers_in(meeting, passage.segment))
    if not counts:
        start, end = passage.segment.start, passage.segment.end
        raise ConflictError(f"{start:.2f} s to {end:.2f} s: the new result has no words there")
    label = passage.speaker
    same = None if label is None else voices.same.get(label, voices.nearest.get(label))
    return Passage(passage.segment, same if counts[same] else counts.most_common(1)[0][0])
