"""What every kind of file of a library needs of the disk."""

import errno
import os
from pathlib import Path

NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


def flush_folders(folder: Path, num_above: int = 2) -> None:
    """Makes names in ``folder`` and as many above it survive a power cut."""
    for path in (folder, *list(folder.parents)[:num_above]):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
