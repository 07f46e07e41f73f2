"""Files that `transcribe` and `export` write."""

import errno
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from meeting_app.errors import ConfigError, DiskFullError, StorageError
from meeting_app.formats import format_named


@dataclass(frozen=True, slots=True)
class Target:
    """One file that is to be written."""

    format: str
    path: Path


@dataclass(frozen=True, slots=True)
class Plan:
    """A recording and the files its meeting is written to."""

    recording: Path
    targets: tuple[Target, ...]


def plan_outputs(
    recordings: Sequence[Path], formats: Sequence[str], folder: Path | None
) -> tuple[Plan, ...]:
    """Who writes what; made before any work so that hours of it cannot be overwritten.

    Raises:
        FormatError: there is no such format.
        ConfigError: two results would have the same path, or the folder is a file.
    """
    if folder is None:
        return tuple(Plan(recording, ()) for recording in recordings)
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"{folder}: is a file; give --output-dir a folder")
    suffixes = {name: format_named(name).suffix for name in formats}
    plans = tuple(
        Plan(
            recording,
            tuple(
                Target(name, folder / f"{recording.stem}{suffix}")
                for name, suffix in suffixes.items()
            ),
        )
        for recording in recordings
    )
    _refuse_collisions(plans)
    return plans


def _refuse_collisions(plans: Sequence[Plan]) -> None:
    owners: dict[str, Path] = {}
    for plan in plans:
        for target in plan.targets:
            # Many file systems do not tell A.json from a.json.
            key = str(target.path).casefold()
            if key in owners:
                raise ConfigError(
                    f"{owners[key]} and {plan.recording}: both would be written to {target.path}; "
                    "rename one, or give them in two calls with different --output-dir"
                )
            owners[key] = plan.recording


def write_whole(path: Path, blocks: Iterable[bytes]) -> None:
    """Writes a file that is either complete or not there.

    Raises:
        DiskFullError: there is no room for it.
        StorageError: the folder refuses.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as file:
            file.writelines(blocks)
        partial.replace(path)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFullError(f"{path}: the disk is full; make room and try again") from error
        raise StorageError(
            f"{path}: cannot be written ({error.strerror or error}); choose another place"
        ) from error
    finally:
        # When the folder itself is what is wrong, there is nothing to remove.
        with suppress(OSError):
            partial.unlink()
