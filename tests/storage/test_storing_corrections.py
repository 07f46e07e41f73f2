"""A corrected meeting: only what changed is written, all of it or nothing."""

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meeting_app.domain import Meeting
from meeting_app.domain.corrections import Corrected
from meeting_app.errors import ConflictError, NotFoundError, StaleError, StorageError
from storage.bases import body_of, meeting_of_body
from storage.repository import Change, KeptCorrection, Repository
from tests.builders import a_meeting
from tests.strategies import corrections_of, meetings

Store = Callable[[Meeting], str]
NOW = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
FIRST = KeptCorrection(
    1, '{"kind": "x"}', "ana", NOW, is_undone=False, is_dropped=False, undone_by=None, problem=None
)


def change_to(
    repository: Repository, meeting_id: str, after: Meeting, *kept: KeptCorrection
) -> Change:
    editable = repository.editable(meeting_id)
    before = editable.stored.meeting
    numbering = editable.numbering.after(after)
    return Change(before, after, editable.stored.revision, numbering, kept)


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(meetings())
def test_a_base_reads_back_equal(meeting: Meeting) -> None:
    assert meeting_of_body(body_of(meeting)) == meeting


@given(meetings(), st.data())
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_a_corrected_meeting_reads_back_equal_and_keeps_its_base(
    repository: Repository, store: Store, meeting: Meeting, data: st.DataObject
) -> None:
    meeting_id = store(meeting)
    state = Corrected.of(meeting)
    for _ in range(3):
        try:
            state = state.then(data.draw(corrections_of(state.meeting)))
        except (ConflictError, NotFoundError):
            continue
        repository.change(meeting_id, change_to(repository, meeting_id, state.meeting))
    fresh = Repository.open(repository._database.path.parent)
    assert fresh.meeting(meeting_id).meeting == state.meeting
    assert fresh.base(meeting_id) in (meeting, None)
    fresh.close()


@given(meetings(), meetings())
@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_meeting_can_become_any_other(
    repository: Repository, store: Store, one: Meeting, other: Meeting
) -> None:
    meeting_id = store(one)
    repository.change(meeting_id, change_to(repository, meeting_id, other))
    fresh = Repository.open(repository._database.path.parent)
    assert fresh.meeting(meeting_id).meeting == other
    fresh.close()


def test_a_change_of_one_turn_writes_no_other_row(repository: Repository, store: Store) -> None:
    lines = [(f"SPEAKER_0{i % 2}", f"Sentence number {i}.") for i in range(30)]
    meeting = a_meeting(*lines)
    meeting_id = store(meeting)
    turns = list(meeting.turns)
    turns[15] = replace(turns[15], words=turns[15].words[:1])
    with sqlite3.connect(repository._database.path) as other:
        other.execute("CREATE TABLE seen (number INT)")
        other.execute(
            "CREATE TRIGGER note AFTER UPDATE ON turns"
            " BEGIN INSERT INTO seen VALUES (new.number); END"
        )
    other.close()
    repository.change(
        meeting_id, change_to(repository, meeting_id, replace(meeting, turns=tuple(turns)))
    )
    with sqlite3.connect(repository._database.path) as other:
        assert other.execute("SELECT number FROM seen").fetchall() == [(15,)]
    other.close()
    assert [hit.turn_id for hit in repository.search("number 15", 5)] == []
    assert [hit.turn_id for hit in repository.search("number 14", 5)] == [14]


def test_history_and_revision_are_kept(repository: Repository, store: Store) -> None:
    meeting_id = store(a_meeting())
    assert repository.corrections(meeting_id) == ()
    after = replace(a_meeting(), title="Board")
    stored = repository.change(meeting_id, change_to(repository, meeting_id, after, FIRST))
    assert (stored.revision, stored.meeting) == (1, after)
    assert repository.corrections(meeting_id) == (FIRST,)
    undone = replace(FIRST, is_undone=True)
    repository.change(meeting_id, change_to(repository, meeting_id, a_meeting(), undone))
    assert repository.corrections(meeting_id) == (undone,)
    assert repository.meeting(meeting_id).revision == 2


def test_of_two_who_saw_the_same_one_is_refused(repository: Repository, store: Store) -> None:
    meeting_id = store(a_meeting())
    changes = [
        change_to(repository, meeting_id, replace(a_meeting(), title=title), FIRST)
        for title in ("One", "Two")
    ]

    def attempt(change: Change) -> str:
        try:
            return repository.change(meeting_id, change).meeting.title
        except StaleError:
            return "refused"

    with ThreadPoolExecutor(2) as pool:
        found = set(pool.map(attempt, changes))
    assert "refused" in found
    assert found - {"refused"} == {repository.meeting(meeting_id).meeting.title}
    with pytest.raises(StaleError, match="changed elsewhere"):
        repository.change(meeting_id, changes[0])


def test_another_process_sees_the_change_at_once(repository: Repository, store: Store) -> None:
    meeting_id = store(a_meeting())
    other = Repository.open(repository._database.path.parent)
    assert other.meeting(meeting_id).meeting.title == "Standup"
    repository.change(
        meeting_id, change_to(repository, meeting_id, replace(a_meeting(), title="Board"))
    )
    assert other.meeting(meeting_id).meeting.title == "Board"
    other.close()


def test_a_failure_in_the_middle_leaves_everything_as_it_was(
    repository: Repository, store: Store
) -> None:
    meeting_id = store(a_meeting())
    other = sqlite3.connect(repository._database.path)
    other.execute(
        "CREATE TRIGGER refuse BEFORE INSERT ON evidence"
        " BEGIN SELECT RAISE(ABORT, 'power cut'); END"
    )
    other.close()
    meeting = a_meeting()
    after = replace(
        meeting,
        title="Board",
        turns=meeting.turns[:1],
        speakers=meeting.speakers[:1],
        speaker_segments=meeting.speaker_segments[:1],
        minutes=replace(meeting.minutes, action_items=()),
    )
    with pytest.raises(StorageError, match="power cut"):
        repository.change(meeting_id, change_to(repository, meeting_id, after, FIRST))
    assert repository.meeting(meeting_id).meeting == meeting
    assert repository.meeting(meeting_id).revision == 0
    assert repository.corrections(meeting_id) == ()
    assert repository.base(meeting_id) is None
    fresh = Repository.open(repository._database.path.parent)
    assert fresh.meeting(meeting_id).meeting == meeting
    assert [hit.turn_id for hit in fresh.search("notes", 5)] == [1]
    fresh.close()
