"""Which voice is which when a recording was read twice."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from meeting_app.domain.meeting import SpeakerSegment


def same_voices(one: Sequence[SpeakerSegment], other: Sequence[SpeakerSegment]) -> dict[str, str]:
    """Which label of ``other`` is which of ``one``: the pairs that share most time in all.

    Labels that share no time with their partner have none. Both in order of start.

    Source: Kuhn 1955, doi:10.1002/nav.3800020109 (assignment).
    """
    shared = shared_time(one, other)
    rows = sorted({label for label, _ in shared})
    columns = sorted({label for _, label in shared})
    matrix = np.zeros((len(rows), len(columns)))
    for (row, column), seconds in shared.items():
        matrix[rows.index(row), columns.index(column)] = seconds
    pairs = enumerate(_assignment(matrix))
    return {
        rows[row]: columns[column]
        for row, column in pairs
        if column is not None and matrix[row, column] > 0.0
    }


def nearest_voices(
    one: Sequence[SpeakerSegment], other: Sequence[SpeakerSegment]
) -> dict[str, str]:
    """For each label of ``one`` the label of ``other`` it shares most time with, if any.

    Several labels may have the same nearest one. Both in order of start.
    """
    found: dict[str, tuple[float, str]] = {}
    for (label, candidate), seconds in sorted(shared_time(one, other).items()):
        if label not in found or seconds > found[label][0]:
            found[label] = (seconds, candidate)
    return {label: candidate for label, (_, candidate) in found.items()}


def shared_time(
    one: Sequence[SpeakerSegment], other: Sequence[SpeakerSegment]
) -> Mapping[tuple[str, str], float]:
    """Seconds in which a label of ``one`` and one of ``other`` are heard at once; none is zero."""
    shared: dict[tuple[str, str], float] = {}
    first = 0
    longest = max((s.segment.duration for s in other), default=0.0)
    for item in one:
        start, end = item.segment.start, item.segment.end
        while first < len(other) and other[first].segment.start + longest < start:
            first += 1
        for index in range(first, len(other)):
            found = other[index].segment
            if found.start >= end:
                break
            seconds = min(end, found.end) - max(start, found.start)
            if seconds > 0.0:
                pair = (item.speaker, other[index].speaker)
                shared[pair] = shared.get(pair, 0.0) + seconds
    return shared


def _assignment(gain: npt.NDArray[np.float64]) -> list[int | None]:
    """The column of each row so that the gains add up to most; None for rows without a column.

    Source: the Hungarian method with potentials and shortest augmenting paths, as in Jonker and
    Volgenant 1987, doi:10.1007/BF02278710.
    """
    num_rows, num_columns = gain.shape
    size = max(num_rows, num_columns)
    cost = np.zeros((size + 1, size + 1))  # row and column 0 stand for "none yet"
    cost[1 : num_rows + 1, 1 : num_columns + 1] = -gain
    of_row, of_column = np.zeros(size + 1), np.zeros(size + 1)  # potentials
    row_of = np.zeros(size + 1, dtype=int)  # the row that holds each column
    for row in range(1, size + 1):
        row_of[0] = row
        _augment(cost, of_row, of_column, row_of)
    result: list[int | None] = [None] * num_rows
    for column in range(1, num_columns + 1):
        if row_of[column] <= num_rows:
            result[row_of[column] - 1] = column - 1
    return result


def _augment(
    cost: npt.NDArray[np.float64],
    of_row: npt.NDArray[np.float64],
    of_column: npt.NDArray[np.float64],
    row_of: npt.NDArray[np.int_],
) -> None:
    """Finds a column for the row at ``row_of[0]``, moving others where that costs least."""
    size = len(row_of)
    least = np.full(size, np.inf)
    before = np.zeros(size, dtype=int)
    is_used = np.zeros(size, dtype=bool)
    column = 0
    while row_of[column]:
        is_used[column] = True
        row = row_of[column]
        reduced = cost[row] - of_row[row] - of_column
        is_better = ~is_used & (reduced < least)
        is_better[0] = False
        least[is_better], before[is_better] = reduced[is_better], column
        free = np.where(is_used, np.inf, least)
        free[0] = np.inf
        following = int(free.argmin())
        delta = free[following]
        of_row[row_of[is_used]] += delta
        of_column[is_used] -= delta
        least[~is_used] -= delta
        column = following
    while column:
        row_of[column] = row_of[before[column]]
        column = before[column]
