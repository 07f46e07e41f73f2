"""What a reader may choose, and what each format makes of it."""

import ast
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyannote.core import Segment

from meeting_app.config import SubtitlesConfig
from meeting_app.domain import ActionItem, Chapter, Decision, Meeting, Minutes, SpeakerSegment
from meeting_app.errors import FormatError
from meeting_app.formats import FORMATS, Exporter, format_named
from meeting_app.formats import wording as words
from meeting_app.formats.document import Source
from meeting_app.formats.options import ExportOptions, Part
from meeting_app.formats.outline import outline_of
from meeting_app.formats.selection import only_chapter
from meeting_app.formats.wording import Wording
from tests.builders import a_meeting
from tests.strategies import meetings

ROOT = Path(__file__).parents[3]
TEXTS = [name for name in FORMATS if "language" in format_named(name).choices]


def _two_chapters() -> Meeting:
    """Turns at 0, 10, 20 and 30 s; the second chapter begins at 20 s."""
    meeting = a_meeting(
        ("SPEAKER_00", "We agreed to ship."),
        ("SPEAKER_01", "I will test."),
        ("SPEAKER_00", "We agreed to rest."),
        ("SPEAKER_02", "I will sleep."),
    )
    chapters = (Chapter(Segment(0, 20), "Work", ()), Chapter(Segment(20, 40), "Sleep", ()))
    return replace(meeting, chapters=chapters)


def _text(format: str, meeting: Meeting, options: ExportOptions, font: Path) -> str:
    document = Exporter(lambda: font, SubtitlesConfig())(Source(meeting), format, options)
    return document.content.decode()


def test_chapter_is_a_meeting_of_its_own_turns_speakers_and_minutes() -> None:
    found = only_chapter(_two_chapters(), 2)
    assert [turn.text for turn in found.turns] == ["We agreed to rest.", "I will sleep."]
    assert [speaker.label for speaker in found.speakers] == ["SPEAKER_00", "SPEAKER_02"]
    assert [chapter.title for chapter in found.chapters] == ["Sleep"]
    assert found.minutes.summary == ()
    assert [line.text for line in found.minutes.decisions] == ["We agreed to rest."]
    assert [line.text for line in found.minutes.action_items] == ["I will sleep."]
    assert found.duration == 40.0


def test_what_reaches_into_a_chapter_is_cut_at_its_ends() -> None:
    segments = (SpeakerSegment(Segment(15, 25), "SPEAKER_01"),)
    meeting = replace(_two_chapters(), speaker_segments=segments)
    assert only_chapter(meeting, 2).speaker_segments == (
        SpeakerSegment(Segment(20, 25), "SPEAKER_01"),
    )


def test_line_belongs_to_the_chapter_of_its_first_proof() -> None:
    minutes = Minutes(decisions=(Decision("Both.", (2, 0)),))
    meeting = replace(_two_chapters(), minutes=minutes)
    assert only_chapter(meeting, 1).minutes.decisions == ()
    assert only_chapter(meeting, 2).minutes.decisions == (Decision("Both.", (2,)),)


@given(meetings())
@settings(max_examples=40, deadline=None)
def test_chapters_share_out_every_turn(meeting: Meeting) -> None:
    parts = [only_chapter(meeting, n) for n in range(1, len(meeting.chapters) + 1)]
    told = [turn.id for part in parts for turn in part.turns]
    assert not parts or sorted(told) == sorted(turn.id for turn in meeting.turns)


@pytest.mark.parametrize("number", [3, 99])
def test_chapter_that_is_not_there_is_refused(number: int) -> None:
    with pytest.raises(FormatError, match=f"chapter {number}: this meeting has 2; choose one"):
        only_chapter(_two_chapters(), number)


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"language": "fr"}, "fr: no headings in this language; choose en or zh"),
        ({"chapter": 0}, "chapter 0: the first one is 1"),
    ],
)
def test_choice_that_cannot_be_is_refused(wrong: dict[str, object], complaint: str) -> None:
    with pytest.raises(FormatError, match=complaint):
        ExportOptions(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["srt", "vtt", "rttm", "seglst", "json", "zip"])
def test_format_without_minutes_refuses_to_hand_out_more_than_was_asked_for(name: str) -> None:
    with pytest.raises(FormatError, match=f"{name}: holds no minutes alone; choose whole"):
        format_named(name).check(ExportOptions(part=Part.MINUTES))


def test_package_refuses_one_chapter_because_it_holds_all_of_the_sound() -> None:
    with pytest.raises(FormatError, match="zip: always the whole meeting"):
        format_named("zip").check(ExportOptions(chapter=1))


@pytest.mark.parametrize("name", ["md", "txt", "html"])
def test_one_chapter_keeps_its_number_and_nothing_of_the_others(name: str, tiny_font: Path) -> None:
    text = _text(name, _two_chapters(), ExportOptions(chapter=2), tiny_font)
    assert "2. Sleep" in text.replace("\\", "")
    assert "ship" not in text
    assert "Work" not in text
    assert "Speaker 2" not in text


