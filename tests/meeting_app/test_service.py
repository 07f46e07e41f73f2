"""The use cases, and every kind of bad input they meet."""

import io
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import storage.media
from meeting_app.domain import Filing, JobState, ProcessingOptions, SpeakerCount
from meeting_app.errors import (
    BrokenMediaError,
    ConflictError,
    DiskFullError,
    MediaError,
    MediaNotFoundError,
    MeetingAppError,
    NotFoundError,
    StorageError,
)
from tests.fakes_jobs import RECORDING

App = Any  # tests/meeting_app/conftest.py
UNKNOWN = "0000000000000000"


def test_a_submitted_recording_is_stored_and_queued(app: App) -> None:
    job = app.submit(filename="../Team talk.wav")
    assert (job.state, job.filename, job.num_attempts) == (JobState.QUEUED, "Team talk.wav", 0)
    assert app.service.jobs(only_active=True) == (job,)
    assert app.service.library() == ()
    assert [Path(name).name for name in app.files()] == ["original.wav"]


def test_a_meeting_is_called_as_the_user_says_or_like_its_file(app: App) -> None:
    app.process(filename="Team talk.wav")
    job = app.service.submit(
        io.BytesIO(RECORDING), "b.wav", title="  Budget  ", filing=Filing(allows_duplicate=True)
    )
    app.worker().run(job.id)
    assert [entry.title for entry in app.service.library()] == ["Budget", "Team talk"]


def test_options_reach_the_job(app: App) -> None:
    options = ProcessingOptions("en", SpeakerCount.exactly(3), "whisper-small", ("Kibo",))
    job = app.service.submit(io.BytesIO(RECORDING), "a.wav", options)
    assert app.service.job(job.id).options == options


def test_hotwords_that_are_no_text_are_left_out(app: App) -> None:
    options = ProcessingOptions(hotwords=("\ud800", "Ki\ud800bo", " "))
    job = app.service.submit(io.BytesIO(RECORDING), "a.wav", options)
    assert app.service.job(job.id).options.hotwords == ("Kibo",)


def test_a_file_of_this_machine_is_submitted_under_its_name(app: App, tmp_path: Path) -> None:
    path = tmp_path / "talk.flac"
    path.write_bytes(RECORDING)
    assert app.service.submit_file(path).filename == "talk.flac"
    assert path.read_bytes() == RECORDING


BAD_INPUT: list[tuple[str, Callable[[App], object], type[MeetingAppError], str]] = [
    ("no file", lambda a: a.service.submit_file(Path("/no/a.wav")), MediaNotFoundError, "/no/a"),
    ("folder", lambda a: a.service.submit_file(a.home), MediaError, "cannot be read"),
    ("zero bytes", lambda a: a.submit(b"", "empty.wav"), BrokenMediaError, "empty.wav"),
    ("no media", lambda a: a.submit(b"text", "text.wav"), BrokenMediaError, "text.wav"),
    (
        "blank title",
        lambda a: a.service.submit(io.BytesIO(RECORDING), "a.wav", title=" "),
        ConflictError,
        "title: blank",
    ),
    (
        "long title",
        lambda a: a.service.submit(io.BytesIO(RECORDING), "a.wav", title="x" * 201),
        ConflictError,
        "title: 201 characters long; shorten it to 200",
    ),
    ("unknown job", lambda a: a.service.job(UNKNOWN), NotFoundError, UNKNOWN),
    ("cancel unknown", lambda a: a.service.cancel(UNKNOWN), NotFoundError, UNKNOWN),
    ("retry unknown", lambda a: a.service.retry(UNKNOWN), NotFoundError, UNKNOWN),
    ("unknown meeting", lambda a: a.service.meeting("'; --"), NotFoundError, "'; --"),
    ("delete unknown", lambda a: a.service.delete("../.."), NotFoundError, "no such meeting"),
    ("play unknown", lambda a: a.service.playback_path("../.."), NotFoundError, "no such meeting"),
    ("export unknown", lambda a: a.service.export(UNKNOWN, "txt"), NotFoundError, UNKNOWN),
]


@pytest.mark.parametrize(
    ("act", "kind", "message"), [row[1:] for row in BAD_INPUT], ids=[row[0] for row in BAD_INPUT]
)
def test_bad_input_is_refused_and_changes_nothing(
    app: App, act: Callable[[App], object], kind: type[MeetingAppError], message: str
) -> None:
    app.process()
    before = (app.files(), app.service.jobs(), app.service.library())
    with pytest.raises(kind, match=message):
        act(app)
    assert (app.files(), app.service.jobs(), app.service.library()) == before


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("x" * 101, "name: 101 characters long; shorten it to 100"),
        ("a\nb", r"name: '\\n' cannot be displayed"),
        ("a\x00", r"'\\x00'"),
        ("a\ud800", r"'\\ud800'"),
        ("\u202egnp.exe", r"'\\u202e'"),
    ],
)
def test_a_name_that_cannot_stand_on_one_line_is_refused(app: App, name: str, message: str) -> None:
    meeting_id = app.process()
    with pytest.raises(ConflictError, match=message):
        app.service.rename_speaker(meeting_id, "SPEAKER_00", name)
    with pytest.raises(ConflictError):
        app.service.rename_meeting(meeting_id, name * 2)


def test_a_speaker_is_renamed_found_and_unnamed(app: App) -> None:
    meeting_id = app.process()
    renamed = app.service.rename_speaker(meeting_id, "SPEAKER_01", "  Alice ")
    assert renamed.meeting.display_name("SPEAKER_01") == "Alice"
    assert app.service.meeting(meeting_id) == renamed
    assert app.service.library()[0].speakers == ("Speaker 1", "Alice")
    assert [hit.speaker for hit in app.service.search("alice")] == ["Alice"]
    for blank in (None, "  "):
        plain = app.service.rename_speaker(meeting_id, "SPEAKER_01", blank)
        assert plain.meeting.display_name("SPEAKER_01") == "Speaker 2"


