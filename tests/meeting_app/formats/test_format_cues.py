"""Subtitles: short enough to read, long enough on the screen, readable by other programs."""

import itertools
import re
from collections import Counter, defaultdict
from dataclasses import replace
from io import StringIO

import pytest
import webvtt
from hypothesis import given, settings
from pyannote.core import Segment

from meeting_app.domain import Meeting, Speaker, Turn, Word
from meeting_app.formats.cues import Cue, cues_of, timestamp
from meeting_app.formats.srt import harmless, meeting_to_srt
from meeting_app.formats.text import clean, columns
from meeting_app.formats.vtt import meeting_to_vtt
from tests.builders import a_meeting, a_turn, an_empty_meeting
from tests.strategies import meetings


def _meeting(*turns: Turn, duration: float = 1000.0) -> Meeting:
    return replace(a_meeting(), turns=turns, duration=duration)


def _cues(*turns: Turn, duration: float = 1000.0) -> list[tuple[int, int, str]]:
    cues = cues_of(_meeting(*turns, duration=duration), is_prefixed=False)
    return [(cue.start_ms, cue.end_ms, " / ".join(cue.lines)) for cue in cues]


def test_srt_is_written_as_players_read_it() -> None:
    assert meeting_to_srt(a_meeting()) == (
        "1\n"
        "00:00:00,000 --> 00:00:02,900\n"
        "Speaker 1: We agreed to ship on Monday.\n"
        "\n"
        "2\n"
        "00:00:10,000 --> 00:00:13,400\n"
        "Speaker 2: I will write\n"
        "the notes by Friday.\n"
    )


def test_vtt_has_a_voice_for_each_cue() -> None:
    assert meeting_to_vtt(a_meeting()) == (
        "WEBVTT\n"
        "\n"
        "00:00:00.000 --> 00:00:02.900\n"
        "<v Speaker 1>We agreed to ship on Monday.</v>\n"
        "\n"
        "00:00:10.000 --> 00:00:13.400\n"
        "<v Speaker 2>I will write the notes by Friday.</v>\n"
    )


def test_silence_gives_files_without_cues() -> None:
    assert meeting_to_srt(an_empty_meeting()) == ""
    assert meeting_to_vtt(an_empty_meeting()) == "WEBVTT\n"


def test_turn_of_nobody_has_no_name() -> None:
    meeting = a_meeting((None, "Well now, hello there."))
    assert meeting_to_srt(meeting).endswith("\nWell now, hello there.\n")
    assert meeting_to_vtt(meeting).endswith("\nWell now, hello there.\n")


def test_each_sentence_of_a_second_or_more_is_a_cue() -> None:
    assert _cues(a_turn(text="One two three. Four five six.")) == [
        (0, 1400, "One two three."),
        (1500, 2900, "Four five six."),
    ]


def test_sentence_shorter_than_a_second_joins_the_next_one() -> None:
    assert _cues(a_turn(text="Yes. I think so.")) == [(0, 1900, "Yes. I think so.")]


def test_short_cue_is_lengthened_to_a_second_where_there_is_room() -> None:
    alone, soon = a_turn(0, text="Yes.", start=5.0), a_turn(1, text="No.", start=5.6)
    assert _cues(alone) == [(5000, 6000, "Yes.")]
    assert _cues(alone, soon) == [(5000, 5600, "Yes."), (5600, 6600, "No.")]
    assert _cues(alone, duration=5.5) == [(5000, 5500, "Yes.")]


def test_long_sentence_is_cut_behind_its_last_clause() -> None:
    text = (
        "We looked at the numbers of the last quarter again, and found "
        "nothing that would explain the loss."
    )
    words = tuple(Word(Segment(i / 4, i / 4 + 0.2), w, 0.9) for i, w in enumerate(text.split()))
    assert _cues(Turn(0, "SPEAKER_00", words)) == [
        (0, 2450, "We looked at the numbers / of the last quarter again,"),
        (2500, 4450, "and found nothing that / would explain the loss."),
    ]


def test_cue_lasts_seven_seconds_at_most() -> None:
    slow = tuple(Word(Segment(2.0 * i, 2.0 * i + 1.9), f"w{i}", 0.9) for i in range(5))
    assert _cues(Turn(0, "SPEAKER_00", slow)) == [(0, 5900, "w0 w1 w2"), (6000, 9900, "w3 w4")]
    drawn_out = Turn(0, "SPEAKER_00", (Word(Segment(0.0, 30.0), "Well", 0.9),))
    assert _cues(drawn_out) == [(0, 7000, "Well")]


def test_pause_inside_a_sentence_ends_a_cue() -> None:
    words = (Word(Segment(0.0, 1.2), "Well,", 0.9), Word(Segment(3.0, 4.2), "no.", 0.9))
    assert _cues(Turn(0, "SPEAKER_00", words)) == [(0, 1200, "Well,"), (3000, 4200, "no.")]


def test_speakers_overlap_on_the_screen_as_they_did_in_the_room() -> None:
    first = a_turn(0, "SPEAKER_00", "One two three four.", 0.0)  # until 1.9
    second = a_turn(1, "SPEAKER_01", "Five six seven eight.", 1.0)
    assert [(start, end) for start, end, _ in _cues(first, second)] == [(0, 1900), (1000, 2900)]


