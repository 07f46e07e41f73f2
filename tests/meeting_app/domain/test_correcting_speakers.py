"""Words change hands: merge, split, reassign, relabel."""

import pytest
from pyannote.core import Segment

from meeting_app.domain import Meeting, Minutes, Speaker, SpeakerSegment, Turn
from meeting_app.domain.corrections import (
    Correction,
    MergeSpeakers,
    MoveTurnBoundary,
    NameSpeakers,
    Passage,
    ReassignWords,
    Relabel,
    RenameSpeaker,
    SplitSpeaker,
    apply,
)
from meeting_app.domain.evidence import Relabelling
from meeting_app.errors import ConflictError, NotFoundError
from tests.builders import a_meeting, a_turn

A, B, C, D = (f"SPEAKER_{number:02}" for number in range(4))
# Turns of half-second words that begin at 0, 10, 20 and 30 s.
TALK = a_meeting(
    (A, "We agreed to ship on Monday."),
    (B, "I will write the notes."),
    (A, "Good."),
    (C, "And I will test."),
)


def texts(meeting: Meeting) -> list[tuple[str | None, str]]:
    return [(turn.speaker, turn.text) for turn in meeting.turns]


def heard(meeting: Meeting, label: str) -> list[tuple[float, float]]:
    return [
        (round(s.segment.start, 3), round(s.segment.end, 3))
        for s in meeting.speaker_segments
        if s.speaker == label
    ]


def reassign(start: float, end: float, speaker: str | None, label: str | None) -> ReassignWords:
    return ReassignWords((Passage(Segment(start, end), speaker),), label)


def test_a_merged_speaker_goes_with_words_time_tasks_and_name() -> None:
    named = TALK.rename_speaker(B, "Ben")
    merged = apply(named, MergeSpeakers(B, A))
    assert merged.speakers == (Speaker(A, "Ben"), Speaker(C))
    assert [t.speaker for t in merged.turns] == [A, A, A, C]
    assert heard(merged, A) == [(0.0, 2.9), (10.0, 12.4), (20.0, 20.4)]
    assert [item.owner for item in merged.minutes.action_items] == [A, C]


def test_who_stays_keeps_the_name() -> None:
    named = TALK.rename_speaker(A, "Ana").rename_speaker(B, "Ben")
    assert apply(named, MergeSpeakers(B, A)).display_name(A) == "Ana"


def test_segments_of_merged_speakers_that_touch_become_one() -> None:
    spans = ((A, 0.0, 5.0), (B, 5.0, 8.0), (B, 9.0, 10.0), (A, 9.5, 12.0))
    segments = tuple(SpeakerSegment(Segment(start, end), label) for label, start, end in spans)
    meeting = Meeting("m", 20.0, "en", (Speaker(A), Speaker(B)), segments, (), (), Minutes())
    assert heard(apply(meeting, MergeSpeakers(B, A)), A) == [(0.0, 8.0), (9.0, 12.0)]


def test_turns_that_now_follow_each_other_become_one_and_keep_the_older_id() -> None:
    turns = (
        Turn(4, A, a_turn(text="We agreed", start=0.0).words),
        Turn(9, B, a_turn(text="to ship.", start=1.0).words),
    )
    meeting = Meeting("m", 9.0, "en", (Speaker(A), Speaker(B)), (), turns, (), Minutes())
    merged = apply(meeting, MergeSpeakers(A, B))
    assert [(t.id, t.speaker, t.text) for t in merged.turns] == [(4, B, "We agreed to ship.")]


def test_a_whole_turn_keeps_its_id_when_it_changes_its_speaker() -> None:
    changed = apply(TALK, reassign(30.0, 40.0, C, B))
    assert [(t.id, t.speaker) for t in changed.turns] == [(0, A), (1, B), (2, A), (3, B)]
    assert changed.speakers == (Speaker(A), Speaker(B))  # nothing is left of C
    assert heard(changed, B) == [(10.0, 12.4), (30.0, 31.9)]
    assert [item.owner for item in changed.minutes.action_items] == [B, B]


def test_a_selection_inside_a_turn_becomes_a_turn_of_its_own() -> None:
    # "agreed to" from 0.5 to 1.4 s
    changed = apply(TALK, reassign(0.5, 1.4, A, C))
    assert texts(changed)[:3] == [(A, "We"), (C, "agreed to"), (A, "ship on Monday.")]
    assert [t.id for t in changed.turns[:3]] == [0, 4, 5]
    assert heard(changed, A)[:2] == [(0.0, 0.5), (1.4, 2.9)]
    assert heard(changed, C)[0] == (0.5, 1.4)


def test_a_line_of_the_minutes_is_proven_by_the_part_that_says_it() -> None:
    # The decision is "We agreed to ship on Monday."; most of it goes.
    changed = apply(TALK, reassign(0.5, 9.0, A, C))
    assert texts(changed)[:2] == [(A, "We"), (C, "agreed to ship on Monday.")]
    assert changed.minutes.decisions[0].evidence == (4,)
    kept = apply(TALK, reassign(2.5, 9.0, A, C))
    assert kept.minutes.decisions[0].evidence == (0,)


def test_words_of_somebody_who_speaks_at_the_same_time_stay() -> None:
    turns = (
        a_turn(0, A, "one two three four", 0.0),
        a_turn(1, B, "yes", 0.6),
    )
    both = (SpeakerSegment(Segment(0.0, 2.0), A), SpeakerSegment(Segment(0.6, 1.0), B))
    speakers = (Speaker(A), Speaker(B), Speaker(C))
    meeting = Meeting("m", 9.0, "en", speakers, both, turns, (), Minutes())
    changed = apply(meeting, reassign(0.0, 2.0, A, C))
    assert texts(changed) == [(C, "one two three four"), (B, "yes")]
    assert heard(changed, B) == [(0.6, 1.0)]