def test_a_meeting_is_renamed_and_found(app: App) -> None:
    meeting_id = app.process()
    assert app.service.rename_meeting(meeting_id, " Board ").meeting.title == "Board"
    assert [hit.meeting_title for hit in app.service.search("board")] == ["Board"]


def test_an_export_is_made_of_the_meeting_as_it_is_now(app: App) -> None:
    meeting_id = app.process()
    app.service.rename_meeting(meeting_id, "Board")
    assert app.service.export(meeting_id, "txt").filename == "Board.txt"


def test_a_meeting_can_be_played_until_its_file_is_gone(app: App) -> None:
    meeting_id = app.process()
    path = app.service.playback_path(meeting_id)
    assert path.read_text(encoding="utf-8") == "playback of 3.0 s"
    path.unlink()
    with pytest.raises(NotFoundError, match="submit the recording again"):
        app.service.playback_path(meeting_id)


def test_outline_of_the_sound_is_made_by_the_worker(app: App) -> None:
    assert app.service.peaks_path(app.process()).read_text() == "peaks of 3.0 s"


def test_outline_of_a_meeting_from_before_is_made_from_its_playback_file_once(app: App) -> None:
    meeting = app.process()
    app.service.peaks_path(meeting).unlink()
    path = app.service.peaks_path(meeting)
    assert path.read_text() == "peaks of playback of 3.0 s"
    app.service.playback_path(meeting).write_text("changed")
    assert app.service.peaks_path(meeting).read_text() == "peaks of playback of 3.0 s"


def test_nobody_has_an_outline_of_no_meeting(app: App) -> None:
    with pytest.raises(NotFoundError):
        app.service.peaks_path("nope")


def test_the_recording_goes_with_its_last_meeting(app: App) -> None:
    first, second = app.process(filename="a.wav"), app.process(filename="b.wav")
    assert [Path(name).name for name in app.files()] == [
        "original.wav",
        "peaks.bin",
        "playback.m4a",
    ]
    app.service.delete(first, for_good=True)
    assert app.service.playback_path(second).is_file()
    app.service.delete(second, for_good=True)
    assert app.files() == []
    assert (app.service.jobs(), app.service.library()) == ((), ())


def test_what_voices_sounded_like_is_known_until_the_meeting_is_deleted(app: App) -> None:
    first, second = app.process(filename="a.wav"), app.process(filename="b.wav")
    found = app.service.evidence(first)
    assert (found.model, found.times.tolist()) == ("fake", [0.75])
    app.service.delete(first, for_good=True)
    with pytest.raises(NotFoundError, match="no such meeting"):
        app.service.evidence(first)
    assert [path.stem for path in (app.home / "evidence").iterdir()] == [second]


def test_a_meeting_from_before_voices_were_kept_has_no_evidence(app: App) -> None:
    meeting_id = app.process()
    app.media.remove_evidence(meeting_id)
    assert app.service.evidence(meeting_id) is None


def test_a_waiting_job_can_be_cancelled_retried_and_deleted(app: App) -> None:
    job = app.submit()
    cancelled = app.service.cancel(job.id)
    assert cancelled.state == JobState.CANCELLED
    assert cancelled.finished_at is not None
    assert app.service.cancel(job.id).state == JobState.CANCELLED
    assert app.service.jobs(only_active=True) == ()
    retried = app.service.retry(job.id)
    assert (retried.state, retried.finished_at) == (JobState.QUEUED, None)
    with pytest.raises(ConflictError, match="queued"):
        app.service.retry(job.id)
    app.service.delete(job.meeting_id)
    assert app.files() == []


def test_a_running_job_is_not_deleted(app: App) -> None:
    job = app.submit()
    app.repository.claim(60.0, 3)
    with pytest.raises(ConflictError, match=f"cancel job {job.id} first"):
        app.service.delete(job.meeting_id)
    assert len(app.files()) == 1


def test_submissions_of_many_threads_all_arrive_and_store_their_bytes_once(app: App) -> None:
    with ThreadPoolExecutor(8) as pool:
        jobs = list(pool.map(lambda number: app.submit(filename=f"{number}.wav"), range(16)))
    assert {job.id for job in app.service.jobs()} == {job.id for job in jobs}
    assert len({job.meeting_id for job in jobs}) == 16
    assert len(app.files()) == 1


def test_submitting_and_deleting_the_same_bytes_at_once_loses_no_file(app: App) -> None:
    def turn_over(number: int) -> str:
        app.service.delete(app.submit(filename=f"{number}.wav").meeting_id)
        return app.submit(filename=f"{number}.wav").meeting_id

    with ThreadPoolExecutor(4) as pool:
        kept = list(pool.map(turn_over, range(8)))
    assert len(app.files()) == 1
    for meeting_id in kept:
        app.service.delete(meeting_id)
    assert app.files() == []


def test_a_full_disk_at_submission_leaves_nothing(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storage.media.os, "fsync", refuse)
    with pytest.raises(DiskFullError, match=r"standup\.wav"):
        app.submit()
    assert (app.files(), app.service.jobs()) == ([], ())


def test_a_database_that_refuses_the_job_leaves_no_file(app: App) -> None:
    connection = sqlite3.connect(app.home / "library.sqlite3")
    connection.execute(
        "CREATE TRIGGER refuse BEFORE INSERT ON jobs BEGIN SELECT RAISE(ABORT, 'refused'); END"
    )
    connection.close()
    with pytest.raises(StorageError, match="refused"):
        app.submit()
    assert app.files() == []
    assert app.repository.recordings() == frozenset()
