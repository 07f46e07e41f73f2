"""A MeetingService that keeps everything in memory and works only when told to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from pyannote.core import Segment

from meeting_app.domain import (
    EVERYTHING,
    STAGES,
    UNFILED,
    ClipKind,
    Facets,
    Filing,
    Job,
    JobState,
    LibraryEntry,
    LibraryPlace,
    Meeting,
    ProcessingOptions,
    Progress,
    Recording,
    SearchFilters,
    SearchHit,
    StoredMeeting,
)
from meeting_app.domain.corrections import (
    Correction,
    MadeCorrection,
    apply,
    replayed,
    to_redo,
    to_undo,
)
from meeting_app.errors import (
    BrokenMediaError,
    ConflictError,
    DiskFullError,
    DuplicateError,
    MediaError,
    NoAudioError,
    NotFoundError,
    StaleError,
)
from meeting_app.formats.document import Document, filename_of, format_named
from meeting_app.formats.options import DEFAULTS, ExportOptions
from meeting_app.formats.package import bundle
from meeting_app.formats.restoring import restored_from_json
from tests.builders import a_meeting
from tests.ui.fake_people import FakePeople
from tests.ui.fake_teacher import FakeTeacher

NOW = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
_DEFAULT_OPTIONS = ProcessingOptions()
REFUSALS = {
    "full.wav": DiskFullError("disk: 0 bytes left; free some space"),
    "silent.wav": NoAudioError("silent.wav: no audio stream; choose a file with sound"),
    "broken.wav": BrokenMediaError("broken.wav: not a media file; choose a recording"),
}
"""Names of uploads the fake will not take."""


@dataclass(frozen=True, slots=True)
class Received:
    """An upload as it arrived."""

    filename: str
    content: bytes
    options: ProcessingOptions
    title: str | None
    filing: Filing


def stored(meeting: Meeting, id: str = "m1", filename: str = "standup.mp4") -> StoredMeeting:
    """The meeting as the library gives it out."""
    recording = Recording("00" * 32, filename, 1000, "mp4", "aac", meeting.duration)
    return StoredMeeting(id, meeting, recording, NOW)


def a_job(
    id: str = "j1",
    state: JobState = JobState.QUEUED,
    progress: Progress | None = None,
    error: str | None = None,
    created_at: datetime = NOW,
    filename: str = "standup.mp4",
) -> Job:
    """A job of the meeting "m" + id, finished a minute after it was handed in."""
    return Job(
        id=id,
        meeting_id=f"m{id}",
        filename=filename,
        options=ProcessingOptions(),
        state=state,
        progress=progress,
        error=error,
        num_attempts=0 if state is JobState.QUEUED else 1,
        created_at=created_at,
        finished_at=created_at + timedelta(minutes=1) if state.is_final else None,
    )


class FakeShelves:
    """Nothing is on them; what moves things about is tested with the real ones."""

    def __init__(self) -> None:
        self.kept = Facets((), (), (), ())

    def entry(self, meeting_id: str) -> LibraryEntry:
        return LibraryEntry(meeting_id, "", 0.0, None, (), NOW)

    def facets(self) -> Facets:
        return self.kept

    def search_alike(
        self, query: str, limit: int = 20, filters: SearchFilters = EVERYTHING
    ) -> tuple[SearchHit, ...]:
        return ()


class FakeService:
    """Answers like the real one; `advance` and `finish` stand in for the worker."""

    def __init__(
        self, meetings: Sequence[StoredMeeting] = (), playback: Path | None = None
    ) -> None:
        self.meetings = {meeting.id: meeting for meeting in meetings}
        self.all_jobs: dict[str, Job] = {}
        self.received: list[Received] = []
        self.exported: list[ExportOptions] = []
        self.playback = playback
        self.made: dict[str, list[MadeCorrection]] = {}
        self.bases: dict[str, Meeting] = {}
        self.shelves = FakeShelves()
        self.people = FakePeople()
        self.teacher = FakeTeacher(self)

    def submit(
        self,
        source: BinaryIO,
        filename: str,
        options: ProcessingOptions = _DEFAULT_OPTIONS,
        title: str | None = None,
        filing: Filing = UNFILED,
    ) -> Job:
        if filename in REFUSALS:
            raise REFUSALS[filename]
        blocks = []
        while block := source.read(65536):
            blocks.append(block)
        content = b"".join(blocks)
        if content in [r.content for r in self.received] and not filing.allows_duplicate:
            raise DuplicateError(f"{filename}: you already have this recording", "m1")
        self.received.append(Received(filename, content, options, title, filing))
        number = len(self.all_jobs) + 1
        job = a_job(f"j{number}", created_at=datetime.now(UTC), filename=filename)
        self.all_jobs[job.id] = replace(job, options=options)
        return job

    def job(self, job_id: str) -> Job:
        if job_id not in self.all_jobs:
            raise NotFoundError(f"{job_id}: no such job; list them")
        return self.all_jobs[job_id]

    def jobs(self, *, only_active: bool = False) -> tuple[Job, ...]:
        jobs = tuple(reversed(self.all_jobs.values()))
        return tuple(job for job in jobs if not (only_active and job.state.is_final))

    def cancel(self, job_id: str) -> Job:
        if self.job(job_id).state.is_final:
            raise ConflictError(f"{job_id}: already ended; nothing to cancel")
        return self._change(job_id, state=JobState.CANCELLED, finished_at=datetime.now(UTC))

    def retry(self, job_id: str) -> Job:
        if self.job(job_id).state not in (JobState.FAILED, JobState.CANCELLED):
            raise ConflictError(f"{job_id}: not failed; nothing to retry")
        return self._change(
            job_id, state=JobState.QUEUED, error=None, progress=None, finished_at=None
        )

    def advance(
        self,
        job_id: str,
        fraction: float,
        eta: float | None = None,
        notices: tuple[str, ...] = (),
    ) -> Job:
        """The worker has done ``fraction`` of the whole."""
        stage = STAGES[min(int(fraction * len(STAGES)), len(STAGES) - 1)]
        progress = Progress(stage, 0.5, fraction, eta, notices)
        return self._change(job_id, state=JobState.RUNNING, progress=progress)

    def fail(self, job_id: str, error: str) -> Job:
        """The worker gave up."""
        return self._change(
            job_id, state=JobState.FAILED, error=error, finished_at=datetime.now(UTC)
        )

    def finish(self, job_id: str, meeting: Meeting | None = None) -> Job:
        """The worker is done."""
        job = self.job(job_id)
        found = meeting or a_meeting(title=job.filename.rpartition(".")[0])
        self.meetings[job.meeting_id] = stored(found, job.meeting_id, job.filename)
        return self._change(job_id, state=JobState.DONE, finished_at=datetime.now(UTC))

    def library(
        self,
        filters: SearchFilters = EVERYTHING,
        limit: int | None = None,
        after: LibraryPlace | None = None,
    ) -> tuple[LibraryEntry, ...]:
        return tuple(
            LibraryEntry(
                id=item.id,
                title=item.meeting.title,
                duration=item.meeting.duration,
                language=item.meeting.language,
                speakers=tuple(s.display_name for s in item.meeting.speakers),
                created_at=item.created_at,
            )
            for item in self.meetings.values()
        )

    def meeting(self, meeting_id: str) -> StoredMeeting:
        if meeting_id not in self.meetings:
            raise NotFoundError(f"{meeting_id}: no such meeting; list them")
        return self.meetings[meeting_id]

    def search(
        self, query: str, limit: int = 50, filters: SearchFilters = EVERYTHING
    ) -> tuple[SearchHit, ...]:
        hits = []
        for item in self.meetings.values():
            for turn in item.meeting.turns:
                before, match, after = turn.text.partition(query)
                if match:
                    name = item.meeting.display_name(turn.speaker)
                    excerpt = ((before, False), (match, True), (after, False))
                    title, segment = item.meeting.title, turn.segment
                    hits.append(SearchHit(item.id, title, turn.id, name, segment, excerpt, NOW))
        return tuple(hits[:limit])

    def has_evidence(self, meeting_id: str) -> bool:
        return self.teacher.has_voices

    def corrections(self, meeting_id: str) -> tuple[MadeCorrection, ...]:
        self.meeting(meeting_id)
        return tuple(self.made.get(meeting_id, ()))

    def correct(
        self,
        meeting_id: str,
        correction: Correction,
        revision: int | None = None,
        author: str | None = None,
    ) -> StoredMeeting:
        item = self._seen(meeting_id, revision)
        history = self.made.setdefault(meeting_id, [])
        self.bases.setdefault(meeting_id, item.meeting)
        made = MadeCorrection(len(history) + 1, correction, author or "eva", NOW)
        after = apply(item.meeting, correction)
        history[:] = [m if m.is_active else replace(m, is_dropped=True) for m in history]
        history.append(made)
        return self._put(replace(item, meeting=after, revision=item.revision + 1))

    def undo(
        self, meeting_id: str, revision: int | None = None, author: str | None = None
    ) -> StoredMeeting:
        last = to_undo(self.corrections(meeting_id))
        if last is None:
            raise ConflictError("there is nothing to undo")
        return self._again(
            meeting_id, revision, replace(last, is_undone=True, undone_by=author or "eva")
        )

    def redo(self, meeting_id: str, revision: int | None = None) -> StoredMeeting:
        first = to_redo(self.corrections(meeting_id))
        if first is None:
            raise ConflictError("there is nothing to repeat")
        return self._again(meeting_id, revision, replace(first, is_undone=False, undone_by=None))

    def _again(
        self, meeting_id: str, revision: int | None, changed: MadeCorrection
    ) -> StoredMeeting:
        item, history = self._seen(meeting_id, revision), self.made[meeting_id]
        history[changed.number - 1] = changed
        meeting = replayed(self.bases[meeting_id], history).meeting
        return self._put(replace(item, meeting=meeting, revision=item.revision + 1))

    def _seen(self, meeting_id: str, revision: int | None) -> StoredMeeting:
        item = self.meeting(meeting_id)
        if revision is not None and revision != item.revision:
            raise StaleError(f"changed elsewhere (revision {item.revision}, yours is {revision})")
        return item

    def rename_speaker(
        self, meeting_id: str, label: str, name: str | None, author: str | None = None
    ) -> StoredMeeting:
        item = self.meeting(meeting_id)
        if label not in item.meeting.speaker_by_label:
            raise NotFoundError(f"{label}: no such speaker; see the meeting")
        return self._put(replace(item, meeting=item.meeting.rename_speaker(label, name)))

    def rename_meeting(
        self, meeting_id: str, title: str, author: str | None = None
    ) -> StoredMeeting:
        item = self.meeting(meeting_id)
        if not title.strip():
            raise ConflictError("title: blank; give one")
        return self._put(replace(item, meeting=replace(item.meeting, title=title)))

    def export(self, meeting_id: str, format: str, options: ExportOptions = DEFAULTS) -> Document:
        item, known = self.meeting(meeting_id), format_named(format)
        known.check(options)
        self.exported.append(options)
        content = f"{known.name} of {item.meeting.title}".encode()
        name = filename_of(item.meeting.title, known.suffix)
        return Document(name, known.media_type, (content,))

    def export_many(
        self, meeting_ids: Sequence[str], format: str, options: ExportOptions = DEFAULTS
    ) -> Document:
        documents = [self.export(meeting_id, format, options) for meeting_id in meeting_ids]
        return Document("meetings.zip", "application/zip", bundle(documents))

    def clip(self, meeting_id: str, segment: Segment, kind: ClipKind = ClipKind.M4A) -> Document:
        title = self.meeting(meeting_id).meeting.title
        if segment.end <= segment.start:
            raise MediaError("clip: no stretch of sound; end after the start")
        content = f"{title} {segment.start} {segment.end}".encode()
        return Document(f"clip.{kind}", "audio/mp4", (content,))

    def restore(self, source: BinaryIO, filename: str) -> StoredMeeting:
        archived = restored_from_json(source.read())
        return self._put(stored(archived.meeting, "restored", filename))

    def delete(self, meeting_id: str, *, for_good: bool = False) -> None:
        self.meeting(meeting_id)
        del self.meetings[meeting_id]

    def playback_path(self, meeting_id: str) -> Path:
        self.meeting(meeting_id)
        if self.playback is None:
            raise NotFoundError(f"{meeting_id}: no sound; hand the recording in again")
        return self.playback

    def peaks_path(self, meeting_id: str) -> Path:
        sound = self.playback_path(meeting_id)
        path = sound.with_name("peaks.bin")
        path.write_bytes(bytes([200, 100]) * 20 * 60)  # a minute of even sound
        return path

    def _put(self, item: StoredMeeting) -> StoredMeeting:
        self.meetings[item.id] = item
        return item

    def _change(self, job_id: str, **changes: object) -> Job:
        self.all_jobs[job_id] = replace(self.job(job_id), **changes)
        return self.all_jobs[job_id]
