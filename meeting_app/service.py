"""What one can do with meetings; pages, commands and REST all come through here."""

import hashlib
from dataclasses import replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, BinaryIO

from pyannote.core import Segment

from meeting_app.checks import (
    LONGEST_NAME,
    LONGEST_PASSAGE,
    LONGEST_TITLE,
    checked_filing,
    checked_text,
)
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
from meeting_app.errors import DuplicateError, MediaError, MediaNotFoundError
from meeting_app.exports import Exports, ExportTools
from meeting_app.shelves import Meaning, Shelves, remove_for_good
from pipelines.protocols import MediaProbe
from storage.repository import Media, Repository, Submission, Upload

if TYPE_CHECKING:
    from meeting_app.people import PeopleService

_DEFAULT_OPTIONS = ProcessingOptions()


class MeetingService(Exports):
    """The use cases."""

    def __init__(
        self,
        repository: Repository,
        media: Media,
        probe: MediaProbe,
        tools: ExportTools,
        people: "PeopleService",
        meaning: Meaning | None = None,
    ) -> None:
        """``meaning`` is what finds meetings by it; None finds them by words only."""
        super().__init__(repository, media, probe, tools)
        self.shelves = Shelves(repository, media, meaning)
        self.people = people

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

    def rename_speaker(self, meeting_id: str, label: str, name: str | None) -> StoredMeeting:
        """Names a voice; None or blanks take the name away.

        Raises:
            NotFoundError: there is no such meeting or speaker.
            ConflictError: the name is too long or not printable.
        """
        kept = None
        if name is not None and name.strip():
            kept = checked_text("name", name, LONGEST_NAME)
        return self._repository.rename_speaker(meeting_id, label, kept)

    def replace_words(self, meeting_id: str, segment: Segment, text: str) -> StoredMeeting:
        """Puts the user's words in place of those whose middle lies in ``segment``.

        Raises:
            NotFoundError: there is no such meeting.
            ConflictError: the text is blank, too long or not printable.
        """
        checked = checked_text("text", text, LONGEST_PASSAGE)
        return self._repository.replace_words(meeting_id, segment, checked)

    def rename_meeting(self, meeting_id: str, title: str) -> StoredMeeting:
        """Gives a meeting another title.

        Raises:
            NotFoundError: there is no such meeting.
            ConflictError: the title is blank, too long or not printable.
        """
        checked = checked_text("title", title, LONGEST_TITLE)
        return self._repository.rename_meeting(meeting_id, checked)

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
