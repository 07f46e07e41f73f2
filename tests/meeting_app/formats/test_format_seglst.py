"""SegLST as scorers of transcripts read it."""

import json

import pytest
from hypothesis import given, settings

from meeting_app.domain import Meeting
from meeting_app.formats.seglst import meeting_to_seglst
from meeting_app.formats.text import clean
from tests.builders import a_meeting, an_empty_meeting
from tests.strategies import meetings


def test_one_entry_for_each_turn_with_labels_not_names() -> None:
    meeting = a_meeting(("SPEAKER_00", "Hello there."), (None, "Who?"), title="Stand up")
    assert json.loads(meeting_to_seglst(meeting.rename_speaker("SPEAKER_00", "Alice"))) == [
        {
            "session_id": "Stand_up",
            "speaker": "SPEAKER_00",
            "start_time": 0.0,
            "end_time": 0.9,
            "words": "Hello there.",
        },
        {
            "session_id": "Stand_up",
            "speaker": "unknown",
            "start_time": 10.0,
            "end_time": 10.4,
            "words": "Who?",
        },
    ]


def test_silence_is_an_empty_list() -> None:
    assert json.loads(meeting_to_seglst(an_empty_meeting())) == []


@given(meetings())
@settings(max_examples=40, deadline=None)
def test_every_word_is_in_the_entry_of_its_turn(meeting: Meeting) -> None:
    entries = json.loads(meeting_to_seglst(meeting))
    assert [entry["words"] for entry in entries] == [clean(turn.text) for turn in meeting.turns]


def test_scorer_finds_every_word_of_every_speaker() -> None:
    io = pytest.importorskip("meeteval.io")
    wer = pytest.importorskip("meeteval.wer")
    reference = io.SegLST(json.loads(meeting_to_seglst(a_meeting())))
    lines = (
        ("SPEAKER_00", "I will write the notes by Friday."),
        ("SPEAKER_01", "We agreed to ship on Tuesday."),
    )
    hypothesis = io.SegLST(json.loads(meeting_to_seglst(a_meeting(*lines))))
    (rate,) = wer.cpwer(reference, hypothesis).values()
    assert (rate.errors, rate.length) == (1, 13)
