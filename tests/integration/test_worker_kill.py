"""`kill -9` of the worker, at every stage and at any moment: same meeting, nothing twice."""

import io
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from meeting_app.config import JobsConfig
from meeting_app.domain import STAGES, Job, JobState, Stage
from meeting_app.jobs import Worker
from meeting_app.service import MeetingService, VoiceServices
from meeting_app.teaching import Teacher
from storage.repository import Media, Repository
from tests.builders import a_meeting
from tests.fake_teaching import FakeReclusterer
from tests.fakes_jobs import EXPORT_TOOLS, LINES, RECORDING, Stages, probe
from tests.people import people_service

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("worker_to_kill.py")
PATIENCE = 60.0  # seconds; a start takes one or two on an idle machine


class Library:
    """A library whose worker is another process."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.notes_path = home.with_suffix(".notes")
        self.repository = Repository.open(home)
        media = Media(home)
        people = people_service(self.repository, media, home.with_suffix(".key"))
        voices = VoiceServices(people, Teacher(self.repository, media, FakeReclusterer()))
        self.service = MeetingService(self.repository, media, probe, EXPORT_TOOLS, voices)

    def submit(self) -> Job:
        return self.service.submit(io.BytesIO(RECORDING), "standup.wav")

    def notes(self) -> list[str]:
        try:
            return self.notes_path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []

    def start(self, *stuck_in: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, str(SCRIPT), str(self.home), str(self.notes_path), *stuck_in],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )

    def kill_when(self, is_time: Callable[[], bool], *stuck_in: str) -> None:
        worker = self.start(*stuck_in)
        try:
            deadline = time.monotonic() + PATIENCE
            while not is_time() and worker.poll() is None:
                assert time.monotonic() < deadline, self.notes()
                time.sleep(0.002)
        finally:
            worker.send_signal(signal.SIGKILL)
            worker.wait()

    def finish(self) -> None:
        assert self.start().wait(PATIENCE) == 0

    def files(self) -> list[str]:
        folders = [self.home / name for name in ("media", "uploads", "scratch")]
        found = [path for folder in folders for path in folder.rglob("*")]
        return sorted(path.name for path in found if path.is_file())

    def check(self, job: Job) -> None:
        """One meeting, the right one, found once, and no file too many."""
        assert self.service.job(job.id).state == JobState.DONE
        assert [entry.id for entry in self.service.library()] == [job.meeting_id]
        expected = replace(a_meeting(*LINES, title="standup"), duration=3.0)
        assert self.service.meeting(job.meeting_id).meeting == expected
        assert [hit.turn_id for hit in self.service.search("notes")] == [1]
        self.sweep()
        assert self.service.evidence(job.meeting_id) is not None
        assert self.files() == ["original.wav", "peaks.bin", "playback.m4a"]
        saved = Counter(note for note in self.notes() if note.startswith("saved"))
        assert max(saved.values()) == 1

    def sweep(self) -> None:
        """What the next start of a worker does first."""
        stages = Stages()
        Worker(
            self.repository,
            Media(self.home),
            stages.decode,
            stages.encode_playback,
            stages.write_peaks,
            stages.pipeline,
            JobsConfig(),
        ).sweep()


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    found = Library(tmp_path / "home")
    yield found
    found.repository.close()


def test_a_worker_killed_in_every_stage_in_turn_resumes_at_that_stage(library: Library) -> None:
    job = library.submit()
    for stage in STAGES:
        already = library.notes().count(f"begin {stage}")
        library.kill_when(lambda s=stage, n=already: library.notes().count(f"begin {s}") > n, stage)
        assert library.service.job(job.id).state == JobState.RUNNING
    library.finish()
    library.check(job)
    begun = Counter(note for note in library.notes() if note.startswith("begin"))
    # Each was cut once and ran again once.
    assert begun == Counter({f"begin {stage}": 2 for stage in STAGES})
    assert library.service.job(job.id).num_attempts == len(STAGES) + 1


@pytest.mark.parametrize("seed", range(2))
def test_a_worker_killed_at_any_moment_gives_the_same_meeting(library: Library, seed: int) -> None:
    moments = random.Random(seed)
    job = library.submit()
    for _ in range(3):
        begin = len(library.notes())
        wait = moments.uniform(0.0, 0.6)  # s; half the time that all stages take

        def is_time(begin: int = begin, wait: float = wait) -> bool:
            if len(library.notes()) == begin:
                return library.service.job(job.id).state.is_final
            time.sleep(wait)
            return True

        if library.service.job(job.id).state.is_final:
            break
        library.kill_when(is_time)
    library.finish()
    library.check(job)


def test_a_worker_killed_while_it_stores_the_meeting_stores_it_wholly_or_not_at_all(
    library: Library,
) -> None:
    job = library.submit()
    library.kill_when(lambda: f"saved {Stage.MINUTES}" in library.notes())
    is_stored = bool(library.service.library())
    assert (library.service.job(job.id).state == JobState.DONE) == is_stored
    library.finish()
    library.check(job)
