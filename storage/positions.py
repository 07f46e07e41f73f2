"""Places in an order that leave room, so that what comes between moves nothing else."""

from collections.abc import Sequence
from itertools import groupby, pairwise

GAP = 1 << 16  # between neighbours that are numbered anew; sixteen can be put between two


def with_room(present: Sequence[int | None]) -> tuple[int, ...]:
    """A rising position for each place of an order; those that have one keep it if they can.

    Args:
        present: what each had before, None for newcomers.
    """
    known = [position for position in present if position is not None]
    if any(later <= earlier for earlier, later in pairwise(known)):
        return tuple(GAP * index for index in range(len(present)))
    result: list[int] = []
    place = 0
    for is_new, group in groupby(present, key=lambda position: position is None):
        size = len(list(group))
        if is_new:
            before = result[-1] if result else None
            after = present[place + size] if place + size < len(present) else None
            between = _between(before, after, size)
            if between is None:
                return tuple(GAP * index for index in range(len(present)))
            result += between
        else:
            result += (
                position for position in present[place : place + size] if position is not None
            )
        place += size
    return tuple(result)


def _between(before: int | None, after: int | None, count: int) -> list[int] | None:
    """``count`` rising numbers between two; None where there is no room."""
    if after is None:
        first = -GAP if before is None else before
        return [first + GAP * index for index in range(1, count + 1)]
    if before is None:
        return [after - GAP * index for index in range(count, 0, -1)]
    if after - before <= count:
        return None
    step = (after - before) // (count + 1)
    return [before + step * index for index in range(1, count + 1)]
