"""Recorder and server: every frame once, in order, and on disk before it is acknowledged."""

import errno
import json
import os

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meeting_app.domain import VoiceNamed
from meeting_app.domain.live_messages import (
    EditLine,
    EndMeeting,
    MarkMoment,
    PauseRecording,
    Ping,
    RecordNew,
    RecordOn,
    SoundGrew,
)
from meeting_app.errors import (
    ConflictError,
    DiskFullError,
    EndedError,
    FormatError,
    FullError,
    TakenError,
    UnknownLiveError,
    WrongTokenError,
)
from storage import live as storage_live


def samples_of(*numbers: int) -> np.ndarray:
    return np.repeat(np.array(numbers, np.int16) + 1, 1600)


def test_a_recorder_is_welcomed_with_the_whole_state(room) -> None:
    seat = room.live.join(RecordNew("Weekly", "en"), lambda: None)
    welcome, state = (json.loads(text) for text in seat.take())
    assert (welcome["type"], welcome["next"], welcome["sample_rate"]) == ("welcome", 0, 16_000)
    assert len(welcome["token"]) == 32
    assert (state["type"], state["phase"], state["title"]) == ("state", "recording", "Weekly")


def test_frames_are_on_disk_when_they_are_acknowledged(room) -> None:
    client = room.record()
    client.send(0, 1, 2)
    assert client.take() == [{"type": "ack", "next": 3}]
    assert np.array_equal(room.sound(client.id), samples_of(0, 1, 2))


def test_a_known_frame_is_acknowledged_again_and_ignored(room) -> None:
    client = room.record()
    client.send(0, 1)
    client.take()
    client.send(0)
    assert client.take() == [{"type": "ack", "next": 2}]
    assert len(room.sound(client.id)) == 3200


def test_a_gap_is_answered_once_however_much_is_in_flight(room) -> None:
    client = room.record()
    client.send(0, 3, 4, 5)
    (gap,) = client.take("error")
    assert (gap["code"], gap["fatal"], gap["next"]) == ("gap", False, 1)
    client.send(7)
    assert len(client.take("error")) == 1  # another one
    client.send(1, 2)
    assert np.array_equal(room.sound(client.id), samples_of(0, 1, 2))
    client.send(4)
    assert len(client.take("error")) == 1


def test_the_recognition_hears_of_every_frame(room) -> None:
    client = room.record()
    client.send(0, 1)
    opened, *grown = room.recognition.orders
    assert (opened.meeting_id, opened.language) == (client.id, "en")
    assert (opened.from_sample, opened.next_line) == (0, 0)
    assert grown == [SoundGrew(client.id, n) for n in (0, 1600, 3200)]


def test_a_second_recorder_with_the_token_takes_the_meeting_over(room) -> None:
    first = room.record()
    first.send(0, 1)
    second = room.join(first.on())
    assert second.welcome["next"] == 2
    error = first.take("error")[-1]
    assert (error["code"], error["fatal"], first.seat.is_over) == ("taken", True, True)
    with pytest.raises(TakenError):
        first.send(2)
    second.send(2)
    first.seat.leave()
    assert room.live.state(second.id).is_recorder_connected
    assert len(room.sound(second.id)) == 4800


def test_another_token_is_refused(room) -> None:
    client = room.record()
    with pytest.raises(WrongTokenError):
        room.join(RecordOn(client.id, "0" * 32))
    client.send(0)


@pytest.mark.parametrize("meeting_id", ["0" * 16, "", "../../etc/passwd", "x" * 5000])
def test_an_unknown_meeting_is_refused(room, meeting_id: str) -> None:
    for join in (lambda: room.watch(meeting_id), lambda: room.join(RecordOn(meeting_id, "x"))):
        with pytest.raises(UnknownLiveError):
            join()
    with pytest.raises(UnknownLiveError):
        room.live.end(meeting_id)


def test_a_viewer_gets_no_token_and_can_send_nothing(room) -> None:
    client = room.record()
    viewer = room.watch(client.id)
    assert "token" not in viewer.welcome
    with pytest.raises(FormatError, match="only watch"):
        viewer.send(0)
    with pytest.raises(FormatError):
        viewer.seat.command(EndMeeting())
    viewer.seat.command(Ping())
    assert viewer.take("pong")


def test_pause_mark_and_name_are_told_to_everybody(room) -> None:
    client = room.record()
    viewer = room.watch(client.id)
    client.send(0)
    client.seat.command(PauseRecording(True))
    client.seat.command(MarkMoment(" budget "))
    client.seat.command(VoiceNamed("SPEAKER_00", "Ana"))
    client.seat.command(VoiceNamed("SPEAKER_00", "  "))
    assert viewer.take() == [
        {"type": "paused", "is_paused": True},
        {"type": "marked", "time": 0.1, "note": "budget"},
        {"type": "named", "label": "SPEAKER_00", "name": "Ana"},
        {"type": "named", "label": "SPEAKER_00", "name": None},
    ]
    assert room.live.state(client.id).is_paused


