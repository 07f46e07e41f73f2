"""The worker: one job at a time, stage by stage, whatever happens."""

import logging
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from meeting_app.config import JobsConfig
from meeting_app.domain import STAGES, Job, JobState, Progress, Stage
from meeting_app.errors import BrokenMediaError, DiskFullError
from tests.builders import a_meeting
from tests.fakes_jobs import LINES

App = Any  # tests/meeting_app/conftest.py
LATER = [stage for stage in STAGES if stage is not Stage.DECODE]
BRISK = JobsConfig(lease=0.3, poll=0.01)


def _notes(app: App) -> list[str]:
    notes: list[str] = []
    app.stages.note = notes.append
    return notes


def test_an_empty_queue_gives_nothing_to_do(app: App) -> None:
    assert app.worker().run_next() is None


def test_a_job_becomes_a_meeting_and_leaves_nothing_behind(app: App) -> None:
    notes = _notes(app)
    job = app.submit()
    done = app.worker().run_next()
    assert done == app.service.job(job.id)
    assert (done.state, done.error, done.num_attempts) == (JobState.DONE, None, 1)
    assert done.progress == Progress(Stage.MINUTES, 1.0, 1.0, 0.0)
    expected = replace(a_meeting(*LINES, title="standup"), duration=3.0)
    assert app.service.meeting(job.meeting_id).meeting == expected
    assert not [name for name in app.files() if name.startswith(("scratch", "uploads"))]
    assert [note for note in notes if note.startswith("begin")] == [f"begin {s}" for s in STAGES]


def test_jobs_are_worked_on_in_the_order_they_came(app: App) -> None:
    jobs = [app.submit(filename=f"{number}.wav") for number in range(3)]
    worker = app.worker()
    assert [worker.run_next().id for _ in jobs] == [job.id for job in jobs]


def test_progress_rises_and_is_written_only_now_and_then(app: App) -> None:
    app.stages.pause = 0.03  # 35 reports in 1.05 s
    seen: list[Job] = []
    app.submit()
    app.worker(on_progress=seen.append).run_next()
    fractions = [job.progress.fraction for job in seen if job.progress]
    assert fractions == sorted(fractions)
    assert (seen[0].state, seen[0].progress) == (JobState.RUNNING, None)
    assert (seen[-1].state, fractions[-1]) == (JobState.DONE, 1.0)
    assert 4 <= len(seen) < 20


@pytest.mark.parametrize("stage", STAGES)
def test_an_error_of_ours_fails_the_job_with_its_message(app: App, stage: Stage) -> None:
    app.stages.failure = {stage: BrokenMediaError("standup.wav: damaged; choose another file")}
    app.submit()
    failed = app.worker().run_next()
    assert (failed.state, failed.error) == (
        JobState.FAILED,
        "standup.wav: damaged; choose another file",
    )
    assert failed.finished_at is not None
    assert app.service.library() == ()
    assert [name for name in app.files() if name.startswith("scratch")] == []


