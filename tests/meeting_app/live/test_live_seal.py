"""The end: one ordinary meeting, once, with what the user did while it ran."""

import pytest
from pyannote.core import Segment

from meeting_app.domain import (
    FinalWords,
    JobState,
    SpeakerSegment,
    VoiceNamed,
    VoiceRecognised,
    VoicesHeard,
    WordSpeakers,
)
from meeting_app.domain.live_messages import EditLine, EndMeeting, LivePhase
from meeting_app.errors import EndedError, MediaError
from meeting_app.live.carry import same_voices
from tests.builders import words

# What the fake pipeline finds in any recording: "We agreed to ship." by SPEAKER_00 at 0 s, and
# "I will write the notes." by SPEAKER_01 at 10 s.


def say(room, client, line: int, text: str, label: str, start: float) -> None:
    found = words(text, start)
    room.live.heard(client.id, FinalWords(line, found))
    room.live.heard(client.id, WordSpeakers(line, (label,) * len(found), True))


@pytest.fixture
def client(room):
    """A meeting in which two voices have spoken, with the labels the other way round."""
    found = room.record()
    found.send(*range(130))
    say(room, found, 0, "We agree to chip.", "SPEAKER_01", 0.0)
    say(room, found, 1, "I will write the notes.", "SPEAKER_00", 10.0)
    voices = (
        SpeakerSegment(Segment(0.0, 2.0), "SPEAKER_01"),
        SpeakerSegment(Segment(10.0, 12.5), "SPEAKER_00"),
    )
    room.live.heard(found.id, VoicesHeard(0.0, voices, 12.0))
    return found


def finish(room, client) -> dict:
    client.seat.command(EndMeeting())
    room.live.flushed(client.id)
    client.take()
    room.seal()
    (sealed,) = client.take("sealed")
    return sealed


def test_a_meeting_that_ended_is_in_the_library_under_its_title(room, client) -> None:
    sealed = finish(room, client)
    stored = room.app.service.meeting(sealed["meeting"])
    assert stored.meeting.title == "Weekly"
    assert stored.recording.duration == pytest.approx(13.0, abs=0.01)
    (job,) = room.app.service.jobs()
    assert job.options.language == "en"


def test_the_event_says_what_changed(room, client) -> None:
    sealed = finish(room, client)
    # "agreed" and "ship." are new; the voices are the same ones under other labels.
    assert (sealed["words"], sealed["words_changed"], sealed["labels_changed"]) == (9, 2, 0)


def test_names_go_to_the_voices_that_have_them(room, client) -> None:
    client.seat.command(VoiceNamed("SPEAKER_00", "Ben"))
    client.seat.command(VoiceNamed("SPEAKER_01", "Ana"))
    client.seat.command(VoiceNamed("SPEAKER_02", "Nobody"))
    meeting = room.app.service.meeting(finish(room, client)["meeting"]).meeting
    assert [(s.label, s.name) for s in meeting.speakers] == [
        ("SPEAKER_00", "Ana"),
        ("SPEAKER_01", "Ben"),
    ]


def test_a_name_that_was_only_recognised_is_shown_and_goes_nowhere(room, client) -> None:
    room.live.heard(client.id, VoiceRecognised("SPEAKER_00", "Ben"))
    (event,) = client.take("recognised")
    assert (event["label"], event["name"]) == ("SPEAKER_00", "Ben")
    assert room.live.state(client.id).recognised == (("SPEAKER_00", "Ben"),)
    assert "Ben" not in "".join(
        path.read_text(errors="ignore") for path in room.app.home.rglob("*.jsonl")
    )
    meeting = room.app.service.meeting(finish(room, client)["meeting"]).meeting
    assert [s.name for s in meeting.speakers] == [None, None]


def test_an_edited_line_shows_the_users_words(room, client) -> None:
    client.seat.command(EditLine(0, "We agreed to wait, sadly."))
    sealed = finish(room, client)
    meeting = room.app.service.meeting(sealed["meeting"]).meeting
    assert [t.text for t in meeting.turns] == [
        "We agreed to wait, sadly.",
        "I will write the notes.",
    ]
    assert sealed["words_changed"] == 0
    assert room.app.service.search("sadly")


def test_the_recording_is_left_to_the_library(room, client) -> None:
    finish(room, client)
    folder = room.app.home / "live" / client.id
    assert [path.name for path in folder.iterdir()] == ["journal.jsonl"]
    assert "agree" not in (folder / "journal.jsonl").read_text()
    assert room.live.entries() == ()
    room.wait(1)
    room.wait(3601)
    assert room.store.ids() == ()


def test_a_crash_between_the_seal_and_the_end_of_the_sound_leaves_none(room, client) -> None:
    sealed = finish(room, client)
    folder = room.app.home / "live" / client.id
    (folder / "sound.au").write_bytes(b"still here")
    room.restart()
    assert [path.name for path in folder.iterdir()] == ["journal.jsonl"]
    assert room.live.state(client.id).sealed.meeting_id == sealed["meeting"]
    room.restart()
    assert room.live.entries() == ()


