"""Messages, journal and pipe: what is written is read back equal; nothing else is read."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyannote.core import Segment

from meeting_app.domain import (
    Behind,
    BetterWords,
    Chapter,
    ChaptersSoFar,
    FinalWords,
    LiveLine,
    PartialWords,
    SpeakerSegment,
    StableWords,
    VoiceNamed,
    VoiceRecognised,
    VoicesHeard,
    Word,
    WordSpeakers,
)
from meeting_app.domain import live_messages as m
from meeting_app.errors import FormatError, FrameError, LiveVersionError
from meeting_app.formats import live, live_engine, live_events, live_journal

WORDS = (Word(Segment(0.0, 0.25), "hi", 0.5), Word(Segment(0.5, 1.0), "季度", 1.0))
UPDATES = [
    PartialWords(3, WORDS),
    StableWords(3, 1),
    BetterWords(3, 2, WORDS),
    FinalWords(3, ()),
    WordSpeakers(3, ("SPEAKER_00", None), True),
    VoicesHeard(1.0, (SpeakerSegment(Segment(1.0, 2.5), "SPEAKER_01"),), 0.5),
    VoiceNamed("SPEAKER_00", "Ana"),
    VoiceNamed("SPEAKER_00", None),
    VoiceRecognised("SPEAKER_01", "Ben"),
    VoiceRecognised("SPEAKER_01", None),
    ChaptersSoFar((Chapter(Segment(0.0, 9.0), "Budget", ()),)),
    Behind(2.5),
]
EVENTS = [
    *UPDATES,
    m.LineEdited(3, "we ship"),
    m.MomentMarked(1.5, "budget"),
    m.RecordingPaused(True),
    m.RecorderPresence(False),
    m.SealProgress(0.25, None),
    m.SealProgress(0.25, 41.0),
    m.MeetingSealed("ab", 812, 31, 12),
    m.LiveRefused(m.Refusal.GAP, "a gap", False, 7),
    m.LiveRefused(m.Refusal.DISK, "full", True),
]
STATE = m.LiveState(
    meeting_id="ab",
    phase=m.LivePhase.SEALED,
    title=None,
    language="en",
    position=2.5,
    is_paused=True,
    is_recorder_connected=False,
    lines=(LiveLine(0, WORDS, ("SPEAKER_00", None), 1, True, True, True),),
    voices=(SpeakerSegment(Segment(1.0, 2.5), "SPEAKER_01"),),
    names=(("SPEAKER_00", "Ana"),),
    recognised=(("SPEAKER_01", "Ben"),),
    marks=(m.MomentMarked(1.5, "budget"),),
    chapters=(Chapter(Segment(0.0, 9.0), "Budget", ()),),
    behind=0.5,
    sealed=m.MeetingSealed("cd", 1, 2, 3),
    failure=None,
)


@pytest.mark.parametrize(
    "message",
    [
        *EVENTS,
        STATE,
        m.Welcome("ab", "t", 4),
        m.Welcome("ab", None, 0),
        m.Acknowledged(9),
        m.Pong(),
    ],
    ids=lambda message: type(message).__name__,
)
def test_what_a_server_says_is_read_back(message) -> None:
    assert live.message_from_text(live.message_to_text(message)) == message


@pytest.mark.parametrize(
    "hello", [m.RecordNew("Weekly", "en"), m.RecordNew(), m.RecordOn("ab", "t"), m.Watch("ab")]
)
def test_a_hello_is_read_back(hello) -> None:
    assert live.hello_from_text(live.hello_to_text(hello)) == hello


@pytest.mark.parametrize(
    "command",
    [
        m.PauseRecording(True),
        m.PauseRecording(False),
        m.MarkMoment("x"),
        VoiceNamed("SPEAKER_00", None),
        m.EditLine(3, "x"),
        m.EndMeeting(),
        m.Ping(),
    ],
)
def test_a_command_is_read_back(command) -> None:
    assert live.command_from_text(live.command_to_text(command)) == command


@pytest.mark.parametrize(
    "note",
    [
        *UPDATES,
        m.MeetingOpened("t", None, "en", 1.5),
        m.MeetingEnded(),
        m.SealAsked(None),
        m.SealAsked("j1"),
        m.SealFailed("why"),
        m.MeetingSealed("ab", 1, 2, 3),
        m.LineEdited(3, "x"),
        m.MomentMarked(1.5, ""),
        m.RecordingPaused(False),
    ],
)
def test_a_note_is_one_line_and_read_back(note) -> None:
    line = live_journal.note_to_line(note)
    assert "\n" not in line
    assert live_journal.note_from_line(line) == note


@pytest.mark.parametrize("event", [m.RecorderPresence(True), m.SealProgress(0.5, None)])
def test_what_passes_is_never_noted(event) -> None:
    with pytest.raises(FormatError):
        live_journal.note_from_line(live.message_to_text(event))


@pytest.mark.parametrize(
    "order",
    [m.ListenTo("ab", "sound.au", None, 16_000, 3), m.SoundGrew("ab", 9), m.StopListening("ab")],
)
def test_an_order_is_read_back(order) -> None:
    assert live_engine.order_from_line(live_engine.order_to_line(order)) == order


@pytest.mark.parametrize(
    "report", [m.EngineReady(4), m.Flushed("ab"), *(m.Heard("ab", update) for update in UPDATES)]
)
def test_a_report_is_read_back(report) -> None:
    assert live_engine.report_from_line(live_engine.report_to_line(report)) == report


def test_the_wire_is_that_of_the_documentation() -> None:
    assert live.message_to_text(PartialWords(3, WORDS)) == (
        '{"type":"partial","line":3,"words":[["hi",0.0,0.25,0.5],["季度",0.5,1.0,1.0]]}'
    )
    assert live.message_to_text(m.Acknowledged(7)) == '{"type":"ack","next":7}'
    assert live_engine.order_to_line(m.ListenTo("a", "b", None, 1, 2)) == (
        '{"open":"a","path":"b","language":null,"from":1,"line":2}'
    )
    assert live_engine.report_from_line('{"ready": true, "sessions": 4}') == m.EngineReady(4)


@given(
    st.integers(0, 2**32 - 1),
    st.binary(min_size=2, max_size=6400).filter(lambda b: len(b) % 2 == 0),
)
def test_a_frame_is_read_back(number: int, sound: bytes) -> None:
    samples = np.frombuffer(sound, "<i2")
    found = live.frame_from_bytes(live.frame_to_bytes(m.AudioFrame(number, samples)))
    assert found.number == number
    assert np.array_equal(found.samples, samples)


@given(st.binary(max_size=64))
def test_bytes_that_are_no_frame_are_refused(content: bytes) -> None:
    try:
        frame = live.frame_from_bytes(content)
    except FrameError:
        assert len(content) < 6 or len(content) % 2
    else:
        assert 4 + 2 * len(frame.samples) == len(content)


def test_another_version_is_told_apart() -> None:
    with pytest.raises(LiveVersionError, match="version 1"):
        live.hello_from_text('{"type": "hello", "version": 2, "role": "record"}')


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
)
KINDS = st.sampled_from([*live_events._UPDATES, *live_journal._READERS, *live._COMMANDS, "state"])
FIELDS = st.sampled_from(
    ["line", "words", "count", "labels", "settled", "start", "segments", "label", "name", "seconds"]
)


@given(KINDS, st.dictionaries(FIELDS, JSON, max_size=6))
def test_nothing_but_a_format_error_comes_of_strange_messages(kind: str, fields: dict) -> None:
    import json

    text = json.dumps({"type": kind, **fields})
    readers = (
        live.hello_from_text,
        live.command_from_text,
        live.message_from_text,
        live_journal.note_from_line,
        live_engine.order_from_line,
        live_engine.report_from_line,
    )
    for read in readers:
        try:
            read(text)
        except FormatError as error:
            assert len(str(error)) < 1000
