"""Admission, crashes of server and recognition, and what time brings."""

import json
from pathlib import Path

import pytest

from meeting_app.config import LiveConfig
from meeting_app.domain import FinalWords, PartialWords, VoiceNamed, WordSpeakers
from meeting_app.domain.live_messages import (
    EditLine,
    EndMeeting,
    LivePhase,
    MarkMoment,
    SoundGrew,
    StopListening,
    Watch,
)
from meeting_app.errors import ConflictError, FullError, UnknownLiveError
from meeting_app.live.service import LiveService
from tests.builders import words


def num_open_files() -> int:
    return len([*Path("/proc/self/fd").iterdir()])


def test_as_many_as_can_be_followed_are_let_in(room) -> None:
    clients = [room.record() for _ in range(4)]
    with pytest.raises(FullError, match="try later"):
        room.record()
    assert len(room.store.ids()) == 4
    clients[0].send(0)
    clients[0].seat.command(EndMeeting())
    room.record()


def test_the_setting_can_lower_the_number(room) -> None:
    room.live = LiveService(
        room.store, room.app.service, room.recognition, LiveConfig(max_meetings=1), room.clock
    )
    room.record()
    with pytest.raises(FullError):
        room.record()


def test_a_recorder_that_is_gone_gives_its_place_to_a_newcomer(room) -> None:
    clients = [room.record() for _ in range(4)]
    for client in clients:
        client.send(0)
    clients[1].seat.leave()
    room.clock.now += 5
    clients[2].seat.leave()
    newcomer = room.record()
    assert room.live.state(clients[1].id).phase is LivePhase.INTERRUPTED
    assert room.live.state(clients[2].id).phase is LivePhase.RECORDING
    newcomer.send(0)


def test_who_comes_back_records_in_any_case_and_is_followed_when_there_is_room(room) -> None:
    clients = [room.record() for _ in range(4)]
    clients[0].send(0)
    clients[0].seat.leave()
    room.record()
    room.live.flushed(clients[0].id)
    back = room.join(clients[0].on())
    back.send(1)
    assert back.take("ack") == [{"type": "ack", "next": 2}]
    room.recognition.orders.clear()
    clients[3].seat.command(EndMeeting())
    room.wait(1)
    assert [order.meeting_id for order in room.recognition.opened()] == [back.id]


def test_a_recorder_gone_for_long_leaves_an_interrupted_meeting_without_open_files(room) -> None:
    client = room.record()
    client.send(0)
    client.seat.leave()
    room.wait(59)
    assert room.live.entries()[0].phase is LivePhase.RECORDING
    before = num_open_files()
    room.wait(2)
    room.live.flushed(client.id)
    room.wait(1)
    (entry,) = room.live.entries()
    assert (entry.phase, entry.position) == (LivePhase.INTERRUPTED, 0.1)
    assert num_open_files() == before - 2
    assert room.join(client.on()).welcome["next"] == 1


def test_a_viewer_sees_an_interrupted_meeting_go_on(room) -> None:
    client = room.record()
    client.send(0)
    viewer = room.watch(client.id)
    client.seat.leave()
    room.wait(61)
    assert [m["phase"] for m in viewer.take("state")] == ["interrupted"]
    again = room.join(client.on())
    assert viewer.take("recorder")[-1]["is_connected"]
    again.seat.command(MarkMoment("x"))
    assert viewer.take("marked")


def test_hundreds_that_come_and_go_leave_nothing(room) -> None:
    before = num_open_files()
    for _ in range(200):
        room.record().seat.leave()
    assert len(room.store.ids()) <= 40
    room.wait(61)
    assert room.store.ids() == ()
    assert room.live.entries() == ()
    assert num_open_files() == before


def test_hundreds_that_say_something_and_go_are_kept_and_hold_no_file(room) -> None:
    before = num_open_files()
    for _ in range(200):
        client = room.record()
        client.send(0)
        client.seat.leave()
        room.live.flushed(client.id)
    room.wait(61)
    room.wait(30)
    room.wait(1)
    assert len(room.live.entries()) == 200
    assert num_open_files() == before


def test_what_is_known_survives_a_crash_of_the_server(room) -> None:
    client = room.record()
    client.send(0, 1)
    room.live.heard(client.id, FinalWords(0, words("we will chip")))
    room.live.heard(client.id, WordSpeakers(0, ("SPEAKER_00",) * 3, True))
    room.live.heard(client.id, PartialWords(1, words("and then", start=5.0)))
    client.seat.command(EditLine(0, "we will ship"))
    client.seat.command(VoiceNamed("SPEAKER_00", "Ana"))
    client.seat.command(MarkMoment("budget"))
    room.restart()
    (entry,) = room.live.entries()
    assert (entry.id, entry.phase, entry.title) == (client.id, LivePhase.INTERRUPTED, "Weekly")
    state = room.live.state(client.id)
    (line,) = state.lines  # what was not final is heard again
    assert [w.text for w in line.words] == ["we", "will", "ship"]
    assert (line.is_edited, line.is_settled, line.speakers) == (True, True, ("SPEAKER_00",) * 3)
    assert state.names == (("SPEAKER_00", "Ana"),)
    assert [mark.note for mark in state.marks] == ["budget"]
    again = room.join(client.on())
    (order,) = room.recognition.opened()
    # "ship" ended at 1.4 s, but only 0.2 s of sound are there.
    assert (order.next_line, order.from_sample) == (1, 3200)
    assert again.welcome["next"] == 2


