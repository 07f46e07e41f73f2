"""Programs that break the rules, read slowly or come and go: nobody else notices."""

import json
import struct
import threading
import time
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.integration.live_recorder import (
    FRAME,
    PATIENCE,
    RATE,
    Client,
    Recorder,
    decoded,
    frame,
    sound,
    until,
)
from tests.integration.live_server import LiveServer
from tests.integration.live_server_to_kill import LONGEST_MESSAGE

pytestmark = pytest.mark.slow

PER_SECOND = RATE // FRAME  # frames
MB = 1_000_000
HELLO = {"type": "hello", "version": 1, "role": "record"}


def url(server: LiveServer) -> str:
    return f"{server.address.replace('http', 'ws', 1)}/ws/live"


def answers(server: LiveServer, *messages: str | bytes) -> list[dict[str, Any]]:
    """What the server says to somebody who sends this, until it closes."""
    found: list[dict[str, Any]] = []
    with (
        suppress(ConnectionClosed, TimeoutError, OSError),
        connect(url(server), max_size=None, proxy=None, close_timeout=1) as socket,
    ):
        for message in messages:
            socket.send(message)
        while True:
            found.append(json.loads(socket.recv(timeout=PATIENCE)))
    return found


GARBAGE: dict[str, tuple[str | bytes, str]] = {
    "sound before the hello": (frame(0), "message"),
    "nothing": ("", "message"),
    "no JSON": ("GET / HTTP/1.1", "message"),
    "a list": ("[1, 2]", "message"),
    "a number": ("12", "message"),
    "a deep nest": ("[" * 50_000, "message"),
    "not a hello": ('{"type": "end"}', "message"),
    "no role": ('{"type": "hello", "version": 1}', "message"),
    "a role that is none": (json.dumps(HELLO | {"role": "owner"}), "message"),
    "a title that is a list": (json.dumps(HELLO | {"title": ["a"]}), "message"),
    "another version": (json.dumps(HELLO | {"version": 2}), "version"),
    "a version that is a word": (json.dumps(HELLO | {"version": "one"}), "message"),
    "a huge text": (json.dumps(HELLO | {"title": "x" * 200_000}), "message"),
    "a path as id": (json.dumps(HELLO | {"meeting": "../../x", "token": "t"}), "unknown"),
    "a token of another world": (
        json.dumps(HELLO | {"meeting": "0" * 16, "token": "ü"}),
        "unknown",
    ),
    "a lone surrogate": ('{"type": "hello", "version": 1, "role": "\\ud800"}', "message"),
}


def test_garbage_is_refused_and_a_running_meeting_does_not_notice(server: LiveServer) -> None:
    recorder = Recorder(server.address)
    recorder.send_until(PER_SECOND)
    for name, (message, code) in GARBAGE.items():
        last = answers(server, message)[-1]
        assert (last["type"], last.get("code"), last.get("fatal")) == ("error", code, True), name
        recorder.send_until(recorder.num_sent + 1)
    assert np.array_equal(
        decoded(server.sound(recorder.meeting)), sound(0, recorder.num_sent * FRAME)
    )
    assert "Traceback" not in "".join(server.said)


def test_frames_that_are_none_end_the_connection_and_leave_no_trace(server: LiveServer) -> None:
    follower = Recorder(server.address)
    follower.send_until(PER_SECOND)
    follower.first("partial")  # from now on there is room for more than two meetings
    number = struct.pack("<I", 0)
    for payload in (
        b"",
        b"\x00\x00\x00",
        number,
        number + b"\x00",
        number + bytes(2 * 3_201),
        number + bytes(100_000),
        number + bytes(30 * MB),  # more than the server takes in at all: closed without a word
    ):
        rude = Recorder(server.address)
        rude.first("state")
        with suppress(ConnectionClosed):
            rude.socket.send(payload)
        if len(payload) < LONGEST_MESSAGE:
            assert rude.first("error", fatal=True)["code"] == "frame", len(payload)
        assert rude.is_closed.wait(PATIENCE)
        assert len(decoded(server.sound(rude.meeting))) == 0
    assert "Traceback" not in "".join(server.said)


def test_a_rude_command_of_a_recorder_ends_only_its_connection(server: LiveServer) -> None:
    recorder = Recorder(server.address)
    recorder.send_until(PER_SECOND)
    recorder.socket.send("}{")
    assert recorder.first("error", fatal=True)["code"] == "message"
    assert recorder.is_closed.wait(PATIENCE)
    back = Recorder(server.address, recorder.meeting, recorder.token)
    assert back.num_safe == PER_SECOND


def test_wrong_numbers_are_answered_with_the_right_one(server: LiveServer) -> None:
    recorder = Recorder(server.address)
    recorder.send_until(10)
    for wrong in (11, 500, 2**32 - 1):
        recorder.messages.clear()
        recorder.socket.send(frame(wrong)[:4] + frame(0)[4:])
        error = recorder.first("error", code="gap")
        assert (error["next"], error["fatal"]) == (10, False)
    recorder.messages.clear()
    for known in (3, 9, 0):
        recorder.socket.send(frame(known))
    until(lambda: recorder.all("ack", next=10), "known frames are acknowledged again")
    recorder.send_until(20)
    assert np.array_equal(decoded(server.sound(recorder.meeting)), sound(0, 20 * FRAME))


