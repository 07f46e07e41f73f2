import json
from dataclasses import replace

from pyannote.core import Segment

from meeting_app.domain import SpeakerSegment, Turn, Word
from tests.builders import a_meeting, an_empty_meeting
from tests.ui.fake_service import stored
from ui.meeting.document import LABEL_DOUBT, WORD_DOUBT, PageState, meeting_document
from ui.meeting.presenter import present_meeting
from ui.translation import translator


def document_of(meeting, **parts):
    kept = stored(meeting)
    return json.loads(
        meeting_document(kept, PageState(), present_meeting(kept, (), translator("en")), parts)
    )


def test_words_stand_in_columns_of_hundredths_of_a_second():
    words = document_of(a_meeting(("SPEAKER_00", "one two"), ("SPEAKER_01", "three")))["words"]
    assert words["text"] == ["one", "two", "three"]
    assert words["start"] == [0, 50, 1000]
    assert words["length"] == [40, 40, 40]
    assert words["probability"] == [90, 90, 90]


def test_turns_say_where_their_words_begin_and_who_speaks():
    meeting = a_meeting(("SPEAKER_01", "one two"), (None, "three"), ("SPEAKER_00", "four"))
    turns = document_of(meeting)["turns"]
    assert turns == {"id": [0, 1, 2], "speaker": [1, -1, 0], "first": [0, 2, 3]}


def test_doubt_of_a_word_and_of_its_label_are_told_apart():
    span = Segment(0.0, 0.4)
    meeting = replace(
        a_meeting(("SPEAKER_00", "a"), ("SPEAKER_01", "b")),
        turns=(
            Turn(0, "SPEAKER_00", (Word(span, "sure", 0.9), Word(Segment(1.0, 1.4), "odd", 0.1))),
            Turn(1, "SPEAKER_01", (Word(Segment(2.0, 2.4), "whose", 0.1),)),
        ),
        speaker_segments=(
            SpeakerSegment(Segment(0, 3), "SPEAKER_00"),
            SpeakerSegment(Segment(2, 3), "SPEAKER_01"),
        ),
    )
    assert document_of(meeting)["words"]["doubt"] == [0, WORD_DOUBT, WORD_DOUBT | LABEL_DOUBT]


def test_speakers_and_chapters_are_what_the_axis_needs():
    document = document_of(a_meeting().rename_speaker("SPEAKER_01", "Tom Ash"))
    assert document["speakers"][1] == {
        "label": "SPEAKER_01",
        "name": "Tom Ash",
        "is_named": True,
        "initials": "TA",
        "color": 2,
    }
    assert document["chapters"] == [{"start": 0, "end": 2000, "title": "Release"}]
    assert document["voices"] == {"start": [0, 1000], "end": [290, 1340], "speaker": [0, 1]}


def test_silence_has_empty_columns_and_its_parts():
    document = document_of(an_empty_meeting(), heading="<h1>x</h1>")
    assert document["words"]["text"] == document["turns"]["id"] == document["speakers"] == []
    assert document["parts"] == {"heading": "<h1>x</h1>"}
    assert document["language"] == ""
    assert document_of(a_meeting(language="zh"))["language"] == "zh"
