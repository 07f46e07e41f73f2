import gzip
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.builders import a_meeting
from tests.ui.fake_service import FakeService, stored
from ui.meeting.routes import serve_meetings

ADDRESS = "/pages/meetings/m1"


@pytest.fixture
def service() -> FakeService:
    return FakeService([stored(a_meeting())])


@pytest.fixture
def client(service: FakeService) -> Iterator[TestClient]:
    app = FastAPI()
    serve_meetings(app, service)
    with TestClient(app) as client:
        yield client


def test_meeting_comes_whole_and_packed(client):
    answer = client.get(ADDRESS)
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.json()["title"] == "Standup"
    assert "Release" in answer.json()["parts"]["chapters"]


def test_who_cannot_unpack_gets_it_as_it_is(client):
    answer = client.get(ADDRESS, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in answer.headers
    assert gzip.compress(answer.content, 1)[:2] == b"\x1f\x8b"
    assert answer.json()["id"] == "m1"


def test_what_the_browser_has_is_not_sent_again_until_it_changes(client, service):
    tag = client.get(ADDRESS).headers["etag"]
    same = client.get(ADDRESS, headers={"If-None-Match": tag})
    assert (same.status_code, same.content) == (304, b"")
    service.rename_meeting("m1", "Kick-off")
    changed = client.get(ADDRESS, headers={"If-None-Match": tag})
    assert (changed.status_code, changed.json()["title"]) == (200, "Kick-off")


def test_markup_is_in_the_language_that_is_asked_for(client):
    assert "章节" in client.get(f"{ADDRESS}?language=zh").json()["parts"]["chapters"]


def test_missing_meeting_says_so(client):
    answer = client.get("/pages/meetings/nope").json()
    assert answer == {"error": "nope: no such meeting; list them", "missing": "true"}
