"""The worker: takes jobs from the queue and turns their recordings into meetings.

Every stage leaves a checkpoint, so that a worker that dies costs one stage. A worker that is
told to stop gives its job back to the queue.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import TracebackType

import numpy as np

from meeting_app.config import JobsConfig
from meeting_app.correcting import Corrector
from meeting_app.domain import (
    Draft,
    Job,
    JobState,
    Meeting,
    Progress,
    Stage,
    Waveform,
    overall_fraction,
)
from meeting_app.errors import (
    JobCancelledError,
    LeaseLostError,
    MeetingAppError,
    StorageError,
)
from meeting_app.formats.json import draft_from_json, draft_to_json
from meeting_app.shelves import empty_trash
from pipelines.protocols import (
    MediaDecoder,
    PeaksWriter,
    PlaybackEncoder,
    RecordingPipeline,
    ReportFraction,
)
from storage.repository import Claim, Media, Repository

_LOGGER = logging.getLogger(__name__)

_WRITE_INTERVAL = 0.2  # seconds between two writes of progress; eyes want no more
_LONGEST_HEARTBEAT = 1.0  # seconds; also how long a cancellation may go unnoticed
_SWEEP_INTERVAL = 3600.0  # seconds
_ABANDONED_AFTER = 3600.0  # seconds; an upload that stood still for so long has no sender


def ignore(job: Job) -> None:
    """For callers that do not watch."""


def nobody(meeting_id: str) -> tuple[str, ...]:
    """For workers who know nobody's name."""
    return ()


def never() -> bool:
    """For workers that nobody stops, or that have nothing else to do."""
    return False


@dataclass(frozen=True, slots=True)
class Worker:
    """Runs one job at a time; several workers may share a library."""

    repository: Repository
    media: Media
    decode: MediaDecoder
    encode_playback: PlaybackEncoder
    write_peaks: PeaksWriter
    pipeline: RecordingPipeline
    config: JobsConfig
    on_progress: Callable[[Job], None] = ignore  # told of every change that is also stored
    expected_names: Callable[[str], tuple[str, ...]] = nobody  # that a meeting may mention
    # Done after each job and while there is none; says whether there was something to do.
    aside: Callable[[], bool] = never

    def run_next(self, should_stop: Callable[[], bool] = never) -> Job | None:
        """Runs the oldest claimable job to an end; None when there is none.

        Raises:
            StorageError: the library refuses; the job will be taken up again.
        """
        claim = self.repository.claim(self.config.lease, self.config.max_attempts)
        return None if claim is None else self._run(claim, should_stop)

    def run(self, job_id: str) -> Job:
        """Runs one job to an end, or watches while another worker does.

        Raises:
            NotFoundError: there is no such job.
            StorageError: the library refuses.
        """
        while True:
            claim = self.repository.claim(self.config.lease, self.config.max_attempts, job_id)
            job = self.repository.job(job_id) if claim is None else self._run(claim, never)
            if job.state.is_final:
                return job
            self.on_progress(job)
            time.sleep(self.config.poll)

    def run_forever(self, should_stop: Callable[[], bool]) -> None:
        """Runs jobs as they come; a job that runs when asked to stop goes back to the queue."""
        next_sweep = time.monotonic()
        while not should_stop():
            try:
                if time.monotonic() >= next_sweep:
                    next_sweep = time.monotonic() + _SWEEP_INTERVAL
                    self.sweep()
                if self.run_next(should_stop) is not None or self.aside():
                    continue
            except StorageError:  # such as a full disk: it may pass
                _LOGGER.exception("the library refuses; trying again")
            time.sleep(self.config.poll)

    def sweep(self) -> None:
        """Removes what has been in the trash for long, and files that nothing refers to."""
        empty_trash(
            self.repository, self.media, datetime.now(UTC) - timedelta(days=self.config.keep_trash)
        )
        with self.media.exclusive():
            active = {job.id for job in self.repository.jobs(only_active=True)}
            gone = self.media.sweep(
                self.repository.recordings(),
                self.repository.meeting_ids(),
                active,
                _ABANDONED_AFTER,
            )
        for path in gone:
            _LOGGER.info("%s: left over from a crash; removed", path)

    def _run(self, claim: Claim, should_stop: Callable[[], bool]) -> Job:
        self.on_progress(claim.job)
        with _Heartbeat(self.repository, claim, self.config.lease) as heartbeat:
            try:
                job = self._outcome(claim, _Reporter(self, claim, heartbeat, should_stop))
            except LeaseLostError as error:
                _LOGGER.warning("%s", error)
                return self.repository.job(claim.job.id)
            except (KeyboardInterrupt, SystemExit):
                self.repository.release(claim)
                raise
        if job.state.is_final:
            self.media.clear_scratch(job.id)
        self.on_progress(job)
        if job.state is JobState.DONE:
            self.aside()
        return job

    def _outcome(self, claim: Claim, reporter: "_Reporter") -> Job:
        """Runs the job; whatever goes wrong with it is its outcome, not the worker's end."""
        try:
            return Corrector(self.repository).settle(claim, self._meeting(claim, reporter))
        except _StopRequestedError:
            return self.repository.release(claim)
        except JobCancelledError:
            return self.repository.stop(claim)
        except LeaseLostError:
            raise
        except MeetingAppError as error:
            return self.repository.fail(claim, str(error))
        except Exception as error:  # the boundary: a bug of a stage must not end the worker
            _LOGGER.exception("job %s: %s", claim.job.id, claim.job.filename)
            return self.repository.fail(
                claim,
                f"{claim.job.filename}: processing failed unexpectedly "
                f"({type(error).__name__}); look at the log, then try again",
            )

    def _meeting(self, claim: Claim, reporter: "_Reporter") -> Meeting:
        waveform = self._waveform(claim, reporter)
        draft = Draft() if claim.draft is None else draft_from_json(claim.draft)

        def save(draft: Draft) -> None:
            # Before the draft that says the stage is done: whoever resumes must find it.
            if draft.evidence is not None:
                self.media.keep_evidence(claim.job.meeting_id, draft.evidence)
            self.repository.save_draft(claim, draft_to_json(draft))

        # Not stored with the job: a name that is deleted must not live on there.
        names = self.expected_names(claim.job.meeting_id)
        asked = claim.job.options
        options = replace(asked, hotwords=tuple(dict.fromkeys((*asked.hotwords, *names))))
        return self.pipeline(waveform, claim.title, options, draft, save, reporter)

    def _waveform(self, claim: Claim, reporter: "_Reporter") -> Waveform:
        """The sound, decoded unless that was done before; playback file and peaks likewise."""
        folder = self.media.scratch(claim.job.id)
        sound = folder / "sound.f32"
        if sound.is_file():
            waveform = Waveform(np.memmap(sound, dtype=np.float32, mode="r"))
        else:
            # Under the token's name, because one who was taken for dead may still be writing.
            part = folder / f"{claim.token}.f32"
            original = self.media.original(claim.sha256)
            waveform = self.decode(original, part, claim.job.filename, reporter.of_decode(0.0))
            self.media.keep_scratch(part, sound)
        if not self.media.playback(claim.sha256).is_file():
            part = folder / f"{claim.token}.m4a"
            self.encode_playback(waveform, part, reporter.of_decode(0.5))
            self.media.keep_playback(claim.sha256, part)
        if not self.media.peaks(claim.sha256).is_file():
            part = folder / f"{claim.token}.peaks"
            self.write_peaks(waveform, part)
            self.media.keep_peaks(claim.sha256, part)
        return waveform


