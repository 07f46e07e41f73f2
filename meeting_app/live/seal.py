"""The end of a live meeting: the offline pipeline reads it again, and what users did is kept."""

import logging
from datetime import datetime

from meeting_app.domain import Filing, Job, JobState, ProcessingOptions
from meeting_app.domain.live_messages import SealProgress
from meeting_app.errors import MeetingAppError, NoAudioError, NotFoundError
from meeting_app.live.carry import carry
from meeting_app.live.session import LiveSession
from meeting_app.service import MeetingService

_LOGGER = logging.getLogger(__name__)


class Sealer:
    """Takes meetings that have ended to the library, each exactly once, step by step."""

    def __init__(self, library: MeetingService) -> None:
        self._library = library

    def again(self, session: LiveSession) -> None:
        """Another try for a meeting that could not be sealed, with the same job if it is there.

        Raises:
            ConflictError: sealing has not failed.
            StorageError: the disk or the library refuses.
        """
        job_id = session.job_id
        session.seal_again()
        if job_id is None:
            return
        try:
            if self._library.job(job_id).state in (JobState.FAILED, JobState.CANCELLED):
                self._library.retry(job_id)
        except NotFoundError:  # deleted meanwhile: a new one is submitted
            return
        session.seal_asked(job_id)

    def step(self, session: LiveSession, *, may_finish: bool) -> None:
        """Does what can be done now.

        Args:
            session: a meeting that is being sealed.
            may_finish: whether the live text is complete, so that it can be compared.
        """
        try:
            self._step(session, may_finish=may_finish)
        except MeetingAppError as error:
            session.seal_failed(str(error))
        except Exception as error:  # the boundary: one meeting must not keep others waiting
            _LOGGER.exception("%s: could not be sealed", session.id)
            kind = type(error).__name__
            session.seal_failed(f"{session.id}: sealing failed unexpectedly ({kind}); try again")

    def _step(self, session: LiveSession, *, may_finish: bool) -> None:
        if session.job_id is None:
            session.seal_asked(self._submitted(session).id)
        job = self._library.job(session.job_id or "")
        match job.state:
            case JobState.DONE:
                if may_finish:
                    session.seal_done(carry(self._library, job.meeting_id, session))
            case JobState.FAILED | JobState.CANCELLED:
                why = job.error or "the job was cancelled; end the meeting again to process it"
                session.seal_failed(f"{session.opened.title or session.id}: {why}")
            case _:
                session.say(_progress_of(job))

    def _submitted(self, session: LiveSession) -> Job:
        """The job of the recording: a new one, or that which an earlier process asked for."""
        filename = f"live-{session.id}.au"
        if session.is_seal_asked:
            for job in self._library.jobs():
                if job.filename == filename:
                    return job
        if not session.recording.num_samples:
            raise NoAudioError(f"{session.id}: nothing was recorded; there is nothing to seal")
        session.seal_asked(None)
        began = datetime.fromtimestamp(session.opened.started_at).astimezone()
        title = session.opened.title or f"{began:%Y-%m-%d %H:%M}"
        options = ProcessingOptions(language=session.opened.language)
        with session.recording.sound_path.open("rb") as source:
            return self._library.submit(
                source, filename, options, title, Filing(allows_duplicate=True)
            )


def _progress_of(job: Job) -> SealProgress:
    if job.progress is None:
        return SealProgress(0.0, None)
    return SealProgress(job.progress.fraction, job.progress.eta)
