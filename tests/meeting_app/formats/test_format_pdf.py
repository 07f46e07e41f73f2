"""PDF: bookmarks, page numbers, links to the proof, text that can be copied, Chinese too."""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pypdf
import pytest
from hypothesis import HealthCheck, given, settings

from meeting_app.domain import ActionItem, Meeting, Minutes
from meeting_app.formats.options import ExportOptions
from meeting_app.formats.outline import outline_of
from meeting_app.formats.pdf import NO_GLYPHS, outline_to_pdf
from tests.builders import a_meeting, an_empty_meeting
from tests.strategies import meetings


def meeting_to_pdf(meeting: Meeting, font: Path) -> bytes:
    return outline_to_pdf(outline_of(meeting), font)


def _text(content: bytes) -> str:
    """All text on one line; pypdf leaves the upper byte of codes it has no table for."""
    pages = pypdf.PdfReader(BytesIO(content)).pages
    return " ".join("\n".join(page.extract_text() for page in pages).replace("\x00", "").split())


def _outline(items: list[object]) -> list[object]:
    return [_outline(item) if isinstance(item, list) else item["/Title"] for item in items]  # type: ignore[index]


def test_text_can_be_copied(tiny_font: Path) -> None:
    text = _text(meeting_to_pdf(a_meeting(("SPEAKER_00", "I will ship. 今天开会。")), tiny_font))
    assert "Standup" in text
    assert "10 s · English · 1 speaker" in text
    assert "I will ship.今天开会。00:00 Speaker 1by Friday" in text.replace("。 ", "。").replace(
        "1 by", "1by"
    )


def test_bookmarks_follow_the_headings(tiny_font: Path) -> None:
    reader = pypdf.PdfReader(BytesIO(meeting_to_pdf(a_meeting(), tiny_font)))
    assert _outline(reader.outline) == [
        "Minutes",
        ["Decisions", "Action items", "Summary", ["1. Release"]],
        "Transcript",
        ["1. Release"],
    ]


def test_every_page_has_its_number_and_the_title(tiny_font: Path) -> None:
    meeting = a_meeting(*[("SPEAKER_00", "We talked and talked.")] * 40)
    reader = pypdf.PdfReader(BytesIO(meeting_to_pdf(meeting, tiny_font)))
    assert len(reader.pages) >= 3
    for number, page in enumerate(reader.pages, start=1):
        said = page.extract_text().replace("\x00", "").split()
        assert (said[0], said[-1]) == ("Standup", str(number))


def test_time_of_a_proof_leads_to_the_page_of_its_turn(tiny_font: Path) -> None:
    lines = [("SPEAKER_00", "We talked and talked.")] * 40
    meeting = a_meeting(*lines, ("SPEAKER_00", "I will stop."))
    reader = pypdf.PdfReader(BytesIO(meeting_to_pdf(meeting, tiny_font)))
    links = [link.get_object() for link in reader.pages[0]["/Annots"]]
    targets = [reader.get_page_number(link["/Dest"][0].get_object()) for link in links]
    assert targets == [len(reader.pages) - 1, 1]  # the action's last turn, the summary's first


def test_character_the_font_lacks_is_a_box_and_the_end_says_so(tiny_font: Path) -> None:
    text = _text(meeting_to_pdf(a_meeting(("SPEAKER_00", "Fine 😀 שלום.")), tiny_font))
    assert "Fine □ □□□□." in text
    assert text.count("A box") == 1
    assert NO_GLYPHS not in _text(meeting_to_pdf(a_meeting(), tiny_font))


def test_silence_is_one_page_that_says_so(tiny_font: Path) -> None:
    content = meeting_to_pdf(an_empty_meeting(), tiny_font)
    assert len(pypdf.PdfReader(BytesIO(content)).pages) == 1
    assert "No speech was found in this recording." in _text(content)


def test_meeting_without_minutes_says_so(tiny_font: Path) -> None:
    content = meeting_to_pdf(replace(a_meeting(), minutes=Minutes()), tiny_font)
    assert "No summary, decision or action item was found." in _text(content)


def test_text_that_means_something_to_the_library_stays_text(tiny_font: Path) -> None:
    text = _text(meeting_to_pdf(a_meeting(("SPEAKER_00", "{nb} **x** \\( <b>")), tiny_font))
    assert "{nb} **x** \\( <b>" in text


def test_long_title_and_name_stay_inside_the_page(tiny_font: Path) -> None:
    meeting = a_meeting(title="t" * 400).rename_speaker("SPEAKER_00", "n" * 200)
    reader = pypdf.PdfReader(BytesIO(meeting_to_pdf(meeting, tiny_font)))
    ends: list[float] = []

    def note(text: str, _: object, place: list[float], font: object, size: float) -> None:
        glyphs = len(text.replace("\x00", "").strip())
        ends.append(place[4] + glyphs * size * 0.5)  # every glyph of the font is half an em

    for page in reader.pages:
        page.extract_text(visitor_text=note)
    assert max(ends) <= float(reader.pages[0].mediabox.width)


@given(meetings())
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_was_said_can_be_printed(tiny_font: Path, meeting: Meeting) -> None:
    assert pypdf.PdfReader(BytesIO(meeting_to_pdf(meeting, tiny_font))).pages


def test_no_page_begins_with_the_last_line_of_a_paragraph(tiny_font: Path) -> None:
    said = " ".join(["word"] * 100)  # of several lines
    meeting = a_meeting(*[("SPEAKER_00", said)] * 30)
    reader = pypdf.PdfReader(BytesIO(meeting_to_pdf(meeting, tiny_font)))
    for page in reader.pages[2:]:
        _, *lines = page.extract_text().replace("\x00", "").strip().splitlines()  # after the title
        second = lines[1].split()
        assert second[0] == "word" or lines[0].startswith("Speaker")


def test_headings_and_language_are_chinese_when_asked_for(tiny_font: Path) -> None:
    outline = outline_of(a_meeting(("SPEAKER_00", "今天开会。")), ExportOptions(language="zh"))
    reader = pypdf.PdfReader(BytesIO(outline_to_pdf(outline, tiny_font)))
    assert reader.trailer["/Root"]["/Lang"] == "zh-CN"
    assert [item["/Title"] for item in reader.outline if not isinstance(item, list)] == [
        "会议纪要",
        "文字记录",
    ]


def test_row_of_a_table_stays_on_its_page(tiny_font: Path) -> None:
    items = tuple(ActionItem("word " * 60, (0,)) for _ in range(30))
    meeting = replace(a_meeting(), minutes=Minutes(action_items=items))
    text = _text(meeting_to_pdf(meeting, tiny_font))
    assert text.count("word") == 30 * 60


@pytest.mark.model
def test_real_font_is_embedded_in_part_and_keeps_chinese(models: Callable[[str], Path]) -> None:
    (font,) = models("noto-sans-cjk-sc").glob("*.otf")
    said = "今天的会议我们讨论了 GPU 和三个问题，fine — “好”。"
    content = meeting_to_pdf(a_meeting(("SPEAKER_00", said)), font)
    assert said.replace(" ", "") in _text(content).replace(" ", "")
    assert len(content) < 200_000  # the whole font has 16 million bytes
