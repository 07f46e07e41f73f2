"""`people` on the command line."""

import pytest

from meeting_app.bootstrap import Application
from meeting_app.config import load_config
from tests.fakes_cli import Run


@pytest.fixture
def named(meeting_id: str) -> str:
    """A meeting of Laura and David."""
    service = Application(load_config()).service
    service.rename_speaker(meeting_id, "SPEAKER_00", "Laura")
    service.rename_speaker(meeting_id, "SPEAKER_01", "David")
    return meeting_id


def test_nobody_is_listed_before_a_name_is_given(run: Run, meeting_id: str) -> None:
    assert "Nobody is named yet" in run("people", "list").out


def test_the_list_has_a_line_for_each_person(run: Run, named: str) -> None:
    header, *rows = run("people", "list").out.splitlines()
    assert header.split() == ["id", "name", "meetings", "speech", "last", "heard", "voice"]
    assert sorted(row.split()[1] for row in rows) == ["David", "Laura"]
    assert {row.split()[2] for row in rows} == {"1"}


def test_person_is_renamed_in_every_meeting(run: Run, named: str) -> None:
    assert run("people", "rename", "Laura", "Lara").out == "Laura is now Lara in 1 meeting\n"
    assert "Lara" in run("show", named).out


def test_two_people_are_merged(run: Run, named: str) -> None:
    run("people", "merge", "Laura", "David")
    assert [row.split()[1] for row in run("people", "list").out.splitlines()[1:]] == ["David"]


def test_person_is_deleted_with_the_name(run: Run, named: str) -> None:
    assert run("people", "forget", "Laura").out == "forgot the voice of Laura\n"
    assert run("people", "delete", "Laura", "--yes").out == "deleted Laura\n"
    assert "Laura" not in run("show", named).out


def test_somebody_unknown_exits_with_1(run: Run, named: str) -> None:
    call = run("people", "delete", "Nobody", "--yes")
    assert call.code == 1
    assert call.err.startswith("error: Nobody: nobody has that name or id;")


def test_voices_are_switched(run: Run) -> None:
    assert run("people", "voices").out == "voices are off; 0 remembered\n"
    assert run("people", "voices", "--on").out == "voices are on; 0 remembered\n"
    assert run("people", "voices", "--off", "--forget-all").out == "voices are off; 0 remembered\n"
