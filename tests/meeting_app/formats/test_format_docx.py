"""DOCX: a file that Word opens, navigates and links in."""

from dataclasses import replace
from io import BytesIO

import docx
from docx.document import Document
from docx.oxml.ns import qn
from hypothesis import given, settings

from meeting_app.domain import Meeting, Minutes
from meeting_app.formats.docx import outline_to_docx
from meeting_app.formats.outline import SPEAKER_COLOURS, clock, outline_of
from tests.builders import a_meeting, an_empty_meeting
from tests.strategies import meetings


def _read(meeting: Meeting) -> Document:
    return docx.Document(BytesIO(outline_to_docx(outline_of(meeting))))


def _styled(document: Document, style: str) -> list[str]:
    return [p.text for p in document.paragraphs if p.style is not None and p.style.name == style]


def test_headings_are_word_headings_so_that_navigation_works() -> None:
    document = _read(a_meeting())
    assert _styled(document, "Title") == ["Standup"]
    assert _styled(document, "Heading 1") == ["Minutes", "Transcript"]
    assert _styled(document, "Heading 2") == [
        "1. Release",
        "Decisions",
        "Action items",
        "1. Release",
    ]


def test_table_shows_each_speakers_share_of_the_talk() -> None:
    (table,) = _read(a_meeting().rename_speaker("SPEAKER_01", "王小明")).tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["Speaker", "Talk time", "Share", ""],
        ["Speaker 1", "00:02", "46%", "█" * 9],
        ["王小明", "00:03", "54%", "█" * 11],
    ]


def test_time_of_a_proof_leads_to_its_turn() -> None:
    document = _read(a_meeting())
    (action,) = _styled(document, "List Bullet")[2:]
    assert action == "I will write the notes by Friday. — Speaker 2 (by Friday) [00:10]"
    body = document.element.body
    names = {mark.get(qn("w:name")): mark.getparent() for mark in body.iter(qn("w:bookmarkStart"))}
    anchors = [link.get(qn("w:anchor")) for link in body.iter(qn("w:hyperlink"))]
    texts = ["".join(t.text or "" for t in names[a].iter(qn("w:t"))) for a in anchors]
    assert texts == [
        "Speaker 1  00:00  We agreed to ship on Monday.",
        "Speaker 1  00:00  We agreed to ship on Monday.",
        "Speaker 2  00:10  I will write the notes by Friday.",
    ]


def test_speaker_has_the_same_colour_in_table_and_transcript() -> None:
    document = _read(a_meeting())
    in_table = document.tables[0].rows[2].cells[0].paragraphs[0].runs[0]
    in_text = next(p for p in document.paragraphs if p.text.startswith("Speaker 2  ")).runs[0]
    assert str(in_table.font.color.rgb) == str(in_text.font.color.rgb) == SPEAKER_COLOURS[1]


def test_right_to_left_paragraphs_say_so() -> None:
    document = _read(a_meeting(("SPEAKER_00", "שלום לכולם."), ("SPEAKER_00", "Hello.")))
    is_rtl = {
        p.text.split("  ")[-1]: p._p.pPr is not None and p._p.pPr.find(qn("w:bidi")) is not None
        for p in document.paragraphs
        if p.text.startswith("Speaker 1")
    }
    assert is_rtl == {"שלום לכולם.": True, "Hello.": False}


def test_silence_says_so_and_has_no_table() -> None:
    document = _read(an_empty_meeting())
    assert document.paragraphs[-1].text == "No speech was found in this recording."
    assert document.tables == []


def test_meeting_without_minutes_says_so() -> None:
    document = _read(replace(a_meeting(), minutes=Minutes()))
    assert "No summary, decision or action item was found." in [p.text for p in document.paragraphs]


@given(meetings())
@settings(max_examples=15, deadline=None)
def test_every_turn_is_a_paragraph_whatever_was_said(meeting: Meeting) -> None:
    texts = [paragraph.text for paragraph in _read(meeting).paragraphs]
    for section in outline_of(meeting).sections:
        for passage in section.passages:
            assert f"{passage.speaker}  {clock(passage.start)}  {passage.text}" in texts
