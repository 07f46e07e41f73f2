"""Correcting a passage of a stored meeting: words, index and proofs in one transaction."""

import pytest
from pyannote.core import Segment

from meeting_app.errors import ConflictError, NotFoundError


def test_the_corrected_words_are_stored_and_found(app) -> None:
    meeting_id = app.process()  # "We agreed to ship." / "I will write the notes."
    app.service.replace_words(meeting_id, Segment(10.0, 15.0), "I will write the minutes.")
    texts = [turn.text for turn in app.service.meeting(meeting_id).meeting.turns]
    assert texts == ["We agreed to ship.", "I will write the minutes."]
    assert app.service.search("notes") == ()
    assert [hit.turn_id for hit in app.service.search("minutes")] == [1]


def test_a_turn_that_loses_its_words_leaves_the_index_and_the_minutes(app) -> None:
    meeting_id = app.process()
    found = app.service.replace_words(meeting_id, Segment(0.0, 20.0), "We agreed to ship.")
    assert [turn.id for turn in found.meeting.turns] == [0]
    assert app.service.search("notes") == ()
    assert {proof for item in found.meeting.minutes.action_items for proof in item.evidence} == {0}


def test_doing_it_twice_changes_nothing(app) -> None:
    meeting_id = app.process()
    once = app.service.replace_words(meeting_id, Segment(0.0, 5.0), "We agreed to wait a bit.")
    twice = app.service.replace_words(meeting_id, Segment(0.0, 5.0), "We agreed to wait a bit.")
    assert once == twice


@pytest.mark.parametrize("text", ["  ", "a\x00b", "x" * 20_001])
def test_a_text_that_cannot_be_shown_is_refused(app, text: str) -> None:
    meeting_id = app.process()
    with pytest.raises(ConflictError):
        app.service.replace_words(meeting_id, Segment(0.0, 5.0), text)


def test_an_unknown_meeting_is_refused(app) -> None:
    with pytest.raises(NotFoundError):
        app.service.replace_words("0000000000000000", Segment(0.0, 5.0), "x")
