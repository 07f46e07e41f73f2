"""A library in a temporary folder, with stages that need no models."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from meeting_app.config import JobsConfig
from meeting_app.domain import Filing, Job
from meeting_app.jobs import Worker, ignore
from meeting_app.service import MeetingService, VoiceServices
from meeting_app.teaching import Teacher
from storage.repository import Media
from tests import fakes_jobs
from tests.fake_teaching import FakeReclusterer
from tests.libraries import empty_library
from tests.people import people_service

QUICK = JobsConfig(lease=5.0, poll=0.01)


@dataclass
class App:
    """A service and what it stands on."""

    home: Path
    stages: fakes_jobs.Stages = field(default_factory=fakes_jobs.Stages)
    reclusterer: FakeReclusterer = field(default_factory=FakeReclusterer)

    def __post_init__(self) -> None:
        self.repository = empty_library(self.home)
        self.media = Media(self.home)
        self.people = people_service(self.repository, self.media, self.home.parent / "voices.key")
        self.service = MeetingService(
            self.repository,
            self.media,
            fakes_jobs.probe,
            fakes_jobs.EXPORT_TOOLS,
            VoiceServices(self.people, Teacher(self.repository, self.media, self.reclusterer)),
        )

    def worker(
        self,
        config: JobsConfig = QUICK,
        on_progress: Callable[[Job], None] = ignore,
    ) -> Worker:
        """A worker of its own on the same library."""
        return Worker(
            repository=self.repository,
            media=self.media,
            decode=self.stages.decode,
            encode_playback=self.stages.encode_playback,
            write_peaks=self.stages.write_peaks,
            pipeline=self.stages.pipeline,
            config=config,
            on_progress=on_progress,
            expected_names=self.people.expected_names,
        )

    def submit(self, content: bytes = fakes_jobs.RECORDING, filename: str = "standup.wav") -> Job:
        """Hands a recording in, even one that is there already."""
        filing = Filing(allows_duplicate=True)
        return self.service.submit(io.BytesIO(content), filename, filing=filing)

    def process(self, content: bytes = fakes_jobs.RECORDING, filename: str = "standup.wav") -> str:
        """Hands a recording in and has it worked on; the id of the meeting."""
        job = self.submit(content, filename)
        self.worker().run(job.id)
        return job.meeting_id

    def files(self) -> list[str]:
        """All files of recordings, uploads and scratch, relative to the home."""
        folders = ("media", "uploads", "scratch")
        found = [path for name in folders for path in (self.home / name).rglob("*")]
        return sorted(str(path.relative_to(self.home)) for path in found if path.is_file())


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """An empty library."""
    found = App(tmp_path / "home")
    yield found
    found.repository.close()
