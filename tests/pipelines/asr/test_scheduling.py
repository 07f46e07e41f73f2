"""Which windows go next, decided on a clock that the tests turn."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st

from pipelines.asr.scheduling import BatchPolicy, Lane, Plan, Request, plan

POLICY = BatchPolicy(max_batch_size=3, max_wait=0.1, patience=5.0)
SERVICE = 1.0  # seconds that the simulated device takes for a batch


def request(
    number: int, arrived: float, lane: Lane = Lane.FILE, bucket: str = "5 s", session: int = -1
) -> Request:
    """Of a session of its own, unless one is named."""
    return Request(number, number if session < 0 else session, lane, arrived, bucket)


def numbers(planned: Plan | None) -> list[int]:
    return [] if planned is None else [one.number for one in planned.batch]


def test_nothing_waits_for_nothing() -> None:
    assert plan([], 0.0, POLICY) is None


def test_a_lone_window_waits_for_company_and_no_longer() -> None:
    waiting = [request(0, 2.0)]
    assert plan(waiting, 2.05, POLICY) == Plan((waiting[0],), 2.1)
    assert plan(waiting, 2.3, POLICY) == Plan((waiting[0],), 2.3)


def test_a_full_batch_waits_for_nobody() -> None:
    waiting = [request(i, 2.0) for i in range(4)]
    planned = plan(waiting, 2.0, POLICY)
    assert planned == Plan(tuple(waiting[:3]), 2.0)


def test_only_windows_that_cost_alike_share_a_batch() -> None:
    waiting = [request(0, 0.0), request(1, 0.0, bucket="30 s"), request(2, 0.0)]
    assert numbers(plan(waiting, 1.0, POLICY)) == [0, 2]


def test_live_windows_overtake_those_of_files() -> None:
    waiting = [request(0, 0.0), request(1, 1.0, Lane.LIVE, bucket="10 s")]
    assert numbers(plan(waiting, 1.1, POLICY)) == [1]


def test_a_batch_of_a_file_is_not_begun_while_a_live_window_waits_for_company() -> None:
    files = [request(i, 0.0) for i in range(3)]
    live = request(3, 2.0, Lane.LIVE, bucket="10 s")
    assert plan([*files, live], 2.05, POLICY) == Plan((live,), 2.1)


def test_a_file_that_was_overtaken_long_enough_goes_first() -> None:
    waiting = [request(0, 0.0, bucket="30 s"), request(1, 5.1, Lane.LIVE)]
    assert numbers(plan(waiting, 5.2, POLICY)) == [0]


def test_room_beside_a_live_window_is_given_to_files() -> None:
    waiting = [request(0, 0.0), request(1, 0.2, Lane.LIVE), request(2, 0.1)]
    assert numbers(plan(waiting, 0.4, POLICY)) == [1, 0, 2]


def test_a_full_batch_of_files_passes_one_that_waits_for_company() -> None:
    waiting = [request(0, 0.0, bucket="30 s"), *(request(i, 0.05) for i in (1, 2, 3))]
    assert plan(waiting, 0.05, POLICY) == Plan(tuple(waiting[1:]), 0.05)


def test_a_window_never_passes_an_earlier_one_of_its_session() -> None:
    waiting = [
        request(0, 0.0, bucket="30 s", session=7),
        request(1, 0.0, bucket="5 s", session=7),
        request(2, 0.0, bucket="5 s", session=8),
    ]
    assert numbers(plan(waiting, 1.0, POLICY)) == [0]
    assert numbers(plan(waiting[1:], 1.0, POLICY)) == [1, 2]


@dataclass(frozen=True)
class Run:
    start: float
    batch: tuple[Request, ...]


def simulate(arrivals: Sequence[Request], policy: BatchPolicy) -> list[Run]:
    """A device that takes SERVICE for every batch; the clock jumps to what happens next."""
    coming, waiting, runs = list(arrivals), [], []
    now = 0.0
    while coming or waiting:
        while coming and coming[0].arrived <= now:
            waiting.append(coming.pop(0))
        planned = plan(waiting, now, policy)
        if planned is not None and planned.start <= now:
            runs.append(Run(now, planned.batch))
            waiting = [one for one in waiting if one not in planned.batch]
            now += SERVICE
            continue
        moments = [one.arrived for one in coming[:1]]
        now = min([*moments, planned.start] if planned is not None else moments)
    return runs


@st.composite
def days(draw: st.DrawFn) -> list[Request]:
    """Windows of a few sessions in order of arrival; a session keeps its lane."""
    lanes = draw(st.lists(st.sampled_from(Lane), min_size=1, max_size=4))
    rows = draw(
        st.lists(
            st.tuples(
                st.floats(0, 20), st.integers(0, len(lanes) - 1), st.sampled_from(["5 s", "10 s"])
            ),
            max_size=30,
        )
    )
    return [
        Request(number, session, lanes[session], arrived, bucket)
        for number, (arrived, session, bucket) in enumerate(sorted(rows))
    ]


policies = st.builds(
    BatchPolicy,
    max_batch_size=st.integers(1, 5),
    max_wait=st.floats(0, 2),
    patience=st.floats(0, 10),
)


@given(days(), policies)
def test_nothing_is_lost_and_nothing_runs_twice(day: list[Request], policy: BatchPolicy) -> None:
    ran = [one.number for run in simulate(day, policy) for one in run.batch]
    assert sorted(ran) == [one.number for one in day]


@given(days(), policies)
def test_batches_are_small_enough_and_of_one_bucket(
    day: list[Request], policy: BatchPolicy
) -> None:
    for run in simulate(day, policy):
        assert 1 <= len(run.batch) <= policy.max_batch_size
        assert len({one.bucket for one in run.batch}) == 1
        assert all(one.arrived <= run.start for one in run.batch)


@given(days(), policies)
def test_each_session_is_answered_in_order(day: list[Request], policy: BatchPolicy) -> None:
    ran = [one for run in simulate(day, policy) for one in run.batch]
    for session in {one.session for one in day}:
        mine = [one.number for one in ran if one.session == session]
        assert mine == sorted(mine)


def is_before(one: Request, other: Request, policy: BatchPolicy) -> bool:
    """Whether ``one`` may go first, or stands before it in its own session."""

    def due(request: Request) -> tuple[float, int]:
        late = policy.patience if request.lane is Lane.FILE else 0.0
        return request.arrived + late, request.number

    return due(one) < due(other)


@given(days(), policies)
def test_nobody_waits_longer_than_for_company_one_running_batch_and_those_before(
    day: list[Request], policy: BatchPolicy
) -> None:
    runs = simulate(day, policy)
    for run in runs:
        for one in run.batch:
            before = sum(is_before(other, one, policy) for other in day)
            longest = policy.max_wait + SERVICE * (1 + before)
            assert run.start - one.arrived <= longest + 1e-9


@given(days(), policies)
def test_an_idle_device_keeps_nobody_waiting_longer_than_for_company(
    day: list[Request], policy: BatchPolicy
) -> None:
    free = 0.0
    for run in simulate(day, policy):
        oldest = min(one.arrived for one in run.batch)
        assert run.start <= max(free, oldest + policy.max_wait) + 1e-9
        free = run.start + SERVICE


def test_files_never_starve_under_a_flood_of_live_windows() -> None:
    file = request(0, 0.0, bucket="30 s")
    flood = [request(1 + i, 0.3 * i, Lane.LIVE) for i in range(200)]  # more than can be run
    runs = simulate([file, *flood], POLICY)
    start = next(run.start for run in runs if file in run.batch)
    # Before it go the live windows of the first five seconds, three in a batch.
    assert POLICY.patience <= start <= POLICY.patience + 3 * SERVICE
    patient = simulate([file, *flood], replace(POLICY, patience=1e9))
    assert patient[-1].batch == (file,)