def test_one_speaker_never_overlaps_with_itself() -> None:
    first = a_turn(0, "SPEAKER_00", "One two three four.", 0.0)
    second = a_turn(1, "SPEAKER_00", "Five six seven eight.", 1.0)
    assert [(start, end) for start, end, _ in _cues(first, second)] == [(0, 1000), (1000, 2900)]


def test_chinese_breaks_between_characters_twenty_to_a_line() -> None:
    text = "今天的会议我们讨论了三个问题首先是发布时间其次是测试最后是文档"  # 31 characters
    ((_, _, lines),) = _cues(a_turn(text=text))
    assert [len(line) for line in lines.split(" / ")] == [16, 15]
    assert [len(x[2]) for x in _cues(a_turn(text="会" * 50))] == [20 + 3 + 20, 10]


def test_word_too_long_for_a_line_is_cut_and_its_time_shared_out() -> None:
    cues = _cues(Turn(0, "SPEAKER_00", (Word(Segment(0.0, 10.0), "x" * 110, 0.9),)))
    assert "".join(text.replace(" / ", "") for _, _, text in cues) == "x" * 110
    assert [(start, end) for start, end, _ in cues] == [(0, 6000), (6000, 10000)]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Alice\n-->", "Alice →: "),
        ('Dr. "Q" & <Sons>', 'Dr. "Q" & ‹Sons›: '),
        ("Maximiliane von Hohenfels", "Maximiliane von Hoh…: "),
    ],
)
def test_name_stays_on_one_line_of_srt(name: str, shown: str) -> None:
    meeting = a_meeting(("SPEAKER_00", "Hello there now.")).rename_speaker("SPEAKER_00", name)
    lines = meeting_to_srt(meeting).splitlines()[2:]
    assert " ".join(lines).startswith(shown)


def test_name_and_text_cannot_end_a_voice_or_a_cue_of_vtt() -> None:
    meeting = a_meeting(("SPEAKER_00", "a <i> & --> b.")).rename_speaker("SPEAKER_00", "<A>\n&B")
    assert meeting_to_vtt(meeting).splitlines()[3] == (
        "<v &lt;A&gt; &amp;B>a &lt;i&gt; &amp; --&gt; b.</v>"
    )


def test_hours_have_as_many_digits_as_they_need() -> None:
    assert timestamp(3_723_004, ".") == "01:02:03.004"
    assert timestamp(360_000_000, ",") == "100:00:00,000"


def _by_speaker(meeting: Meeting) -> tuple[tuple[Cue, ...], dict[str | None, list[Cue]]]:
    """Speakers lose their names here, so that a display name tells one voice from another."""
    speakers = tuple(Speaker(speaker.label) for speaker in meeting.speakers)
    cues = cues_of(replace(meeting, speakers=speakers), is_prefixed=False)
    found: dict[str | None, list[Cue]] = defaultdict(list)
    for cue in cues:
        found[cue.speaker].append(cue)
    return cues, found


@given(meetings())
@settings(max_examples=40, deadline=None)
def test_cues_are_readable_and_lose_nothing(meeting: Meeting) -> None:
    cues, by_speaker = _by_speaker(meeting)
    for cue in cues:
        assert 0 < cue.end_ms - cue.start_ms <= 7000
        assert 1 <= len(cue.lines) <= 2
    for of_one in by_speaker.values():
        assert all(a.end_ms <= b.start_ms for a, b in itertools.pairwise(of_one))
    shown = Counter("".join("".join(cue.lines) for cue in cues))
    said = Counter(clean("".join(word.text for turn in meeting.turns for word in turn.words)))
    del shown[" "], said[" "]
    assert shown == said


@given(meetings())
@settings(max_examples=40, deadline=None)
def test_lines_keep_to_their_columns_with_the_name_in_them(meeting: Meeting) -> None:
    for cue in cues_of(meeting, is_prefixed=True):
        assert len(cue.lines) <= 2
        assert all(columns(line) <= 42 for line in cue.lines)


@given(meetings())
@settings(max_examples=40, deadline=None)
def test_a_second_program_reads_back_every_cue(meeting: Meeting) -> None:
    text = meeting_to_srt(meeting)
    srt = webvtt.from_buffer(StringIO(text), format="srt") if text else ()
    cues = cues_of(meeting, is_prefixed=True)
    assert [c.text for c in srt] == [harmless("\n".join(cue.lines)) for cue in cues]
    vtt = webvtt.from_string(meeting_to_vtt(meeting))
    cues = cues_of(meeting, is_prefixed=False)
    assert [(c.start, c.end) for c in vtt] == [
        (timestamp(cue.start_ms, "."), timestamp(cue.end_ms, ".")) for cue in cues
    ]
    written = [re.sub(r"</?v[^>]*>", "", c.raw_text) for c in vtt]
    unescaped = [
        text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") for text in written
    ]
    assert unescaped == ["\n".join(cue.lines) for cue in cues]
