"""Handing meetings out as files, and taking such files in again."""

import io
import math
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO, BinaryIO, Protocol

from pyannote.core import Segment

from meeting_app.checks import LONGEST_NAME, checked_folder, checked_tags, checked_text
from meeting_app.config import ExportConfig
from meeting_app.correcting import checked_correction
from meeting_app.domain import ClipKind, Filing, ProcessingOptions, Recording, StoredMeeting
from meeting_app.domain.corrections import History
from meeting_app.errors import ConflictError, FormatError, MediaError, NotFoundError
from meeting_app.formats.document import Document, Source, filename_of, format_named
from meeting_app.formats.json import Archived
from meeting_app.formats.options import DEFAULTS, ExportOptions
from meeting_app.formats.outline import clock
from meeting_app.formats.package import Opened, bundle, opened
from meeting_app.past import history_of, kept_history
from pipelines.protocols import ClipCutter, FilePeaksWriter, MediaProbe
from storage.repository import Finished, Media, Repository, Submission, Upload, new_id

_CLIP_TYPES = {ClipKind.M4A: "audio/mp4", ClipKind.MP3: "audio/mpeg", ClipKind.WAV: "audio/wav"}
_MEGABYTE = 1 << 20


class Export(Protocol):
    """A meeting, the name of a format and choices make a document."""

    def __call__(self, source: Source, format: str, options: ExportOptions = DEFAULTS) -> Document:
        """Raises FormatError when there is no such format, or it cannot be had like that."""


@dataclass(frozen=True, slots=True)
class ExportTools:
    """What handing out stands on."""

    export: Export
    cut_clip: ClipCutter
    write_peaks: FilePeaksWriter
    config: ExportConfig


class Exports:
    """The use cases around files that hold meetings."""

    def __init__(
        self, repository: Repository, media: Media, probe: MediaProbe, tools: ExportTools
    ) -> None:
        self._repository = repository
        self._media = media
        self._probe = probe
        self._tools = tools
        self._peaks_lock = threading.Lock()

    def export(self, meeting_id: str, format: str, options: ExportOptions = DEFAULTS) -> Document:
        """The meeting as a file to download.

        Raises:
            NotFoundError: there is no such meeting.
            FormatError: there is no such format or chapter, or the format has no such part.
        """
        return self._tools.export(self._source(meeting_id, format, options), format, options)

    def export_many(
        self, meeting_ids: Sequence[str], format: str, options: ExportOptions = DEFAULTS
    ) -> Document:
        """Several meetings in one archive, each read and written when its turn comes.

        Raises:
            NotFoundError: one of them is not there.
            FormatError: none is asked for, or the first cannot be had like that.
        """
        if not meeting_ids:
            raise FormatError("no meeting to write; choose at least one")
        for meeting_id in meeting_ids:
            self._repository.recording_of(meeting_id)
        first = self.export(meeting_ids[0], format, options)  # wrong choices are refused here
        others = (self.export(meeting_id, format, options) for meeting_id in meeting_ids[1:])
        return Document("meetings.zip", "application/zip", bundle(_chain(first, others)))

    def clip(self, meeting_id: str, segment: Segment, kind: ClipKind = ClipKind.M4A) -> Document:
        """The sound of a stretch of the meeting.

        Raises:
            NotFoundError: there is no such meeting, or its sound is gone.
            MediaError: the stretch is empty, too long, or outside the recording.
        """
        self._check_clip(segment)
        title = self._repository.meeting(meeting_id).meeting.title
        content = self._tools.cut_clip(self.playback_path(meeting_id), segment, kind)
        moment = clock(segment.start).replace(":", "-")
        name = filename_of(f"{title} {moment}", f".{kind}")
        return Document(name, _CLIP_TYPES[kind], (content,))

    def playback_path(self, meeting_id: str) -> Path:
        """The recording as every browser plays it.

        Raises:
            NotFoundError: there is no such meeting, or its files are gone.
        """
        path = self._media.playback(self._repository.recording_of(meeting_id))
        if not path.is_file():
            raise NotFoundError(f"{path}: the playback file is gone; submit the recording again")
        return path

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
                self._tools.write_peaks(self.playback_path(meeting_id), path)
        return path

    def restore(self, source: BinaryIO, filename: str) -> StoredMeeting:
        """Makes a meeting of a file that ``export`` wrote as ``json`` or ``zip``; all or nothing.

        The meeting gets an id of its own, so that one that is still there is not touched.

        Args:
            source: read to its end in blocks, from where it stands.
            filename: as the user calls it; folders in it are ignored.

        Raises:
            FormatError: it is neither, too large, or damaged; says where.
            MediaError: what should be its sound is none.
            DiskFullError: there is no room for it.
            StorageError: the library refuses.
        """
        limited = _Limited(source, self._tools.config.largest_restore * _MEGABYTE)
        upload = self._media.receive(io.BufferedReader(limited), filename)
        try:
            with opened(upload.path) as found:
                return self._restored(upload, found)
        finally:
            self._media.discard(upload)

    def restore_file(self, path: Path) -> StoredMeeting:
        """``restore`` for a file of this machine.

        Raises:
            FormatError: it cannot be read.
        """
        try:
            source = path.open("rb")
        except OSError as error:
            raise FormatError(
                f"{path}: cannot be read ({error.strerror}); choose another file"
            ) from error
        with source:
            return self.restore(source, path.name)

    def _source(self, meeting_id: str, format: str, options: ExportOptions) -> Source:
        chosen = format_named(format)
        has_history = chosen.honours(options, "with_history")
        has_voices = chosen.honours(options, "with_voices")
        stored = self._repository.meeting(meeting_id)
        sha256 = stored.recording.sha256
        playback = self._media.playback(sha256)
        has_playback = playback.is_file()
        entry = self._repository.entry(meeting_id)
        return Source(
            meeting=stored.meeting,
            recording=stored.recording,
            created_at=stored.created_at,
            original=self._media.original_if_kept(sha256),
            playback=playback if has_playback else None,
            cut_clip=partial(self._tools.cut_clip, playback) if has_playback else None,
            filing=Filing(entry.folder, entry.tags),
            history=history_of(self._repository, meeting_id) if has_history else None,
            voices=self._media.evidence(meeting_id) if has_voices else None,
        )

    def _check_clip(self, segment: Segment) -> None:
        longest = self._tools.config.longest_clip
        if not (math.isfinite(segment.start) and math.isfinite(segment.end)):
            raise MediaError("clip: start or end is not a time; give seconds")
        if not 0 <= segment.start < segment.end:
            raise MediaError(
                f"clip: from {segment.start} to {segment.end} s is no stretch of sound; begin at "
                "zero or later and end after that"
            )
        if segment.end - segment.start > longest:
            raise MediaError(
                f"clip: {segment.end - segment.start:.0f} s long; choose {longest:.0f} s at most"
            )

    def _restored(self, upload: Upload, found: Opened) -> StoredMeeting:
        archived = found.archived
        recording = archived.recording or _document_as_recording(upload, archived)
        with ExitStack() as received:
            original = received.enter_context(self._original(found, recording))
            playback = received.enter_context(self._playback(found))
            title, filing = archived.meeting.title, _checked(archived.filing)
            wanted = Submission(recording, title, ProcessingOptions(), filing)
            finished = _finished(archived)
            with self._media.exclusive():
                is_new = original is not None and self._media.keep(original)
                try:
                    if playback is not None:
                        self._media.keep_playback_if_none(recording.sha256, playback.path)
                    if archived.voices is not None:  # first, as for a job: they are to be found
                        self._media.keep_evidence(finished.id, archived.voices)
                    return self._repository.restore(wanted, finished)
                except BaseException:
                    self._media.remove_evidence(finished.id)
                    if is_new or not self._is_known(recording.sha256):
                        self._media.remove(recording.sha256)
                    raise

    def _is_known(self, sha256: str) -> bool:
        return sha256 in self._repository.recordings()

    @contextmanager
    def _original(self, found: Opened, recording: Recording) -> Iterator[Upload | None]:
        with found.original() as source, self._received(source, recording.filename) as upload:
            if upload is not None and upload.sha256 != recording.sha256:
                raise FormatError(
                    f"package: the recording in it is {upload.sha256[:12]}…, not "
                    f"{recording.sha256[:12]}… as it says; export the meeting again"
                )
            yield upload

    @contextmanager
    def _playback(self, found: Opened) -> Iterator[Upload | None]:
        with found.playback() as source, self._received(source, "playback.m4a") as upload:
            yield upload

    @contextmanager
    def _received(self, source: IO[bytes] | None, filename: str) -> Iterator[Upload | None]:
        """Sound on this disk for as long as it takes; kept by whoever moves it away."""
        if source is None:
            yield None
            return
        upload = self._media.receive(source, filename)  # type: ignore[arg-type]  # only read
        try:
            self._probe(upload.path, upload.filename)
            yield upload
        finally:
            self._media.discard(upload)