def test_any_other_error_fails_the_job_in_general_words_and_is_logged(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    app.stages.failure = {Stage.WORDS: ZeroDivisionError("secret detail")}
    app.submit()
    with caplog.at_level(logging.ERROR):
        failed = app.worker().run_next()
    assert failed.state == JobState.FAILED
    assert failed.error == (
        "standup.wav: processing failed unexpectedly (ZeroDivisionError); "
        "look at the log, then try again"
    )
    assert "secret detail" in caplog.text
    assert "Traceback" in caplog.text


@pytest.mark.parametrize("stage", LATER)
def test_a_retry_goes_on_at_the_stage_that_failed(app: App, stage: Stage) -> None:
    app.stages.failure = {stage: BrokenMediaError("no")}
    job = app.submit()
    app.worker().run_next()
    app.stages.failure = {}
    app.service.retry(job.id)
    notes = _notes(app)
    assert app.worker().run_next().state == JobState.DONE
    begun = [note for note in notes if note.startswith("begin") and note != "begin decode"]
    assert begun == [f"begin {later}" for later in STAGES[STAGES.index(stage) :]]


@pytest.mark.parametrize("stage", STAGES)
def test_a_job_is_cancelled_in_any_stage(app: App, stage: Stage) -> None:
    app.stages.pause = 0.01
    job = app.submit()

    def cancel(line: str) -> None:
        if line == f"begin {stage}":
            app.service.cancel(job.id)
            app.stages.pause = 0.1  # long enough for a heartbeat

    app.stages.note = cancel
    ended = app.worker(BRISK).run_next()
    assert (ended.state, ended.error) == (JobState.CANCELLED, None)
    assert app.service.library() == ()
    assert [name for name in app.files() if name.startswith("scratch")] == []


def test_two_workers_never_run_the_same_job(app: App) -> None:
    taken: Counter[str] = Counter()

    def count(job: Job) -> None:
        if job.state == JobState.DONE:
            taken[job.id] += 1

    def drain() -> None:
        while app.worker(on_progress=count).run_next() is not None:
            pass

    jobs = [app.submit(filename=f"{number}.wav") for number in range(8)]
    _in_threads(*[drain] * 3)
    assert taken == Counter({job.id: 1 for job in jobs})
    assert {job.num_attempts for job in app.service.jobs()} == {1}
    assert len(app.service.library()) == 8


def test_a_long_stage_keeps_its_lease(app: App) -> None:
    app.submit()
    seen: list[Job | None] = []

    def intrude(line: str) -> None:
        app.stages.pause = 0.15 if line == f"begin {Stage.WORDS}" else 0.0  # 2.5 leases long
        if line == f"saved {Stage.WORDS}":
            seen.append(app.worker(BRISK).run_next())

    app.stages.note = intrude
    assert app.worker(BRISK).run_next().num_attempts == 1
    assert seen == [None]


def test_a_worker_that_lost_its_lease_leaves_the_job_alone(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    job = app.submit()

    def usurp(line: str) -> None:
        if line == f"begin {Stage.WORDS}":
            app.stages.note = lambda _: None
            with app.repository._database.writing() as session:
                session.connection().exec_driver_sql("UPDATE jobs SET lease_until = 0")
            assert app.worker().run(job.id).state == JobState.DONE

    app.stages.note = usurp
    found = app.worker().run_next()
    assert (found.state, found.num_attempts) == (JobState.DONE, 2)
    assert "another worker" in caplog.text
    assert len(app.service.library()) == 1
    assert len(app.service.search("notes")) == 1


def test_a_lost_lease_ends_the_work_in_the_middle_of_a_stage(app: App) -> None:
    app.submit()
    begun: list[str] = []

    def usurp(line: str) -> None:
        begun.append(line)
        with app.repository._database.writing() as session:
            session.connection().exec_driver_sql("UPDATE jobs SET lease_token = 'other'")

    app.stages.note = usurp
    assert app.worker().run_next().state == JobState.RUNNING
    assert begun == ["begin decode"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_an_interrupted_worker_gives_its_job_back_at_once(
    app: App, error: type[BaseException]
) -> None:
    job = app.submit()
    app.stages.failure = {Stage.WORDS: error()}
    with pytest.raises(error):
        app.worker().run_next()
    assert app.service.job(job.id).state == JobState.QUEUED
    app.stages.failure = {}
    assert app.worker().run(job.id).num_attempts == 1


def test_a_worker_that_is_told_to_stop_gives_its_job_back(app: App) -> None:
    job = app.submit()
    notes = _notes(app)
    app.worker().run_forever(lambda: f"begin {Stage.CHAPTERS}" in notes)
    assert app.service.job(job.id).state == JobState.QUEUED
    assert app.service.job(job.id).num_attempts == 0
    notes.clear()
    assert app.worker().run_next().state == JobState.DONE
    # Nothing is repeated, not even decoding.
    assert [n for n in notes if n.startswith("begin")] == ["begin chapters", "begin minutes"]


def test_a_worker_that_runs_forever_outlives_a_library_that_refuses_for_a_while(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    job = app.submit()
    worker = app.worker(BRISK)

    class Moody:
        """Full at the first two claims."""

        num_refusals = 2

        def __getattr__(self, name: str) -> Callable[..., object]:
            return getattr(app.repository, name)

        def claim(self, *arguments: object) -> object:
            if self.num_refusals:
                self.num_refusals -= 1
                raise DiskFullError("library: the disk is full; free some space")
            return app.repository.claim(*arguments)

    moody = replace(worker, repository=Moody())
    moody.run_forever(lambda: app.service.job(job.id).state == JobState.DONE)
    assert caplog.text.count("the library refuses") == 2


def test_who_runs_a_job_that_another_runs_already_sees_it_through(app: App) -> None:
    app.stages.pause = 0.03
    job = app.submit()
    has_begun = threading.Event()
    app.stages.note = lambda line: has_begun.set()
    seen: list[Job] = []
    found: list[Job] = []

    def follow() -> None:
        has_begun.wait(10.0)
        found.append(app.worker(on_progress=seen.append).run(job.id))

    _in_threads(lambda: app.worker().run_next(), follow)
    assert (found[0].state, found[0].num_attempts) == (JobState.DONE, 1)
    assert {each.state for each in seen} == {JobState.RUNNING}


def test_a_recording_that_was_processed_before_is_not_encoded_again(app: App) -> None:
    meeting_id = app.process()
    app.service.playback_path(meeting_id).write_text("as it was", encoding="utf-8")
    again = app.process(filename="again.wav")
    assert app.service.playback_path(again).read_text(encoding="utf-8") == "as it was"


def test_a_sweep_spares_what_a_job_needs(app: App) -> None:
    job = app.submit()
    (app.media.scratch(job.id) / "sound.f32").write_bytes(b"")
    (app.media.scratch("ended") / "sound.f32").write_bytes(b"")
    app.worker().sweep()
    assert [name for name in app.files() if name.startswith("scratch")] == [
        f"scratch/{job.id}/sound.f32"
    ]
    assert len(app.files()) == 2


def test_what_voices_sounded_like_survives_a_failure_after_it_was_heard(app: App) -> None:
    app.stages.failure = {Stage.WORDS: BrokenMediaError("no")}
    job = app.submit()
    app.worker().run_next()
    app.worker().sweep()
    app.stages.failure = {}
    app.service.retry(job.id)
    notes = _notes(app)
    app.worker().run_next()
    assert f"begin {Stage.SPEAKERS}" not in notes
    assert app.service.evidence(job.meeting_id).times.tolist() == [0.75]


def _in_threads(*acts: Callable[[], object]) -> None:
    errors: list[BaseException] = []

    def guarded(act: Callable[[], object]) -> None:
        try:
            act()
        except BaseException as error:  # noqa: BLE001 - raised again below, in the test's thread
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for error in errors:
        raise error


def test_the_first_report_of_a_stage_is_written_at_once(app: App) -> None:
    app.submit()
    seen: list[Job] = []
    app.worker(on_progress=seen.append).run_next()
    stages = [job.progress.stage for job in seen if job.progress]
    assert list(dict.fromkeys(stages)) == list(STAGES)
