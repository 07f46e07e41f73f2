"""Processes that are gone when the test is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.live_server import LiveServer


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LiveServer]:
    """The server of running meetings, started."""
    found = LiveServer(tmp_path / "home")
    found.start()
    yield found
    found.kill()
