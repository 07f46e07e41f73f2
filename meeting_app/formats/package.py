"""A meeting with its sound in one file, a ZIP archive, and several documents in one.

meeting.json
sound/original.<extension>    as it was handed in
sound/playback.m4a            as browsers play it

Nothing is ever unpacked under a name that the archive gives, so that none can lead elsewhere.
"""

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, cast

from meeting_app.errors import FormatError
from meeting_app.formats.document import Document, Source, Streamed
from meeting_app.formats.json import Archived
from meeting_app.formats.restoring import LARGEST_DOCUMENT, restored_from_json

_BLOCK = 1 << 20  # bytes
_DOCUMENT, _PLAYBACK = "meeting.json", "sound/playback.m4a"
_ORIGINAL = re.compile(r"sound/original\.[a-z0-9]{1,8}")
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # so that the same meeting makes the same bytes
_ARCHIVE_START = b"PK\x03\x04"
_ADVICE = "export the meeting again"


def package(document: bytes, source: Source | None) -> Iterable[bytes]:
    """The archive, made while it is read; without sound where there is no source."""
    files = () if source is None else tuple(_sound_files(source))
    return Streamed(partial(_package, document, files))


def bundle(documents: Iterable[Document]) -> Iterable[bytes]:
    """Several documents as one archive, each made when its turn comes; no two of one name."""
    return Streamed(partial(_bundle, documents))


class Opened:
    """A file with a meeting in it that is being read: JSON alone, or with sound."""

    def __init__(self, archived: Archived, archive: zipfile.ZipFile | None = None) -> None:
        self.archived = archived
        self._archive = archive

    @contextmanager
    def original(self) -> Iterator[IO[bytes] | None]:
        """The recording as it was handed in, if it is there."""
        names = () if self._archive is None else self._archive.namelist()
        with self._sound(next(filter(_ORIGINAL.fullmatch, names), None)) as found:
            yield found

    @contextmanager
    def playback(self) -> Iterator[IO[bytes] | None]:
        """The recording as browsers play it, if it is there."""
        is_there = self._archive is not None and _PLAYBACK in self._archive.namelist()
        with self._sound(_PLAYBACK if is_there else None) as found:
            yield found

    @contextmanager
    def _sound(self, name: str | None) -> Iterator[IO[bytes] | None]:
        if self._archive is None or name is None:
            yield None
            return
        with self._archive.open(name) as member:
            yield member


@contextmanager
def opened(path: Path) -> Iterator[Opened]:
    """The meeting in a file of this machine.

    Raises:
        FormatError: it is neither JSON nor a package of ours, or damaged, also while its sound
            is read.
    """
    with path.open("rb") as file:
        if file.read(len(_ARCHIVE_START)) != _ARCHIVE_START:
            file.seek(0)
            yield Opened(restored_from_json(file.read(LARGEST_DOCUMENT + 1)))
            return
    try:
        with zipfile.ZipFile(path) as archive:
            _check(archive)
            yield Opened(restored_from_json(archive.read(_DOCUMENT)), archive)
    except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        raise FormatError(f"package: damaged ({error}); {_ADVICE}") from error


def _check(archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    names = [member.filename for member in members]
    if _DOCUMENT not in names:
        raise FormatError(f"package: no {_DOCUMENT} in it; {_ADVICE}")
    for member in members:
        name = member.filename
        is_known = name in (_DOCUMENT, _PLAYBACK) or _ORIGINAL.fullmatch(name)
        if not is_known or names.count(name) > 1:
            raise FormatError(f"package: {name[:60]!r} does not belong into it; {_ADVICE}")
        if name == _DOCUMENT and member.file_size > LARGEST_DOCUMENT:
            raise FormatError(f"package: {name} has {member.file_size} bytes; {_ADVICE}")
        # Sound does not shrink; what claims to could fill the disk.
        if name != _DOCUMENT and member.compress_type != zipfile.ZIP_STORED:
            raise FormatError(f"package: {name} is compressed; {_ADVICE}")
        if member.flag_bits & 1:
            raise FormatError(f"package: {name} is encrypted; {_ADVICE}")


@dataclass(frozen=True, slots=True)
class _SoundFile:
    name: str  # in the archive
    path: Path


def _sound_files(source: Source) -> Iterator[_SoundFile]:
    if source.original is not None:
        yield _SoundFile(f"sound/original{source.original.suffix}", source.original)
    if source.playback is not None:
        yield _SoundFile(_PLAYBACK, source.playback)


class _Sink:
    """A file for ``zipfile`` to write to, whose bytes are taken away as they come."""

    def __init__(self) -> None:
        self._blocks: list[bytes] = []

    def write(self, block: bytes) -> int:
        self._blocks.append(bytes(block))
        return len(block)

    def flush(self) -> None:
        """There is nothing to flush to."""

    def taken(self) -> bytes:
        blocks, self._blocks = self._blocks, []
        return b"".join(blocks)


def _package(document: bytes, files: Sequence[_SoundFile]) -> Iterator[bytes]:
    sink = _Sink()
    with _writing(sink) as archive:
        archive.writestr(_member(_DOCUMENT, zipfile.ZIP_DEFLATED), document)
        for file in files:
            yield from _stored(archive, sink, file)
    yield sink.taken()


def _stored(archive: zipfile.ZipFile, sink: _Sink, file: _SoundFile) -> Iterator[bytes]:
    member = _member(file.name, zipfile.ZIP_STORED)
    with file.path.open("rb") as source, archive.open(member, "w", force_zip64=True) as target:
        while block := source.read(_BLOCK):
            target.write(block)
            yield sink.taken()


def _bundle(documents: Iterable[Document]) -> Iterator[bytes]:
    sink = _Sink()
    seen: set[str] = set()
    with _writing(sink) as archive:
        for document in documents:
            name = _unused(document.filename, seen)
            with archive.open(_member(name, zipfile.ZIP_DEFLATED), "w", force_zip64=True) as target:
                for block in document.blocks:
                    target.write(block)
                    yield sink.taken()
    yield sink.taken()


def _unused(filename: str, seen: set[str]) -> str:
    """``a.txt``, then ``a (2).txt``; many file systems do not tell A from a."""
    stem, dot, suffix = filename.partition(".")
    number, name = 1, filename
    while name.casefold() in seen:
        number += 1
        name = f"{stem} ({number}){dot}{suffix}"
    seen.add(name.casefold())
    return name


def _writing(sink: _Sink) -> zipfile.ZipFile:
    return zipfile.ZipFile(cast(IO[bytes], sink), "w")


def _member(name: str, compression: int) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, _LONG_AGO)
    member.compress_type = compression
    member.external_attr = 0o644 << 16
    return member
