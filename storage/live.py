"""Recordings of meetings that are still going on.

live/<id>/sound.au       16 kHz mono 16-bit, playable at any moment
          journal.jsonl  what happened besides the sound, a line each

The sound is an AU file whose header gives its length as unknown until the meeting ends. The
header's annotation says how many frames and samples are complete, so that a recording found
after a crash knows which frame comes next: what lies behind the complete samples is half a
frame that nobody was told of, and is cut off.

What ``append`` and ``note`` have written survives the end of this process, however it ends,
because it is with the operating system. A power cut may take what came after the last
``sync``; the caller calls that every half second and after anything that must never be lost.
"""

import os
import re
import shutil
import struct
import threading
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt

from meeting_app.domain import SAMPLE_RATE
from meeting_app.errors import ConflictError, DiskFullError, NotFoundError, StorageError
from storage.files import NO_SPACE, flush_folders

_ID = re.compile("[0-9a-f]{16}")
_SOUND, _JOURNAL = "sound.au", "journal.jsonl"
_PRIVATE = 0o600

# Source of the layout: Sun Microsystems, audio(5) file format; ".snd", six big-endian words.
_HEADER = struct.Struct(">4sIIIII")
_MAGIC, _LINEAR_16_BIT, _MONO = b".snd", 3, 1
_LENGTH_AT, _ANNOTATION_AT, DATA_AT = 8, 24, 128  # bytes from the start of the file
_UNKNOWN_LENGTH = 0xFFFFFFFF
_SAMPLE_BYTES = 2
_ANNOTATION = re.compile(rb"frames=(\d{10}) samples=(\d{14}) crc=([0-9a-f]{8})\n")


class LiveStore:
    """The folder of all recordings of running meetings."""

    def __init__(self, home: Path) -> None:
        """``home`` is the library's; the folder is made with the first recording."""
        self._folder = home / "live"

    def ids(self) -> tuple[str, ...]:
        """Ids of the recordings that are there, in no particular order."""
        return tuple(path.name for path in self._folder.glob("*") if _ID.fullmatch(path.name))

    def create(self, meeting_id: str, notes: Sequence[str]) -> "LiveRecording":
        """An empty recording whose journal begins with ``notes``; it survives a power cut.

        Raises:
            ConflictError: there is one with that id.
            DiskFullError: there is no room for it.
            StorageError: the folder refuses.
        """
        folder = self._path(meeting_id)
        with storage_errors(folder):
            try:
                folder.mkdir(parents=True)
            except FileExistsError as error:
                raise ConflictError(f"{meeting_id}: is there already; take another id") from error
            try:
                recording = LiveRecording(folder)
                for line in notes:
                    recording.note(line)
                recording.sync()
                flush_folders(folder)
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise
        return recording

    def open(self, meeting_id: str) -> "LiveRecording":
        """A recording that was left by an earlier process, repaired.

        Raises:
            NotFoundError: there is none with that id.
            DiskFullError, StorageError: as ``create``.
        """
        folder = self._path(meeting_id)
        if not folder.is_dir():
            raise NotFoundError(f"{meeting_id}: no such live meeting; see the list of them")
        with storage_errors(folder):
            return LiveRecording(folder)

    def remove(self, meeting_id: str) -> None:
        """Removes all files of a recording that nobody has open."""
        shutil.rmtree(self._path(meeting_id), ignore_errors=True)

    def _path(self, meeting_id: str) -> Path:
        # The id comes from outside; only our own ones may become part of a path.
        if not _ID.fullmatch(meeting_id):
            raise NotFoundError(f"{meeting_id[:40]!r}: no such live meeting; see the list of them")
        return self._folder / meeting_id


