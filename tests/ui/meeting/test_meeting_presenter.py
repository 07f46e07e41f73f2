from dataclasses import replace

from pyannote.core import Segment

from meeting_app.domain import Chapter, SpeakerSegment
from tests.builders import a_meeting, an_empty_meeting
from tests.ui.fake_service import stored
from ui.meeting.presenter import present_meeting
from ui.translation import translator

EN, ZH = translator("en"), translator("zh")


def view_of(meeting, formats=("json", "docx"), t=EN):
    return present_meeting(stored(meeting), formats, t)


def test_speakers_share_the_speaking_time():
    meeting = a_meeting(("SPEAKER_00", "one two three"), ("SPEAKER_01", "four"))
    first, second = view_of(meeting).speakers
    # three words last 1.4 s, one lasts 0.4 s
    assert (first.share, second.share) == (78, 22)
    assert (first.color, second.color) == (1, 2)


def test_ninth_speaker_has_the_first_color_again():
    meeting = a_meeting(*((f"SPEAKER_{n:02}", "hello") for n in range(9)))
    assert [speaker.color for speaker in view_of(meeting).speakers] == [1, 2, 3, 4, 5, 6, 7, 8, 1]


def test_summary_stands_in_its_chapter_and_its_first_line_is_the_gist():
    meeting = replace(
        a_meeting(("SPEAKER_00", "one"), ("SPEAKER_01", "two")),
        chapters=(
            Chapter(Segment(0, 10), "First", ("a", "b")),
            Chapter(Segment(10, 20), "Second", ()),
        ),
    )
    first, second = view_of(meeting).chapters
    assert [line.text for line in first.summary] == ["one"]
    assert (first.gist, second.gist, second.summary) == ("one", None, ())
    assert (second.number, second.clock, second.length) == (2, "0:10", "10 s")


def test_action_item_names_owner_and_due_and_leads_to_its_turn():
    meeting = a_meeting().rename_speaker("SPEAKER_01", "Tom")
    (item,) = view_of(meeting).action_items
    assert (item.owner, item.due) == ("Tom", "by Friday")
    (proof,) = item.proofs
    assert (proof.turn_id, proof.start, proof.clock, proof.speaker) == (1, 10.0, "0:10", "Tom")


def test_decision_has_neither_owner_nor_due():
    (decision,) = view_of(a_meeting()).decisions
    assert (decision.owner, decision.due) == (None, None)


def test_formats_for_people_come_first_and_unknown_ones_last():
    view = view_of(a_meeting(), ("rttm", "odt", "json", "docx"))
    assert [name for name, _ in view.formats] == ["docx", "json", "rttm", "odt"]


def test_silence_is_an_empty_page():
    view = view_of(an_empty_meeting())
    assert (view.speakers, view.chapters, view.decisions, view.language) == ((), (), (), None)


def test_chapter_is_led_by_whoever_speaks_longest_in_it():
    meeting = replace(
        a_meeting(),
        speaker_segments=(
            SpeakerSegment(Segment(0, 12), "SPEAKER_00"),
            SpeakerSegment(Segment(11, 16), "SPEAKER_01"),
        ),
        chapters=(
            Chapter(Segment(0, 10), "First", ()),
            Chapter(Segment(10, 17), "Second", ()),
            Chapter(Segment(17, 20), "Third", ()),
        ),
    )
    leaders = [chapter.leader for chapter in view_of(meeting).chapters]
    assert [leader and leader.label for leader in leaders] == ["SPEAKER_00", "SPEAKER_01", None]


def test_statistics_are_rounded_to_what_one_reads():
    figures = view_of(a_meeting()).statistics
    first, second = figures.speakers
    # Six words from 0 to 2.9 s and seven from 10 to 13.4 s in 20 s.
    assert (first.time, first.words_per_minute, first.num_turns) == ("3 s", 124, 1)
    assert (second.monologue.start, second.monologue.length) == (10.0, "3 s")
    assert (figures.silence, figures.silence_share, figures.overlap_share) == ("14 s", 68, 0)
    assert figures.longest_silence.start == 2.9


def test_names_and_lengths_are_said_in_the_language_of_the_page():
    view = view_of(a_meeting(), t=ZH)
    assert view.speakers[0].name == "发言人 1"
    assert view.statistics.speakers[0].time == "3 秒"
