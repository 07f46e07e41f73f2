from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyannote.core import Segment

from meeting_app.domain import (
    JobState,
    LibraryEntry,
    Progress,
    SearchHit,
    Stage,
)
from tests.ui.fake_service import NOW, a_job
from ui.library_presenters import present_hits, present_library
from ui.presenters import (
    RECENT,
    clock,
    initials,
    length,
    present_jobs,
    shown_name,
    stage_labels,
)
from ui.translation import translator

EN, ZH = translator("en"), translator("zh")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00"), (65.9, "1:05"), (3599.99, "59:59"), (3600, "1:00:00"), (45296, "12:34:56")],
)
def test_clock_counts_hours_from_the_first_on(seconds, text):
    assert clock(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (59.5, "1 min"),
        (90.1, "2 min"),
        (3599, "1 h"),
        (3900, "1 h 5 min"),
    ],
)
def test_length_is_rounded_to_what_one_would_say(seconds, text):
    assert length(seconds, EN) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(45, "45 秒"), (720, "12 分钟"), (7200, "2 小时"), (3900, "1 小时 5 分钟")],
)
def test_length_is_said_in_chinese(seconds, text):
    assert length(seconds, ZH) == text


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Speaker 3", "发言人 3"),
        ("Unknown", "未知"),
        ("Speaker Jones", "Speaker Jones"),
        ("王芳", "王芳"),
    ],
)
def test_voice_that_nobody_has_named_is_called_in_the_language_of_the_page(name, shown):
    assert shown_name(name, ZH) == shown
    assert shown_name(name, EN) == name


@given(st.floats(0, 1e6))
def test_clock_reads_back_as_its_whole_seconds(seconds):
    total = 0
    for part in clock(seconds).split(":"):
        total = total * 60 + int(part)
    assert total == int(seconds)


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Ana Ruiz", "AR"),
        ("Speaker 3", "S3"),
        ("ana maria lopez", "AL"),
        ("王芳", "王"),
        (" ", "?"),
    ],
)
def test_initials_are_of_first_and_last_word(name, short):
    assert initials(name) == short


def test_library_row_names_the_language():
    entry = LibraryEntry("m1", "Kick-off", 3900.0, "de", ("Ana",), NOW)
    (row,) = present_library([entry], EN)
    assert (row.length, row.language, row.speakers[0].name) == ("1 h 5 min", "German", "Ana")
    assert row.created_at == "2026-03-04T09:30:00+00:00"


def test_hit_knows_its_place():
    hit = SearchHit("m1", "Kick-off", 3, "Ana", Segment(61, 65), (("ship", True),), NOW)
    (view,) = present_hits([hit], EN)
    assert (view.clock, view.start, view.excerpt) == ("1:01", 61, (("ship", True),))


def test_jobs_under_way_come_first_and_newest_first():
    jobs = [
        a_job("old", created_at=NOW - timedelta(hours=2)),
        a_job("done", JobState.DONE),
        a_job("new"),
    ]
    assert [view.id for view in present_jobs(jobs, NOW, EN)] == ["new", "old", "done"]


def test_jobs_that_ended_long_ago_are_not_listed_but_waiting_ones_are():
    long_ago = NOW - RECENT - timedelta(minutes=1)
    jobs = [a_job("done", JobState.DONE, created_at=long_ago), a_job("wait", created_at=long_ago)]
    assert [view.id for view in present_jobs(jobs, NOW, EN)] == ["wait"]


def test_running_job_tells_stage_percent_and_time_left():
    progress = Progress(Stage.WORDS, 0.5, 0.456, eta=250.0)
    (view,) = present_jobs([a_job(state=JobState.RUNNING, progress=progress)], NOW, EN)
    assert view.status == "Recognising words · step 4 of 7"
    assert (view.percent, view.remaining, view.is_active) == (46, "about 4 min left", True)


@pytest.mark.parametrize("state", [JobState.RUNNING, JobState.DONE, JobState.FAILED])
def test_job_tells_what_it_had_to_do_without(state):
    progress = Progress(Stage.WORDS, 0.5, 0.5, notices=("continuing with 4 at a time",))
    (view,) = present_jobs([a_job(state=state, progress=progress)], NOW, EN)
    assert view.notices == ("continuing with 4 at a time",)


@pytest.mark.parametrize(
    ("state", "status", "percent", "can_retry"),
    [
        (JobState.QUEUED, "Waiting for its turn", 0, False),
        (JobState.RUNNING, "Starting", 0, False),
        (JobState.DONE, "Ready", 100, False),
        (JobState.FAILED, "Failed", 0, True),
        (JobState.CANCELLED, "Cancelled", 0, True),
    ],
)
def test_state_of_a_job_in_words(state, status, percent, can_retry):
    (view,) = present_jobs([a_job(state=state)], NOW, EN)
    assert (view.status, view.percent, view.can_retry) == (status, percent, can_retry)
    assert view.is_active is not state.is_final


def test_queued_job_that_was_stopped_shows_no_time_left():
    progress = Progress(Stage.WORDS, 0.5, 0.5, eta=10.0)
    (view,) = present_jobs([a_job(state=JobState.QUEUED, progress=progress)], NOW, EN)
    assert view.remaining is None


def test_every_stage_has_a_label():
    assert set(stage_labels(EN)) == set(Stage)
