"""Utterances that wait for the second pass."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from pipelines.live.waiting import Request, WaitingRoom


def request(meeting: str, line: int, duration: float = 1.0) -> Request:
    return Request(meeting, line, 10.0 * line, 10.0 * line + duration, "en")


def room_of(requests: Sequence[Request]) -> WaitingRoom:
    room = WaitingRoom(lambda each: int(each.end - each.start) // 5)
    for each in requests:
        room.put(each)
    return room


def test_what_is_alike_is_served_together() -> None:
    room = room_of([request("a", 0), request("b", 0, 9.0), request("c", 0)])
    assert [each.meeting for each in room.take(4)] == ["a", "c"]
    assert [each.meeting for each in room.take(4)] == ["b"]
    assert room.take(4) == ()


def test_a_later_line_never_overtakes_an_earlier_one_of_its_meeting() -> None:
    room = room_of([request("a", 0), request("b", 0, 9.0), request("b", 1)])
    assert [(each.meeting, each.line) for each in room.take(4)] == [("a", 0)]


def test_no_more_are_served_together_than_wanted() -> None:
    room = room_of([request("a", 0), request("b", 0), request("c", 0)])
    assert [each.meeting for each in room.take(2)] == ["a", "b"]


def test_a_later_request_for_a_line_takes_the_place_of_the_earlier() -> None:
    room = room_of([request("a", 0), request("b", 0), request("a", 0, 2.0)])
    assert room.take(4) == (request("a", 0, 2.0), request("b", 0))


def test_what_is_withdrawn_is_not_served() -> None:
    room = room_of([request("a", 0), request("a", 1), request("b", 0)])
    room.withdraw("a", 0)
    assert len(room) == 2
    room.withdraw("a")
    assert room.take(4) == (request("b", 0),)


def draft(meeting: str, line: int) -> Request:
    return replace(request(meeting, line), is_draft=True)


def test_drafts_are_served_one_by_one_after_all_that_is_asked_for() -> None:
    room = room_of([draft("a", 0), draft("b", 0), request("c", 0)])
    assert room.is_urgent
    assert room.take(4) == (request("c", 0),)
    assert not room.is_urgent
    assert room.take(4) == (draft("a", 0),)
    assert room.take(4) == (draft("b", 0),)


def test_a_draft_gives_way_to_a_request_for_its_line_and_never_the_other_way() -> None:
    room = room_of([draft("a", 0), request("a", 0), draft("a", 0)])
    assert room.take(4) == (request("a", 0),)
    assert len(room) == 0


requests = st.lists(st.tuples(st.sampled_from("abc"), st.floats(0.5, 14.0)), max_size=30).map(
    lambda drawn: [
        request(meeting, index, duration) for index, (meeting, duration) in enumerate(drawn)
    ]
)


@given(requests, st.integers(1, 5))
def test_nothing_is_lost_nothing_comes_twice_and_meetings_keep_their_order(
    put: list[Request], most: int
) -> None:
    room = room_of(put)
    served: list[Request] = []
    while batch := room.take(most):
        assert len(batch) <= most
        served += batch
    assert sorted(served, key=lambda each: each.line) == put
    for meeting in "abc":
        lines = [each.line for each in served if each.meeting == meeting]
        assert lines == sorted(lines)
