"""Lines of the minutes follow the turns that prove them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from meeting_app.domain.meeting import ActionItem, Decision, Minutes, Statement
from meeting_app.domain.transcript import Turn

Line = Statement | Decision | ActionItem
Pieces = Mapping[int, Sequence[Turn]]
"""What became of a turn, under its former id; the first piece is the one to prefer."""


def with_proofs(minutes: Minutes, pieces: Pieces) -> Minutes:
    """Each proof is the piece of its turn that says most of the line.

    A turn without pieces proves nothing any more, and a line that nothing proves goes.
    """
    if not pieces:
        return minutes

    def moved(text: str, evidence: tuple[int, ...]) -> tuple[int, ...]:
        found = (turn if turn not in pieces else _best(text, pieces[turn]) for turn in evidence)
        return tuple(dict.fromkeys(turn for turn in found if turn is not None))

    summary = (replace(s, evidence=moved(s.text, s.evidence)) for s in minutes.summary)
    decisions = (replace(d, evidence=moved(d.text, d.evidence)) for d in minutes.decisions)
    items = (replace(a, evidence=moved(a.text, a.evidence)) for a in minutes.action_items)
    return Minutes(
        tuple(line for line in summary if line.evidence),
        tuple(line for line in decisions if line.evidence),
        tuple(line for line in items if line.evidence),
    )


def with_owners(minutes: Minutes, owner_of: Callable[[ActionItem], str | None]) -> Minutes:
    """The same with what ``owner_of`` says about each action item."""
    items = tuple(replace(item, owner=owner_of(item)) for item in minutes.action_items)
    return minutes if items == minutes.action_items else replace(minutes, action_items=items)


def _best(text: str, pieces: Sequence[Turn]) -> int | None:
    if len(pieces) < 2:
        return pieces[0].id if pieces else None
    said = set(text.casefold().split())

    def num_shared(turn: Turn) -> int:
        return len(said & set(turn.text.casefold().split()))

    return max(pieces, key=num_shared).id  # the first of equals