def test_a_recognition_that_died_is_told_of_every_meeting_again(room) -> None:
    client = room.record()
    client.send(*range(20))
    room.live.heard(client.id, FinalWords(0, words("one two")))
    room.live.heard(client.id, PartialWords(1, words("three", start=1.5)))
    room.live.recognition_lost()
    client.take()
    client.send(20)  # the recording never stops
    room.recognition.orders.clear()
    room.live.recognition_ready(4)
    opened, grown = room.recognition.orders
    assert (opened.from_sample, opened.next_line) == (24_000, 1)
    assert grown == SoundGrew(client.id, 21 * 1600)
    assert client.take("final") == [{"type": "final", "line": 1, "words": []}]
    assert [line.id for line in room.live.state(client.id).lines] == [0]


def test_a_line_before_the_last_final_one_keeps_its_first_words(room) -> None:
    client = room.record()
    client.send(*range(50))
    room.live.heard(client.id, PartialWords(0, words("one")))
    room.live.heard(client.id, FinalWords(1, words("two", start=2.0)))
    room.live.recognition_lost()
    room.live.recognition_ready(4)
    assert [line.is_final for line in room.live.state(client.id).lines] == [True, True]
    assert room.recognition.opened()[-1].next_line == 2


def test_readers_hear_that_the_text_stands_still(room) -> None:
    client = room.record()
    room.live.recognition_lost()
    (error,) = client.take("error")
    assert (error["code"], error["fatal"]) == ("recognition", False)
    assert len(room.recognition.opened()) == 1


def test_while_the_models_load_two_are_recorded_and_introduced_later(room) -> None:
    room.live.recognition_lost()
    clients = [room.record(), room.record()]
    with pytest.raises(FullError):
        room.record()
    clients[0].send(0)
    assert room.recognition.orders == []
    room.live.recognition_ready(4)
    assert {order.meeting_id for order in room.recognition.opened()} == {c.id for c in clients}


def test_the_state_of_a_late_viewer_is_that_of_an_early_one(room) -> None:
    client = room.record()
    client.send(*range(50))
    for update in (
        PartialWords(0, words("hello")),
        FinalWords(0, words("hello there")),
        WordSpeakers(0, ("SPEAKER_01", "SPEAKER_01")),
    ):
        room.live.heard(client.id, update)
    seat = room.live.join(Watch(client.id), lambda: None)
    _, state = (json.loads(text) for text in seat.take())
    assert state["lines"] == [
        {
            "id": 0,
            "words": [["hello", 0.0, 0.4, 0.9], ["there", 0.5, 0.9, 0.9]],
            "labels": ["SPEAKER_01", "SPEAKER_01"],
            "stable": 2,
            "final": True,
            "settled": False,
            "edited": False,
        }
    ]
    assert state["position"] == 5.0


def test_an_interrupted_meeting_can_be_ended_or_discarded_by_the_user(room) -> None:
    first, second = room.record(), room.record()
    for client in (first, second):
        client.send(0)
        with pytest.raises(ConflictError, match="being recorded"):
            room.live.end(client.id)
        with pytest.raises(ConflictError, match="being recorded"):
            room.live.discard(client.id)
    room.restart()
    room.live.end(first.id)
    assert room.live.state(first.id).phase is LivePhase.SEALING
    room.live.discard(second.id)
    assert room.store.ids() == (first.id,)
    with pytest.raises(UnknownLiveError):
        room.live.state(second.id)


def test_a_journal_that_cannot_be_read_is_left_alone(room, caplog) -> None:
    client = room.record()
    client.send(0)
    other = room.record()
    other.send(0)
    journal = room.app.home / "live" / client.id / "journal.jsonl"
    journal.write_text(journal.read_text() + '{"type":"final","line":0}\nnonsense\n')
    room.restart()
    assert {entry.id for entry in room.live.entries()} == {client.id, other.id}
    assert "cannot be read" in caplog.text


def test_a_recording_without_a_beginning_is_removed(room) -> None:
    folder = room.app.home / "live" / ("0" * 16)
    folder.mkdir(parents=True)
    room.restart()
    assert not folder.exists()


def test_the_end_flushes_the_recognition(room) -> None:
    client = room.record()
    client.send(0)
    client.seat.command(EndMeeting())
    assert room.recognition.orders[-1] == StopListening(client.id)
    room.live.heard(client.id, FinalWords(0, words("bye")))
    assert client.take("final")


def test_the_service_starts_and_ends_its_threads(room) -> None:
    with room.live as live:
        client = room.record()
        client.send(0)
        assert room.recognition.listener is live
    assert room.recognition.listener is None
    room.restart()
    assert room.live.entries()[0].position == 0.1
