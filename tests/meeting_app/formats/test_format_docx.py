"""DOCX: a file that Word opens, navigates and links in."""

from dataclasses import replace
from io import BytesIO

import docx
from docx.document import Document
from docx.oxml.ns import qn
from hypothesis import given, settings
from pyannote.core import Segment

from meeting_app.domain import Chapter, Meeting, Minutes
from meeting_app.formats.docx import outline_to_docx
from meeting_app.formats.options import DEFAULTS, ExportOptions, Part
from meeting_app.formats.outline import SPEAKER_COLOURS, clock, outline_of
from tests.builders import a_meeting, an_empty_meeting
from tests.strategies import meetings


def _read(meeting: Meeting, options: ExportOptions = DEFAULTS) -> Document:
    return docx.Document(BytesIO(outline_to_docx(outline_of(meeting, options))))


def _styled(document: Document, style: str) -> list[str]:
    return [p.text for p in document.paragraphs if p.style is not None and p.style.name == style]


def _cells(document: Document, number: int) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in document.tables[number].rows]


def test_headings_are_word_headings_so_that_navigation_works() -> None:
    document = _read(a_meeting())
    assert _styled(document, "Title") == ["Standup"]
    assert _styled(document, "Subtitle") == ["20 s · English · 2 speakers"]
    assert _styled(document, "Heading 1") == ["Minutes", "Transcript"]
    assert _styled(document, "Heading 2") == ["Decisions", "Action items", "Summary", "1. Release"]
    assert _styled(document, "Heading 3") == ["1. Release"]


def test_table_shows_each_speakers_share_of_the_talk() -> None:
    document = _read(a_meeting().rename_speaker("SPEAKER_01", "王小明"))
    assert _cells(document, 0) == [
        ["Speaker", "Talk time", "Share", ""],
        ["Speaker 1", "00:02", "46%", "\u00a0"],
        ["王小明", "00:03", "54%", "\u00a0"],
    ]
    bars = [row.cells[3].paragraphs[0] for row in document.tables[0].rows[1:]]
    assert bars[0].paragraph_format.right_indent > bars[1].paragraph_format.right_indent
    fills = [bar._p.pPr.find(qn("w:shd")).get(qn("w:fill")) for bar in bars]
    assert fills == [*SPEAKER_COLOURS[:2]]


def test_tasks_are_a_table_of_what_who_and_when() -> None:
    assert _cells(_read(a_meeting()), 1) == [
        ["Task", "Owner", "Due"],
        ["I will write the notes by Friday. 00:10", "Speaker 2", "by Friday"],
    ]
    nameless = _read(a_meeting(), ExportOptions(with_speakers=False))
    assert _cells(nameless, 0)[0] == ["Task", "Due"]


def test_header_of_a_table_is_repeated_and_no_row_is_torn() -> None:
    rows = _read(a_meeting()).tables[1].rows
    assert rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in rows)


def test_time_of_a_proof_leads_to_its_turn() -> None:
    body = _read(a_meeting()).element.body
    names = {mark.get(qn("w:name")): mark.getparent() for mark in body.iter(qn("w:bookmarkStart"))}
    anchors = [link.get(qn("w:anchor")) for link in body.iter(qn("w:hyperlink"))]
    texts = ["".join(t.text or "" for t in names[a].iter(qn("w:t"))) for a in anchors]
    assert texts == ["Speaker 1\u200200:00", "Speaker 2\u200200:10", "Speaker 1\u200200:00"]


def test_minutes_alone_link_to_nothing_that_is_not_there() -> None:
    document = _read(a_meeting(), ExportOptions(part=Part.MINUTES))
    assert not list(document.element.body.iter(qn("w:hyperlink")))
    assert "Transcript" not in _styled(document, "Heading 1")


