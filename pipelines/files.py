"""Files that are either whole or not there."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from meeting_app.errors import DiskFullError


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """A file beside ``path`` to write to; it takes the place of ``path`` once the block succeeds.

    A killed process leaves at most the unfinished neighbour, never a half ``path``; a block
    that raises leaves neither.

    Raises:
        DiskFullError: there is no room for the file.
    """
    # With the process in its name, two workers on one recording cannot mix their bytes.
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        yield partial
        _flush_to_disk(partial)
        partial.replace(path)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise DiskFullError(f"{path.parent}: no space left; make room and try again") from error
        raise
    finally:
        partial.unlink(missing_ok=True)


def _flush_to_disk(path: Path) -> None:
    # Otherwise a power cut after the renaming could leave a whole name on missing bytes.
    with path.open("rb+") as file:
        os.fsync(file.fileno())
