"""Words, chapters and minutes are corrected."""

import pytest
from pyannote.core import Segment

from meeting_app.domain import ActionItem, Chapter, Decision, Meeting, Statement
from meeting_app.domain.corrections import (
    AddChapter,
    AddLine,
    Correction,
    EditLine,
    LineKind,
    LinePlace,
    MoveChapter,
    Passage,
    RemoveChapter,
    RemoveLine,
    RemoveWords,
    RenameChapter,
    RenameMeeting,
    RenameSpeaker,
    ReplaceWords,
    apply,
)
from meeting_app.errors import ConflictError
from tests.builders import a_meeting, an_empty_meeting

A, B = "SPEAKER_00", "SPEAKER_01"
# Turns begin at 0, 10, 20 and 30 s; one chapter from 0 to 40 s.
TALK = a_meeting((A, "We agreed to chip."), (B, "I will write."), (A, "Good."), (B, "Bye."))


def chapters(meeting: Meeting) -> list[tuple[float, float, str]]:
    return [(c.segment.start, c.segment.end, c.title) for c in meeting.chapters]


def test_a_meeting_and_a_speaker_get_a_name() -> None:
    assert apply(TALK, RenameMeeting("Board")).title == "Board"
    assert apply(TALK, RenameMeeting("Standup")) is TALK
    named = apply(TALK, RenameSpeaker(A, "Ana"))
    assert named.display_name(A) == "Ana"
    assert apply(named, RenameSpeaker(A, None)) == TALK


def test_a_passage_is_replaced_and_its_times_are_kept() -> None:
    changed = apply(TALK, ReplaceWords(Segment(0.0, 5.0), "We agreed to ship!"))
    assert [t.text for t in changed.turns[:2]] == ["We agreed to ship!", "I will write."]
    assert changed.turns[0].segment == TALK.turns[0].segment


def test_only_words_whose_middle_lies_inside_are_replaced() -> None:
    changed = apply(TALK, ReplaceWords(Segment(0.5, 1.0), "decided"))
    assert changed.turns[0].text == "We decided to chip."


def test_words_of_two_turns_go_to_the_turn_of_what_they_replace() -> None:
    changed = apply(TALK, ReplaceWords(Segment(1.5, 10.5), "ship. We"))
    assert [t.text for t in changed.turns[:2]] == ["We agreed to ship.", "We will write."]


def test_only_the_words_of_the_speakers_named_are_replaced() -> None:
    changed = apply(TALK, ReplaceWords(Segment(0.0, 40.0), "Hush.", (A,)))
    assert [(t.speaker, t.text) for t in changed.turns if t.speaker == B] == [
        (B, "I will write."),
        (B, "Bye."),
    ]


def test_a_turn_without_words_goes_and_its_proofs_move() -> None:
    changed = apply(TALK, ReplaceWords(Segment(0.0, 15.0), "We agreed to chip."))
    assert [t.id for t in changed.turns] == [0, 2, 3]
    assert [item.evidence for item in changed.minutes.action_items] == [(0,)]


@pytest.mark.parametrize(("segment", "text"), [(Segment(3.0, 9.0), "x"), (Segment(0.0, 5.0), " ")])
def test_nothing_is_replaced_by_or_where_there_is_nothing(segment: Segment, text: str) -> None:
    with pytest.raises(ConflictError):
        apply(TALK, ReplaceWords(segment, text))


def test_removed_words_take_lines_along_that_nothing_else_proves() -> None:
    changed = apply(TALK, RemoveWords((Passage(Segment(10.0, 15.0), B),)))
    assert [t.id for t in changed.turns] == [0, 2, 3]
    assert changed.minutes.action_items == ()
    assert changed.minutes.decisions == TALK.minutes.decisions
    less = apply(TALK, RemoveWords((Passage(Segment(0.5, 0.9), A),)))
    assert less.turns[0].text == "We to chip."
    with pytest.raises(ConflictError, match="none of these words"):
        apply(TALK, RemoveWords((Passage(Segment(10.0, 15.0), A),)))


