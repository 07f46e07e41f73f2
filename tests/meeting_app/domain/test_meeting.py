"""What can be asked of a meeting."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyannote.core import Segment

from meeting_app.domain import (
    Chapter,
    Meeting,
    Minutes,
    Speaker,
    SpeakerSegment,
    Statement,
    Turn,
    Word,
    annotation_of,
    speaker_segments_of,
)


def _turn(number: int, start: float, speaker: str | None = "SPEAKER_00") -> Turn:
    return Turn(number, speaker, (Word(Segment(start, start + 1), "word", 1.0),))


FIRST = Chapter(Segment(0, 10), "First", ("one",))
SECOND = Chapter(Segment(10, 20), "Second", ("two",))
MEETING = Meeting(
    title="Standup",
    duration=20.0,
    language="en",
    speakers=(Speaker("SPEAKER_00"), Speaker("SPEAKER_01", "Ada")),
    speaker_segments=(
        SpeakerSegment(Segment(0, 4), "SPEAKER_00"),
        SpeakerSegment(Segment(3, 5), "SPEAKER_01"),
        SpeakerSegment(Segment(10, 11.5), "SPEAKER_00"),
    ),
    turns=(_turn(0, 0.0), _turn(3, 9.5, "SPEAKER_01"), _turn(5, 10.0)),
    chapters=(FIRST, SECOND),
    minutes=Minutes(summary=(Statement("a", (3, 5)), Statement("b", (5,)))),
)


@pytest.mark.parametrize(
    ("speaker", "expected"),
    [
        (Speaker("SPEAKER_00"), "Speaker 1"),
        (Speaker("SPEAKER_09"), "Speaker 10"),
        (Speaker("SPEAKER_00", "Ada"), "Ada"),
        (Speaker("host"), "host"),
    ],
)
def test_a_speaker_is_called_by_name_else_by_number(speaker: Speaker, expected: str) -> None:
    assert speaker.display_name == expected


@pytest.mark.parametrize(
    ("label", "expected"),
    [("SPEAKER_00", "Speaker 1"), ("SPEAKER_01", "Ada"), ("Grace", "Grace"), (None, "Unknown")],
)
def test_labels_spoken_names_and_nobody_have_a_display_name(
    label: str | None, expected: str
) -> None:
    assert MEETING.display_name(label) == expected


def test_turns_are_found_by_their_id() -> None:
    assert MEETING.turn_by_id[3].segment == Segment(9.5, 10.5)
    assert sorted(MEETING.turn_by_id) == [0, 3, 5]


def test_a_turn_belongs_to_the_chapter_it_begins_in() -> None:
    assert [turn.id for turn in MEETING.turns_in(FIRST)] == [0, 3]
    assert [turn.id for turn in MEETING.turns_in(SECOND)] == [5]


def test_a_statement_belongs_to_the_chapter_of_its_first_proof() -> None:
    assert [statement.text for statement in MEETING.summary_of(FIRST)] == ["a"]
    assert [statement.text for statement in MEETING.summary_of(SECOND)] == ["b"]


def test_speaking_time_counts_overlap_for_each_speaker() -> None:
    assert MEETING.speaking_time("SPEAKER_00") == 5.5
    assert MEETING.speaking_time("SPEAKER_01") == 2.0
    assert MEETING.speaking_time("SPEAKER_07") == 0.0


def test_renaming_changes_one_name_and_nothing_else() -> None:
    renamed = MEETING.rename_speaker("SPEAKER_00", "Grace")
    assert [speaker.display_name for speaker in renamed.speakers] == ["Grace", "Ada"]
    assert renamed.turns == MEETING.turns
    assert MEETING.display_name("SPEAKER_00") == "Speaker 1"


def test_a_name_can_be_taken_back() -> None:
    assert MEETING.rename_speaker("SPEAKER_01", None).display_name("SPEAKER_01") == "Speaker 2"


def test_renaming_an_unknown_speaker_changes_nothing() -> None:
    assert MEETING.rename_speaker("SPEAKER_07", "Eve") == MEETING


def test_the_annotation_keeps_two_speakers_of_the_same_segment() -> None:
    both = tuple(SpeakerSegment(Segment(1, 2), label) for label in ("SPEAKER_00", "SPEAKER_01"))
    annotation = annotation_of(both, uri="standup")
    assert annotation.uri == "standup"
    assert annotation.get_labels(Segment(1, 2)) == {"SPEAKER_00", "SPEAKER_01"}


_SPANS = st.builds(
    lambda start, length, label: SpeakerSegment(Segment(start, start + length), label),
    st.integers(0, 50),
    st.integers(1, 9),
    st.sampled_from(["SPEAKER_00", "SPEAKER_01"]),
)


@given(st.lists(_SPANS, max_size=8))
def test_segments_survive_the_way_through_an_annotation(spans: list[SpeakerSegment]) -> None:
    expected = sorted(spans, key=lambda s: (s.segment.start, s.segment.end, s.speaker))
    assert speaker_segments_of(annotation_of(spans)) == tuple(expected)
