"""The socket of running meetings, as any program may use or abuse it."""

import base64
import json
import struct
import time
from collections.abc import Iterator

import numpy as np
import pytest
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from meeting_app.api import create_app, live
from meeting_app.config import LiveConfig, ServerConfig
from meeting_app.live.service import LiveService
from storage.repository import LiveStore
from tests.fakes_live import Deaf
from tests.meeting_app.conftest import App

SOCKET = "ws://127.0.0.1/ws/live"  # the test client would call another host
HELLO = {"type": "hello", "version": 1, "role": "record", "title": "Weekly", "language": None}


@pytest.fixture
def app(tmp_path) -> Iterator[App]:
    found = App(tmp_path / "home")
    yield found
    found.repository.close()


@pytest.fixture
def running(app) -> Iterator[LiveService]:
    with LiveService(LiveStore(app.home), app.service, Deaf(8), LiveConfig()) as service:
        yield service


def client_of(app: App, running: LiveService, config: ServerConfig) -> TestClient:
    return TestClient(create_app(app.service, config, running), base_url="http://127.0.0.1")


@pytest.fixture
def client(app, running) -> Iterator[TestClient]:
    with client_of(app, running, ServerConfig()) as found:
        yield found


def frame(number: int, num_samples: int = 1600) -> bytes:
    return struct.pack("<I", number) + np.full(num_samples, number, "<i2").tobytes()


def until(socket, kind: str) -> dict:
    """The next message of a kind."""
    while (message := socket.receive_json())["type"] != kind:
        assert message["type"] != "error" or not message["fatal"], message
    return message


def refusal(socket) -> dict:
    """The fatal error after which the connection is closed."""
    while (message := socket.receive_json())["type"] != "error" or not message["fatal"]:
        pass
    with pytest.raises(WebSocketDisconnect):
        socket.receive_json()
    return message


def test_a_recorder_records_and_another_watches(client, app) -> None:
    with client.websocket_connect(SOCKET) as recorder:
        recorder.send_json(HELLO)
        welcome = until(recorder, "welcome")
        with client.websocket_connect(SOCKET) as viewer:
            viewer.send_json(
                {"type": "hello", "version": 1, "role": "view", "meeting": welcome["meeting"]}
            )
            assert until(viewer, "state")["phase"] == "recording"
            recorder.send_bytes(frame(0))
            assert until(recorder, "ack") == {"type": "ack", "next": 1}
            sound = app.home / "live" / welcome["meeting"] / "sound.au"
            assert len(sound.read_bytes()) == 128 + 3200
            recorder.send_json({"type": "mark", "note": "here"})
            assert until(viewer, "marked") == {"type": "marked", "time": 0.1, "note": "here"}
            recorder.send_json({"type": "ping"})
            assert until(recorder, "pong")


def test_a_lost_recorder_comes_back_with_its_token(client) -> None:
    with client.websocket_connect(SOCKET) as recorder:
        recorder.send_json(HELLO)
        welcome = until(recorder, "welcome")
        recorder.send_bytes(frame(0))
        until(recorder, "ack")
    again = {k: welcome[k] for k in ("meeting", "token")}
    with client.websocket_connect(SOCKET) as recorder:
        recorder.send_json({"type": "hello", "version": 1, "role": "record"} | again)
        assert until(recorder, "welcome")["next"] == 1
        with client.websocket_connect(SOCKET) as other:
            other.send_json({"type": "hello", "version": 1, "role": "record"} | again)
            until(other, "welcome")
            assert refusal(recorder)["code"] == "taken"
            other.send_bytes(frame(1))
            assert until(other, "ack")["next"] == 2


@pytest.mark.parametrize(
    ("hello", "code"),
    [
        ("nonsense", "message"),
        ("[]", "message"),
        ("{}", "message"),
        ("[" * 50_000, "message"),
        (json.dumps(HELLO | {"version": 2}), "version"),
        (json.dumps(HELLO | {"version": True}), "message"),
        (json.dumps(HELLO | {"role": "admin"}), "message"),
        (json.dumps(HELLO | {"language": "english; rm"}), "message"),
        (json.dumps(HELLO | {"title": "x" * 201}), "message"),
        (json.dumps(HELLO | {"title": "a\u202eb"}), "message"),
        (json.dumps(HELLO | {"title": ["x"]}), "message"),
        (json.dumps(HELLO | {"meeting": "../../../etc", "token": "x"}), "unknown"),
        (json.dumps(HELLO | {"meeting": "0" * 16, "token": "x"}), "unknown"),
        (json.dumps(HELLO | {"meeting": "0" * 70_000, "token": "x"}), "message"),
        (json.dumps({"type": "hello", "version": 1, "role": "view"}), "message"),
        (json.dumps({"type": "end"}), "message"),
    ],
)
def test_a_wrong_hello_is_told_why_and_leaves_nothing(client, app, hello: str, code: str) -> None:
    with client.websocket_connect(SOCKET) as socket:
        socket.send_text(hello)
        error = refusal(socket)
        assert (error["code"], bool(error["message"])) == (code, True)
        assert len(error["message"]) < 500
    assert not [*(app.home / "live").glob("*")] if (app.home / "live").exists() else True


def test_sound_before_the_hello_is_refused(client) -> None:
    with client.websocket_connect(SOCKET) as socket:
        socket.send_bytes(frame(0))
        assert refusal(socket)["code"] == "message"


