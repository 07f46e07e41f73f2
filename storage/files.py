"""What every kind of file of a library needs of the disk."""

import errno
import os
from pathlib import Path

NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


def flush_folders(folder: Path) -> None:
    """Makes names in ``folder`` and the two above it survive a power cut."""
    for path in (folder, folder.parent, folder.parent.parent):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
