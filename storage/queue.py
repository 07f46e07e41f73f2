"""Statements about jobs: who may run one, how far it has come, how it ended.

A running job is held under a lease, which its worker renews. When the lease runs out the
worker is taken for dead and the job can be claimed again. Whatever a worker writes, it writes
under the token of its claim, so that one who was taken for dead can do no harm.
The caller owns the transaction.
"""

import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, and_, delete, or_, select
from sqlalchemy.orm import Session

from meeting_app.domain import (
    STAGES,
    UNFILED,
    Filing,
    Job,
    JobState,
    KnownRecording,
    Meeting,
    ProcessingOptions,
    Progress,
    Recording,
)
from meeting_app.errors import ConflictError, LeaseLostError, NotFoundError
from storage import corrections, meetings, shelves
from storage.corrections import Change, KeptHistory
from storage.mapping import job_of
from storage.tables import JobDraftRow, JobRow, MeetingRow


@dataclass(frozen=True, slots=True)
class Submission:
    """What is asked for with one recording."""

    recording: Recording
    title: str
    options: ProcessingOptions
    filing: Filing = UNFILED


@dataclass(frozen=True, slots=True)
class Claim:
    """A worker's right to run a job, and what it needs for that."""

    job: Job
    title: str
    sha256: str  # of the recording
    draft: str | None  # the last checkpoint, as it was saved
    token: str  # proves the right


@dataclass(frozen=True, slots=True)
class Finished:
    """A meeting that was finished elsewhere."""

    id: str  # that it is to have, see ``new_id``
    meeting: Meeting
    created_at: datetime
    past: KeptHistory | None = None  # None while it was never corrected


def submit(session: Session, submission: Submission, meeting_id: str | None = None) -> Job:
    """Queues a job; its meeting gets a new id unless one is given."""
    meetings.add_recording(session, submission.recording)
    row = JobRow(
        id=new_id(),
        meeting_id=meeting_id or new_id(),
        recording_sha256=submission.recording.sha256,
        filename=submission.recording.filename,
        title=submission.title,
        folder=submission.filing.folder,
        state=JobState.QUEUED,
        num_attempts=0,
        is_cancel_requested=False,
        created_at=datetime.now(UTC),
    )
    _fill_options(row, submission.options)
    session.add(row)
    session.flush()
    shelves.tag(session, [row.meeting_id], submission.filing.tags)
    return job_of(row)


def _fill_options(row: JobRow, options: ProcessingOptions) -> None:
    row.language = options.language
    row.min_speakers, row.max_speakers = options.speakers.minimum, options.speakers.maximum
    row.expected_speakers = options.speakers.expected
    row.asr_model = options.asr_model
    row.hotwords = list(options.hotwords)