def test_progress_is_told(room, client) -> None:
    client.seat.command(EndMeeting())
    assert client.take("sealing") == [{"type": "sealing", "fraction": 0.0, "eta": None}]
    room.live.seal()
    assert client.take("sealing")


def test_the_comparison_waits_for_the_last_words(room, client) -> None:
    client.seat.command(EndMeeting())
    room.seal()
    assert not client.take("sealed")
    room.wait(21)  # a recognition that never answers is not waited for
    room.live.seal()
    assert client.take("sealed")


@pytest.mark.parametrize("moment", ["ended", "asked", "submitted", "queued", "done"])
def test_a_server_killed_in_the_middle_seals_once(room, client, monkeypatch, moment) -> None:
    client.seat.command(EndMeeting())
    session = room.live._places.awake[client.id].session
    if moment == "asked":  # killed before the library heard of it
        session.seal_asked(None)
    elif moment == "submitted":  # killed before the journal heard of the job
        seen = session.seal_asked
        monkeypatch.setattr(session, "seal_asked", lambda job: seen(job) if job is None else 1 / 0)
        room.live.seal()
        monkeypatch.undo()
        assert len(room.app.service.jobs()) == 1
        _forget_failure(room, client)
    elif moment in ("queued", "done"):
        room.live.seal()
        if moment == "done":
            room.app.worker().run_next()
    room.restart()
    room.seal()
    assert [job.state for job in room.app.service.jobs()] == [JobState.DONE]
    assert len(room.app.service.library()) == 1
    state = room.live.state(client.id)
    assert (state.phase, state.sealed.meeting_id) == (
        LivePhase.SEALED,
        room.app.service.library()[0].id,
    )


def _forget_failure(room, client) -> None:
    """The division above stands for `kill -9`, after which nothing more is noted."""
    path = room.app.home / "live" / client.id / "journal.jsonl"
    lines = path.read_text().splitlines()
    assert '"failed"' in lines[-1]
    path.write_text("".join(f"{line}\n" for line in lines[:-1]))


def test_a_meeting_sealed_before_a_restart_is_still_known_as_sealed(room, client) -> None:
    sealed = finish(room, client)
    room.restart()
    viewer = room.watch(client.id)
    assert room.live.state(client.id).sealed.meeting_id == sealed["meeting"]
    with pytest.raises(EndedError):
        room.join(client.on())
    assert viewer.id == client.id


def test_a_failed_seal_says_why_keeps_the_recording_and_can_be_retried(room, client) -> None:
    from meeting_app.domain import Stage

    room.app.stages.failure[Stage.WORDS] = MediaError("the sound is strange; try again")
    client.seat.command(EndMeeting())
    room.live.flushed(client.id)
    client.take()
    room.seal()
    states = client.take("state", "error")
    assert states[0]["phase"] == "failed"
    assert "the sound is strange" in states[0]["failure"]
    assert (states[1]["code"], states[1]["fatal"]) == ("seal", False)
    room.restart()
    assert room.live.entries()[0].phase is LivePhase.FAILED
    room.app.stages.failure.clear()
    room.live.end(client.id)
    room.seal()
    assert room.live.state(client.id).phase is LivePhase.SEALED
    assert len(room.app.service.jobs()) == 1


def test_a_cancelled_job_is_a_failure_and_a_deleted_one_is_submitted_again(room, client) -> None:
    client.seat.command(EndMeeting())
    room.live.seal()
    (job,) = room.app.service.jobs()
    room.app.service.cancel(job.id)
    room.live.seal()
    assert "cancelled" in room.live.state(client.id).failure
    room.app.service.delete(job.meeting_id)
    room.live.end(client.id)
    room.live.flushed(client.id)
    room.seal()
    assert room.live.state(client.id).phase is LivePhase.SEALED


def test_a_meeting_without_sound_is_not_sealed(room) -> None:
    client = room.record()
    client.seat.command(EndMeeting())
    room.live.seal()
    assert "nothing was recorded" in room.live.state(client.id).failure


def test_a_meeting_without_a_title_is_called_by_its_beginning(room) -> None:
    client = room.record(title=None)
    client.send(0)
    sealed = finish(room, client)
    title = room.app.service.meeting(sealed["meeting"]).meeting.title
    assert len(title) == len("2026-03-04 09:30")


def segments(*items: tuple[float, float, str]) -> list[SpeakerSegment]:
    return [SpeakerSegment(Segment(start, end), label) for start, end, label in items]


def test_voices_are_paired_for_the_most_time_in_all() -> None:
    # Greedily A would take X (3 s) and B would get Y (0 s): 3 s. A-Y and B-X share 2 + 2 s.
    live = segments((0, 5, "A"), (5, 7, "B"))
    sealed = segments((0, 3, "X"), (3, 5, "Y"), (5, 7, "X"))
    assert same_voices(live, sealed) == {"A": "Y", "B": "X"}


def test_voices_that_never_overlap_are_not_the_same() -> None:
    assert same_voices(segments((0, 1, "A")), segments((2, 3, "X"))) == {}
    assert same_voices([], segments((2, 3, "X"))) == {}
    assert same_voices(segments((0, 1, "A")), []) == {}
