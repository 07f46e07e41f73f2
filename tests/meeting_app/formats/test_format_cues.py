"""Subtitles: short enough to read, long enough on the screen, readable by other programs."""

import itertools
import re
from collections import Counter
from dataclasses import replace

import pytest
import srt
import webvtt
from hypothesis import given, settings
from pyannote.core import Segment

from meeting_app.config import SubtitlesConfig
from meeting_app.domain import Meeting, Speaker, Turn, Word
from meeting_app.formats.cue_lines import Page
from meeting_app.formats.cues import cues_of, timestamp
from meeting_app.formats.options import ExportOptions
from meeting_app.formats.srt import harmless, meeting_to_srt
from meeting_app.formats.text import clean
from meeting_app.formats.vtt import meeting_to_vtt
from tests.builders import a_meeting, a_turn, an_empty_meeting
from tests.strategies import meetings

RULES = SubtitlesConfig()
PAGE = Page(RULES)


def _meeting(*turns: Turn) -> Meeting:
    return replace(a_meeting(), turns=turns, duration=1000.0)


def _cues(*turns: Turn, is_prefixed: bool = False) -> list[tuple[int, int, str]]:
    cues = cues_of(_meeting(*turns), is_prefixed=is_prefixed)
    return [(cue.start_ms, cue.end_ms, " / ".join(cue.lines)) for cue in cues]


def _spoken(text: str, step: float = 0.25, start: float = 0.0, label: str = "SPEAKER_00") -> Turn:
    """A turn whose words follow each other every ``step`` seconds."""
    times = [start + step * i for i in range(len(text.split()))]
    words = (
        Word(Segment(time, time + step * 0.8), word, 0.9)
        for time, word in zip(times, text.split(), strict=True)
    )
    return Turn(0, label, tuple(words))


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


def test_names_can_be_left_out_and_are_told_in_chinese() -> None:
    plain, chinese = ExportOptions(with_speakers=False), ExportOptions(language="zh")
    assert "Speaker" not in meeting_to_srt(a_meeting(), plain)
    assert "<v" not in meeting_to_vtt(a_meeting(), plain)
    assert "发言人 2: I will write" in meeting_to_srt(a_meeting(), chinese)
    assert "<v 发言人 2>I will write" in meeting_to_vtt(a_meeting(), chinese)


def test_name_stands_where_another_person_speaks() -> None:
    first, second = (
        a_turn(0, text="One two three. Four five six."),
        a_turn(1, text="Seven.", start=4),
    )
    other = a_turn(2, "SPEAKER_01", "Eight nine ten.", start=9)
    assert [text for _, _, text in _cues(first, second, other, is_prefixed=True)] == [
        "Speaker 1: One two three.",
        "Four five six.",
        "Seven.",
        "Speaker 2: Eight nine ten.",
    ]


def test_each_sentence_that_lasts_is_a_cue() -> None:
    assert _cues(a_turn(text="One two three. Four five six.")) == [
        (0, 1400, "One two three."),
        (1500, 2900, "Four five six."),
    ]


def test_sentence_too_short_for_a_cue_joins_the_next_one() -> None:
    assert _cues(a_turn(text="Yes. I think so.")) == [(0, 1900, "Yes. I think so.")]


def test_short_cue_is_lengthened_where_there_is_room() -> None:
    alone, soon = a_turn(0, text="Yes.", start=5.0), a_turn(1, text="No.", start=6.5)
    assert _cues(alone) == [(5000, 5834, "Yes.")]
    assert _cues(alone, soon) == [(5000, 5834, "Yes."), (6500, 7334, "No.")]


def test_cue_makes_room_for_the_next_one_but_is_seen_for_the_shortest_time() -> None:
    first, soon = a_turn(0, text="Yes.", start=5.0), a_turn(1, text="No.", start=5.3)
    assert _cues(first, soon) == [(5000, 5834, "Yes."), (5918, 6752, "No.")]