def test_chapters_are_listed_with_their_pages() -> None:
    chapters = (Chapter(Segment(0, 10), "Ship", ()), Chapter(Segment(10, 20), "Notes", ()))
    document = _read(replace(a_meeting(), chapters=chapters))
    assert _styled(document, "Contents") == ["1. Ship\t00:00\t", "2. Notes\t00:10\t"]
    fields = [f.get(qn("w:instr")) for f in document.element.body.iter(qn("w:fldSimple"))]
    assert fields == ["PAGEREF chapter_0 \\h", "PAGEREF chapter_1 \\h"]
    marks = {m.get(qn("w:name")) for m in document.element.body.iter(qn("w:bookmarkStart"))}
    assert {"chapter_0", "chapter_1"} <= marks
    ids = [m.get(qn("w:id")) for m in document.element.body.iter(qn("w:bookmarkStart"))]
    assert len(ids) == len(set(ids))


def test_pages_have_the_title_above_and_their_number_below() -> None:
    section = _read(a_meeting()).sections[0]
    assert section.different_first_page_header_footer
    assert section.header.paragraphs[0].text == "Standup"
    for footer in (section.footer, section.first_page_footer):
        fields = footer._element.iter(qn("w:fldSimple"))
        assert [field.get(qn("w:instr")) for field in fields] == ["PAGE", "NUMPAGES"]


def test_names_stay_with_what_was_said_and_paragraphs_keep_two_lines() -> None:
    styles = _read(a_meeting()).styles
    assert styles["Turn"].paragraph_format.keep_with_next
    assert styles["Normal"].paragraph_format.widow_control
    assert all(styles[f"Heading {n}"].paragraph_format.keep_with_next for n in (1, 2, 3))


def test_document_knows_its_title_and_language() -> None:
    document = _read(a_meeting(), ExportOptions(language="zh"))
    assert document.core_properties.title == "Standup"
    assert document.core_properties.language == "zh-CN"
    (tag,) = document.styles.element.iter(qn("w:lang"))
    assert (tag.get(qn("w:val")), tag.get(qn("w:eastAsia"))) == ("en-US", "zh-CN")
    assert _styled(document, "Heading 1") == ["会议纪要", "文字记录"]


def test_speaker_has_the_same_colour_in_table_and_transcript() -> None:
    document = _read(a_meeting())
    in_table = document.tables[0].rows[2].cells[0].paragraphs[0].runs[0]
    in_text = next(p for p in document.paragraphs if p.text.startswith("Speaker 2\u2002")).runs[0]
    assert str(in_table.font.color.rgb) == str(in_text.font.color.rgb) == SPEAKER_COLOURS[1]


def test_right_to_left_paragraphs_say_so() -> None:
    document = _read(a_meeting(("SPEAKER_00", "שלום לכולם."), ("SPEAKER_00", "Hello.")))
    is_rtl = {
        p.text: p._p.pPr.find(qn("w:bidi")) is not None
        for p in document.paragraphs
        if p.style is not None and p.style.name == "Said"
    }
    assert is_rtl == {"שלום לכולם.": True, "Hello.": False}


def test_properties_stand_in_the_order_of_the_schema() -> None:
    document = _read(a_meeting(("SPEAKER_00", "שלום לכולם.")))
    bar = document.tables[0].rows[1].cells[3].paragraphs[0]
    found = [child.tag.partition("}")[2] for child in bar._p.pPr]
    assert found == ["shd", "spacing", "ind"]
    table = [child.tag.partition("}")[2] for child in document.tables[0]._tbl.tblPr]
    assert table.index("tblBorders") < table.index("tblLook")


def test_silence_says_so_and_has_no_table() -> None:
    document = _read(an_empty_meeting())
    assert document.paragraphs[-1].text == "No speech was found in this recording."
    assert document.tables == []


def test_meeting_without_minutes_says_so() -> None:
    document = _read(replace(a_meeting(), minutes=Minutes()))
    assert "No summary, decision or action item was found." in [p.text for p in document.paragraphs]


@given(meetings())
@settings(max_examples=15, deadline=None)
def test_every_turn_is_there_whatever_was_said(meeting: Meeting) -> None:
    texts = [paragraph.text for paragraph in _read(meeting).paragraphs]
    for section in outline_of(meeting).sections:
        for passage in section.passages:
            place = texts.index(f"{passage.speaker}\u2002{clock(passage.start)}")
            assert passage.text in texts[place:]
