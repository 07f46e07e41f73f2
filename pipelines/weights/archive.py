"""Single members out of a wheel or sdist, read as an archive and nothing else.

Nothing in the archive decides where anything is written: members are looked up by the exact
path that the catalogue names, and are appended to a file that the catalogue names.
"""

import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from meeting_app.errors import WeightsError

_BLOCK_SIZE = 1 << 20  # bytes


def append_member(archive: Path, member: str, target: Path, max_size: int) -> None:
    """Append one member's bytes to ``target``, which is made when it is not there.

    Args:
        archive: .whl or .zip, else a tar of any compression.
        member: exact path inside the archive.
        target: file to grow.
        max_size: bytes; a member that unpacks to more is refused before it fills the disk.

    Raises:
        WeightsError: no such member, not a plain file, too large, or a broken archive.
        OSError: the disk refuses.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with _opened(archive, member) as source, target.open("ab") as sink:
        room = max_size
        while block := source.read(min(_BLOCK_SIZE, room + 1)):
            room -= len(block)
            if room < 0:
                raise _broken(archive, f"{member} unpacks to more than {max_size} bytes")
            sink.write(block)


@contextmanager
def _opened(archive: Path, member: str) -> Iterator[IO[bytes]]:
    try:
        if archive.suffix in {".whl", ".zip"}:
            with zipfile.ZipFile(archive) as unzipped, unzipped.open(member) as stream:
                yield stream
        else:
            with tarfile.open(archive) as untarred:
                yield _tar_stream(archive, untarred, member)
    except KeyError as error:
        raise _broken(archive, f"holds no {member}") from error
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError) as error:
        raise _broken(archive, f"is not a readable archive ({error})") from error


def _tar_stream(archive: Path, untarred: tarfile.TarFile, member: str) -> IO[bytes]:
    stream = untarred.extractfile(member) if untarred.getmember(member).isreg() else None
    if stream is None:  # a link could point anywhere
        raise _broken(archive, f"{member} is not a plain file")
    return stream


def _broken(archive: Path, reason: str) -> WeightsError:
    return WeightsError(f"{archive.name}: {reason}; the catalogue needs another source")
