"""Media files beside the database: recordings by the hash of their bytes, the rest by meeting.

media/<first two digits>/<sha256>/original.<extension>
                                  playback.m4a
                                  peaks.bin    outline of its sound
evidence/<meeting>.npz    what its voices sounded like
uploads/    files that are still being received
scratch/<job>/    what a running job needs and nobody else
"""

import hashlib
import os
import re
import shutil
import time
import unicodedata
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import BinaryIO

from filelock import FileLock

from meeting_app.domain import VoiceEvidence
from meeting_app.errors import DiskFullError, NotFoundError, StorageError
from storage.evidence import read_evidence, write_evidence
from storage.files import NO_SPACE, flush_folders

_BLOCK = 1 << 20  # bytes read, hashed and written at a time
_EXTENSION = re.compile(r"\.([A-Za-z0-9]{1,8})")
_UNKNOWN_EXTENSION = ".bin"
_NAMELESS = "recording"
_LONGEST_NAME = 200  # characters of a file name that are kept


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was received and is not yet part of the library."""

    path: Path
    filename: str  # as the user called it, without folders
    sha256: str  # hexadecimal
    num_bytes: int


class Media:
    """The files of a library."""

    def __init__(self, home: Path) -> None:
        """``home`` is made when the first file arrives."""
        self._home = home

    def receive(self, source: BinaryIO, filename: str) -> Upload:
        """Streams ``source`` to disk; on any error nothing is left of it.

        Raises:
            DiskFullError: there is no room for it.
            StorageError: the folder refuses.
        """
        name = plain_filename(filename)
        path = self._home / "uploads" / (uuid.uuid4().hex + _extension(name))
        digest, num_bytes = hashlib.sha256(), 0
        try:
            with self._errors(name), _durable_file(path) as target:
                while block := source.read(_BLOCK):
                    digest.update(block)
                    target.write(block)
                    num_bytes += len(block)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return Upload(path, name, digest.hexdigest(), num_bytes)

    def discard(self, upload: Upload) -> None:
        """Removes an upload that is not wanted."""
        upload.path.unlink(missing_ok=True)

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Keeps others from adding and removing recordings meanwhile.

        A recording is referred to by the database and lies on disk; whoever changes both
        does it in here, so that nobody removes what another is just submitting again.
        """
        with self._errors("media"):
            self._home.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self._home / "media.lock")
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

    def keep(self, upload: Upload) -> bool:
        """Makes the upload part of the library; returns False if these bytes are there already.

        Raises:
            DiskFullError, StorageError: as ``receive``; the upload is still there.
        """
        folder = self._folder(upload.sha256)
        if _original_in(folder) is not None:
            self.discard(upload)
            return False
        with self._errors(upload.filename):
            folder.mkdir(parents=True, exist_ok=True)
            upload.path.replace(folder / f"original{upload.path.suffix}")
            flush_folders(folder)
        return True

    def original(self, sha256: str) -> Path:
        """The file as it was handed in.

        Raises:
            NotFoundError: it is gone.
        """
        path = _original_in(self._folder(sha256))
        if path is None:
            raise NotFoundError(
                f"{self._folder(sha256)}: the recording is gone; submit the file again"
            )
        return path

    def original_if_kept(self, sha256: str) -> Path | None:
        """The file as it was handed in, or None where it is gone."""
        return _original_in(self._folder(sha256))

    def playback(self, sha256: str) -> Path:
        """Where the browser's version of the recording is, or will be."""
        return self._folder(sha256) / "playback.m4a"

    def keep_playback(self, sha256: str, path: Path) -> None:
        """Makes ``path`` the browser's version of the recording."""
        with self._errors(path.name):
            _flush_file(path)
            path.replace(self.playback(sha256))

    def peaks(self, sha256: str) -> Path:
        """Where the outline of the recording's sound is, or will be."""
        return self._folder(sha256) / "peaks.bin"

    def keep_peaks(self, sha256: str, path: Path) -> None:
        """Makes ``path`` the outline of the recording's sound."""
        with self._errors(path.name):
            path.replace(self.peaks(sha256))

    def keep_playback_if_none(self, sha256: str, path: Path) -> None:
        """As ``keep_playback``, unless the recording has one; ``path`` is left alone then."""
        if self.playback(sha256).exists():
            return
        with self._errors(path.name):
            self._folder(sha256).mkdir(parents=True, exist_ok=True)
            self.keep_playback(sha256, path)
            flush_folders(self._folder(sha256))

    def remove(self, sha256: str) -> None:
        """Removes all files of a recording."""
        folder = self._folder(sha256)
        if not folder.exists():
            return
        with self._errors(sha256):
            shutil.rmtree(folder)
        with suppress(OSError):  # other recordings share the folder above
            folder.parent.rmdir()

    def keep_evidence(self, meeting_id: str, evidence: VoiceEvidence) -> None:
        """Keeps what the voices of a meeting sounded like, in place of what was known before.

        Raises:
            DiskFullError, StorageError: as ``receive``; what was known before is still there.
        """
        path = self._evidence(meeting_id)
        # Under a name of its own, because a worker who was taken for dead may still be writing.
        part = path.with_name(f"{path.stem}.{uuid.uuid4().hex}.part")
        with self._errors(path.name):
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                write_evidence(evidence, part)
                _flush_file(part)
                part.replace(path)
            finally:
                part.unlink(missing_ok=True)
            flush_folders(path.parent, num_above=1)

    def evidence(self, meeting_id: str) -> VoiceEvidence | None:
        """What the voices sounded like; None for meetings from before it was kept.

        Raises:
            StorageError: the file is damaged or refuses.
        """
        path = self._evidence(meeting_id)
        with self._errors(path.name):
            return read_evidence(path)

    def has_evidence(self, meeting_id: str) -> bool:
        """Whether it is known what the voices sounded like."""
        return self._evidence(meeting_id).is_file()

    def remove_evidence(self, meeting_id: str) -> None:
        """Removes what is known of a meeting's voices."""
        path = self._evidence(meeting_id)
        with self._errors(path.name):
            path.unlink(missing_ok=True)

    def scratch(self, job_id: str) -> Path:
        """A folder for what only a running job needs; survives a crash."""
        folder = self._home / "scratch" / job_id
        with self._errors(job_id):
            folder.mkdir(parents=True, exist_ok=True)
        return folder

    def keep_scratch(self, path: Path, final: Path) -> None:
        """Gives a scratch file that is complete, even after a power cut, the name ``final``."""
        with self._errors(path.name):
            _flush_file(path)
            path.replace(final)

    def clear_scratch(self, job_id: str) -> None:
        """Removes the folder of a job that has ended."""
        shutil.rmtree(self._home / "scratch" / job_id, ignore_errors=True)

    def sweep(
        self,
        recordings: Collection[str],
        meetings: Collection[str],
        jobs: Collection[str],
        older_than: float,
    ) -> tuple[Path, ...]:
        """Removes what a crash left: call it inside ``exclusive``.

        Args:
            recordings: hashes that the library refers to.
            meetings: ids of the meetings there are or will be.
            jobs: ids of the jobs that are queued or running.
            older_than: seconds without a change after which an upload is taken for abandoned.

        Returns:
            What was removed.
        """
        latest = time.time() - older_than
        old = (
            *(path for path in self._home.glob("media/*/*") if path.name not in recordings),
            *(path for path in self._home.glob("evidence/*.npz") if path.stem not in meetings),
            *(path for path in self._home.glob("evidence/*.part") if _changed_at(path) < latest),
            *(path for path in self._home.glob("scratch/*") if path.name not in jobs),
            *(path for path in self._home.glob("uploads/*") if _changed_at(path) < latest),
        )
        for path in old:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        return old

    def _folder(self, sha256: str) -> Path:
        return self._home / "media" / sha256[:2] / sha256

    def _evidence(self, meeting_id: str) -> Path:
        return self._home / "evidence" / f"{meeting_id}.npz"

    @contextmanager
    def _errors(self, name: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno in NO_SPACE:
                raise DiskFullError(
                    f"{name}: no room left in {self._home}; free some space and try again"
                ) from error
            raise StorageError(
                f"{name}: cannot be stored in {self._home} ({error.strerror or error}); "
                "check the folder's rights"
            ) from error


def plain_filename(filename: str) -> str:
    """The last part of a path of any system, without control characters; never empty."""
    last = PurePath(filename.replace("\\", "/")).name
    kept = "".join(c for c in last if unicodedata.category(c) not in ("Cc", "Cs", "Zl", "Zp"))
    stem, extension = PurePath(kept.strip()).stem, PurePath(kept.strip()).suffix
    name = (stem[:_LONGEST_NAME] + extension[:_LONGEST_NAME]).strip()
    return name if name.strip(".") else _NAMELESS


def _extension(filename: str) -> str:
    suffix = PurePath(filename).suffix
    return suffix.lower() if _EXTENSION.fullmatch(suffix) else _UNKNOWN_EXTENSION


def _original_in(folder: Path) -> Path | None:
    return next(iter(folder.glob("original.*")), None)


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # its sender has just finished with it
        return time.time()


@contextmanager
def _durable_file(path: Path) -> Iterator[BinaryIO]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def _flush_file(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
