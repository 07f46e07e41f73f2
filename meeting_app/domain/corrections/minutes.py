"""Lines of the minutes come, change and go; each keeps pointing at the turns that prove it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from meeting_app.domain.corrections.commands import (
    AddLine,
    EditLine,
    LineKind,
    LinePlace,
    RemoveLine,
)
from meeting_app.domain.corrections.proofs import Line
from meeting_app.domain.meeting import ActionItem, Decision, Meeting, Minutes, Statement
from meeting_app.domain.transcript import Turn
from meeting_app.errors import ConflictError

_FIELDS = {
    LineKind.SUMMARY: "summary",
    LineKind.DECISION: "decisions",
    LineKind.ACTION: "action_items",
}


def lines_of(minutes: Minutes, kind: LineKind) -> tuple[Line, ...]:
    """One of the three lists."""
    lines: tuple[Line, ...] = getattr(minutes, _FIELDS[kind])
    return lines


def line_added(meeting: Meeting, correction: AddLine) -> Meeting:
    """The line stands among its kind by the time of its first proof.

    Raises:
        ConflictError: nothing proves it, or something but an action item is to have an owner.
    """
    proofs = tuple(dict.fromkeys(_turn_at(meeting, time).id for time in correction.proofs))
    if not proofs:
        raise ConflictError("a line of the minutes needs a proof; choose a turn that says it")
    lines = lines_of(meeting.minutes, correction.list)
    start = meeting.turn_by_id[proofs[0]].segment.start
    place = sum(meeting.turn_by_id[line.evidence[0]].segment.start <= start for line in lines)
    line = _line(correction.list, correction.text, proofs, correction.owner, correction.due)
    return _with(meeting, correction.list, [*lines[:place], line, *lines[place:]])


def line_edited(meeting: Meeting, correction: EditLine) -> Meeting:
    """The line says something else.

    Raises:
        ConflictError: it is not there, or something but an action item is to have an owner.
    """
    kind = correction.line.list
    lines = list(lines_of(meeting.minutes, kind))
    index = _index(lines, correction.line)
    proofs = lines[index].evidence
    lines[index] = _line(kind, correction.text, proofs, correction.owner, correction.due)
    return _with(meeting, kind, lines)


def line_removed(meeting: Meeting, correction: RemoveLine) -> Meeting:
    """The line goes.

    Raises:
        ConflictError: it is not there.
    """
    lines = list(lines_of(meeting.minutes, correction.line.list))
    del lines[_index(lines, correction.line)]
    return _with(meeting, correction.line.list, lines)


def _with(meeting: Meeting, kind: LineKind, lines: Sequence[Line]) -> Meeting:
    change: dict[str, Any] = {_FIELDS[kind]: tuple(lines)}
    return replace(meeting, minutes=replace(meeting.minutes, **change))


def _line(
    kind: LineKind, text: str, proofs: tuple[int, ...], owner: str | None, due: str | None
) -> Line:
    if kind is LineKind.ACTION:
        return ActionItem(text, proofs, owner, due)
    if owner is not None or due is not None:
        raise ConflictError(f"{kind}: only an action item has an owner and a date; leave them out")
    return Statement(text, proofs) if kind is LineKind.SUMMARY else Decision(text, proofs)


def _index(lines: Sequence[Line], place: LinePlace) -> int:
    if place.position < len(lines) and lines[place.position].text == place.text:
        return place.position
    same = [index for index, line in enumerate(lines) if line.text == place.text]
    if len(same) != 1:
        raise ConflictError(
            f"{place.text[:60]!r}: this line is not there any more; look at the minutes again"
        )
    return same[0]


def _turn_at(meeting: Meeting, time: float) -> Turn:
    """The turn that is spoken at the time; between turns the nearest one."""

    def distance(turn: Turn) -> tuple[float, float]:
        segment = turn.segment
        away = max(segment.start - time, time - segment.end, 0.0)
        return away, abs(segment.start - time)  # of several at once the latest to begin

    found = min(meeting.turns, key=distance, default=None)
    if found is None:
        raise ConflictError("nothing is said in this meeting; there is nothing to prove a line")
    return found
