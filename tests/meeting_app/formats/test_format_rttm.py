"""RTTM as scorers of diarization read it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyannote.core import Segment

from meeting_app.domain import Meeting, SpeakerSegment
from meeting_app.errors import FormatError
from meeting_app.formats.rttm import meeting_to_rttm, segments_from_rttm, segments_to_rttm
from tests.builders import a_meeting, an_empty_meeting
from tests.strategies import meetings


def test_one_line_for_each_segment_with_labels_not_names() -> None:
    meeting = a_meeting(title="Weekly stand-up: 周会").rename_speaker("SPEAKER_00", "Alice")
    assert meeting_to_rttm(meeting) == (
        "SPEAKER Weekly_stand-up_周会 1 0.000 2.900 <NA> <NA> SPEAKER_00 <NA> <NA>\n"
        "SPEAKER Weekly_stand-up_周会 1 10.000 3.400 <NA> <NA> SPEAKER_01 <NA> <NA>\n"
    )


def test_silence_is_an_empty_file() -> None:
    assert meeting_to_rttm(an_empty_meeting()) == ""
    assert segments_from_rttm("") == ()


def test_title_without_a_letter_still_gives_a_recording() -> None:
    assert meeting_to_rttm(a_meeting(title="?!")).startswith("SPEAKER meeting 1 ")


def test_segment_shorter_than_half_a_millisecond_is_left_out() -> None:
    segments = [
        SpeakerSegment(Segment(1.0, 1.0004), "SPEAKER_00"),
        SpeakerSegment(Segment(1.0, 1.001), "SPEAKER_01"),
    ]
    assert segments_to_rttm(segments, "x").splitlines() == [
        "SPEAKER x 1 1.000 0.001 <NA> <NA> SPEAKER_01 <NA> <NA>"
    ]


@given(meetings())
@settings(max_examples=50, deadline=None)
def test_segments_come_back_to_the_millisecond(meeting: Meeting) -> None:
    written = sorted(
        (round(s.segment.start * 1000), round(s.segment.end * 1000), s.speaker)
        for s in meeting.speaker_segments
    )
    read = segments_from_rttm(meeting_to_rttm(meeting))
    assert [
        (round(s.segment.start * 1000), round(s.segment.end * 1000), s.speaker) for s in read
    ] == [item for item in written if item[1] > item[0]]


@given(st.text(max_size=20))
def test_any_uri_and_label_is_one_token(text: str) -> None:
    line = segments_to_rttm([SpeakerSegment(Segment(0.0, 1.0), text)], text)
    assert len(line.split()) == 10
    assert len(segments_from_rttm(line)) == 1


def test_comments_and_other_types_are_passed_over() -> None:
    text = (
        ";; made by hand\n"
        "SPKR-INFO call 1 <NA> <NA> <NA> unknown A <NA>\n"
        "\n"
        "SPEAKER call 1 2.5 1 <NA> <NA> B <NA>\n"
        "SPEAKER call 1 0.5 1.25 <NA> <NA> A <NA> <NA>\n"
    )
    assert segments_from_rttm(text) == (
        SpeakerSegment(Segment(0.5, 1.75), "A"),
        SpeakerSegment(Segment(2.5, 3.5), "B"),
    )


def test_one_recording_of_several_is_chosen_by_its_uri() -> None:
    text = "SPEAKER one 1 0 1 <NA> <NA> A <NA> <NA>\nSPEAKER two 1 0 2 <NA> <NA> B <NA> <NA>\n"
    assert segments_from_rttm(text, "two") == (SpeakerSegment(Segment(0.0, 2.0), "B"),)
    assert segments_from_rttm(text, "three") == ()
    with pytest.raises(FormatError, match="about 2 recordings: one, two; say which"):
        segments_from_rttm(text)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("WEBVTT", "line 2: 'WEBVTT' is not a type of RTTM"),
        ("SPEAKER call 1 0.5", "line 2: 4 fields; expected SPEAKER, recording"),
        ("SPEAKER call 1 x 1 <NA> <NA> A <NA>", "line 2: start 'x' is not a number"),
        ("SPEAKER call 1 0 nan <NA> <NA> A <NA>", "line 2: duration 'nan' is not a time"),
        ("SPEAKER call 1 -1 1 <NA> <NA> A <NA>", "line 2: start '-1' is not a time"),
    ],
)
def test_refusal_says_which_line_and_what(line: str, complaint: str) -> None:
    with pytest.raises(FormatError) as caught:
        segments_from_rttm(f"\n{line}\n")
    assert complaint in str(caught.value)
