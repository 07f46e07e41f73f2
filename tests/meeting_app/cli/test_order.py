"""Keeping the library in order on the command line: import, tags, folders, trash."""

from pathlib import Path

import pytest

from tests.fakes_cli import Run, a_recording


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    """One recording, the same again, one below, and what is none."""
    folder = tmp_path / "in"
    sound = a_recording(folder / "a.wav").read_bytes()
    (folder / "b.wav").write_bytes(sound)
    (folder / "notes.txt").write_text("no sound")
    (folder / ".hidden.wav").write_bytes(sound + b"\0\0")
    (folder / "below").mkdir()
    (folder / "below" / "c.wav").write_bytes(sound + b"\0\0\0\0")
    return folder


def test_import_queues_each_recording_once_and_goes_on_where_it_was(
    run: Run, recordings: Path
) -> None:
    first = run("import", recordings)
    assert first.out.splitlines()[-1] == "3 files: 1 queued, 1 there already, 1 ignored"
    assert "notes.txt: ignored" in first.err
    again = run("import", recordings, "--recursive", "--tag", "q3", "--folder", "Board")
    assert again.out.splitlines()[-1] == "4 files: 1 queued, 2 there already, 1 ignored"
    assert run("import", recordings / "none").code == 1


def test_a_recording_is_transcribed_twice_only_when_asked_to(
    run: Run, standup: Path, meeting_id: str
) -> None:
    refused = run("transcribe", standup)
    assert refused.code == 1
    assert meeting_id in refused.err
    assert "--allow-duplicate" in refused.err
    assert run("transcribe", standup, "--allow-duplicate").code == 0


def test_tags_and_folders_narrow_the_list(run: Run, meeting_id: str) -> None:
    assert run("tag", meeting_id, "--add", "q3", "--add", "board").out == "tagged 1 meeting\n"
    assert run("tag", meeting_id, "--remove", "q3").code == 0
    assert run("move", meeting_id, "--folder", "Customers/North").out == "moved 1 meeting\n"
    assert meeting_id in run("list", "--tag", "board", "--folder", "Customers").out
    assert run("list", "--tag", "q3").out == "No such meeting.\n"
    assert run("list", "--since", "2999-01-01").out == "No such meeting.\n"
    assert meeting_id in run("list", "--until", "2999-01-01").out
    assert run("list", "--since", "soon").code == 2
    assert run("tag", meeting_id).code == 2


def test_search_is_narrowed_too(run: Run, meeting_id: str) -> None:
    run("tag", meeting_id, "--add", "q3")
    assert meeting_id in run("search", "notes", "--tag", "q3").out
    assert run("search", "notes", "--tag", "q4").out == "Nothing found.\n"


def test_a_meeting_goes_to_the_trash_and_comes_back(run: Run, meeting_id: str) -> None:
    assert f"`meeting-app undelete {meeting_id}`" in run("delete", meeting_id).out
    assert "empty" in run("list").out
    assert meeting_id in run("list", "--trash").out
    assert run("undelete", meeting_id).out == "restored 1 meeting\n"
    assert meeting_id in run("list").out
    run("delete", meeting_id)
    assert run("delete", meeting_id, "--for-good", "-y").out == "deleted standup\n"
    assert run("list", "--trash").out == "No such meeting.\n"
