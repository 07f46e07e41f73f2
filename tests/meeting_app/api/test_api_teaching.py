"""Proposals and splits over REST, with a real library."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from pyannote.core import Segment

from meeting_app.api import create_app
from meeting_app.config import ServerConfig
from meeting_app.domain import Relabelling
from tests.meeting_app.conftest import App

A, B = "SPEAKER_00", "SPEAKER_01"


@pytest.fixture
def library(tmp_path) -> Iterator[App]:
    found = App(tmp_path / "home")
    yield found
    found.repository.close()


@pytest.fixture
def path(library: App) -> str:
    return f"/api/meetings/{library.process()}"


@pytest.fixture
def client(library: App) -> TestClient:
    return TestClient(create_app(library.service, ServerConfig()), base_url="http://127.0.0.1")


def test_what_is_proposed_can_be_accepted_as_it_is(client, library: App, path: str) -> None:
    library.reclusterer.changes = (Relabelling(Segment(10.0, 11.0), B, A),)
    proposal = client.get(f"{path}/proposal").json()
    assert proposal == {
        "revision": 0,
        "changes": [{"start": 10.0, "end": 11.0, "before": B, "after": A}],
    }
    correction = {"kind": "relabel", "changes": proposal["changes"]}
    body = {"revision": proposal["revision"], "correction": correction}
    assert client.post(f"{path}/corrections", json=body).status_code == 200
    (entry,) = library.service.library()
    turns = library.service.meeting(entry.id).meeting.turns
    assert [turn.speaker for turn in turns] == [A, A, B]


def test_a_speaker_is_split_for_the_revision_that_the_user_saw(
    client, library: App, path: str
) -> None:
    library.reclusterer.segments = (Segment(10.0, 11.0),)
    answer = client.post(f"{path}/speakers/{B}/split", json={"revision": 0})
    assert answer.json() == {"revision": 1, "can_undo": True, "can_redo": False}
    stale = client.post(f"{path}/speakers/{B}/split", json={"revision": 0})
    assert stale.status_code == 409


def test_one_voice_is_a_conflict_unless_the_user_insists(client, library: App, path: str) -> None:
    library.reclusterer.is_one_voice = True
    library.reclusterer.segments = (Segment(10.0, 11.0),)
    refused = client.post(f"{path}/speakers/{B}/split", json={"revision": 0})
    assert refused.status_code == 409
    assert "sounds like one person" in refused.json()["error"]
    insisting = client.post(f"{path}/speakers/{B}/split", json={"revision": 0, "insist": True})
    assert insisting.status_code == 200


def test_a_split_names_the_revision(client, path: str) -> None:
    assert client.post(f"{path}/speakers/{B}/split", json={}).status_code == 422
