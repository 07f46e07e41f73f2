"""What was corrected in a meeting, as a part of its JSON.

{"base": the meeting before the first correction,
 "corrections": [{"correction": …, "author": …, "made_at": …, "is_undone": …, "is_dropped": …,
                  "undone_by": …, "problem": …}, …]}
"""

from collections.abc import Iterator
from typing import Any

from meeting_app.domain.corrections import History, MadeCorrection
from meeting_app.errors import FormatError
from meeting_app.formats.corrections import correction_from_node, correction_to_dict
from meeting_app.formats.json_parts import read_meeting, write_meeting
from meeting_app.formats.node import Node

MOST_CORRECTIONS = 10_000  # of a meeting; each is gone through when it is taken in
_FIELDS = (
    *("correction", "author", "made_at"),
    *("is_undone", "is_dropped", "undone_by", "problem"),
)


def write_history(history: History) -> dict[str, Any]:
    """As plain values; the place of a correction is its number."""
    return {
        "base": write_meeting(history.base),
        "corrections": [_write_made(made) for made in history.made],
    }


def history_from_node(node: Node) -> History:
    """What ``write_history`` wrote; whether it fits the meeting is not looked at.

    Raises:
        FormatError: it is none, or too long; says where and what is wrong.
    """
    base, corrections = node.fields("base", "corrections")
    numbers = _numbers(corrections)
    return History(
        base=read_meeting(base)[0],
        made=corrections.each(lambda item: _read_made(item, next(numbers))),
    )


def _numbers(corrections: Node) -> Iterator[int]:
    """As many as there are corrections; looked at before any of them is read."""
    num_corrections = len(corrections.each(lambda item: item))
    if num_corrections > MOST_CORRECTIONS:
        raise FormatError(
            f"{corrections.path}: {num_corrections} corrections; set the history to null, or give "
            f"{MOST_CORRECTIONS} at most"
        )
    return iter(range(1, num_corrections + 1))


def _write_made(made: MadeCorrection) -> dict[str, Any]:
    return {
        "correction": correction_to_dict(made.correction),
        "author": made.author,
        "made_at": made.made_at.isoformat(),
        "is_undone": made.is_undone,
        "is_dropped": made.is_dropped,
        "undone_by": made.undone_by,
        "problem": made.problem,
    }


def _read_made(node: Node, number: int) -> MadeCorrection:
    correction, author, made_at, is_undone, is_dropped, undone_by, problem = node.fields(*_FIELDS)
    if is_dropped.flag() and not is_undone.flag():
        raise FormatError(
            f"{is_dropped.path}: dropped but not undone; correct it or export the meeting again"
        )
    return MadeCorrection(
        number=number,
        correction=correction_from_node(correction),
        author=author.text(),
        made_at=made_at.moment(),
        is_undone=is_undone.flag(),
        is_dropped=is_dropped.flag(),
        undone_by=undone_by.maybe(Node.text),
        problem=problem.maybe(Node.text),
    )