def known_recording(session: Session, sha256: str) -> KnownRecording | None:
    """The meeting that was or will be made of these bytes; one in the trash only if no other.

    A job that failed or was cancelled has made none.
    """
    row = session.execute(
        select(JobRow, MeetingRow.title)
        .outerjoin(MeetingRow, MeetingRow.id == JobRow.meeting_id)
        .where(
            JobRow.recording_sha256 == sha256,
            JobRow.state.not_in((JobState.FAILED, JobState.CANCELLED)),
        )
        .order_by(JobRow.trashed_at.is_not(None), JobRow.created_at.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    is_trashed = row.JobRow.trashed_at is not None
    return KnownRecording(row.JobRow.meeting_id, row.title or row.JobRow.title, is_trashed)


def restore(session: Session, submission: Submission, finished: Finished) -> None:
    """A job that is done from the start, for a meeting that was finished elsewhere."""
    job = submit(session, submission, finished.id)
    row = job_row(session, job.id)
    row.created_at = finished.created_at
    meetings.write_meeting(session, row, finished.meeting)
    if finished.past is not None:
        corrections.restore(session, finished.id, finished.past)
    _finish(row)


def new_id() -> str:
    """Sixteen characters that fit into an address and that nobody guesses."""
    return secrets.token_hex(8)


def job_row(session: Session, job_id: str) -> JobRow:
    """The job's row.

    Raises:
        NotFoundError: there is none with that id.
    """
    row = session.get(JobRow, job_id)
    if row is None:
        raise NotFoundError(f"{job_id}: no such job; it may have been deleted")
    return row


def jobs(session: Session, *, only_active: bool) -> tuple[Job, ...]:
    """All jobs but those of meetings in the trash, or those queued or running; newest first."""
    query = (
        select(JobRow)
        .where(JobRow.trashed_at.is_(None))
        .order_by(JobRow.created_at.desc(), JobRow.id)
    )
    if only_active:
        query = query.where(JobRow.state.in_((JobState.QUEUED, JobState.RUNNING)))
    return tuple(job_of(row) for row in session.scalars(query))


def cancel(session: Session, job_id: str) -> Job:
    """Ends a job that nobody runs; asks the worker of one that is running to stop.

    Raises:
        NotFoundError: there is no such job.
        ConflictError: it is done or has failed.
    """
    row = job_row(session, job_id)
    if row.state in (JobState.DONE, JobState.FAILED):
        raise ConflictError(f"{job_id}: the job is {row.state}; there is nothing to cancel")
    if row.state == JobState.RUNNING and (row.lease_until or 0.0) >= time.time():
        row.is_cancel_requested = True
    elif row.state != JobState.CANCELLED:
        _end(row, JobState.CANCELLED, None)
    return job_of(row)


def retry(session: Session, job_id: str) -> Job:
    """Queues a job again that failed or was cancelled; it goes on from its last checkpoint.

    Raises:
        NotFoundError: there is no such job.
        ConflictError: it is in another state.
    """
    row = job_row(session, job_id)
    if row.state not in (JobState.FAILED, JobState.CANCELLED):
        raise ConflictError(
            f"{job_id}: the job is {row.state}; only a failed or cancelled one can be tried again"
        )
    row.state = JobState.QUEUED
    row.is_cancel_requested = False
    row.error = row.finished_at = None
    row.num_attempts = 0
    return job_of(row)


def rerun(session: Session, meeting_id: str, options: ProcessingOptions) -> Job:
    """Queues the job of a meeting again, from its beginning and with other options.

    Raises:
        NotFoundError: there is no such meeting.
        ConflictError: its job is queued or running.
    """
    meeting = meetings.meeting_row(session, meeting_id)
    row = session.scalars(select(JobRow).where(JobRow.meeting_id == meeting_id)).one()
    if not JobState(row.state).is_final:
        raise ConflictError(f"{meeting.title}: is being processed already; wait until that is done")
    session.execute(delete(JobDraftRow).where(JobDraftRow.job_id == row.id))
    _fill_options(row, options)
    row.state, row.is_cancel_requested, row.num_attempts = JobState.QUEUED, False, 0
    row.error = row.finished_at = row.stage = None
    row.stage_fraction = row.fraction = row.eta = row.notices = None
    row.created_at = datetime.now(UTC)  # or it would pass those that wait already
    return job_of(row)


def trash_meeting(session: Session, meeting_id: str) -> bool:
    """Puts a meeting into the trash; says whether there is one, or only a job.

    Raises:
        NotFoundError: no job and no meeting has that id.
        ConflictError: its job is running.
    """
    row = _idle_job_row(session, meeting_id)
    if session.get(MeetingRow, meeting_id) is None:
        return False
    shelves.trash(session, row)
    return True


def delete_meeting(session: Session, meeting_id: str) -> str | None:
    """Forgets a meeting and its job, in whatever state but running.

    Returns:
        The hash of the recording, if nothing refers to it any more.

    Raises:
        NotFoundError: no job and no meeting has that id.
        ConflictError: its job is running.
    """
    row = _idle_job_row(session, meeting_id)
    meetings.remove_meeting(session, meeting_id)
    session.delete(row)
    session.flush()
    is_unused = meetings.remove_recording_if_unused(session, row.recording_sha256)
    return row.recording_sha256 if is_unused else None


def claim(
    session: Session, lease: float, max_attempts: int, job_id: str | None = None
) -> Claim | None:
    """The right to run the oldest claimable job, or ``job_id`` if it is claimable.

    Args:
        session: of a writing transaction.
        lease: seconds until the claim runs out, unless it is renewed.
        max_attempts: a job whose workers died this often is failed instead.
        job_id: None takes any.
    """
    now = time.time()
    is_abandoned = and_(JobRow.state == JobState.RUNNING, JobRow.lease_until < now)
    _bury(session, is_abandoned, max_attempts)
    query = select(JobRow).where(or_(JobRow.state == JobState.QUEUED, is_abandoned))
    if job_id is not None:
        query = query.where(JobRow.id == job_id)
    # SQLite has one writer at a time anyway; other databases need to be told.
    oldest = query.order_by(JobRow.created_at, JobRow.id).limit(1)
    row = session.scalar(oldest.with_for_update(skip_locked=True))
    if row is None:
        return None
    row.state = JobState.RUNNING
    row.lease_token, row.lease_until = new_id(), now + lease
    row.num_attempts += 1
    draft = session.get(JobDraftRow, row.id)
    return Claim(
        job=job_of(row),
        title=row.title,
        sha256=row.recording_sha256,
        draft=draft.body if draft else None,
        token=row.lease_token,
    )


def renew(session: Session, claim: Claim, lease: float) -> bool:
    """Holds the job for another ``lease`` seconds; says whether it is to be cancelled.

    Raises:
        LeaseLostError: another worker has the job, or it was deleted.
    """
    row = _held(session, claim)
    row.lease_until = time.time() + lease
    return row.is_cancel_requested


def save_progress(session: Session, claim: Claim, progress: Progress) -> Job:
    """Notes how far the job has come. Raises LeaseLostError as ``renew`` does."""
    row = _held(session, claim)
    row.stage = progress.stage
    row.stage_fraction, row.fraction = float(progress.stage_fraction), float(progress.fraction)
    row.eta = None if progress.eta is None else float(progress.eta)
    row.notices = list(progress.notices)
    return job_of(row)


def save_draft(session: Session, claim: Claim, body: str) -> None:
    """Replaces the job's checkpoint. Raises LeaseLostError as ``renew`` does."""
    _held(session, claim)
    session.merge(JobDraftRow(job_id=claim.job.id, body=body))


def finish(session: Session, claim: Claim, meeting: Meeting, change: Change | None = None) -> Job:
    """Stores the meeting, or what ``change`` makes of the one there, and ends the job.

    Raises:
        LeaseLostError: as ``renew``.
        StaleError: the meeting that is there was changed meanwhile.
    """
    row = _held(session, claim)
    if change is None:
        meetings.write_meeting(session, row, meeting)
    else:
        corrections.write(session, row.meeting_id, change)
    session.execute(delete(JobDraftRow).where(JobDraftRow.job_id == row.id))
    _finish(row)
    return job_of(row)


def stop(session: Session, claim: Claim, state: JobState, error: str | None) -> Job:
    """Ends the job without a meeting; its checkpoint stays for a retry.

    Raises LeaseLostError as ``renew`` does.
    """
    row = _held(session, claim)
    _end(row, state, error)
    return job_of(row)


def release(session: Session, claim: Claim) -> Job:
    """Gives an unfinished job back to the queue, as if this worker had never taken it up.

    Raises LeaseLostError as ``renew`` does.
    """
    row = _held(session, claim)
    row.num_attempts -= 1
    if row.is_cancel_requested:
        _end(row, JobState.CANCELLED, None)
    else:
        row.state = JobState.QUEUED
        row.lease_token = row.lease_until = None
    return job_of(row)


def _bury(session: Session, is_abandoned: ColumnElement[bool], max_attempts: int) -> None:
    """Ends abandoned jobs that nobody is to take up again."""
    for row in session.scalars(select(JobRow).where(is_abandoned)):
        if row.is_cancel_requested:
            _end(row, JobState.CANCELLED, None)
        elif row.num_attempts >= max_attempts:
            where = f" in stage {row.stage}" if row.stage else ""
            _end(
                row,
                JobState.FAILED,
                f"{row.filename}: the worker died {row.num_attempts} times, last{where}; "
                "look at the log, free some memory, then try again",
            )
    session.flush()


def _held(session: Session, claim: Claim) -> JobRow:
    row = session.get(JobRow, claim.job.id)
    if row is None or row.state != JobState.RUNNING or row.lease_token != claim.token:
        raise LeaseLostError(f"{claim.job.id}: another worker has the job; leave it alone")
    return row


def _idle_job_row(session: Session, meeting_id: str) -> JobRow:
    row = session.scalar(select(JobRow).where(JobRow.meeting_id == meeting_id))
    if row is None:
        raise NotFoundError(f"{meeting_id}: no such meeting; see the library for what there is")
    if row.state == JobState.RUNNING:
        raise ConflictError(f"{row.filename}: its job is running; cancel job {row.id} first")
    return row


def _finish(row: JobRow) -> None:
    _end(row, JobState.DONE, None)
    row.stage, row.stage_fraction, row.fraction, row.eta = STAGES[-1], 1.0, 1.0, 0.0


def _end(row: JobRow, state: JobState, error: str | None) -> None:
    row.state, row.error = state, error
    row.lease_token = row.lease_until = None
    row.finished_at = datetime.now(UTC)
