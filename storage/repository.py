"""The library as the rest of the program sees it: one method, one transaction.

``Media``, ``Upload``, ``Claim``, ``Submission``, what is known of corrections and the recordings
of running meetings are handed on from here, so that this is the one door to the package.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from meeting_app.domain import (
    EVERYTHING,
    Facets,
    Job,
    JobState,
    KnownRecording,
    LibraryEntry,
    LibraryPlace,
    Meeting,
    ProcessingOptions,
    Progress,
    SearchFilters,
    SearchHit,
    StoredMeeting,
)
from storage import corrections, meetings, passages, queue, search, shelves
from storage.corrections import Change, Editable, KeptCorrection, KeptHistory
from storage.database import Database
from storage.live import LiveRecording, LiveStore
from storage.mapping import job_of
from storage.media import Media, Upload, plain_filename
from storage.passages import Embed, Question
from storage.people_store import PeopleStore
from storage.queue import Claim, Finished, Submission, new_id
from storage.recent import RecentMeetings
from storage.sealing import Sealer
from storage.tables import JobRow, MeetingRow, RecordingRow

__all__ = [
    "Change",
    "Claim",
    "Editable",
    "Embed",
    "Finished",
    "KeptCorrection",
    "KeptHistory",
    "LiveRecording",
    "LiveStore",
    "Media",
    "PeopleStore",
    "Question",
    "Repository",
    "Submission",
    "Upload",
    "new_id",
    "plain_filename",
]

DATABASE_NAME = "library.sqlite3"


class Repository:
    """Meetings, recordings and jobs. Threads and processes may share one database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._recent = RecentMeetings()

    @classmethod
    def open(cls, home: Path) -> "Repository":
        """The library in the folder ``home``, made if absent.

        Raises:
            NewerDatabaseError: a later version of this program wrote it.
            StorageError: it is damaged, not ours, or the folder refuses.
            DiskFullError: there is no room for it.
        """
        return cls(Database(home / DATABASE_NAME))

    def people(self, key_file: Path) -> PeopleStore:
        """Who was named in this library; voiceprints are encrypted with the key in ``key_file``."""
        return PeopleStore(self._database, Sealer(key_file))

    def close(self) -> None:
        """Lets go of the database."""
        self._database.close()

    # What users do; ids that nobody has raise NotFoundError.

    def submit(self, submission: Submission) -> Job:
        """Queues a job; its recording becomes known."""
        with self._database.writing() as session:
            return queue.submit(session, submission)

    def job(self, job_id: str) -> Job:
        """One job."""
        with self._database.reading() as session:
            return job_of(queue.job_row(session, job_id))

    def jobs(self, *, only_active: bool = False) -> tuple[Job, ...]:
        """All jobs, or those that are queued or running; newest first."""
        with self._database.reading() as session:
            return queue.jobs(session, only_active=only_active)

    def cancel(self, job_id: str) -> Job:
        """Ends a waiting job, or asks the worker of a running one to stop.

        Raises:
            ConflictError: it is done or has failed.
        """
        with self._database.writing() as session:
            return queue.cancel(session, job_id)

    def retry(self, job_id: str) -> Job:
        """Queues a failed or cancelled job again.

        Raises:
            ConflictError: it is in another state.
        """
        with self._database.writing() as session:
            return queue.retry(session, job_id)

    def known_recording(self, sha256: str) -> KnownRecording | None:
        """The meeting that was or will be made of these bytes."""
        with self._database.reading() as session:
            return queue.known_recording(session, sha256)

    def library(
        self,
        filters: SearchFilters = EVERYTHING,
        limit: int | None = None,
        after: LibraryPlace | None = None,
    ) -> tuple[LibraryEntry, ...]:
        """Meetings, newest first; at most ``limit`` of them, from behind ``after`` on."""
        with self._database.reading() as session:
            return shelves.entries(session, filters, limit, after)

    def entry(self, meeting_id: str) -> LibraryEntry:
        """The line of one meeting in the library."""
        with self._database.reading() as session:
            return shelves.entry(session, meeting_id)

    def facets(self) -> Facets:
        """By what meetings can be chosen."""
        with self._database.reading() as session:
            return shelves.facets(session)

    def tag(self, meeting_ids: Sequence[str], tags: Sequence[str]) -> None:
        """Puts tags on meetings."""
        with self._database.writing() as session:
            shelves.tag(session, meeting_ids, tags)

    def untag(self, meeting_ids: Sequence[str], tags: Sequence[str]) -> None:
        """Takes tags off meetings."""
        with self._database.writing() as session:
            shelves.untag(session, meeting_ids, tags)

    def move(self, meeting_ids: Sequence[str], folder: str | None) -> None:
        """Puts meetings into a folder, or out of any."""
        with self._database.writing() as session:
            shelves.move(session, meeting_ids, folder)

    def untrash(self, meeting_id: str) -> None:
        """Takes a meeting out of the trash."""
        with self._database.writing() as session:
            shelves.restore(session, meeting_id)

    def trashed_before(self, moment: datetime) -> tuple[str, ...]:
        """Ids of meetings that have been in the trash since before ``moment``."""
        with self._database.reading() as session:
            return shelves.trashed_before(session, moment)

    def meeting(self, meeting_id: str) -> StoredMeeting:
        """A whole meeting."""
        with self._database.reading() as session:
            return self._recent.stored(session, meetings.meeting_row(session, meeting_id))

    def search(
        self, query: str, limit: int, filters: SearchFilters = EVERYTHING
    ) -> tuple[SearchHit, ...]:
        """At most ``limit`` turns; see ``storage.search``."""
        with self._database.reading() as session:
            return search.search(session, query, limit, filters)

    def search_alike(
        self, question: Question, limit: int, filters: SearchFilters = EVERYTHING
    ) -> tuple[SearchHit, ...]:
        """At most ``limit`` passages; see ``storage.passages``."""
        with self._database.reading() as session:
            return passages.alike(session, question, limit, filters)

    def editable(self, meeting_id: str) -> Editable:
        """A meeting with what is needed to correct it."""
        with self._database.reading() as session:
            row = meetings.meeting_row(session, meeting_id)
            stored = self._recent.stored(session, row)
            return Editable(stored, corrections.numbering(row, stored.meeting))

    def corrections(self, meeting_id: str) -> tuple[KeptCorrection, ...]:
        """What was corrected in a meeting, in order."""
        with self._database.reading() as session:
            meetings.meeting_row(session, meeting_id)
            return corrections.history(session, meeting_id)

    def base(self, meeting_id: str) -> Meeting | None:
        """What the pipeline made of a meeting; None while it was never corrected."""
        with self._database.reading() as session:
            return corrections.base(session, meeting_id)

    def change(self, meeting_id: str, change: Change) -> StoredMeeting:
        """Makes a meeting what it is to be, all or nothing; returns it as it is now.

        Raises:
            StaleError: it was changed since it was read.
        """
        with self._database.writing() as session:
            revision = corrections.write(session, meeting_id, change)
        self._recent.keep(meeting_id, revision, change.after)
        return self.meeting(meeting_id)

    def rerun(self, meeting_id: str, options: ProcessingOptions) -> Job:
        """Queues the job of a meeting again.

        Raises:
            ConflictError: it is queued or running.
        """
        with self._database.writing() as session:
            return queue.rerun(session, meeting_id, options)

    def restore(self, submission: Submission, finished: Finished) -> StoredMeeting:
        """Stores a meeting that was finished elsewhere, with all that was corrected in it."""
        with self._database.writing() as session:
            queue.restore(session, submission, finished)
            return meetings.read_meeting(session, finished.id)

    def recording_of(self, meeting_id: str) -> str:
        """The hash of a meeting's recording."""
        with self._database.reading() as session:
            return meetings.meeting_row(session, meeting_id).recording_sha256

    def trash(self, meeting_id: str) -> bool:
        """Puts a meeting into the trash; says whether there is one, or only a job.

        Raises:
            ConflictError: its job is running.
        """
        with self._database.writing() as session:
            return queue.trash_meeting(session, meeting_id)

    def delete(self, meeting_id: str) -> str | None:
        """Forgets a meeting and its job; returns the hash of a recording nobody needs now.

        Raises:
            ConflictError: its job is running.
        """
        with self._database.writing() as session:
            return queue.delete_meeting(session, meeting_id)

    def recordings(self) -> frozenset[str]:
        """The hashes of all recordings that are referred to."""
        with self._database.reading() as session:
            return frozenset(session.scalars(select(RecordingRow.sha256)))

    def meeting_ids(self) -> frozenset[str]:
        """The ids of all meetings, those included that jobs are still to make."""
        with self._database.reading() as session:
            return frozenset(session.scalars(select(JobRow.meeting_id))) | frozenset(
                session.scalars(select(MeetingRow.id))
            )

    # What workers do; a claim that is no longer theirs raises LeaseLostError.

    def claim(self, lease: float, max_attempts: int, job_id: str | None = None) -> Claim | None:
        """The right to run the oldest claimable job, or ``job_id``, for ``lease`` seconds."""
        with self._database.writing() as session:
            return queue.claim(session, lease, max_attempts, job_id)

    def renew(self, claim: Claim, lease: float) -> bool:
        """Holds the job for another ``lease`` seconds; says whether it is to be cancelled."""
        with self._database.writing() as session:
            return queue.renew(session, claim, lease)

    def save_progress(self, claim: Claim, progress: Progress) -> Job:
        """Notes how far the job has come."""
        with self._database.writing() as session:
            return queue.save_progress(session, claim, progress)

    def save_draft(self, claim: Claim, body: str) -> None:
        """Replaces the job's checkpoint."""
        with self._database.writing() as session:
            queue.save_draft(session, claim, body)

    def finish(self, claim: Claim, meeting: Meeting, change: Change | None = None) -> Job:
        """Stores the meeting with its index and ends the job, all or nothing.

        Args:
            claim: of the job.
            meeting: what the pipeline made.
            change: what a meeting that is there already becomes; None for a new one.

        Raises:
            StaleError: the meeting was changed since ``change`` was worked out.
        """
        with self._database.writing() as session:
            return queue.finish(session, claim, meeting, change)

    def fail(self, claim: Claim, error: str) -> Job:
        """Ends the job with a message for the user."""
        with self._database.writing() as session:
            return queue.stop(session, claim, JobState.FAILED, error)

    def stop(self, claim: Claim) -> Job:
        """Ends the job because the user cancelled it."""
        with self._database.writing() as session:
            return queue.stop(session, claim, JobState.CANCELLED, None)

    def release(self, claim: Claim) -> Job:
        """Gives the unfinished job back to the queue."""
        with self._database.writing() as session:
            return queue.release(session, claim)

    def read_next_passages(self, embed: Embed) -> bool:
        """Finds out what a meeting means of which that is not known; says whether there is one.

        Args:
            embed: called outside of any transaction, only with texts that are new.
        """
        with self._database.reading() as session:
            meeting_id = passages.waiting(session)
            if meeting_id is None:
                return False
            texts = passages.texts_of(session, meeting_id)
            known = passages.known_vectors(session, meeting_id)
        vectors = passages.embedded(texts, known, embed)
        with self._database.writing() as session:
            passages.write(session, meeting_id, texts, vectors)
        return True