class _Limited(io.RawIOBase):
    """A file of which no more than so many bytes are read."""

    def __init__(self, source: BinaryIO, limit: int) -> None:
        self._source = source
        self._limit = limit
        self._num_read = 0

    def readable(self) -> bool:
        """True."""
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        """Fills what it can of ``buffer``; 0 is the end.

        Raises:
            FormatError: the file goes on beyond the limit.
        """
        block = self._source.read(len(buffer))
        self._num_read += len(block)
        if self._num_read > self._limit:
            raise FormatError(
                f"larger than {self._limit // _MEGABYTE} MB; raise export.largest_restore, or "
                "export the meeting without its sound"
            )
        buffer[: len(block)] = block
        return len(block)


def _chain(first: Document, others: Iterator[Document]) -> Iterator[Document]:
    yield first
    yield from others


def _checked(filing: Filing) -> Filing:
    """Raises FormatError for a folder or a tag that the library would not take from anybody."""
    try:
        return Filing(checked_folder(filing.folder), checked_tags(filing.tags))
    except ConflictError as error:
        raise FormatError(str(error)) from error


def _finished(archived: Archived) -> Finished:
    """The meeting under an id of its own. Raises FormatError as ``_checked_history``."""
    history = archived.history
    past = None if history is None else kept_history(_checked_history(history))
    created_at = archived.created_at or datetime.now(UTC)
    return Finished(new_id(), archived.meeting, created_at, past)


def _checked_history(history: History) -> History:
    """Raises FormatError for a correction or an author that the library would not take."""
    made = []
    for item in history.made:
        try:
            checked_text("author", item.author, LONGEST_NAME)
            correction = checked_correction(item.correction)
        except ConflictError as error:
            raise FormatError(
                f"$.history.corrections[{item.number - 1}]: {error}; or set the history to null"
            ) from error
        made.append(replace(item, correction=correction))
    return replace(history, made=tuple(made))


def _document_as_recording(upload: Upload, archived: Archived) -> Recording:
    """What stands for a recording that nobody knows anything about: the file that was read."""
    return Recording(
        sha256=upload.sha256,
        filename=upload.filename,
        num_bytes=upload.num_bytes,
        container="none",
        codec="none",
        duration=archived.meeting.duration,
    )
