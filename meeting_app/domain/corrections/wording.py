"""Words are written anew, taken away, or change sides at the boundary of two turns."""

from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import replace

from pyannote.core import Segment

from meeting_app.domain.corrections.commands import (
    MoveTurnBoundary,
    RemoveWords,
    ReplaceWords,
)
from meeting_app.domain.corrections.proofs import with_proofs
from meeting_app.domain.corrections.voices import Stretch, regrouped
from meeting_app.domain.editing import retimed
from meeting_app.domain.meeting import Meeting, SpeakerSegment
from meeting_app.domain.transcript import Turn, Word, middle_of
from meeting_app.errors import ConflictError

_SAME_BOUNDARY = 0.5  # seconds; the boundary of a later run may be found so far away


def replaced(meeting: Meeting, correction: ReplaceWords) -> Meeting:
    """Each new word goes to the turn of the words that it replaces.

    A turn that loses its last word goes, and what it proved is proven by the turn that took its
    words over.

    Raises:
        ConflictError: there is no word, or the text is blank.
    """
    owned = [
        (word, turn.id)
        for turn in _turns_at(meeting, correction.segment)
        if not correction.speakers or turn.speaker in correction.speakers
        for word in turn.words
        if _is_in(word, correction.segment)
    ]
    start, end = correction.segment.start, correction.segment.end
    if not owned:
        raise ConflictError(f"{start:.2f} s to {end:.2f} s: no words are there; choose some")
    if not correction.text.strip():
        raise ConflictError("a blank text takes no place; remove the words instead")
    owned.sort(key=lambda item: middle_of(item[0]))
    old = tuple(word for word, _ in owned)
    new: dict[int, list[Word]] = {}
    for word in retimed(correction.text, old):
        nearest = min(owned, key=lambda item: abs(middle_of(item[0]) - middle_of(word)))
        new.setdefault(nearest[1], []).append(word)
    heir = next(iter(new))
    return _with_words(meeting, {id(word) for word in old}, {turn for _, turn in owned}, new, heir)


def removed(meeting: Meeting, correction: RemoveWords) -> Meeting:
    """Turns without words go, and lines of the minutes that nothing else proves go with them.

    Raises:
        ConflictError: none of the words is there.
    """
    gone = {
        (id(word), turn.id)
        for passage in correction.passages
        for turn in _turns_at(meeting, passage.segment)
        if turn.speaker == passage.speaker
        for word in turn.words
        if _is_in(word, passage.segment)
    }
    if not gone:
        raise ConflictError("none of these words is there any more; look at the meeting again")
    words = {word for word, _ in gone}
    return _with_words(meeting, words, {turn for _, turn in gone}, {}, None)


def boundary_moved(meeting: Meeting, correction: MoveTurnBoundary) -> Meeting:
    """The words between the two places go to the turn on the other side.

    Raises:
        ConflictError: no turn begins there, the first one does, no word changes sides, or none
            would be left on one.
    """
    index = _turn_beginning_at(meeting, correction.start)
    left, right = meeting.turns[index - 1], meeting.turns[index]
    stay = [word for word in left.words if middle_of(word) < correction.to]
    come = [word for word in right.words if middle_of(word) < correction.to]
    go = [word for word in left.words if middle_of(word) >= correction.to]
    rest = [word for word in right.words if middle_of(word) >= correction.to]
    if not come and not go:
        raise ConflictError(f"{correction.to:.2f} s: no word changes sides; move it further")
    if not (stay or come) or not (go or rest):
        raise ConflictError(
            f"{correction.to:.2f} s: no word would be left on one side; give the whole turn to "
            "the other speaker instead"
        )
    turns = list(meeting.turns)
    turns[index - 1] = replace(left, words=_in_order([*stay, *come]))
    turns[index] = replace(right, words=_in_order([*go, *rest]))
    turns.sort(key=lambda turn: turn.words[0].segment.start)
    if left.speaker == right.speaker:
        return replace(meeting, turns=tuple(turns))
    losses: dict[str, list[Stretch]] = {}
    added: list[SpeakerSegment] = []
    for words, loser, winner in ((come, right, left), (go, left, right)):
        if words and winner.speaker is not None:
            start, end = words[0].segment.start, max(w.segment.end for w in words)
            added.append(SpeakerSegment(Segment(start, end), winner.speaker))
            if loser.speaker is not None:
                losses[loser.speaker] = [Stretch(start, end, winner.speaker)]
    segments = regrouped(meeting.speaker_segments, losses, added, turns)
    return replace(meeting, turns=tuple(turns), speaker_segments=segments)


def speakers_in(meeting: Meeting, segment: Segment) -> dict[str | None, int]:
    """How many words each speaker has in the segment; those without any are left out."""
    found: dict[str | None, int] = {}
    for turn in _turns_at(meeting, segment):
        count = sum(_is_in(word, segment) for word in turn.words)
        if count:
            found[turn.speaker] = found.get(turn.speaker, 0) + count
    return found


def _turns_at(meeting: Meeting, segment: Segment) -> list[Turn]:
    """Turns that share time with the segment."""
    last = bisect_right(meeting.turns, segment.end, key=lambda turn: turn.words[0].segment.start)
    return [turn for turn in meeting.turns[:last] if turn.segment.end >= segment.start]


def _is_in(word: Word, segment: Segment) -> bool:
    return bool(segment.start <= middle_of(word) < segment.end)


def _in_order(words: Sequence[Word]) -> tuple[Word, ...]:
    # Stable, so words that begin together stay in the order in which they are said.
    return tuple(sorted(words, key=lambda word: word.segment.start))


def _turn_beginning_at(meeting: Meeting, start: float) -> int:
    def distance(index: int) -> float:
        return abs(float(meeting.turns[index].segment.start) - start)

    nearest = min(range(1, len(meeting.turns)), key=distance, default=None)
    if nearest is None or distance(nearest) > _SAME_BOUNDARY:
        raise ConflictError(
            f"{start:.2f} s: no turn follows another there; look at the meeting as it is now"
        )
    return nearest


def _with_words(
    meeting: Meeting,
    gone: Collection[int],
    touched: Collection[int],
    new: dict[int, list[Word]],
    heir: int | None,
) -> Meeting:
    """The meeting without the words whose identities are in ``gone``, and with ``new`` ones.

    Args:
        meeting: as it was.
        gone: ``id()`` of words.
        touched: ids of the turns that they are in.
        new: words under the turn that they go to.
        heir: the turn that proves what turns without words have proven; None if there is none.
    """
    turns: list[Turn] = []
    empty: list[int] = []
    for turn in meeting.turns:
        if turn.id not in touched:
            turns.append(turn)
            continue
        kept = [word for word in turn.words if id(word) not in gone]
        words = _in_order([*kept, *new.get(turn.id, ())])
        if words:
            turns.append(turn if words == turn.words else replace(turn, words=words))
        else:
            empty.append(turn.id)
    turns.sort(key=lambda turn: turn.words[0].segment.start)
    heirs = [turn for turn in turns if turn.id == heir]
    minutes = with_proofs(meeting.minutes, dict.fromkeys(empty, heirs))
    return replace(meeting, turns=tuple(turns), minutes=minutes)
