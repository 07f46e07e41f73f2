"""JSON keeps everything, and says exactly what is wrong with a document it refuses."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyannote.core import Annotation, Segment, Timeline

from meeting_app.domain import Draft, Filing, Meeting, Recording, Transcript, Turn
from meeting_app.errors import FormatError
from meeting_app.formats.json import (
    Archived,
    archived_from_json,
    archived_to_json,
    draft_from_json,
    draft_to_json,
    meeting_from_json,
    meeting_to_json,
)
from tests.builders import a_meeting, a_word, an_empty_meeting
from tests.strategies import drafts, meetings


@given(meetings())
@settings(max_examples=40, deadline=None)
def test_meeting_read_back_equals_the_one_written(meeting: Meeting) -> None:
    assert meeting_from_json(meeting_to_json(meeting)) == meeting


def test_facts_of_recording_and_library_are_kept() -> None:
    recording = Recording("ab" * 32, "周会.mp4", 1 << 40, "mov,mp4", "aac", None)
    made = datetime(2026, 3, 4, 9, 30, 0, 123456, tzinfo=UTC)
    archived = Archived(a_meeting(), recording, made, Filing("Board/2026", ("q3", "weekly")))
    assert archived_from_json(archived_to_json(archived)) == archived


def test_earlier_versions_are_still_read() -> None:
    document = json.loads(meeting_to_json(a_meeting()))
    del document["history"], document["voices"]
    document["format"] = "meeting-app/3"
    assert archived_from_json(json.dumps(document)) == Archived(a_meeting())
    del document["folder"], document["tags"]
    document["format"] = "meeting-app/2"
    assert archived_from_json(json.dumps(document)) == Archived(a_meeting())
    del document["created_at"], document["recording"]
    document["format"] = "meeting-app/1"
    assert archived_from_json(json.dumps(document)) == Archived(a_meeting())


def test_first_version_knows_no_facts_of_later_ones() -> None:
    text = meeting_to_json(a_meeting()).replace("meeting-app/4", "meeting-app/1")
    with pytest.raises(FormatError, match=r"\$\.created_at: not a key of this format"):
        archived_from_json(text)


@given(drafts())
@settings(max_examples=40, deadline=None)
def test_draft_read_back_equals_the_one_written(draft: Draft) -> None:
    again = draft_from_json(draft_to_json(draft))
    assert again == draft
    assert (again.speech is None) == (draft.speech is None)
    assert draft_to_json(again) == draft_to_json(draft)


@given(st.floats(0.0, 1e6))
def test_floats_keep_every_bit(seconds: float) -> None:
    meeting = replace(a_meeting(), duration=seconds)
    assert meeting_from_json(meeting_to_json(meeting)).duration.hex() == seconds.hex()


def test_empty_draft_differs_from_a_draft_of_silence() -> None:
    silence = Draft(Timeline(), Annotation(), Transcript(None, ()), (), ())
    again = draft_from_json(draft_to_json(silence))
    assert again.speech is not None
    assert len(again.speech) == 0
    assert again.turns == ()
    assert draft_from_json(draft_to_json(Draft())) == Draft()


def test_tracks_of_one_segment_are_kept_apart() -> None:
    annotation = Annotation(uri="call")
    annotation[Segment(0.0, 1.5), 0] = "SPEAKER_00"
    annotation[Segment(0.0, 1.5), 1] = "SPEAKER_01"
    again = draft_from_json(draft_to_json(Draft(annotation=annotation))).annotation
    assert again is not None
    assert again.uri == "call"
    assert list(again.itertracks(yield_label=True)) == [
        (Segment(0.0, 1.5), 0, "SPEAKER_00"),
        (Segment(0.0, 1.5), 1, "SPEAKER_01"),
    ]


def test_document_names_its_format_and_is_readable() -> None:
    text = meeting_to_json(a_meeting(("SPEAKER_00", "今天开会。"), title="例会"))
    assert json.loads(text)["format"] == "meeting-app/4"
    assert "今天开会。" in text
    assert json.loads(text)["turns"][0]["words"][0] == {
        "start": 0.0,
        "end": 0.4,
        "text": "今天开会。",
        "probability": 0.9,
    }


def test_title_of_an_undecodable_file_name_survives() -> None:
    meeting = an_empty_meeting(title="caf\udce9")
    text = meeting_to_json(meeting)
    assert text.encode()
    assert meeting_from_json(text) == meeting


def test_time_that_is_not_finite_is_not_written() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        meeting_to_json(replace(a_meeting(), duration=float("nan")))


def _changed(*steps: str | int, to: object) -> str:
    """A good document with one value replaced."""
    document = json.loads(meeting_to_json(a_meeting()))
    *way, last = steps
    place = document
    for step in way:
        place = place[step]
    place[last] = to
    return json.dumps(document)


def _recorded(**wrong: object) -> str:
    facts = {
        **{"sha256": "0" * 64, "filename": "a.wav", "num_bytes": 9, "container": "wav"},
        **{"codec": "pcm_s16le", "duration": None},
    }
    return _changed("recording", to=facts | wrong)


def _without(name: str) -> str:
    document = json.loads(meeting_to_json(a_meeting()))
    del document[name]
    return json.dumps(document)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "line 1 column 1: not JSON"),
        ('{"format": ', "line 1 column 12: not JSON"),
        ("[" * 100_000, "$: not a document of ours"),
        ("9" * 5_000, "$: not a document of ours"),
        ("[]", "$: [] is not an object"),
        ("{}", "$.format: missing"),
        (_changed("format", to=1), "$.format: 1 is not a text"),
        (_changed("format", to="other/1"), "$.format: 'other/1' is not meeting-app/4"),
        (_changed("format", to="meeting-app/0"), "'meeting-app/0' is not meeting-app/4"),
        (_changed("format", to="meeting-app/5"), "'meeting-app/5' was written by a newer version"),
        (draft_to_json(Draft()), "'meeting-app-draft/1' is not meeting-app/4"),
        (_without("turns"), "$.turns: missing"),
        (_changed("colour", to="red"), "$.colour: not a key of this format"),
        (_changed("duration", to=True), "$.duration: True is not a number"),
        (_changed("duration", to=10**400), "is not a finite number"),
        (meeting_to_json(a_meeting()).replace("20.0", "1e999"), "$.duration: inf is not a finite"),
        (meeting_to_json(a_meeting()).replace("20.0", "NaN"), "NaN: not a number that JSON knows"),
        (_changed("created_at", to="today"), "$.created_at: 'today' is not a date and time"),
        (_changed("created_at", to="2026-03-04T09:30"), "is not a time of our age with its offset"),
        (_changed("created_at", to="0001-01-01T00:00+14:00"), "is not a time of our age"),
        (_recorded(sha256="../../etc/passwd"), "$.recording.sha256: '../../etc/passwd' is no SHA"),
        (_recorded(num_bytes=1.5), "$.recording.num_bytes: 1.5 is not a whole number"),
        (_changed("title", to=None), "$.title: None is not a text"),
        (_changed("speakers", to={}), "$.speakers: {} is not a list"),
        (_changed("speakers", 0, "name", to=3), "$.speakers[0].name: 3 is not a text"),
        (
            _changed("turns", 1, "words", 2, "start", to="x"),
            "$.turns[1].words[2].start: 'x' is not a number",
        ),
        (_changed("turns", 0, "words", to=[]), "$.turns[0].words: an empty list"),
        (_changed("turns", 0, "id", to=1.5), "$.turns[0].id: 1.5 is not a whole number"),
        (_changed("turns", 1, "id", to=0), "$.turns[1].id: 0 is taken by an earlier turn"),
        (_changed("chapters", 0, "keywords", to="release"), "'release' is not a list"),
        (
            _changed("minutes", "decisions", 0, "evidence", to=[]),
            "$.minutes.decisions[0].evidence: an empty list",
        ),
        (
            _changed("minutes", "action_items", 0, "due", to=["Friday"]),
            "$.minutes.action_items[0].due: ['Friday'] is not a text",
        ),
    ],
)
def test_refusal_says_where_and_what(text: str, complaint: str) -> None:
    with pytest.raises(FormatError) as caught:
        meeting_from_json(text)
    assert complaint in str(caught.value)


def test_complaint_about_a_long_value_is_short() -> None:
    with pytest.raises(FormatError) as caught:
        meeting_from_json(_changed("duration", to="y" * 1000))
    assert len(str(caught.value)) < 150


def test_draft_of_another_kind_or_later_version_is_refused() -> None:
    with pytest.raises(FormatError, match="is not meeting-app-draft/1"):
        draft_from_json(meeting_to_json(a_meeting()))
    with pytest.raises(FormatError, match="newer version"):
        draft_from_json('{"format": "meeting-app-draft/9"}')


def test_draft_with_a_broken_track_says_which() -> None:
    annotation = Annotation()
    annotation[Segment(0.0, 1.0), 0] = "SPEAKER_00"
    draft = Draft(annotation=annotation, turns=(Turn(0, None, (a_word(),)),))
    text = draft_to_json(draft).replace('"track": 0', '"track": null')
    with pytest.raises(FormatError, match=r"\$\.annotation\.tracks\[0\]\.track: None is not"):
        draft_from_json(text)