def test_of_two_recorders_the_later_one_has_the_meeting(server: LiveServer) -> None:
    first = Recorder(server.address)

    def send() -> None:
        with suppress(ConnectionClosed, OSError):
            first.send(10_000, pause=0.001)

    sender = threading.Thread(target=send)
    sender.start()
    until(lambda: first.num_safe > 20, "a beginning")
    second = Recorder(server.address, first.meeting, first.token)
    assert first.first("error", fatal=True)["code"] == "taken"
    sender.join()
    second.send_until(second.num_sent + PER_SECOND)
    recorded = decoded(server.sound(second.meeting))
    assert np.array_equal(recorded, sound(0, second.num_sent * FRAME))


def test_a_recorder_without_the_token_is_refused(server: LiveServer) -> None:
    recorder = Recorder(server.address)
    thief = HELLO | {"meeting": recorder.meeting, "token": "0" * 32}
    assert answers(server, json.dumps(thief))[-1]["code"] == "token"
    recorder.send_until(10)


def test_two_viewers_see_the_same_and_a_late_one_sees_all(server: LiveServer) -> None:
    recorder = Recorder(server.address)
    early = Client(server.address, {"role": "view", "meeting": recorder.meeting})
    assert "token" not in early.first("welcome")
    recorder.send_until(10 * PER_SECOND)
    until(lambda: len(recorder.final_words()) == 9, "text")
    recorder.tell({"type": "name", "label": "SPEAKER_00", "name": "Ada"})
    recorder.first("named")
    late = Client(server.address, {"role": "view", "meeting": recorder.meeting})
    state = late.first("state")
    assert (state["names"], state["position"]) == ({"SPEAKER_00": "Ada"}, 10.0)
    until(lambda: early.final_words() == recorder.final_words() == late.final_words(), "the same")
    late.socket.send(frame(0))  # a viewer sends nothing
    assert late.first("error", fatal=True)["code"] == "message"
    recorder.end()
    for reader in (recorder, early):
        assert reader.first("sealed")


def test_a_reader_who_takes_nothing_costs_no_memory_and_delays_nobody(server: LiveServer) -> None:
    recorder = Recorder(server.address)
    recorder.send_until(4 * PER_SECOND)
    until(recorder.final_words, "a line")
    slow = Client(server.address, {"role": "view", "meeting": recorder.meeting}, is_reading=False)
    quick = Client(server.address, {"role": "view", "meeting": recorder.meeting})
    quick.first("state")
    before = server.facts.memory_info().rss
    worst = 0.0
    for number in range(6_000):  # 30 MB for each reader
        recorder.tell({"type": "edit", "line": 0, "text": f"{number} " + "x" * 4_900})
        if number % 100 == 0:
            began = time.monotonic()
            recorder.send_until(recorder.num_sent + 1)
            worst = max(worst, time.monotonic() - began)
    until(lambda: _last_edit(quick).startswith("5999 "), "the last edit")
    grown = server.facts.memory_info().rss - before
    assert grown < 25 * MB, f"{grown / MB:.0f} MB"
    # Far below what it takes until somebody who reads nothing is taken for dead.
    assert worst < 10.0, f"{worst:.2f} s"
    slow.read()
    # It gets the whole state instead of what it missed, unless it was taken for dead.
    until(lambda: slow.is_closed.is_set() or _last_edit(slow).startswith("5999 "), "catching up")
    assert len(slow.all("edited")) < 6_000


def _last_edit(client: Client) -> str:
    """The first line as the client knows it."""
    for message in reversed(list(client.messages)):
        if message["type"] == "edited":
            return str(message["text"])
        if message["type"] == "state" and message["lines"]:
            return " ".join(word[0] for word in message["lines"][0]["words"])
    return ""


def test_a_thousand_connections_that_drop_leave_nothing_behind(server: LiveServer) -> None:
    recorder = Recorder(server.address)
    recorder.send_until(PER_SECOND)
    view = json.dumps({"type": "hello", "version": 1, "role": "view", "meeting": recorder.meeting})
    manners = (None, json.dumps(HELLO), view, view, "garbage")

    def come_and_go(times: int) -> None:
        for number in range(times):
            with suppress(ConnectionClosed, OSError), connect(url(server), proxy=None) as socket:
                hello = manners[number % len(manners)]
                if hello is not None:
                    socket.send(hello)
                    socket.recv(timeout=PATIENCE)
                socket.socket.shutdown(2)  # no goodbye

    facts = server.facts
    come_and_go(200)  # past what is kept on purpose: meetings without a sound
    until(lambda: len(facts.net_connections()) <= 2, "closed sockets")
    time.sleep(12)  # idle threads of the server end after ten seconds
    fds, threads, memory = facts.num_fds(), facts.num_threads(), facts.memory_info().rss
    come_and_go(1_000)
    until(lambda: len(facts.net_connections()) <= 2, "closed sockets")
    until(lambda: facts.num_fds() <= fds + 4, "closed files")
    until(lambda: facts.num_threads() <= threads + 2, "idle threads ended")
    memory_after = facts.memory_info().rss
    assert memory_after - memory < 10 * MB, f"{(memory_after - memory) / MB:.1f} MB"
    recorder.send_until(2 * PER_SECOND)
    assert len([*(server.home / "live").iterdir()]) <= 40
