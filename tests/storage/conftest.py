"""A repository in a temporary folder, and a short way to put a meeting into it."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from meeting_app.domain import Meeting, ProcessingOptions, Recording
from meeting_app.domain.corrections import Corrected, Correction
from storage.repository import Change, Repository, Submission
from tests.libraries import empty_library


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    """An empty library."""
    found = empty_library(tmp_path / "home")
    yield found
    found.close()


@pytest.fixture
def store(repository: Repository) -> Callable[[Meeting], str]:
    """Stores a meeting the way a worker does; returns its id."""

    def put(meeting: Meeting) -> str:
        repository.submit(a_submission(meeting.title))
        claim = repository.claim(lease=60.0, max_attempts=3)
        if claim is None:
            raise LookupError("nothing to claim")
        repository.finish(claim, meeting)
        return claim.job.meeting_id

    return put


def a_submission(title: str = "Standup", content: bytes = b"sound") -> Submission:
    """A request to process ``content``."""
    sha256 = hashlib.sha256(content).hexdigest()
    recording = Recording(sha256, "standup.wav", len(content), "wav", "pcm_s16le", 3.0)
    return Submission(recording, title, ProcessingOptions())


@pytest.fixture
def submission() -> Submission:
    """A request to process a recording."""
    return a_submission()


def correct(repository: Repository, meeting_id: str, correction: Correction) -> None:
    """Corrects a meeting, without a note of who did."""
    editable = repository.editable(meeting_id)
    before = editable.stored
    state = Corrected(before.meeting, editable.numbering).then(correction)
    repository.change(
        meeting_id,
        Change(before.meeting, state.meeting, before.revision, state.numbering, ()),
    )
