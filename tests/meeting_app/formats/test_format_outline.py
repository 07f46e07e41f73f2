"""The reading order that all documents share."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from pyannote.core import Segment

from meeting_app.domain import ActionItem, Chapter, Decision, Meeting, Minutes, SpeakerSegment
from meeting_app.formats.outline import (
    SPEAKER_COLOURS,
    UNKNOWN_COLOUR,
    Moment,
    clock,
    outline_of,
)
from meeting_app.formats.wording import Wording
from tests.builders import a_meeting, an_empty_meeting
from tests.strategies import meetings


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0, "00:00"), (65.99, "01:05"), (3_661.0, "1:01:01"), (360_000.0, "100:00:00")],
)
def test_clock_rounds_down_and_counts_hours_when_there_are_any(seconds: float, text: str) -> None:
    assert clock(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (44.6, "45 s"), (185.0, "3 min 05 s"), (7_320.0, "2 h 02 min")],
)
def test_length_is_in_words(seconds: float, text: str) -> None:
    assert Wording().length(seconds) == text


def test_shares_of_talk_count_overlap_for_each_speaker() -> None:
    segments = (
        SpeakerSegment(Segment(0.0, 30.0), "SPEAKER_00"),
        SpeakerSegment(Segment(20.0, 30.0), "SPEAKER_01"),
    )
    rows = outline_of(replace(a_meeting(), speaker_segments=segments)).speakers
    assert [(row.seconds, row.share) for row in rows] == [(30.0, 0.75), (10.0, 0.25)]


def test_meeting_in_which_nobody_was_heard_has_shares_of_zero() -> None:
    rows = outline_of(replace(a_meeting(), speaker_segments=())).speakers
    assert [row.share for row in rows] == [0.0, 0.0]


def test_silence_has_no_sections_and_no_lines() -> None:
    outline = outline_of(an_empty_meeting(title=" \x00 "))
    assert (outline.title, outline.facts) == ("Meeting", "3 s")
    assert outline.is_silent
    assert outline.sections == ()
    assert outline.minutes == ()


def test_turn_that_nobody_was_found_for_is_grey_and_called_unknown() -> None:
    (section,) = outline_of(a_meeting((None, "Hm."), ("SPEAKER_00", "Yes."))).sections
    assert [(p.speaker, p.colour) for p in section.passages] == [
        ("Unknown", UNKNOWN_COLOUR),
        ("Speaker 1", SPEAKER_COLOURS[0]),
    ]


def test_speaker_named_with_nothing_visible_is_called_by_the_label() -> None:
    meeting = a_meeting().rename_speaker("SPEAKER_00", "\n\x00")
    assert outline_of(meeting).speakers[0].name == "SPEAKER_00"


def test_turns_before_and_behind_all_chapters_are_not_lost() -> None:
    meeting = a_meeting(*[("SPEAKER_00", "Well.")] * 4)  # at 0, 10, 20 and 30 s
    chapters = (Chapter(Segment(5.0, 15.0), "A", ()), Chapter(Segment(15.0, 25.0), "", ()))
    sections = outline_of(replace(meeting, chapters=chapters)).sections
    assert [section.heading for section in sections] == ["1. A", "2. Chapter"]
    assert [[p.turn_id for p in section.passages] for section in sections] == [[0, 1], [2, 3]]


def test_meeting_without_chapters_is_one_section() -> None:
    (section,) = outline_of(replace(a_meeting(), chapters=())).sections
    assert (section.heading, section.start, section.end) == ("Whole recording", 0.0, 20.0)
    assert len(section.passages) == 2
    assert len(section.summary) == 1


def test_evidence_is_in_time_order_and_unknown_turns_are_passed_over() -> None:
    minutes = Minutes(decisions=(Decision("Ship.", (1, 0, 99, 1)),))
    (line,) = outline_of(replace(a_meeting(), minutes=minutes)).decisions
    assert line.moments == (Moment(0, 0.0), Moment(1, 10.0))


def test_owner_is_the_name_of_the_voice_or_the_name_that_was_spoken() -> None:
    items = (
        ActionItem("Write.", (0,), owner="SPEAKER_01", due="by\nFriday"),
        ActionItem("Read.", (0,), owner="Bob"),
        ActionItem("Rest.", (0,), due=" "),
    )
    meeting = replace(a_meeting(), minutes=Minutes(action_items=items))
    lines = outline_of(meeting.rename_speaker("SPEAKER_01", "Alice")).action_items
    assert [(line.owner, line.due) for line in lines] == [
        ("Alice", "by Friday"),
        ("Bob", None),
        (None, None),
    ]


@given(meetings())
@settings(max_examples=40, deadline=None)
def test_every_turn_and_every_summary_line_is_in_one_section(meeting: Meeting) -> None:
    sections = outline_of(meeting).sections
    told = [passage.turn_id for section in sections for passage in section.passages]
    assert sorted(told) == sorted(turn.id for turn in meeting.turns)
    assert sum(len(section.summary) for section in sections) == len(meeting.minutes.summary)


def _luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("colour", [*SPEAKER_COLOURS, UNKNOWN_COLOUR])
def test_names_can_be_read_on_white(colour: str) -> None:
    assert 1.05 / (_luminance(colour) + 0.05) >= 4.5
