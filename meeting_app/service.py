"""What one can do with meetings; pages, commands and REST all come through here."""

import threading
import unicodedata
from dataclasses import replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, BinaryIO

from pyannote.core import Segment

from meeting_app.domain import (
    Job,
    LibraryEntry,
    ProcessingOptions,
    Recording,
    SearchHit,
    StoredMeeting,
    VoiceEvidence,
)
from meeting_app.errors import ConflictError, MediaError, MediaNotFoundError
from meeting_app.exports import Exports, ExportTools
from pipelines.protocols import FilePeaksWriter, MediaProbe
from storage.repository import Media, Repository, Submission, Upload

if TYPE_CHECKING:
    from meeting_app.people import PeopleService

LONGEST_NAME = 100  # characters of a speaker's name
LONGEST_TITLE = 200  # characters of a meeting's title
LONGEST_PASSAGE = 20_000  # characters of a corrected passage
# Unicode's controls, halves of characters and line ends; and the marks that turn the direction
# of the text around a name, with which one name can be made to look like another.
_REFUSED_CATEGORIES = ("Cc", "Cs", "Zl", "Zp")
_REFUSED_MARKS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
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
        write_peaks: FilePeaksWriter,
    ) -> None:
        super().__init__(repository, media, probe, tools)
        self.people = people
        self._write_peaks = write_peaks
        self._peaks_lock = threading.Lock()

    def submit(
        self,
        source: BinaryIO,
        filename: str,
        options: ProcessingOptions = _DEFAULT_OPTIONS,
        title: str | None = None,
    ) -> Job:
        """Stores the recording and queues its job; all or nothing.

        Args:
            source: read to its end in blocks, from where it stands.
            filename: as the user calls it; folders in it are ignored.
            options: what the user asks for.
            title: of the meeting; None takes the file's name.

        Raises:
            MediaError: no sound can be had from it.
            ConflictError: the title is blank, too long or not printable.
            DiskFullError: there is no room for it.
            StorageError: the library refuses.
        """
        checked = None if title is None else checked_text("title", title, LONGEST_TITLE)
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
                recording, checked or _title_from(upload.filename), _encodable(options)
            )
            return self._store(upload, wanted)
        finally:
            self._media.discard(upload)

    def submit_file(
        self,
        path: Path,
        options: ProcessingOptions = _DEFAULT_OPTIONS,
        title: str | None = None,
    ) -> Job:
        """``submit`` for a file of this machine.

        Raises:
            MediaNotFoundError: there is no such file.
            MediaError: it cannot be read.
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
            return self.submit(source, path.name, options, title)

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

    def library(self) -> tuple[LibraryEntry, ...]:
        """All meetings, newest first."""
        return self._repository.library()

    def meeting(self, meeting_id: str) -> StoredMeeting:
        """One meeting. Raises NotFoundError if there is none, or its job is not done."""
        return self._repository.meeting(meeting_id)

    def search(self, query: str, limit: int = 50) -> tuple[SearchHit, ...]:
        """Turns that hold every word of ``query`` in text, speaker's name or meeting's title.

        Any text is a query; one without words finds nothing.
        """
        return self._repository.search(query, limit)

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

    def delete(self, meeting_id: str) -> None:
        """Removes a meeting, or what a waiting, failed or cancelled job would have made one of.

        The recording goes too, unless another meeting was made from the same bytes.

        Raises:
            NotFoundError: no job and no meeting has that id.
            ConflictError: its job is running.
        """
        with self._media.exclusive():
            orphan = self._repository.delete(meeting_id)
            if orphan is not None:
                self._media.remove(orphan)
            self._media.remove_evidence(meeting_id)

    def evidence(self, meeting_id: str) -> VoiceEvidence | None:
        """What its voices sounded like; None for a meeting from before that was kept.

        Raises:
            NotFoundError: there is no such meeting.
            StorageError: the file is damaged.
        """
        self._repository.recording_of(meeting_id)
        return self._media.evidence(meeting_id)

    def peaks_path(self, meeting_id: str) -> Path:
        """The outline of the recording's sound; it is made now for a meeting from before.

        Raises:
            NotFoundError: there is no such meeting, or its files are gone.
            MediaError: the playback file is damaged.
            DiskFullError: there is no room for it.
        """
        path = self._media.peaks(self._repository.recording_of(meeting_id))
        with self._peaks_lock:  # hours of sound need not be decoded twice at once
            if not path.is_file():
                self._write_peaks(self.playback_path(meeting_id), path)
        return path

    def _store(self, upload: Upload, wanted: Submission) -> Job:
        with self._media.exclusive():
            is_new = self._media.keep(upload)
            try:
                return self._repository.submit(wanted)
            except BaseException:
                if is_new:
                    self._media.remove(upload.sha256)
                raise


def _title_from(filename: str) -> str:
    return PurePath(filename).stem[:LONGEST_TITLE].strip() or filename


def checked_text(what: str, text: str, longest: int) -> str:
    """``text`` without surrounding blanks, if it can stand on one line.

    Raises:
        ConflictError: it is blank, too long or not printable; ``what`` names it.
    """
    stripped = unicodedata.normalize("NFC", text.strip())
    if not stripped:
        raise ConflictError(f"{what}: blank; type at least one character")
    if len(stripped) > longest:
        raise ConflictError(
            f"{what}: {len(stripped)} characters long; shorten it to {longest} at most"
        )
    refused = [
        c for c in stripped if unicodedata.category(c) in _REFUSED_CATEGORIES or c in _REFUSED_MARKS
    ]
    if refused:
        raise ConflictError(f"{what}: {refused[0]!a} cannot be displayed; remove that character")
    return stripped


def _encodable(options: ProcessingOptions) -> ProcessingOptions:
    """Hotwords from a command line may hold bytes that are no text; they would match nothing."""
    kept = (word.encode(errors="ignore").decode().strip() for word in options.hotwords)
    return replace(options, hotwords=tuple(word for word in kept if word))
