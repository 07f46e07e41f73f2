"""Corrections over REST, strict and bounded, with a real library."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from meeting_app.api import create_app
from meeting_app.config import ServerConfig
from tests.fakes_jobs import RECORDING
from tests.meeting_app.conftest import App

A, B = "SPEAKER_00", "SPEAKER_01"
NAME = {"kind": "rename-speaker", "label": A, "name": "Ana"}


@pytest.fixture
def library(tmp_path) -> Iterator[App]:
    found = App(tmp_path / "home")
    yield found
    found.repository.close()


@pytest.fixture
def meeting_id(library: App) -> str:
    job = library.service.submit(io.BytesIO(RECORDING), "standup.wav")
    library.worker().run(job.id)
    return job.meeting_id


def client_of(library: App, **config: str) -> TestClient:
    return TestClient(
        create_app(library.service, ServerConfig(**config)),
        base_url="http://127.0.0.1",
        raise_server_exceptions=False,
    )


@pytest.fixture
def client(library: App) -> TestClient:
    return client_of(library)


def post(client: TestClient, meeting_id: str, correction: Any, revision: Any = 0) -> Any:
    body = {"revision": revision, "correction": correction}
    return client.post(f"/api/meetings/{meeting_id}/corrections", json=body)


def test_a_correction_is_made_listed_undone_and_repeated(client, meeting_id: str) -> None:
    answer = post(client, meeting_id, NAME)
    assert (answer.status_code, answer.json()) == (
        200,
        {"revision": 1, "can_undo": True, "can_redo": False},
    )
    listed = client.get(f"/api/meetings/{meeting_id}/corrections").json()
    assert listed["state"] == answer.json()
    (made,) = listed["corrections"]
    assert (made["number"], made["correction"], made["problem"]) == (1, NAME, None)
    undone = client.post(f"/api/meetings/{meeting_id}/undo", json={"revision": 1})
    assert undone.json() == {"revision": 2, "can_undo": False, "can_redo": True}
    redone = client.post(f"/api/meetings/{meeting_id}/redo", json={"revision": 2})
    assert redone.json() == {"revision": 3, "can_undo": True, "can_redo": False}


def test_the_author_is_who_logged_in(library: App, meeting_id: str) -> None:
    client = client_of(library, username="eva", password="secret")
    client.auth = ("eva", "secret")
    assert post(client, meeting_id, NAME).status_code == 200
    assert client.patch(f"/api/meetings/{meeting_id}", json={"title": "x"}).status_code == 204
    authors = [made.author for made in library.service.corrections(meeting_id)]
    assert authors == ["eva", "eva"]


def test_a_stale_revision_is_refused_and_changes_nothing(client, library, meeting_id: str) -> None:
    post(client, meeting_id, NAME)
    answer = post(client, meeting_id, {**NAME, "name": "Eva"})
    assert answer.status_code == 409
    assert "was changed elsewhere" in answer.json()["error"]
    assert library.service.meeting(meeting_id).meeting.display_name(A) == "Ana"
    for way in ("undo", "redo"):
        answer = client.post(f"/api/meetings/{meeting_id}/{way}", json={"revision": 0})
        assert answer.status_code == 409


@pytest.mark.parametrize(
    ("correction", "message"),
    [
        ({**NAME, "nickname": "x"}, "nickname: not a key"),
        ({"kind": "rename-speaker", "label": A}, "name: missing"),
        ({"kind": "erase-all"}, "'erase-all' is no correction"),
        ({"kind": 7}, "7 is not a text"),
        ([], "not an object"),
        ({**NAME, "name": 5}, "5 is not a text"),
        (
            {"kind": "reassign-words", "passages": [], "label": A},
            "passages: an empty list",
        ),
        (
            {
                "kind": "reassign-words",
                "passages": [{"start": 2, "end": 1, "speaker": A}],
                "label": B,
            },
            "1.0 is not after 2.0",
        ),
        ({"kind": "remove-chapter", "start": -1}, "before the recording"),
        (
            {"kind": "remove-line", "line": {"list": "poem", "position": 0, "text": "x"}},
            "no list of the minutes",
        ),
        (
            {"kind": "remove-line", "line": {"list": "summary", "position": -1, "text": "x"}},
            "-1 is no position",
        ),
    ],
)
def test_what_is_not_a_correction_is_refused(
    client, library: App, meeting_id: str, correction: Any, message: str
) -> None:
    answer = post(client, meeting_id, correction)
    assert answer.status_code == 400
    assert message in answer.json()["error"]
    assert library.service.corrections(meeting_id) == ()


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"revision": 0}', b'{"revision": "0", "correction": {}}', b"\xff"]
)
def test_a_body_that_is_none_is_refused(client, meeting_id: str, body: bytes) -> None:
    address = f"/api/meetings/{meeting_id}/corrections"
    assert client.post(address, content=body).status_code == 400


def test_a_body_that_is_too_long_is_refused(client, meeting_id: str) -> None:
    long = json.dumps({"revision": 0, "correction": {**NAME, "name": "x" * (2 << 20)}})
    answer = client.post(f"/api/meetings/{meeting_id}/corrections", content=long)
    assert answer.status_code == 400
    assert "more than" in answer.json()["error"]


def test_an_unknown_meeting_or_speaker_is_not_found(client, meeting_id: str) -> None:
    assert post(client, "0000000000000000", NAME).status_code == 404
    assert post(client, meeting_id, {**NAME, "label": "SPEAKER_07"}).status_code == 404
    assert client.get("/api/meetings/0000000000000000/corrections").status_code == 404


def test_fields_that_may_be_left_out_are_filled(client, library: App, meeting_id: str) -> None:
    span = {"start": 10, "end": 15}
    words = {"kind": "replace-words", "segment": span, "text": "I write."}
    assert post(client, meeting_id, words).status_code == 200
    line = {"kind": "add-line", "list": "action", "text": "Ana reads.", "proofs": [1]}
    assert post(client, meeting_id, line, 1).status_code == 200
    meeting = library.service.meeting(meeting_id).meeting
    assert meeting.turns[1].text == "I write."
    assert meeting.minutes.action_items[0].owner is None


def test_a_recording_is_read_again(client, library: App, meeting_id: str) -> None:
    answer = client.post(f"/api/meetings/{meeting_id}/rerun", json={"about_speakers": 3})
    assert answer.status_code == 202
    assert (answer.json()["meeting_id"], answer.json()["state"]) == (meeting_id, "queued")
    assert library.service.jobs()[0].options.speakers.expected == 3
    again = client.post(f"/api/meetings/{meeting_id}/rerun", json={})
    assert again.status_code == 409
    wrong = client.post(f"/api/meetings/{meeting_id}/rerun", json={"colour": "red"})
    assert wrong.status_code == 422