def test_a_short_rest_without_a_word_goes_along_and_a_long_one_stays() -> None:
    turns = (a_turn(0, A, "yes", 10.0), a_turn(1, A, "no", 30.0))
    whole = (SpeakerSegment(Segment(9.8, 12.0), A), SpeakerSegment(Segment(30.0, 30.5), A))
    speakers = (Speaker(A), Speaker(B))
    meeting = Meeting("m", 40.0, "en", speakers, whole, turns, (), Minutes())
    changed = apply(meeting, reassign(10.0, 10.4, A, B))
    assert heard(changed, B) == [(9.8, 10.4)]  # 0.2 s before the word
    assert heard(changed, A) == [(10.4, 12.0), (30.0, 30.5)]  # 1.6 s after it


def test_words_of_nobody_get_a_speaker_and_are_heard() -> None:
    meeting = a_meeting((A, "Hello."), (None, "Who is this?"))
    changed = apply(meeting, reassign(10.0, 12.0, None, A))
    assert [t.speaker for t in changed.turns] == [A, A]
    assert heard(changed, A) == [(0.0, 0.4), (10.0, 11.4)]


def test_a_new_speaker_gets_a_label_that_nobody_had() -> None:
    changed = apply(TALK, reassign(20.0, 21.0, A, None))
    assert changed.speakers == (Speaker(A), Speaker(B), Speaker(C), Speaker(D))
    assert changed.turns[2].speaker == D


def test_a_split_speaker_loses_what_is_in_the_segments() -> None:
    split = apply(TALK, SplitSpeaker(A, (Segment(19.0, 25.0),)))
    assert [t.speaker for t in split.turns] == [A, B, D, C]
    assert heard(split, D) == [(20.0, 20.4)]
    with pytest.raises(ConflictError, match="no word would be left"):
        apply(TALK, SplitSpeaker(A, (Segment(0.0, 40.0),)))


def test_many_passages_change_at_once() -> None:
    changes = (
        Relabelling(Segment(0.0, 5.0), A, B),
        Relabelling(Segment(20.0, 25.0), A, C),
        Relabelling(Segment(10.0, 15.0), B, C),
    )
    changed = apply(TALK, Relabel(changes))
    assert [t.speaker for t in changed.turns] == [B, C, C, C]
    assert changed.speakers == (Speaker(B), Speaker(C))


def test_a_boundary_moves_words_and_time_to_the_other_side() -> None:
    meeting = Meeting(
        "m",
        9.0,
        "en",
        (Speaker(A), Speaker(B)),
        (SpeakerSegment(Segment(0.0, 1.4), A), SpeakerSegment(Segment(1.5, 3.0), B)),
        (a_turn(0, A, "we agreed to", 0.0), a_turn(1, B, "ship on Monday", 1.5)),
        (),
        Minutes(),
    )
    later = apply(meeting, MoveTurnBoundary(1.5, 2.0))
    assert texts(later) == [(A, "we agreed to ship"), (B, "on Monday")]
    assert heard(later, A) == [(0.0, 1.4), (1.5, 1.9)]
    earlier = apply(meeting, MoveTurnBoundary(1.5, 0.5))
    assert texts(earlier) == [(A, "we"), (B, "agreed to ship on Monday")]
    assert [t.id for t in earlier.turns] == [0, 1]
    assert heard(earlier, B) == [(0.5, 1.4), (1.5, 3.0)]


@pytest.mark.parametrize(
    ("start", "to", "message"),
    [
        (10.0, 10.1, "no word changes sides"),
        (10.0, 15.0, "no word would be left on one side"),
        (10.0, 0.0, "no word would be left on one side"),
        (14.0, 15.0, "no turn follows another there"),
        (0.0, 1.0, "no turn follows another there"),
    ],
)
def test_a_boundary_that_cannot_move_so_is_refused(start: float, to: float, message: str) -> None:
    with pytest.raises(ConflictError, match=message):
        apply(TALK, MoveTurnBoundary(start, to))


@pytest.mark.parametrize(
    "correction",
    [
        MergeSpeakers(A, A),
        reassign(5.0, 6.0, A, B),
        reassign(0.0, 5.0, B, A),
        ReassignWords((Passage(Segment(0, 5), A), Passage(Segment(1, 6), A)), B),
        Relabel((Relabelling(Segment(0.0, 5.0), A, A),)),
    ],
)
def test_what_does_not_fit_is_refused(correction: Correction) -> None:
    with pytest.raises(ConflictError):
        apply(TALK, correction)


@pytest.mark.parametrize(
    "correction",
    [
        RenameSpeaker(D, "Dan"),
        NameSpeakers((RenameSpeaker(A, "Ana"), RenameSpeaker(D, "Dan"))),
        MergeSpeakers(A, D),
        MergeSpeakers(D, A),
        SplitSpeaker(D, (Segment(0.0, 1.0),)),
        reassign(0.0, 5.0, A, D),
        reassign(0.0, 5.0, D, A),
        Relabel((Relabelling(Segment(0.0, 5.0), A, D),)),
    ],
)
def test_an_unknown_speaker_is_named(correction: Correction) -> None:
    with pytest.raises(NotFoundError, match=D):
        apply(TALK, correction)


def test_giving_words_to_who_has_them_changes_nothing() -> None:
    assert apply(TALK, reassign(0.0, 5.0, A, A)) is TALK
