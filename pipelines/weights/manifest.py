"""What was verified when: the note that spares a model's files from being hashed at every use.

A model's folder holds `.verified.json` with each file's hash, size and time of change. As long
as all three still fit, the bytes are taken for those that were hashed. Anything else (a copied
folder, a touched or replaced file) is hashed once more before it is used.
"""

import json
import logging
from dataclasses import dataclass
from pathlib import Path

from pipelines.weights.catalogue import ModelEntry, ModelFile
from pipelines.weights.download import hash_file

MANIFEST = ".verified.json"
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FolderState:
    """How a model's folder differs from its entry; no name in either is as it should be."""

    missing: tuple[str, ...]
    damaged: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        """Whether every file is there and right, as far as was looked."""
        return not self.missing and not self.damaged


def inspect_sizes(entry: ModelEntry, folder: Path) -> FolderState:
    """Look at names and sizes only."""
    return FolderState(
        missing=tuple(each.name for each in entry.files if not (folder / each.name).is_file()),
        damaged=tuple(
            each.name
            for each in entry.files
            if (folder / each.name).is_file() and (folder / each.name).stat().st_size != each.size
        ),
    )


def inspect_bytes(entry: ModelEntry, folder: Path) -> FolderState:
    """Hash every file."""
    state = inspect_sizes(entry, folder)
    wrong = tuple(
        each.name
        for each in entry.files
        if each.name not in state.missing and not _has_hash(folder, each)
    )
    return FolderState(state.missing, wrong)


def is_recorded(entry: ModelEntry, folder: Path) -> bool:
    """Whether the folder is as it was when its files were hashed."""
    try:
        recorded = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return bool(recorded == _notes(entry, folder))
    except (OSError, ValueError):
        return False


def record(entry: ModelEntry, folder: Path) -> None:
    """Note that every file has just been hashed and found right.

    Raises:
        OSError: the folder cannot be written.
    """
    text = json.dumps(_notes(entry, folder), indent=1)
    (folder / MANIFEST).write_text(text, encoding="utf-8")


def try_to_record(entry: ModelEntry, folder: Path) -> None:
    """Record where that can be written; a read-only cache works, and hashes again next time."""
    try:
        record(entry, folder)
    except OSError as error:
        _logger.info("%s: not noted as verified (%s); it will be hashed again", folder, error)


def forget(folder: Path) -> None:
    """Make the next use hash the files again."""
    try:
        (folder / MANIFEST).unlink(missing_ok=True)
    except OSError as error:
        _logger.warning("%s: damaged, but it cannot be written (%s)", folder, error)


def _has_hash(folder: Path, file: ModelFile) -> bool:
    path = folder / file.name
    return path.stat().st_size == file.size and hash_file(path) == file.sha256


def _notes(entry: ModelEntry, folder: Path) -> list[list[str | int]]:
    notes: list[list[str | int]] = []
    for file in entry.files:
        stat = (folder / file.name).stat()
        notes.append([file.name, file.sha256, stat.st_size, stat.st_mtime_ns])
    return notes
