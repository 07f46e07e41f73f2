"""What one can do with meetings; pages, commands and REST all come through here."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, BinaryIO

from meeting_app.checks import LONGEST_TITLE, checked_filing, checked_text
from meeting_app.correcting import Corrector, checked_correction, local_author
from meeting_app.domain import (
    EVERYTHING,
    UNFILED,
    Filing,
    Job,
    LibraryEntry,
    LibraryPlace,
    ProcessingOptions,
    Recording,
    SearchFilters,
    SearchHit,
    StoredMeeting,
    VoiceEvidence,
)
from meeting_app.domain.corrections import (
    Correction,
    MadeCorrection,
    RenameMeeting,
    RenameSpeaker,
)
from meeting_app.errors import DuplicateError, MediaError, MediaNotFoundError
from meeting_app.exports import Exports, ExportTools
from meeting_app.shelves import Meaning, Shelves, remove_for_good
from pipelines.protocols import MediaProbe
from storage.repository import Media, Repository, Submission, Upload

if TYPE_CHECKING:
    from meeting_app.people import PeopleService
    from meeting_app.teaching import Teacher

_DEFAULT_OPTIONS = ProcessingOptions()


@dataclass(frozen=True, slots=True)
class VoiceServices:
    """The use cases that know voices."""

    people: "PeopleService"
    teacher: "Teacher"


class MeetingService(Exports):
    """The use cases."""

    def __init__(
        self,
        repository: Repository,
        media: Media,
        probe: MediaProbe,
        tools: ExportTools,
        voices: "VoiceServices",
        meaning: Meaning | None = None,
    ) -> None:
        """``meaning`` is what finds meetings by it; None finds them by words only."""
        super().__init__(repository, media, probe, tools)
        self.shelves = Shelves(repository, media, meaning)
        self.people = voices.people
        self.teacher = voices.teacher
        self._corrector = Corrector(repository)

    def submit(
        self,
        source: BinaryIO,
        filename: str,
        options: ProcessingOptions = _DEFAULT_OPTIONS,
        title: str | None = None,
        filing: Filing = UNFILED,
    ) -> Job:
        """Stores the recording and queues its job; all or nothing.

        Args:
            source: read to its end in blocks, from where it stands.
            filename: as the user calls it; folders in it are ignored.
            options: what the user asks for.
            title: of the meeting; None takes the file's name.
            filing: where the meeting is to be kept.

        Raises:
            MediaError: no sound can be had from it.
            DuplicateError: the library has a meeting of these bytes, and that is not allowed.
            ConflictError: title, folder or a tag is blank, too long or not printable.
            DiskFullError: there is no room for it.
            StorageError: the library refuses.
        """
        checked = None if title is None else checked_text("title", title, LONGEST_TITLE)
        filed = checked_filing(filing)
        upload = self._media.receive(source, filename)
        try:
            facts = self._probe(upload.path, upload.filename)
            recording = Recording(
                sha256=upload.sha256,
                filename=upload.filename,
                num_bytes=upload.num_bytes,
                container=facts.container,
                codec=facts.codec,
                duration=facts.duration,
            )
            wanted = Submission(
                recording, checked or _title_from(upload.filename), _encodable(options), filed
            )
            return self._store(upload, wanted)
        finally:
            self._media.discard(upload)

    def submit_file(
        self,
        path: Path,
        options: ProcessingOptions = _DEFAULT_OPTIONS,
        title: str | None = None,
        filing: Filing = UNFILED,
    ) -> Job:
        """``submit`` for a file of this machine; copied only when it is wanted.

        Raises:
            MediaNotFoundError: there is no such file.
            MediaError: it cannot be read, or no sound can be had from it.
            DuplicateError: as ``submit``.
        """
        try:
            source = path.open("rb")
        except FileNotFoundError as error:
            raise MediaNotFoundError(f"{path}: no such file; check the name") from error
        except OSError as error:
            raise MediaError(
                f"{path}: cannot be read ({error.strerror}); choose another file"
            ) from error
        with source:
            self._probe(path, path.name)
            if not filing.allows_duplicate:
                self._refuse_duplicate(path.name, hashlib.file_digest(source, "sha256").hexdigest())
                source.seek(0)
            return self.submit(source, path.name, options, title, filing)

    def job(self, job_id: str) -> Job:
        """One job. Raises NotFoundError if there is none with that id."""
        return self._repository.job(job_id)

    def jobs(self, *, only_active: bool = False) -> tuple[Job, ...]:
        """All jobs, or those that are queued or running; newest first."""
        return self._repository.jobs(only_active=only_active)

    def cancel(self, job_id: str) -> Job:
        """Ends a waiting job at once; the worker of a running one stops at its next report.

        Raises:
            NotFoundError: there is no such job.
            ConflictError: it is done or has failed.
        """
        return self._repository.cancel(job_id)

    def retry(self, job_id: str) -> Job:
        """Queues a failed or cancelled job again; finished stages are not repeated.

        Raises:
            NotFoundError: there is no such job.
            ConflictError: it is in another state.
        """
        with self._media.exclusive():  # a sweep must not take it for ended
            return self._repository.retry(job_id)

    def library(
        self,
        filters: SearchFilters = EVERYTHING,
        limit: int | None = None,
        after: LibraryPlace | None = None,
    ) -> tuple[LibraryEntry, ...]:
        """Meetings, newest first; at most ``limit`` of them, from behind ``after`` on."""
        return self._repository.library(filters, limit, after)

    def meeting(self, meeting_id: str) -> StoredMeeting:
        """One meeting. Raises NotFoundError if there is none, or its job is not done."""
        return self._repository.meeting(meeting_id)

    def search(
        self, query: str, limit: int = 50, filters: SearchFilters = EVERYTHING
    ) -> tuple[SearchHit, ...]:
        """Turns that hold every word of ``query`` in text, speaker's name or meeting's title.

        Any text is a query; one without words finds nothing.
        """
        return self._repository.search(query, limit, filters)

    def correct(
        self,
        meeting_id: str,
        correction: Correction,
        revision: int | None = None,
        author: str | None = None,
    ) -> StoredMeeting:
        """Corrects a meeting; what changes nothing is not kept.

        Args:
            meeting_id: of the meeting.
            correction: what is to change.
            revision: of the meeting as the user saw it; None means as it is now.
            author: who asks for it; None means the user of this machine.

        Raises:
            NotFoundError: there is no such meeting or speaker.
            StaleError: the meeting was changed since.
            ConflictError: the correction does not fit, or a text in it is not fit to be kept.
        """
        checked = checked_correction(correction)
        return self._corrector.correct(meeting_id, checked, revision, author or local_author())

    def undo(
        self, meeting_id: str, revision: int | None = None, author: str | None = None
    ) -> StoredMeeting:
        """Takes the last correction back; ``author`` as in ``correct``.

        Raises:
            NotFoundError: there is no such meeting.
            StaleError: it was changed since.
            ConflictError: there is nothing to undo.
        """
        return self._corrector.undo(meeting_id, revision, author or local_author())

    def redo(self, meeting_id: str, revision: int | None = None) -> StoredMeeting:
        """Makes the correction again that was undone last. Raises as ``undo`` does."""
        return self._corrector.redo(meeting_id, revision)

    def corrections(self, meeting_id: str) -> tuple[MadeCorrection, ...]:
        """Who corrected what and when, in order. Raises NotFoundError if there is no meeting."""
        return self._corrector.history(meeting_id)

    def rerun(self, meeting_id: str, options: ProcessingOptions) -> Job:
        """Has the recording of a meeting read again; corrections go over to the new result.

        Raises:
            NotFoundError: there is no such meeting.
            ConflictError: it is being processed already.
        """
        with self._media.exclusive():  # a sweep must not take its job for ended
            return self._repository.rerun(meeting_id, _encodable(options))

    def rename_speaker(
        self, meeting_id: str, label: str, name: str | None, author: str | None = None
    ) -> StoredMeeting:
        """Names a voice; None or blanks take the name away. Raises as ``correct`` does."""
        return self.correct(meeting_id, RenameSpeaker(label, name), author=author)

    def rename_meeting(
        self, meeting_id: str, title: str, author: str | None = None
    ) -> StoredMeeting:
        """Gives a meeting another title. Raises as ``correct`` does."""
        return self.correct(meeting_id, RenameMeeting(title), author=author)

    def delete(self, meeting_id: str, *, for_good: bool = False) -> None:
        """Puts a meeting into the trash, or removes it if it is ``for_good``.

        What a waiting, failed or cancelled job would have made a meeting of is always removed.
        The recording goes with it, unless another meeting was made from the same bytes.

        Raises:
            NotFoundError: there is no such meeting.
            ConflictError: its job is running.
        """
        if for_good or not self._repository.trash(meeting_id):
            remove_for_good(self._repository, self._media, meeting_id)

    def has_evidence(self, meeting_id: str) -> bool:
        """Whether it is known what the voices of a meeting sounded like."""
        return self._media.has_evidence(meeting_id)

    def evidence(self, meeting_id: str) -> VoiceEvidence | None:
        """What its voices sounded like; None for a meeting from before that was kept.

        Raises:
            NotFoundError: there is no such meeting.
            StorageError: the file is damaged.
        """
        self._repository.recording_of(meeting_id)
        return self._media.evidence(meeting_id)

    def _store(self, upload: Upload, wanted: Submission) -> Job:
        with self._media.exclusive():
            if not wanted.filing.allows_duplicate:
                self._refuse_duplicate(upload.filename, upload.sha256)
            is_new = self._media.keep(upload)
            try:
                return self._repository.submit(wanted)
            except BaseException:
                if is_new:
                    self._media.remove(upload.sha256)
                raise

    def _refuse_duplicate(self, filename: str, sha256: str) -> None:
        known = self._repository.known_recording(sha256)
        if known is None:
            return
        where, act = (" in the trash", "restore") if known.is_trashed else ("", "open")
        raise DuplicateError(
            f"{filename}: you already have this recording{where} as {known.title!r}; "
            f"{act} meeting {known.meeting_id}, or add the file anyway",
            known.meeting_id,
        )


def _title_from(filename: str) -> str:
    return PurePath(filename).stem[:LONGEST_TITLE].strip() or filename


def _encodable(options: ProcessingOptions) -> ProcessingOptions:
    """Hotwords from a command line may hold bytes that are no text; they would match nothing."""
    kept = (word.encode(errors="ignore").decode().strip() for word in options.hotwords)
    return replace(options, hotwords=tuple(word for word in kept if word))
