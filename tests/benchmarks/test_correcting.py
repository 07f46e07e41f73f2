"""A user who knows the reference, on meetings whose voices are known."""

import random

import pytest

from benchmarks.workbench.correcting import correct, figures, table
from benchmarks.workbench.misclustered import (
    Case,
    given_away,
    halved,
    merged,
    repeated,
    scattered,
    spoilt,
)
from benchmarks.workbench.scripted_user import Desk, best_action, largest_reassignment
from benchmarks.workbench.speaker_words import Reference, SpeakerErrors, speaker_errors
from meeting_app.domain import SpeakerSegment
from meeting_app.domain.corrections import MergeSpeakers, Passage, ReassignWords, SplitSpeaker
from pipelines.diarization.reclustering import VoiceReclusterer
from tests.pipelines.diarization.voices import evidence_of, meeting_of

RIGHT = [("A", "anna", 2), ("B", "ben", 2)] * 6  # turns of eight words


def a_case(lines, name="spoilt") -> Case:
    meeting = meeting_of(lines)
    voices = [voice for _, voice, _ in lines]
    reference = Reference.of(
        [SpeakerSegment(t.segment, v) for t, v in zip(meeting.turns, voices, strict=True)]
    )
    return Case("recording", name, meeting, evidence_of(lines), reference)


def a_desk(lines) -> Desk:
    return Desk(a_case(lines), VoiceReclusterer())


def test_two_labels_of_one_person_are_merged():
    lines = [*RIGHT]
    for number in (0, 4, 8):
        lines[number] = ("C", "anna", 2)
    assert best_action(a_desk(lines)) == MergeSpeakers("C", "A")


def test_one_label_of_two_people_is_split():
    lines = [("A", voice, n) for _, voice, n in RIGHT]
    action = best_action(a_desk(lines))
    assert isinstance(action, SplitSpeaker)
    assert len(action.segments) == 6


def test_nothing_is_done_where_all_is_right():
    assert best_action(a_desk(RIGHT)) is None
    assert largest_reassignment(a_desk(RIGHT)) is None


def test_the_longest_wrong_passage_goes_to_who_said_it():
    lines = [*RIGHT]
    lines[3], lines[6] = ("A", "ben", 1), ("B", "anna", 2)
    desk = a_desk(lines)
    passage = Passage(desk.meeting.turns[6].segment, "B")
    assert largest_reassignment(desk) == ReassignWords((passage,), "A")


def test_a_person_without_a_label_gets_a_new_one():
    lines = [*RIGHT, ("A", "cleo", 3)]
    desk = a_desk(lines)
    passage = Passage(desk.meeting.turns[12].segment, "A")
    assert largest_reassignment(desk) == ReassignWords((passage,), None)


def test_actions_are_counted_until_few_words_are_wrong():
    found = correct(a_case([("A", voice, n) for _, voice, n in RIGHT]), VoiceReclusterer())
    assert found.errors == (SpeakerErrors(48, 96), SpeakerErrors(0, 96))
    assert (found.num_actions, found.actions) == (1, ("SplitSpeaker",))


def test_what_three_corrections_teach_is_scored_on_all_other_words():
    found = correct(a_case([("A", voice, n) for _, voice, n in RIGHT]), VoiceReclusterer())
    assert found.before == SpeakerErrors(24, 72)  # three of six wrong turns were corrected
    assert found.after == SpeakerErrors(0, 72)
    assert found.fall == 1.0


def test_the_figures_are_those_of_the_worst_case():
    spoilt_case = a_case([("A", voice, n) for _, voice, n in RIGHT])
    rows = [(c, correct(c, VoiceReclusterer())) for c in (a_case(RIGHT, "as found"), spoilt_case)]
    found = figures(rows)
    assert (found["correction_actions"], found["correction_error"]) == (1, 0.0)
    assert (found["teaching_fall"], found["teaching_fall_worst"]) == (1.0, 1.0)
    assert "SplitSpeaker" in table(rows)


@pytest.mark.parametrize("way", [merged, halved, given_away, scattered])
def test_a_spoilt_meeting_has_the_same_words_and_other_speakers(way):
    meeting = meeting_of(RIGHT)
    found = way(meeting, random.Random(0))
    assert [turn.words for turn in found.turns] == [turn.words for turn in meeting.turns]
    assert found.turns != meeting.turns
    labels = {turn.speaker for turn in found.turns}
    assert labels == {speaker.label for speaker in found.speakers}
    assert labels == {segment.speaker for segment in found.speaker_segments}


def test_a_repeated_meeting_is_as_wrong_as_it_was_once():
    case = a_case([("A", voice, n) for _, voice, n in RIGHT])
    longer = repeated(case, 100.0)  # 48 s, three times
    assert (longer.meeting.duration, len(longer.evidence.times)) == (144.0, 288)
    assert speaker_errors(longer.reference, longer.meeting) == SpeakerErrors(144, 288)
    assert len({turn.id for turn in longer.meeting.turns}) == 36


def test_the_same_seed_spoils_a_meeting_the_same_way():
    meeting = meeting_of(RIGHT)
    assert spoilt(meeting, [3]) == spoilt(meeting, [3])
    assert len(spoilt(meeting, [3, 4])) == 8
