"""One file over HTTP: resumed where it broke off, and never trusted before its hash is right."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from meeting_app.errors import HashMismatchError, NetworkError

ReportBytes = Callable[[int], None]
"""Called with how many bytes of the file are there; falls when a server must start over."""

# Seconds. A host that a firewall swallows must not hold up the next source.
CONNECT_TIMEOUT = 4.0
READ_TIMEOUT = 30.0
_NUM_ATTEMPTS = 5
_BLOCK_SIZE = 1 << 16  # bytes; at most this much is lost when a connection breaks


@dataclass(frozen=True, slots=True)
class Download:
    """A file to fetch, known by its hash."""

    url: str
    path: Path  # where the whole and checked file ends up
    size: int  # bytes
    sha256: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def part(self) -> Path:
        """Where the bytes gather until they are all there."""
        return self.path.with_name(self.path.name + ".part")

    @property
    def num_bytes_kept(self) -> int:
        """What an earlier attempt left behind."""
        return size_of(self.path) or size_of(self.part)


def new_session() -> requests.Session:
    """A session that asks again when a server is busy, and gives up at once when none is there."""
    session = requests.Session()
    busy = Retry(
        total=2,
        connect=0,
        read=0,
        status_forcelist=(429, 502, 503, 504),
        backoff_factor=0.5,
        raise_on_status=False,
    )
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=busy))
    return session


def download(session: requests.Session, wanted: Download, report: ReportBytes) -> None:
    """Fetch ``wanted.path`` and check it; bytes kept from an earlier attempt are used.

    Raises:
        NetworkError: the server did not give all of it; what came is kept for the next attempt.
        HashMismatchError: it is not the promised file; nothing of it is kept.
        OSError: the disk refuses.
    """
    wanted.path.parent.mkdir(parents=True, exist_ok=True)
    if wanted.path.exists() and hash_file(wanted.path) == wanted.sha256:
        report(wanted.size)
        return
    was_resumed = size_of(wanted.part) > 0
    _complete(session, wanted, report)
    found = hash_file(wanted.part)
    if found != wanted.sha256 and was_resumed:
        # The beginning may be of another day's file: once more, from nothing.
        wanted.part.unlink()
        _complete(session, wanted, report)
        found = hash_file(wanted.part)
    if found != wanted.sha256:
        wanted.part.unlink()
        raise mismatch(wanted.path.name, wanted.sha256, found)
    wanted.part.replace(wanted.path)


def hash_file(path: Path) -> str:
    """The file's sha256, lower-case hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def size_of(path: Path) -> int:
    """Bytes of a file; 0 where there is none."""
    return path.stat().st_size if path.exists() else 0


def mismatch(what: str, promised: str, found: str) -> HashMismatchError:
    """The error for a file that is another one than promised."""
    return HashMismatchError(
        f"{what}: sha256 is {found}, but {promised} was promised; it was not kept. "
        "Try again, or ask who runs your mirror why it gives another file"
    )


def without_secrets(url: str) -> str:
    """``url`` fit for a message: no user, no password, no query."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _complete(session: requests.Session, wanted: Download, report: ReportBytes) -> None:
    for _ in range(_NUM_ATTEMPTS):
        before = size_of(wanted.part)
        if before == wanted.size and before > 0:
            return
        try:
            _continue(session, wanted, report)
        except requests.RequestException as error:
            # A line that still brings something is worth another attempt.
            if size_of(wanted.part) <= before:
                raise _unreachable(wanted, error) from error
        if size_of(wanted.part) == wanted.size:
            return
    raise NetworkError(
        f"{without_secrets(wanted.url)}: {size_of(wanted.part)} of {wanted.size} bytes after "
        f"{_NUM_ATTEMPTS} attempts; run the same command again to go on from there"
    )


def _continue(session: requests.Session, wanted: Download, report: ReportBytes) -> None:
    kept = size_of(wanted.part)
    # A compressed answer could not be resumed byte by byte.
    headers = {**wanted.headers, "Accept-Encoding": "identity"}
    if kept:
        headers["Range"] = f"bytes={kept}-"
    with session.get(
        wanted.url, headers=headers, stream=True, timeout=(CONNECT_TIMEOUT, READ_TIMEOUT)
    ) as response:
        if response.status_code == requests.codes.requested_range_not_satisfiable:
            wanted.part.unlink()  # longer than the file: useless
            return
        response.raise_for_status()
        is_continued = response.headers.get("Content-Range", "").startswith(f"bytes {kept}-")
        _write(response, wanted, report, kept if kept and is_continued else 0)


def _write(
    response: requests.Response, wanted: Download, report: ReportBytes, num_bytes: int
) -> None:
    with wanted.part.open("ab" if num_bytes else "wb") as part:
        for block in response.iter_content(_BLOCK_SIZE):
            num_bytes += len(block)
            if num_bytes > wanted.size:
                break
            part.write(block)
            part.flush()  # a killed process loses no block that has come
            report(num_bytes)
    if num_bytes > wanted.size:
        wanted.part.unlink()
        raise HashMismatchError(
            f"{wanted.path.name}: longer than the {wanted.size} bytes promised; it was not kept. "
            "Ask who runs your mirror why it gives another file"
        )


# The first that fits; the special kinds stand before the general ones.
_REASONS: tuple[tuple[type[requests.RequestException], str], ...] = (
    (requests.Timeout, "no answer in time"),
    (
        requests.exceptions.SSLError,
        "its certificate is not trusted; name your company's in REQUESTS_CA_BUNDLE",
    ),
    (requests.exceptions.ProxyError, "the proxy refuses; check HTTPS_PROXY"),
    (requests.exceptions.ChunkedEncodingError, "the connection broke"),
    (requests.ConnectionError, "no connection"),
)


def _unreachable(wanted: Download, error: requests.RequestException) -> NetworkError:
    return NetworkError(f"{without_secrets(wanted.url)}: {reason(error)}")


def reason(error: requests.RequestException) -> str:
    """In a few words, why a request failed; addresses in the library's text may hold secrets."""
    if error.response is not None:
        return f"the server answered {error.response.status_code} {error.response.reason}"
    known = (text for kind, text in _REASONS if isinstance(error, kind))
    return next(known, type(error).__name__)
