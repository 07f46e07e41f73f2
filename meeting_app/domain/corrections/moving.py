"""Words go from one speaker to another."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count, groupby

from pyannote.core import Segment

from meeting_app.domain.corrections.commands import MergeSpeakers
from meeting_app.domain.corrections.numbering import Numbering
from meeting_app.domain.corrections.proofs import with_owners, with_proofs
from meeting_app.domain.corrections.voices import Stretch, in_order, regrouped, united
from meeting_app.domain.evidence import Relabelling
from meeting_app.domain.meeting import Meeting, Minutes, SpeakerSegment
from meeting_app.domain.transcript import Turn, Word, middle_of
from meeting_app.errors import ConflictError

_TURN_PAUSE = 2.0  # seconds; as in attribution, a longer silence keeps turns of a speaker apart


def merged(meeting: Meeting, correction: MergeSpeakers) -> Meeting:
    """Both labels made one, which keeps its name or takes over the other's."""
    label, into = correction.label, correction.into
    gone, stays = meeting.speaker_by_label[label], meeting.speaker_by_label[into]
    turns = [replace(t, speaker=into) if t.speaker == label else t for t in meeting.turns]
    changed = {turn.id for turn in meeting.turns if turn.speaker == label}
    joined, heirs = _joined(turns, changed)
    both = [s for s in meeting.speaker_segments if s.speaker in (label, into)]
    others = [s for s in meeting.speaker_segments if s.speaker not in (label, into)]
    spans = united([(s.segment.start, s.segment.end) for s in both])
    minutes = with_owners(
        with_proofs(meeting.minutes, heirs),
        lambda item: into if item.owner == label else item.owner,
    )
    return replace(
        meeting,
        speakers=tuple(
            replace(s, name=stays.name or gone.name) if s.label == into else s
            for s in meeting.speakers
            if s.label != label
        ),
        speaker_segments=in_order(
            [*others, *(SpeakerSegment(Segment(*span), into) for span in spans)]
        ),
        turns=joined,
        minutes=minutes,
    )


def moved(meeting: Meeting, moves: Sequence[Relabelling], numbering: Numbering) -> Meeting:
    """The words inside the segments and what is heard there go to their new speakers.

    Proofs and owners of action items go with the words. A speaker without a word left goes.

    Raises:
        ConflictError: two segments of one speaker overlap, or no word is inside any of them.
    """
    plan = _Plan.of(moves)
    cut = _Cut(numbering)
    for turn in meeting.turns:
        cut.add(turn, plan)
    if not cut.runs:
        first = moves[0].segment if moves else Segment(0, 0)
        raise ConflictError(
            f"{first.start:.2f} s to {first.end:.2f} s: none of these words is there any more; "
            "look at the meeting as it is now"
        )
    turns, heirs = _joined(sorted(cut.turns, key=lambda t: t.words[0].segment.start), cut.changed)
    gone = _without_words(meeting, plan, turns)
    segments = regrouped(meeting.speaker_segments, plan.stretches(cut.runs), cut.heard(), turns)
    minutes = with_proofs(with_proofs(meeting.minutes, cut.pieces), heirs)
    followed = replace(meeting, turns=turns, speaker_segments=segments, minutes=minutes)
    followed = replace(followed, minutes=_with_followed_owners(meeting, followed))
    for label in gone:
        followed = merged(followed, MergeSpeakers(label, cut.taker_of(label)))
    return followed


@dataclass(frozen=True, slots=True)
class _Run:
    """Consecutive words of a turn that go to the same speaker."""

    before: str | None
    after: str
    start: float
    end: float
    move: int  # number of the move among those of the speaker


@dataclass(frozen=True, slots=True)
class _Plan:
    """The moves under the speaker that loses, each in time order."""

    moves: Mapping[str | None, Sequence[Relabelling]]

    @classmethod
    def of(cls, moves: Sequence[Relabelling]) -> "_Plan":
        found: dict[str | None, list[Relabelling]] = {}
        for move in sorted(moves, key=lambda m: (m.segment.start, m.segment.end)):
            if move.before == move.after:
                continue
            earlier = found.setdefault(move.before, [])
            if earlier and move.segment.start < earlier[-1].segment.end:
                raise ConflictError(
                    f"{move.segment.start:.2f} s: two passages of one speaker overlap; "
                    "name each moment once"
                )
            earlier.append(move)
        return cls(found)

    def move_of(self, word: Word, speaker: str | None) -> int | None:
        """The number of the move that a word goes by."""
        middle = middle_of(word)
        moves = self.moves[speaker]
        low, high = 0, len(moves)
        while low < high:
            place = (low + high) // 2
            if moves[place].segment.end <= middle:
                low = place + 1
            else:
                high = place
        return low if low < len(moves) and moves[low].segment.start <= middle else None

    def touches(self, turn: Turn) -> bool:
        """Whether a word of the turn can be in a segment of its speaker."""
        moves = self.moves.get(turn.speaker)
        if not moves:
            return False
        segment = turn.segment
        first, last = moves[0].segment.start, moves[-1].segment.end
        return bool(first < segment.end and segment.start < last)

    def stretches(self, runs: Sequence[_Run]) -> dict[str, list[Stretch]]:
        """What each speaker loses: the segments, made longer where a moved word reaches out."""
        edges = {
            (label, number): [move.segment.start, move.segment.end]
            for label, moves in self.moves.items()
            for number, move in enumerate(moves)
        }
        for run in runs:
            edge = edges[run.before, run.move]
            edge[:] = min(edge[0], run.start), max(edge[1], run.end)
        result: dict[str, list[Stretch]] = {}
        for label, moves in self.moves.items():
            place = 0.0
            for number, move in enumerate(moves if label is not None else ()):
                start, end = edges[label, number]
                if max(start, place) < end and label is not None:
                    found = Stretch(max(start, place), end, move.after)
                    result.setdefault(label, []).append(found)
                    place = end
        return result