def test_a_chapter_begins_with_the_nearest_turn() -> None:
    two = apply(TALK, AddChapter(11.5, "Notes"))
    assert chapters(two) == [(0.0, 10.0, "Release"), (10.0, 40.0, "Notes")]
    assert two.chapters[0].keywords == TALK.chapters[0].keywords
    assert chapters(apply(two, AddChapter(21.0, "End"))) == [
        (0.0, 10.0, "Release"),
        (10.0, 20.0, "Notes"),
        (20.0, 40.0, "End"),
    ]


def test_a_chapter_moves_between_its_neighbours() -> None:
    two = apply(TALK, AddChapter(10.0, "Notes"))
    assert chapters(apply(two, MoveChapter(10.0, 29.0))) == [
        (0.0, 30.0, "Release"),
        (30.0, 40.0, "Notes"),
    ]
    assert chapters(apply(two, RenameChapter(10.4, "Who writes"))) == [
        (0.0, 10.0, "Release"),
        (10.0, 40.0, "Who writes"),
    ]


def test_a_removed_chapter_leaves_its_time_to_a_neighbour() -> None:
    two = apply(TALK, AddChapter(10.0, "Notes"))
    assert chapters(apply(two, RemoveChapter(10.0))) == [(0.0, 40.0, "Release")]
    assert chapters(apply(two, RemoveChapter(0.0))) == [(0.0, 40.0, "Notes")]


def test_the_first_chapter_of_a_meeting_without_any_is_the_whole() -> None:
    changed = apply(an_empty_meeting(duration=3.0), AddChapter(1.0, "Silence"))
    assert changed.chapters == (Chapter(Segment(0.0, 3.0), "Silence", ()),)


@pytest.mark.parametrize(
    ("correction", "message"),
    [
        (AddChapter(1.0, "x"), "would be without a turn"),
        (RemoveChapter(0.0), "only chapter"),
        (RemoveChapter(20.0), "no chapter begins there"),
        (RenameChapter(20.0, "x"), "no chapter begins there"),
        (MoveChapter(0.0, 20.0), "first chapter begins with the recording"),
    ],
)
def test_a_chapter_that_cannot_be_so_is_refused(correction: Correction, message: str) -> None:
    with pytest.raises(ConflictError, match=message):
        apply(TALK, correction)


def test_a_line_is_added_where_its_proof_is_said() -> None:
    changed = apply(TALK, AddLine(LineKind.SUMMARY, "They part.", (31.0,)))
    assert changed.minutes.summary[-1] == Statement("They part.", (3,))
    changed = apply(TALK, AddLine(LineKind.ACTION, "Ana reads.", (0.0, 0.5), A, "today"))
    assert changed.minutes.action_items[0] == ActionItem("Ana reads.", (0,), A, "today")
    assert changed.minutes.action_items[1:] == TALK.minutes.action_items


def test_a_proof_between_turns_is_the_nearest_turn() -> None:
    changed = apply(TALK, AddLine(LineKind.DECISION, "So be it.", (18.0,)))
    assert changed.minutes.decisions[-1] == Decision("So be it.", (2,))


def test_an_edited_line_keeps_its_proofs() -> None:
    place = LinePlace(LineKind.ACTION, 0, "I will write.")
    changed = apply(TALK, EditLine(place, "Ben writes.", B, None))
    assert changed.minutes.action_items == (ActionItem("Ben writes.", (1,), B, None),)
    assert apply(TALK, RemoveLine(place)).minutes.action_items == ()


def test_a_line_that_moved_is_found_by_what_it_says() -> None:
    place = LinePlace(LineKind.ACTION, 7, "I will write.")
    assert apply(TALK, RemoveLine(place)).minutes.action_items == ()


@pytest.mark.parametrize(
    "correction",
    [
        RemoveLine(LinePlace(LineKind.ACTION, 0, "something else")),
        EditLine(LinePlace(LineKind.DECISION, 0, "We agreed to chip."), "x", owner=A),
        AddLine(LineKind.SUMMARY, "x", ()),
        AddLine(LineKind.SUMMARY, "x", (1.0,), due="today"),
    ],
)
def test_a_line_that_cannot_be_so_is_refused(correction: Correction) -> None:
    with pytest.raises(ConflictError):
        apply(TALK, correction)


def test_nothing_proves_a_line_of_a_silent_meeting() -> None:
    with pytest.raises(ConflictError, match="nothing is said"):
        apply(an_empty_meeting(), AddLine(LineKind.SUMMARY, "x", (1.0,)))
