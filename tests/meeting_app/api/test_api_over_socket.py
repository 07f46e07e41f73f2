"""Uploads over a real connection: cut ones, refused ones, and ones larger than memory should be."""

import http.client
import resource
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from meeting_app.api import create_app
from meeting_app.config import ServerConfig
from meeting_app.domain import UNFILED, Job
from tests.ui.fake_service import FakeService, a_job
from tests.ui.serving import serving

MEGABYTE = b"\0" * 1_000_000


class CountingService(FakeService):
    """Counts bytes instead of keeping them."""

    num_bytes = 0
    failure: Exception | None = None

    def submit(self, source, filename, options, title=None, filing=UNFILED) -> Job:
        try:
            while block := source.read(1 << 20):
                self.num_bytes += len(block)
        except Exception as error:
            self.failure = error
            raise
        return a_job("j1", filename=filename)


@pytest.fixture
def service() -> CountingService:
    return CountingService()


@pytest.fixture
def address(service) -> Iterator[str]:
    with serving(create_app(service, ServerConfig())) as url:
        yield urlsplit(url).netloc


def peak_memory() -> int:
    """Kilobytes this process, server included, ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def test_memory_does_not_grow_with_the_upload(service, address):
    connection = http.client.HTTPConnection(address)
    connection.request("POST", "/api/recordings?filename=a.wav", iter([MEGABYTE] * 5))
    assert connection.getresponse().read()
    before = peak_memory()
    connection.request("POST", "/api/recordings?filename=b.wav", iter([MEGABYTE] * 300))
    answer = connection.getresponse()
    assert (answer.status, bool(answer.read())) == (201, True)
    connection.close()
    assert service.num_bytes == 305_000_000
    assert peak_memory() - before < 30_000


def test_cut_upload_fails_in_the_service_instead_of_ending_early(service, address):
    host, _, port = address.rpartition(":")
    with socket.create_connection((host, int(port))) as connection:
        head = f"POST /api/recordings?filename=a.wav HTTP/1.1\r\nHost: {address}\r\n"
        connection.sendall(f"{head}Content-Length: 2000000\r\n\r\n".encode() + MEGABYTE)
    deadline = time.monotonic() + 60
    while service.failure is None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert "cut off" in str(service.failure)


def test_sender_of_a_refused_upload_gets_the_message_not_a_cut(address, service):
    service.submit = FakeService.submit.__get__(service)  # refuses before it reads
    connection = http.client.HTTPConnection(address)
    body = iter([MEGABYTE] * 20)
    connection.request("POST", "/api/recordings?filename=full.wav", body)
    answer = connection.getresponse()
    assert answer.status == 507
    assert b"free some space" in answer.read()
    connection.close()