def test_one_chapter_lasts_as_long_as_the_chapter() -> None:
    options = ExportOptions(chapter=2)
    meeting = only_chapter(_two_chapters(), 2)
    assert outline_of(meeting, options).facts == "20 s · English · 2 speakers"


@pytest.mark.parametrize("name", ["md", "txt", "html"])
def test_each_choice_leaves_out_what_it_says(name: str, tiny_font: Path) -> None:
    meeting = _two_chapters().rename_speaker("SPEAKER_01", "Grace")
    whole = _text(name, meeting, ExportOptions(), tiny_font)
    for part in ("Grace", "00:10", "Work", "Minutes", "Transcript", "I will test."):
        assert part in whole
    nameless = _text(name, meeting, ExportOptions(with_speakers=False), tiny_font)
    assert "Grace" not in nameless
    assert "Speaker" not in nameless.replace("speaker", "")
    timeless = _text(name, meeting, ExportOptions(with_timestamps=False), tiny_font)
    assert "00:10" not in timeless
    assert "Work" not in _text(name, meeting, ExportOptions(with_chapters=False), tiny_font)
    minutes = _text(name, meeting, ExportOptions(part=Part.MINUTES), tiny_font)
    assert "Transcript" not in minutes
    transcript = _text(name, meeting, ExportOptions(part=Part.TRANSCRIPT), tiny_font)
    assert "Minutes" not in transcript
    assert "Action items" not in transcript


@pytest.mark.parametrize("name", ["md", "txt", "html"])
def test_headings_are_chinese_when_asked_for(name: str, tiny_font: Path) -> None:
    meeting = replace(_two_chapters(), language="zh", duration=3725.0)
    text = _text(name, meeting, ExportOptions(language="zh"), tiny_font)
    for heading in ("会议纪要", "决定", "待办事项", "文字记录", "发言人 1", "1 小时 02 分", "中文"):
        assert heading in text
    for heading in ("Minutes", "Decisions", "Speaker", "Transcript"):
        assert heading not in text


@given(meetings(), st.booleans(), st.booleans(), st.booleans(), st.sampled_from(Part))
@settings(max_examples=40, deadline=None)
def test_outline_holds_every_turn_whatever_is_left_out(
    meeting: Meeting, has_times: bool, has_names: bool, has_chapters: bool, part: Part
) -> None:
    options = ExportOptions(has_times, has_names, has_chapters, part=part)
    outline = outline_of(meeting, options)
    told = [passage.turn_id for section in outline.sections for passage in section.passages]
    assert sorted(told) == sorted(turn.id for turn in meeting.turns)
    assert all((p.speaker is not None) == has_names for s in outline.sections for p in s.passages)
    assert has_names or all(line.owner is None for line in outline.action_items)


def test_owner_without_names_is_not_told_in_minutes() -> None:
    minutes = Minutes(action_items=(ActionItem("Write.", (0,), owner="Bob", due="by Friday"),))
    outline = outline_of(replace(a_meeting(), minutes=minutes), ExportOptions(with_speakers=False))
    assert [(line.owner, line.due) for line in outline.action_items] == [(None, "by Friday")]


def _said(path: Path) -> set[str]:
    """Literal texts given to something called ``say``."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            first = node.args[0]
            if name == "say" and isinstance(first, ast.Constant):
                found.add(str(first.value))
    return found


def test_every_word_that_documents_add_is_translated() -> None:
    folder = Path(words.__file__).parent
    said = {text for path in folder.glob("*.py") for text in _said(path)}
    assert said
    assert not {text for text in said if not _is_translated(text)}


def _is_translated(text: str) -> bool:
    return text in words._CHINESE


@pytest.mark.parametrize(
    ("seconds", "text"), [(44.6, "45 秒"), (185.0, "3 分 05 秒"), (7320.0, "2 小时 02 分")]
)
def test_lengths_are_told_in_chinese(seconds: float, text: str) -> None:
    assert Wording("zh").length(seconds) == text


def test_documentation_says_which_format_honours_what() -> None:
    rows = {
        cells[0].strip("` "): [cell.strip() for cell in cells[1:]]
        for line in (ROOT / "docs/exports.md").read_text("utf-8").splitlines()
        if line.startswith("| `")
        for cells in [line.strip("|").split("|")]
    }
    names = [field.name for field in fields(ExportOptions) if field.name.startswith("with_")]
    names.append("language")
    assert tuple(rows) == FORMATS
    for name, cells in rows.items():
        known = format_named(name)
        parts = ", ".join(part.value for part in known.parts)
        marks = ["yes" if choice in known.choices else "–" for choice in names]
        assert cells == [*marks, parts, "yes" if known.has_chapter else "refused"]