@pytest.mark.parametrize(
    "command",
    [
        VoiceNamed("SPEAKER_00", "x" * 101),
        MarkMoment("a\x00b"),
        EditLine(0, "there is no such line"),
    ],
)
def test_what_cannot_be_used_is_refused_and_the_recording_goes_on(room, command) -> None:
    client = room.record()
    with pytest.raises(ConflictError):
        client.seat.command(command)
    client.send(0)
    assert client.take("ack")


def test_nothing_is_recorded_after_the_end(room) -> None:
    client = room.record()
    client.send(0)
    client.seat.command(EndMeeting())
    for work in (lambda: client.send(1), lambda: room.join(client.on())):
        with pytest.raises(EndedError):
            work()
    assert len(room.sound(client.id)) == 1600


def test_a_full_disk_is_told_at_once_and_keeps_what_was_written(room, monkeypatch) -> None:
    client = room.record()
    viewer = room.watch(client.id)
    client.send(0)

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(storage_live.os, "pwrite", full)
        with pytest.raises(DiskFullError):
            client.send(1)
    assert viewer.take("error")[0]["code"] == "disk"
    client.seat.leave()
    again = room.join(client.on())
    assert again.welcome["next"] == 1
    again.send(1)
    assert np.array_equal(room.sound(client.id), samples_of(0, 1))


def test_a_slow_reader_gets_the_state_instead_of_what_it_missed(room) -> None:
    client = room.record()
    viewer = room.watch(client.id)
    for number in range(2000):
        client.seat.command(MarkMoment(f"m{number}"))
    (state,) = viewer.take()
    assert state["type"] == "state"
    assert len(state["marks"]) == 2000
    client.seat.command(MarkMoment("last"))
    assert [m["note"] for m in viewer.take()] == ["last"]


def test_a_recorder_that_reads_nothing_still_records_and_gets_its_last_ack(room) -> None:
    client = room.record()
    for number in range(600):
        client.send(number)
        client.seat.command(MarkMoment())
    taken = client.take()
    assert taken[0] == {"type": "ack", "next": 600}
    assert [m["type"] for m in taken] == ["ack", "state"]


def test_too_many_viewers_are_refused(room) -> None:
    client = room.record()
    for _ in range(room.config.max_viewers - 1):  # the recorder reads too
        room.watch(client.id)
    with pytest.raises(FullError):
        room.watch(client.id)
    client.send(0)


class Network:
    """Loses, repeats and cuts; the sender keeps what was not acknowledged."""

    def __init__(self, room, num_frames: int) -> None:
        self.room = room
        self.client = room.record()
        self.meeting_id = self.client.id
        self.acknowledged = 0
        self.num_frames = num_frames
        self.sent = 0

    def do(self, step: tuple[str, int]) -> None:
        kind, amount = step
        if kind == "send":
            for _ in range(amount):
                if self.sent < self.num_frames:
                    self.client.send(self.sent)
                    self.sent += 1
        elif kind == "repeat":
            self.client.send(*range(max(0, self.sent - amount), self.sent))
        elif kind == "skip":
            self.client.send(self.sent + amount)
        elif kind == "read":
            self._read()
        elif kind == "cut":
            self.client.seat.leave()
            self._reconnect()
        elif kind == "kill":
            self.room.restart()
            self._reconnect()

    def _read(self) -> None:
        for message in self.client.take("ack", "error"):
            if message["type"] == "ack":
                self.acknowledged = max(self.acknowledged, message["next"])
            elif message["code"] == "gap":
                self.sent = message["next"]
        self.check()

    def _reconnect(self) -> None:
        self.client = self.room.join(RecordOn(self.meeting_id, self.client.welcome["token"]))
        # Nothing that was acknowledged is asked for again.
        assert self.acknowledged <= self.client.welcome["next"] <= self.num_frames
        self.sent = self.client.welcome["next"]
        self.check()

    def check(self) -> None:
        sound = self.room.sound(self.meeting_id)
        numbers = range(len(sound) // 1600)
        assert np.array_equal(sound, samples_of(*numbers))
        assert self.acknowledged <= len(numbers)


STEPS = st.tuples(
    st.sampled_from(["send", "send", "repeat", "skip", "read", "cut", "kill"]),
    st.integers(1, 4),
)


@given(st.lists(STEPS, max_size=25))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_the_network_does_the_file_holds_the_frames_in_order(room, steps) -> None:
    network = Network(room, num_frames=20)
    for step in steps:
        network.do(step)
    network.do(("read", 0))
    network.client.seat.leave()
    room.live.discard(network.meeting_id)