class _StopRequestedError(Exception):
    """The worker itself is asked to stop."""


class _Heartbeat:
    """Renews the lease while a job runs, and hears of its cancellation."""

    def __init__(self, repository: Repository, claim: Claim, lease: float) -> None:
        self.is_cancelled = threading.Event()
        self._repository = repository
        self._claim = claim
        self._lease = lease
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> "_Heartbeat":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_over.set()
        self._thread.join()

    def _beat(self) -> None:
        # Thrice per lease, so that one late beat is not yet a death.
        while not self._is_over.wait(min(_LONGEST_HEARTBEAT, self._lease / 3)):
            try:
                if self._repository.renew(self._claim, self._lease):
                    self.is_cancelled.set()
            except LeaseLostError:  # the next write of progress will hear of it too
                return
            except StorageError:  # the next beat may succeed in time
                _LOGGER.exception("job %s: lease not renewed", self._claim.job.id)


class _Reporter:
    """Stores progress now and then, and is where a running job is stopped."""

    def __init__(
        self,
        worker: Worker,
        claim: Claim,
        heartbeat: _Heartbeat,
        should_stop: Callable[[], bool],
    ) -> None:
        self._worker = worker
        self._claim = claim
        self._heartbeat = heartbeat
        self._should_stop = should_stop
        self._next_write = 0.0  # on the monotonic clock
        self._written: Stage | None = None

    def __call__(self, progress: Progress) -> None:
        """Raises JobCancelledError, LeaseLostError or _StopRequestedError to end the job."""
        job = self._claim.job
        if self._heartbeat.is_cancelled.is_set():
            raise JobCancelledError(f"{job.filename}: cancelled; submit it again to process it")
        if self._should_stop():
            raise _StopRequestedError
        now = time.monotonic()
        # A stage may load a model for seconds after its first report: that one must be seen.
        if now >= self._next_write or progress.stage != self._written:
            self._next_write, self._written = now + _WRITE_INTERVAL, progress.stage
            self._worker.on_progress(self._worker.repository.save_progress(self._claim, progress))

    def of_decode(self, first: float) -> ReportFraction:
        """For one of the two halves of the stage, which begins at ``first``."""

        def tell(fraction: float) -> None:
            done = first + fraction / 2
            self(Progress(Stage.DECODE, done, overall_fraction(Stage.DECODE, done)))

        return tell