def test_fast_speech_stays_until_it_can_be_read() -> None:
    # 51 characters and 9 spaces take 60 / 17 = 3.53 s; they are said in 2 s.
    text = "w" * 6 + " wwwww" * 9
    ((start, end, _),) = _cues(_spoken(text, 0.2))
    assert (start, end) == (0, 3529)
    # 18 Chinese characters take 18 / 9 = 2 s.
    ((_, end, _),) = _cues(Turn(0, None, (Word(Segment(0.0, 1.0), "会" * 18, 0.9),)))
    assert end == 2000


def test_lengthened_cue_ends_two_frames_before_the_next() -> None:
    text = "w" * 6 + " wwwww" * 9
    found = _cues(_spoken(text, 0.2), _spoken("Next sentence comes here.", start=2.5))
    assert [(start, end) for start, end, _ in found] == [(0, 2416), (2500, 3971)]


def test_long_sentence_is_cut_behind_its_last_clause() -> None:
    text = (
        "We looked at the numbers of the last quarter again, and found "
        "nothing that would explain the loss."
    )
    assert [text for _, _, text in _cues(_spoken(text))] == [
        "We looked at the numbers / of the last quarter again,",
        "and found nothing / that would explain the loss.",
    ]


def test_cue_lasts_seven_seconds_at_most() -> None:
    slow = _spoken("w0 w1 w2 w3 w4", 2.0)
    assert _cues(slow) == [(0, 5600, "w0 w1 w2"), (6000, 9600, "w3 w4")]
    drawn_out = Turn(0, "SPEAKER_00", (Word(Segment(0.0, 30.0), "Well", 0.9),))
    assert _cues(drawn_out) == [(0, 7000, "Well")]


def test_pause_inside_a_sentence_ends_a_cue() -> None:
    words = (Word(Segment(0.0, 1.2), "Well,", 0.9), Word(Segment(3.0, 4.2), "no.", 0.9))
    assert _cues(Turn(0, "SPEAKER_00", words)) == [(0, 1200, "Well,"), (3000, 4200, "no.")]


def test_two_who_speak_at_once_share_a_cue_with_a_line_each() -> None:
    first = a_turn(0, "SPEAKER_00", "One two three four.", 0.0)  # until 1.9
    second = a_turn(1, "SPEAKER_01", "Five six seven eight.", 0.5)
    assert _cues(first, second, is_prefixed=True) == [
        (0, 2400, "- Speaker 1: One two three four. / - Speaker 2: Five six seven eight.")
    ]
    assert meeting_to_vtt(_meeting(first, second)).splitlines()[3:] == [
        "<v Speaker 1>- One two three four.</v>",
        "<v Speaker 2>- Five six seven eight.</v>",
    ]


def test_quick_answer_shares_the_cue_of_its_question() -> None:
    question, answer = a_turn(0, "SPEAKER_00", "Done?"), a_turn(1, "SPEAKER_01", "Yes.", 0.5)
    assert _cues(question, answer) == [(0, 900, "- Done? / - Yes.")]


def test_overlap_that_leaves_time_to_read_gives_two_cues() -> None:
    first = a_turn(0, "SPEAKER_00", "One two three four.", 0.0)  # until 1.9, read in 1.1 s
    second = a_turn(1, "SPEAKER_01", "Five six seven eight.", 1.5)
    assert [(start, end) for start, end, _ in _cues(first, second)] == [(0, 1416), (1500, 3400)]


def test_one_speaker_never_shares_a_cue_with_itself() -> None:
    first = a_turn(0, "SPEAKER_00", "One two three four.", 0.0)
    second = a_turn(1, "SPEAKER_00", "Five six seven eight.", 0.5)
    assert [(start, end) for start, end, _ in _cues(first, second)] == [(0, 834), (918, 2400)]


def test_long_turn_under_another_is_cut_into_single_lines() -> None:
    first = _spoken("one two three four five six seven eight nine ten eleven twelve", 0.5)
    second = _spoken("aaa bbb ccc ddd eee fff ggg hhh iii jjj kkk lll", 0.5, 0.1, "SPEAKER_01")
    *shared, (_, _, rest) = _cues(first, second, is_prefixed=True)
    assert len(shared) == 2
    assert rest == "Speaker 1: nine ten eleven twelve"
    for _, _, text in shared:
        assert re.fullmatch(r"- Speaker 1: .+ / - Speaker 2: .+", text)


