"""What every kind of source is asked to do, and the disk space that it needs for it."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from meeting_app.errors import NoSpaceError
from pipelines.weights.catalogue import ModelEntry
from pipelines.weights.download import ReportBytes

# Bytes left free, so that a pull is not what fills the disk to the last block.
_RESERVE = 16 << 20


@dataclass(frozen=True, slots=True)
class PullProgress:
    """How far the pull of one model has come."""

    model: str
    file: str  # what is coming in right now
    num_bytes: int  # of the whole pull
    total_bytes: int  # of the whole pull


PullReport = Callable[[PullProgress], None]
"""Called after every block that comes in; what it raises ends the pull, the cache stays sound."""


def report_nothing(progress: PullProgress) -> None:
    """For callers that do not watch."""


@dataclass(frozen=True, slots=True)
class Pull:
    """One model on its way into the cache."""

    entry: ModelEntry
    staging: Path  # empty folder that the source fills with the model's files
    partial: Path  # folder for downloads; what lies there outlives a broken pull
    report: PullReport

    def reporter(self, file: str, before: int, total: int) -> ReportBytes:
        """Turns the bytes of one download into the progress of the pull."""

        def report_bytes(num_bytes: int) -> None:
            self.report(PullProgress(self.entry.name, file, before + num_bytes, total))

        return report_bytes


def require_space(folder: Path, num_bytes: int) -> None:
    """Raise NoSpaceError unless the disk of ``folder`` has room for so many bytes."""
    free = shutil.disk_usage(folder).free
    if free < num_bytes + _RESERVE:
        needed_mb, free_mb = -(-(num_bytes + _RESERVE) // 10**6), free // 10**6
        raise NoSpaceError(
            f"{folder}: {needed_mb} MB are needed and {free_mb} MB are free; "
            "make room, or set MEETING_APP_WEIGHTS_CACHE to a folder on a larger disk"
        )
