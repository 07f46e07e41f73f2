"""A client of the API around an in-memory service."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from meeting_app.api import create_app
from meeting_app.config import ServerConfig
from tests.builders import a_meeting
from tests.ui.fake_service import FakeService, stored


@pytest.fixture
def service(tmp_path) -> FakeService:
    playback = tmp_path / "sound.m4a"
    playback.write_bytes(bytes(range(100)))
    return FakeService([stored(a_meeting(title="Q3: Überblick 季度"))], playback)


@pytest.fixture
def client(service: FakeService) -> Iterator[TestClient]:
    app = create_app(service, ServerConfig())
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        yield client