class LiveRecording:
    """One recording, open for writing. One thread writes at a time; any may call ``sync``."""

    def __init__(self, folder: Path) -> None:
        """Opens what is in ``folder``, or makes it; repairs what a crash tore."""
        self._folder = folder
        self._lock = threading.Lock()  # guards the descriptors against being closed meanwhile
        self._is_dirty = False
        self._sound = os.open(self.sound_path, os.O_RDWR | os.O_CREAT, _PRIVATE)
        self._is_open = True
        try:
            self._journal = os.open(folder / _JOURNAL, os.O_RDWR | os.O_CREAT, _PRIVATE)
            self._next_frame, self._num_samples = _repaired(self._sound)
            self._notes, self._journal_end = _whole_lines(self._journal)
        except BaseException:
            os.close(self._sound)
            raise

    @property
    def sound_path(self) -> Path:
        """The AU file."""
        return self._folder / _SOUND

    @property
    def num_samples(self) -> int:
        """Samples on disk."""
        return self._num_samples

    @property
    def next_frame(self) -> int:
        """Number of the first frame that is not on disk."""
        return self._next_frame

    def notes(self) -> tuple[str, ...]:
        """The whole lines that the journal held when it was opened."""
        return self._notes

    def append(self, samples: npt.NDArray[np.int16]) -> None:
        """Writes the next frame; it is wholly there or, after an error, not at all.

        Args:
            samples: (num_samples,) int16.

        Raises:
            DiskFullError: there is no room; what was written before stays readable.
            StorageError: the disk refuses.
        """
        total, frames = self._num_samples + len(samples), self._next_frame + 1
        try:
            with storage_errors(self._folder):
                data = samples.astype(">i2").tobytes()
                _write_at(self._sound, data, _offset(self._num_samples))
                # Last, because this is what makes the frame part of the recording.
                _write_at(self._sound, _annotation(frames, total), _ANNOTATION_AT)
        except StorageError:
            os.ftruncate(self._sound, _offset(self._num_samples))
            raise
        self._num_samples, self._next_frame, self._is_dirty = total, frames, True

    def note(self, line: str) -> None:
        """Adds a line to the journal. Raises as ``append`` does."""
        data = line.encode() + b"\n"
        try:
            with storage_errors(self._folder):
                _write_at(self._journal, data, self._journal_end)
        except StorageError:
            os.ftruncate(self._journal, self._journal_end)
            raise
        self._journal_end += len(data)
        self._is_dirty = True

    def sync(self) -> None:
        """Makes all that was written survive a power cut; free when nothing was written.

        Raises:
            DiskFullError, StorageError: the disk refuses, and what was written since the last
                time may be lost in a power cut.
        """
        with self._lock:
            if not self._is_dirty or not self._is_open:
                return
            self._is_dirty = False
            copies = (os.dup(self._sound), os.dup(self._journal))
        try:
            with storage_errors(self._folder):
                for copy in copies:
                    os.fsync(copy)
        except StorageError:
            self._is_dirty = True
            raise
        finally:
            for copy in copies:
                os.close(copy)

    def finish(self) -> None:
        """Writes the length into the header, now that it is known, and syncs."""
        num_bytes = self._num_samples * _SAMPLE_BYTES
        with storage_errors(self._folder):
            length = struct.pack(">I", min(num_bytes, _UNKNOWN_LENGTH))
            _write_at(self._sound, length, _LENGTH_AT)
        self._is_dirty = True
        self.sync()

    def condense(self, notes: Sequence[str]) -> None:
        """Replaces the journal by ``notes`` and lets go of the sound: the library has it now.

        Raises:
            DiskFullError, StorageError: nothing was replaced.
        """
        part = self._folder / f"{_JOURNAL}.part"
        with storage_errors(self._folder):
            with part.open("wb") as file:
                file.write("".join(f"{line}\n" for line in notes).encode())
                file.flush()
                os.fsync(file.fileno())
            self.close()
            part.replace(self._folder / _JOURNAL)
            self.sound_path.unlink(missing_ok=True)

    def close(self) -> None:
        """Lets go of the files; a second time does nothing."""
        with self._lock:
            if self._is_open:
                self._is_open = False
                os.close(self._sound)
                os.close(self._journal)
                self._sound = self._journal = -1  # these numbers may soon be another file's


@contextmanager
def storage_errors(folder: Path) -> Iterator[None]:
    """Errors of the system become ours.

    Raises:
        DiskFullError: the disk is full.
        StorageError: anything else the system refuses.
    """
    try:
        yield
    except OSError as error:
        if error.errno in NO_SPACE:
            raise DiskFullError(
                f"{folder}: the disk is full; free some space, then go on with the meeting"
            ) from error
        raise StorageError(
            f"{folder}: cannot be written ({error.strerror or error}); check disk and rights"
        ) from error


def _repaired(sound: int) -> tuple[int, int]:
    """Number of whole frames and samples of the file, which has exactly those afterwards."""
    size = os.fstat(sound).st_size
    head = os.pread(sound, DATA_AT, 0)
    found = _ANNOTATION.match(head, _ANNOTATION_AT)
    if len(head) < DATA_AT or not head.startswith(_MAGIC):
        # The header is on disk before anybody hears of the recording: this one has no sound.
        os.ftruncate(sound, 0)
        _write_at(sound, _empty_file(), 0)
        return 0, 0
    _write_at(sound, struct.pack(">I", _UNKNOWN_LENGTH), _LENGTH_AT)
    if found is None or int(found[3], 16) != zlib.crc32(_counts(int(found[1]), int(found[2]))):
        frames, samples = 0, (size - DATA_AT) // _SAMPLE_BYTES
        _write_at(sound, _annotation(frames, samples), _ANNOTATION_AT)
    else:
        frames, samples = int(found[1]), int(found[2])
    # Cuts half a frame; or, after a power cut that took the sound but not the header, fills
    # with silence, so that times stay true and the sender's next frame is the right one.
    os.ftruncate(sound, _offset(samples))
    return frames, samples


def _empty_file() -> bytes:
    header = _HEADER.pack(_MAGIC, DATA_AT, _UNKNOWN_LENGTH, _LINEAR_16_BIT, SAMPLE_RATE, _MONO)
    return (header + _annotation(0, 0)).ljust(DATA_AT, b"\0")


def _counts(frames: int, samples: int) -> bytes:
    return b"frames=%010d samples=%014d" % (frames, samples)


def _annotation(frames: int, samples: int) -> bytes:
    counts = _counts(frames, samples)
    return counts + b" crc=%08x\n" % zlib.crc32(counts)


def _offset(num_samples: int) -> int:
    return DATA_AT + num_samples * _SAMPLE_BYTES


def _whole_lines(journal: int) -> tuple[tuple[str, ...], int]:
    """The lines of the journal and its length; a torn last line is cut off."""
    content = os.pread(journal, os.fstat(journal).st_size, 0)
    whole = content[: content.rfind(b"\n") + 1]
    os.ftruncate(journal, len(whole))
    lines = whole.decode(errors="replace").split("\n")[:-1]
    return tuple(lines), len(whole)


def _write_at(descriptor: int, content: bytes, offset: int) -> None:
    rest = memoryview(content)
    while rest:
        written = os.pwrite(descriptor, rest, offset)
        offset += written
        rest = rest[written:]
