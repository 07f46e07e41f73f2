"""Which of the windows that wait for a device go next, and when: pure decisions, no clock.

Two lanes share a device. Live windows go first, because somebody watches; a file's window is
treated as a live one that came ``patience`` seconds later, so that live windows overtake it for
so long and no longer. A batch holds windows of one bucket only, those that cost and decode alike.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto


class Lane(Enum):
    """Who waits for the words."""

    LIVE = auto()
    FILE = auto()


@dataclass(frozen=True, slots=True)
class Request:
    """A window that waits."""

    number: int  # of arrival; unique
    session: int  # whose windows are answered in the order in which they arrived
    lane: Lane  # the same for all of a session
    arrived: float  # seconds on the clock of the scheduler
    bucket: Hashable  # equal for windows that may share a batch


@dataclass(frozen=True, slots=True)
class BatchPolicy:
    """How long to wait for company, and how much of it to take."""

    max_batch_size: int
    max_wait: float  # seconds that a window waits for others while the device is idle
    patience: float  # seconds by which live windows may overtake those of files


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run next."""

    batch: tuple[Request, ...]  # of one bucket; a session's in order of arrival
    start: float  # seconds on the clock; until then others may join


def plan(waiting: Iterable[Request], now: float, policy: BatchPolicy) -> Plan | None:
    """What an idle device should run next; None when nothing waits.

    The most urgent window decides. While it still waits for company, a batch of others that is
    full or has waited long enough goes ahead, unless the urgent one is live.

    Args:
        waiting: in any order.
        now: seconds on the clock of the arrivals.
        policy: the limits.

    Returns:
        A plan whose start is ``now`` when it should run at once.
    """
    ordered = sorted(waiting, key=lambda request: _rank(request, policy))
    if not ordered:
        return None
    plans = [_planned(batch, now, policy) for batch in _batches(ordered, policy.max_batch_size)]
    if ordered[0].lane is Lane.LIVE:
        return plans[0]
    return min(plans, key=lambda one: one.start)  # the most urgent of those that start at once


def _rank(request: Request, policy: BatchPolicy) -> tuple[float, int]:
    head_start = policy.patience if request.lane is Lane.FILE else 0.0
    return request.arrived + head_start, request.number


def _planned(batch: tuple[Request, ...], now: float, policy: BatchPolicy) -> Plan:
    ripe = min(request.arrived for request in batch) + policy.max_wait
    return Plan(batch, now if len(batch) == policy.max_batch_size else max(now, ripe))


def _batches(ordered: Sequence[Request], size: int) -> list[tuple[Request, ...]]:
    """The batch that could run of each bucket, the most urgent first."""
    heads = {request.session: request for request in reversed(ordered)}  # the first of each
    buckets = dict.fromkeys(r.bucket for r in ordered if heads[r.session] is r)
    return [_company(ordered, bucket, size) for bucket in buckets]


def _company(ordered: Sequence[Request], bucket: Hashable, size: int) -> tuple[Request, ...]:
    """The most urgent of a bucket, none of them before an earlier one of its session."""
    found: list[Request] = []
    held_back: set[int] = set()
    for request in ordered:
        if request.session in held_back:
            continue
        if request.bucket == bucket and len(found) < size:
            found.append(request)
        else:
            held_back.add(request.session)
    return tuple(found)