@dataclass(slots=True)
class _Cut:
    """All turns, those that the moves concern in pieces."""

    numbering: Numbering
    turns: list[Turn] = field(default_factory=list)
    changed: set[int] = field(default_factory=set)  # ids of pieces
    pieces: dict[int, list[Turn]] = field(default_factory=dict)
    runs: list[_Run] = field(default_factory=list)
    _ids: Iterator[int] = field(init=False)

    def __post_init__(self) -> None:
        self._ids = count(self.numbering.next_turn)

    def add(self, turn: Turn, plan: _Plan) -> None:
        """The turn, cut where its words part."""
        numbers: list[int | None] = [None]
        if plan.touches(turn):
            numbers = [plan.move_of(w, turn.speaker) for w in turn.words]
        if not any(number is not None for number in numbers):
            self.turns.append(turn)
            return
        moves = plan.moves[turn.speaker]
        parts: list[tuple[int | None, tuple[Word, ...]]] = []
        place = 0
        for number, group in groupby(numbers):
            size = len(list(group))
            parts.append((number, turn.words[place : place + size]))
            place += size
        # What stays keeps the id; of a turn that goes as a whole, its beginning does.
        keeper = next((i for i, (number, _) in enumerate(parts) if number is None), 0)
        made: list[Turn] = []
        for index, (number, words) in enumerate(parts):
            speaker = turn.speaker if number is None else moves[number].after
            made.append(Turn(turn.id if index == keeper else next(self._ids), speaker, words))
            if number is not None:
                span = made[-1].segment
                run = _Run(turn.speaker, moves[number].after, span.start, span.end, number)
                self.runs.append(run)
        self.pieces[turn.id] = [made[keeper], *made[:keeper], *made[keeper + 1 :]]
        self.changed |= {piece.id for piece in made}
        self.turns += made

    def heard(self) -> list[SpeakerSegment]:
        """The moved words as stretches of their new speakers."""
        return [SpeakerSegment(Segment(run.start, run.end), run.after) for run in self.runs]

    def taker_of(self, label: str) -> str:
        """Who got the last word of a speaker."""
        return next(run.after for run in reversed(self.runs) if run.before == label)


def _without_words(meeting: Meeting, plan: _Plan, turns: Sequence[Turn]) -> list[str]:
    """Labels that have lost their last word."""
    left = {turn.speaker for turn in turns}
    had = {turn.speaker for turn in meeting.turns}
    known = [speaker.label for speaker in meeting.speakers]
    return [label for label in known if label in plan.moves and label in had - left]


def _with_followed_owners(before: Meeting, after: Meeting) -> Minutes:
    """Who took something on is who says so, if that was the owner before as well."""
    items = tuple(
        replace(new, owner=after.turn_by_id[new.evidence[0]].speaker)
        if old.owner is not None and old.owner == before.turn_by_id[old.evidence[0]].speaker
        else new
        for old, new in zip(before.minutes.action_items, after.minutes.action_items, strict=True)
    )
    return replace(after.minutes, action_items=items)


def _joined(
    turns: Sequence[Turn], changed: set[int]
) -> tuple[tuple[Turn, ...], dict[int, list[Turn]]]:
    """Neighbours of one speaker made one turn where something changed, and who took over whom."""
    result: list[Turn] = []
    heirs: dict[int, int] = {}
    changed = set(changed)
    for turn in turns:
        last = result[-1] if result else None
        is_touched = turn.id in changed or (last is not None and last.id in changed)
        if last is None or not is_touched or not _continues(last, turn):
            result.append(turn)
            continue
        words = tuple(sorted((*last.words, *turn.words), key=lambda w: w.segment.start))
        kept, lost = sorted((last.id, turn.id))  # the older one
        heirs[lost] = kept
        changed.add(kept)
        result[-1] = Turn(kept, turn.speaker, words)
    by_id = {turn.id: turn for turn in result}
    return tuple(result), {lost: [by_id[_last_heir(lost, heirs)]] for lost in heirs}


def _continues(last: Turn, turn: Turn) -> bool:
    pause: float = turn.segment.start - last.segment.end
    return last.speaker == turn.speaker and turn.speaker is not None and pause <= _TURN_PAUSE


def _last_heir(turn: int, heirs: Mapping[int, int]) -> int:
    while turn in heirs:
        turn = heirs[turn]
    return turn
