"""Who is renamed or deleted is so in the past as well: undo brings no old name back."""

import pytest

from meeting_app.domain.corrections import AddLine, LineKind, RenameSpeaker
from meeting_app.errors import StaleError
from tests.meeting_app.conftest import App

A, B = "SPEAKER_00", "SPEAKER_01"


def person(app: App, name: str) -> str:
    return next(e.person.id for e in app.service.people.people() if e.person.name == name)


def speakers(app: App, meeting_id: str) -> list[str | None]:
    return [speaker.name for speaker in app.service.meeting(meeting_id).meeting.speakers]


def all_bytes(app: App) -> bytes:
    return b"".join(path.read_bytes() for path in app.home.rglob("*") if path.is_file())


@pytest.fixture
def named(app: App) -> str:
    """A meeting whose first speaker was called Zephyrine, then Laura, and Zephyrine once more.

    The second was called 泽菲琳 and no longer is.
    """
    meeting_id = app.process()
    for label, name in ((A, "Zephyrine"), (A, "Laura"), (A, "Zephyrine"), (B, "泽菲琳"), (B, "D")):
        app.service.rename_speaker(meeting_id, label, name)
    task = AddLine(LineKind.ACTION, "Write the notes", (0.0,), owner="Zephyrine")
    app.service.correct(meeting_id, task, None)
    return meeting_id


def test_deleted_name_is_in_no_correction_and_no_byte(app: App, named: str) -> None:
    app.service.rename_speaker(named, B, "泽菲琳")
    written = (b"Zephyrine", "泽菲琳".encode(), rb"\u6cfd")
    assert all(name in all_bytes(app) for name in written[:2])
    for name in ("Zephyrine", "泽菲琳"):
        app.service.people.delete(person(app, name))
    assert [name for name in (*written, b"zephyrine") if name in all_bytes(app)] == []
    assert speakers(app, named) == [None, None]
    tasks = app.service.meeting(named).meeting.minutes.action_items
    assert [task.owner for task in tasks if task.text == "Write the notes"] == [None]


def test_undo_and_redo_go_through_a_deleted_name_without_bringing_it_back(
    app: App, named: str
) -> None:
    app.service.people.delete(person(app, "Zephyrine"))
    seen = []
    for _ in range(6):
        app.service.undo(named)
        seen.append(speakers(app, named)[0])
    assert seen == [None, None, None, "Laura", None, None]
    for _ in range(6):
        app.service.redo(named)
    assert speakers(app, named) == [None, "D"]


def test_renamed_person_keeps_the_new_name_when_something_else_is_undone(
    app: App, named: str
) -> None:
    app.service.people.rename(person(app, "Zephyrine"), "Zoe")
    app.service.undo(named)  # the task
    assert speakers(app, named) == ["Zoe", "D"]
    kept = [made.correction for made in app.service.corrections(named)]
    assert kept[0] == RenameSpeaker(A, "Zoe")


def test_who_saw_the_old_name_must_look_again_before_correcting(app: App, named: str) -> None:
    seen = app.service.meeting(named).revision
    app.service.people.rename(person(app, "Zephyrine"), "Zoe")
    with pytest.raises(StaleError):
        app.service.correct(named, RenameSpeaker(B, "Ben"), seen)