def test_who_says_nothing_is_sent_away(client, monkeypatch) -> None:
    monkeypatch.setattr(live, "_HELLO_WITHIN", 0.05)
    with client.websocket_connect(SOCKET) as socket:
        error = refusal(socket)
        assert (error["code"], "hello" in error["message"]) == ("message", True)


@pytest.mark.parametrize(
    "sound", [b"", b"\x00", frame(0, 0), frame(0) + b"\x01", frame(0, 3201), b"\x00" * 60_000]
)
def test_a_wrong_frame_ends_the_connection_and_not_the_meeting(client, sound: bytes) -> None:
    with client.websocket_connect(SOCKET) as socket:
        socket.send_json(HELLO)
        welcome = until(socket, "welcome")
        socket.send_bytes(frame(0))
        until(socket, "ack")
        socket.send_bytes(sound)
        assert refusal(socket)["code"] == "frame"
    found = client.get(f"/api/live/{welcome['meeting']}").json()
    assert (found["phase"], found["position"]) == ("recording", 0.1)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        '{"type": "fly"}',
        '{"type": ["end"]}',
        '{"type": "edit", "line": -1, "text": "x"}',
        '{"type": "edit", "line": 1e999, "text": "x"}',
        '{"type": "name", "label": "<script>", "name": "x"}',
        '{"type": "mark", "note": ' + json.dumps("x" * 70_000) + "}",
        '{"type": "mark", "note": NaN}',
        json.dumps(HELLO),
    ],
)
def test_garbage_ends_the_connection(client, text: str) -> None:
    with client.websocket_connect(SOCKET) as socket:
        socket.send_json(HELLO)
        until(socket, "welcome")
        socket.send_text(text)
        assert refusal(socket)["code"] == "message"


def test_a_name_that_is_too_long_is_refused_and_the_recording_goes_on(client) -> None:
    with client.websocket_connect(SOCKET) as socket:
        socket.send_json(HELLO)
        until(socket, "welcome")
        socket.send_json({"type": "name", "label": "SPEAKER_00", "name": "x" * 101})
        error = until(socket, "error")
        while error["code"] == "recognition":
            error = until(socket, "error")
        assert (error["code"], error["fatal"]) == ("message", False)
        socket.send_bytes(frame(0))
        assert until(socket, "ack")


def test_a_gap_says_from_where_to_send_again(client) -> None:
    with client.websocket_connect(SOCKET) as socket:
        socket.send_json(HELLO)
        until(socket, "welcome")
        socket.send_bytes(frame(3))
        error = until(socket, "error")
        while error["code"] == "recognition":
            error = until(socket, "error")
        assert (error["code"], error["fatal"], error["next"]) == ("gap", False, 0)


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {"Host": "evil.example"}])
def test_other_sites_do_not_get_in(client, headers) -> None:
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(SOCKET, headers=headers):
        pass


def test_the_password_is_asked_for_here_too(app, running) -> None:
    with client_of(app, running, ServerConfig(password="geheim")) as client:
        with pytest.raises(WebSocketDisconnect), client.websocket_connect(SOCKET):
            pass
        assert client.get("/api/live").status_code == 401
        known = {"Authorization": f"Basic {base64.b64encode(b'meeting:geheim').decode()}"}
        with client.websocket_connect(SOCKET, headers=known) as socket:
            socket.send_json(HELLO)
            assert until(socket, "welcome")


def test_live_meetings_are_listed_without_their_tokens(client) -> None:
    with client.websocket_connect(SOCKET) as socket:
        socket.send_json(HELLO)
        welcome = until(socket, "welcome")
        (entry,) = client.get("/api/live").json()
        assert (entry["id"], entry["title"]) == (welcome["meeting"], "Weekly")
        assert (entry["phase"], entry["is_recorder_connected"]) == ("recording", True)
        answers = client.get("/api/live").text + client.get(f"/api/live/{entry['id']}").text
        assert welcome["token"] not in answers
        for method, path in (("POST", f"/api/live/{entry['id']}/end"), ("DELETE", "/api/live/x")):
            assert client.request(method, path).status_code == (409 if method == "POST" else 404)


def test_an_interrupted_meeting_is_sealed_or_forgotten_over_rest(client, app, running) -> None:
    with client.websocket_connect(SOCKET) as socket:
        socket.send_json(HELLO)
        meeting_id = until(socket, "welcome")["meeting"]
        socket.send_bytes(frame(0))
        until(socket, "ack")
    deadline = time.monotonic() + 60
    while client.get("/api/live").json()[0]["is_recorder_connected"]:
        assert time.monotonic() < deadline
    assert client.post(f"/api/live/{meeting_id}/end").status_code == 204
    assert client.get(f"/api/live/{meeting_id}").json()["phase"] in ("sealing", "failed")
    answer = client.post("/api/live/..%2f..%2fetc/end")
    assert (answer.status_code, list(answer.json())) == (404, ["error"])


def test_without_live_meetings_there_is_no_socket(app) -> None:
    with TestClient(create_app(app.service, ServerConfig()), base_url="http://127.0.0.1") as client:
        with pytest.raises(WebSocketDisconnect), client.websocket_connect(SOCKET):
            pass
        assert client.get("/api/live").status_code == 404