def test_chinese_breaks_between_characters_sixteen_to_a_line() -> None:
    text = "今天的会议我们讨论了三个问题首先是发布时间其次是测试最后是文档"  # 31 characters
    ((_, _, lines),) = _cues(a_turn(text=text))
    assert [len(line) for line in lines.split(" / ")] == [15, 16]
    assert [len(text) for _, _, text in _cues(a_turn(text="会" * 50))] == [12 + 3 + 13] * 2


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("We can ship it on Monday, if the tests pass by then.", 25),
        ("The numbers of the last quarter are better than expected", 31),
    ],
)
def test_lines_break_behind_clauses_and_not_behind_small_words(text: str, lines: int) -> None:
    assert PAGE.lines(text) == (text[:lines].strip(), text[lines:].strip())


def test_long_sentence_leaves_no_single_word_and_no_small_word_at_the_end() -> None:
    text = "Are we not allowed to dim the lights so people can see that a bit better now?"
    assert [text for _, _, text in _cues(_spoken(text), is_prefixed=True)] == [
        "Speaker 1: / Are we not allowed to dim the lights",
        "so people can see that a bit better now?",
    ]


def test_word_too_long_for_a_line_is_cut_and_its_time_shared_out() -> None:
    cues = _cues(Turn(0, "SPEAKER_00", (Word(Segment(0.0, 10.0), "x" * 110, 0.9),)))
    assert "".join(text.replace(" / ", "") for _, _, text in cues) == "x" * 110
    assert (cues[0][0], cues[-1][1]) == (0, 10_000)


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


@given(meetings())
@settings(max_examples=40, deadline=None)
def test_cues_keep_to_the_rules_and_lose_nothing(meeting: Meeting) -> None:
    cues = cues_of(meeting, is_prefixed=False)
    for cue in cues:
        assert 834 <= cue.end_ms - cue.start_ms <= 7000
        assert 1 <= len(cue.lines) <= 2
    for before, after in itertools.pairwise(cues):
        assert after.start_ms - before.end_ms >= 84
    bare = [
        re.sub("^- ", "", line) if len(c.voices) > 1 else line for c in cues for line in c.lines
    ]
    shown = Counter("".join(bare))
    said = Counter(clean("".join(word.text for turn in meeting.turns for word in turn.words)))
    del shown[" "], said[" "]
    assert shown == said


@given(meetings())
@settings(max_examples=40, deadline=None)
def test_lines_keep_to_their_columns_with_the_name_in_them(meeting: Meeting) -> None:
    for cue in cues_of(meeting, is_prefixed=True):
        assert len(cue.lines) <= 2
        assert all(PAGE.columns(line) <= 42 for line in cue.lines)


@given(meetings())
@settings(max_examples=40, deadline=None)
def test_a_second_program_reads_back_every_cue_of_srt(meeting: Meeting) -> None:
    cues = cues_of(meeting, is_prefixed=True)
    read = list(srt.parse(meeting_to_srt(meeting), ignore_errors=False))
    assert [c.content for c in read] == [harmless("\n".join(cue.lines)) for cue in cues]
    assert [round(c.start.total_seconds() * 1000) for c in read] == [c.start_ms for c in cues]
    assert [round(c.end.total_seconds() * 1000) for c in read] == [c.end_ms for c in cues]


@given(meetings())
@settings(max_examples=40, deadline=None)
def test_a_second_program_reads_back_every_cue_of_vtt(meeting: Meeting) -> None:
    speakers = tuple(Speaker(speaker.label) for speaker in meeting.speakers)
    meeting = replace(meeting, speakers=speakers)
    cues = cues_of(meeting, is_prefixed=False)
    vtt = webvtt.from_string(meeting_to_vtt(meeting))
    assert [(c.start, c.end) for c in vtt] == [
        (timestamp(cue.start_ms, "."), timestamp(cue.end_ms, ".")) for cue in cues
    ]
    written = [re.sub(r"</?v[^>]*>", "", c.raw_text) for c in vtt]
    unescaped = [
        text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") for text in written
    ]
    assert unescaped == ["\n".join(cue.lines) for cue in cues]
