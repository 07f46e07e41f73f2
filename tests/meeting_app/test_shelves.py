"""Duplicates, the trash and what is said about tags and folders."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from meeting_app.domain import EVERYTHING, Filing, JobState, SearchFilters
from meeting_app.errors import ConflictError, DuplicateError, MediaError, NotFoundError
from meeting_app.passage_reader import PassageReader
from meeting_app.shelves import Meaning, Shelves, empty_trash
from tests.fakes_jobs import RECORDING

App = Any  # tests/meeting_app/conftest.py
TRASH = SearchFilters(is_trashed=True)


def test_bytes_that_are_a_meeting_already_are_refused_and_leave_nothing(app: App) -> None:
    meeting = app.process()
    before = app.files()
    with pytest.raises(DuplicateError, match=f"'standup'; open meeting {meeting}") as refused:
        app.service.submit(io.BytesIO(RECORDING), "again.wav")
    assert refused.value.meeting_id == meeting
    assert (app.files(), len(app.service.jobs())) == (before, 1)


def test_a_duplicate_in_the_trash_says_so(app: App) -> None:
    meeting = app.process()
    app.service.delete(meeting)
    with pytest.raises(DuplicateError, match=f"in the trash.*restore meeting {meeting}"):
        app.service.submit(io.BytesIO(RECORDING), "again.wav")


def test_a_duplicate_file_is_refused_before_it_is_copied(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "talk.wav"
    path.write_bytes(RECORDING)
    app.service.submit_file(path)
    monkeypatch.setattr(app.media, "receive", None)
    with pytest.raises(DuplicateError):
        app.service.submit_file(path)


def test_what_is_wanted_twice_is_made_twice(app: App) -> None:
    app.service.submit(io.BytesIO(RECORDING), "a.wav")
    app.service.submit(io.BytesIO(RECORDING), "b.wav", filing=Filing(allows_duplicate=True))
    assert len(app.service.jobs()) == 2


def test_a_deleted_meeting_can_be_restored_with_its_sound(app: App) -> None:
    meeting = app.process()
    app.service.delete(meeting)
    assert app.service.library() == ()
    assert [entry.id for entry in app.service.library(TRASH)] == [meeting]
    with pytest.raises(NotFoundError, match="in the trash"):
        app.service.playback_path(meeting)
    app.service.shelves.restore(meeting)
    assert app.service.playback_path(meeting).is_file()


def test_a_meeting_deleted_for_good_leaves_no_file(app: App) -> None:
    app.service.delete(app.process(), for_good=True)
    app.service.delete(app.process())
    assert app.service.shelves.empty_trash() == 1
    assert app.files() == []


def test_a_waiting_job_is_deleted_for_good_at_once(app: App) -> None:
    app.service.delete(app.submit().meeting_id)
    assert (app.files(), app.service.jobs(), app.service.library(TRASH)) == ([], (), ())


def test_the_sweep_empties_only_what_has_been_in_the_trash_for_long(app: App) -> None:
    app.service.delete(app.process())
    app.worker().sweep()
    assert len(app.service.library(TRASH)) == 1
    assert empty_trash(app.repository, app.media, datetime.now(UTC) + timedelta(seconds=1)) == 1
    assert app.service.library(TRASH) == ()


def test_the_worker_sweeps_after_the_days_of_the_setting(app: App) -> None:
    app.service.delete(app.process())
    worker = app.worker()
    replace(worker, config=replace(worker.config, keep_trash=0.0)).sweep()
    assert app.service.library(TRASH) == ()


@pytest.mark.parametrize(
    ("tags", "folder", "message"),
    [
        ((" ",), None, "tag: blank"),
        (("x" * 51,), None, "tag: 51 characters"),
        (("a,b",), None, "comma"),
        (tuple(map(str, range(51))), None, "51 tags"),
        ((), "x" * 201, "folder: 201 characters"),
        ((), "a\x00b", "cannot be displayed"),
    ],
)
def test_bad_tags_and_folders_are_refused_before_anything_is_stored(
    app: App, tags: tuple[str, ...], folder: str | None, message: str
) -> None:
    with pytest.raises(ConflictError, match=message):
        app.service.submit(io.BytesIO(RECORDING), "a.wav", filing=Filing(folder, tags))
    assert app.files() == []


def test_tags_and_folders_are_stored_clean(app: App) -> None:
    meeting = app.process()
    app.service.shelves.tag([meeting], [" b ", "a", "a"])
    app.service.shelves.move([meeting], " Customers / North/ ")
    entry = app.service.shelves.entry(meeting)
    assert (entry.tags, entry.folder) == (("a", "b"), "Customers/North")
    app.service.shelves.move([meeting], " / ")
    assert app.service.shelves.entry(meeting).folder is None


def constant(text: str) -> np.ndarray:
    return np.array([1.0, 0.0], dtype=np.float32)


@pytest.mark.parametrize(("query", "count"), [("other", 1), ("会议", 0), ("…", 0), ("", 0)])
def test_only_questions_in_latin_letters_are_understood(app: App, query: str, count: int) -> None:
    app.process()
    shelves = Shelves(app.repository, app.media, Meaning(constant, 0.5))
    reader = PassageReader(app.repository, lambda: lambda texts: np.stack([*map(constant, texts)]))
    assert reader()
    assert not reader()
    assert len(shelves.search_alike(query)) == count
    assert app.service.shelves.search_alike(query) == ()  # without an encoder


def test_passages_that_cannot_be_read_are_tried_again_later(app: App) -> None:
    app.process()
    now, tries = [0.0], []

    def embedder() -> Callable[..., np.ndarray]:
        tries.append(now[0])
        if len(tries) == 1:
            raise MediaError("no model")
        return lambda texts: np.ones((len(texts), 2))

    reader = PassageReader(app.repository, embedder, clock=lambda: now[0])
    answers = []
    for now[0] in (0.0, 599.0, 600.0):
        answers.append(reader())
    assert (answers, tries) == ([False, False, True], [0.0, 600.0])


def test_a_worker_does_something_else_after_each_job_and_while_there_is_none(app: App) -> None:
    done: list[JobState] = []

    def aside() -> bool:
        done.append(app.service.jobs()[0].state)
        return len(done) == 2

    app.submit()
    worker = replace(app.worker(), aside=aside)
    worker.run_forever(lambda: len(done) >= 3)
    assert done == [JobState.DONE] * 3
    assert len(app.service.library(EVERYTHING)) == 1
