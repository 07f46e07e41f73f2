"""DOCX: a Word document with headings to navigate by and times that lead to the proof."""

from dataclasses import dataclass
from io import BytesIO

import docx
from docx.document import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from meeting_app.formats.outline import (
    NO_MINUTES,
    NO_SPEECH,
    Line,
    Moment,
    Outline,
    Section,
    SpeakerRow,
    clock,
)
from meeting_app.formats.text import is_right_to_left

_LATIN_FONT = "Calibri"
_CHINESE_FONT = "Microsoft YaHei"  # Word takes the nearest one where it is missing
_INK = RGBColor(0x18, 0x18, 0x1B)
_GREY = RGBColor(0x71, 0x71, 0x7A)
_TABLE = {"Speaker": 5.5, "Talk time": 2.2, "Share": 1.7, "": 7.0}  # heading → width in cm
_BAR_CELLS = 20  # characters of a full bar of the speaker table


@dataclass(frozen=True, slots=True)
class _Writer:
    """A document being written."""

    word: Document
    bookmarks: dict[int, int]  # id of a turn that the minutes point at → number of its bookmark


def outline_to_docx(outline: Outline) -> bytes:
    """The meeting as a Word file."""
    writer = _Writer(docx.Document(), _bookmarks(outline))
    _set_styles(writer.word)
    _set_page(writer.word, outline)
    _write_head(writer, outline)
    if outline.is_silent:
        writer.word.add_paragraph(NO_SPEECH)
    else:
        _write_minutes(writer, outline)
        writer.word.add_heading("Transcript", 1)
        for section in outline.sections:
            _write_section(writer, section)
    buffer = BytesIO()
    writer.word.save(buffer)
    return buffer.getvalue()


def _bookmarks(outline: Outline) -> dict[int, int]:
    turn_ids = {moment.turn_id for line in outline.minutes for moment in line.moments}
    return {turn_id: number for number, turn_id in enumerate(sorted(turn_ids), start=1)}


def _set_styles(word: Document) -> None:
    sizes = {"Normal": 10.5, "Title": 26, "Heading 1": 17, "Heading 2": 13, "List Bullet": 10.5}
    for name, size in sizes.items():
        style = word.styles[name]
        style.font.name = _LATIN_FONT
        style.font.size = Pt(size)
        style.font.color.rgb = _INK
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)  # a theme would win over the names
        fonts.set(qn("w:hAnsi"), _LATIN_FONT)
        fonts.set(qn("w:eastAsia"), _CHINESE_FONT)
    word.styles["Normal"].paragraph_format.space_after = Pt(6)
    word.styles["Normal"].paragraph_format.line_spacing = 1.2


def _set_page(word: Document, outline: Outline) -> None:
    word.core_properties.title = outline.title[:255]  # Word's own limit
    word.core_properties.author = ""
    word.core_properties.comments = ""
    section = word.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)  # A4
    section.left_margin = section.right_margin = Cm(2.3)
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    page = OxmlElement("w:fldSimple")
    page.set(qn("w:instr"), "PAGE")
    footer._p.append(page)


def _write_head(writer: _Writer, outline: Outline) -> None:
    title = writer.word.add_paragraph(outline.title, style="Title")
    _set_direction(title, outline.title)
    writer.word.add_paragraph().add_run(outline.facts).font.color.rgb = _GREY
    if outline.speakers:
        _write_speakers(writer.word, outline.speakers)


def _write_speakers(word: Document, rows: tuple[SpeakerRow, ...]) -> None:
    table = word.add_table(rows=1, cols=len(_TABLE))
    table.alignment = WD_TABLE_ALIGNMENT.LEFT
    for cell, heading in zip(table.rows[0].cells, _TABLE, strict=True):
        run = cell.paragraphs[0].add_run(heading)
        run.font.size, run.font.color.rgb = Pt(9), _GREY
    for row in rows:
        _write_speaker([cell.paragraphs[0] for cell in table.add_row().cells], row)
    for table_row in table.rows:
        for cell, width in zip(table_row.cells, _TABLE.values(), strict=True):
            cell.width = Cm(width)
            cell.paragraphs[0].paragraph_format.space_after = Pt(2)


def _write_speaker(cells: list[Paragraph], row: SpeakerRow) -> None:
    name, time, share, bar = cells
    _coloured(name.add_run(row.name), row.colour)
    time.add_run(clock(row.seconds))
    share.add_run(f"{row.share:.0%}")
    _coloured(bar.add_run("█" * round(row.share * _BAR_CELLS)), row.colour)


def _write_minutes(writer: _Writer, outline: Outline) -> None:
    writer.word.add_heading("Minutes", 1)
    if not outline.minutes:
        writer.word.add_paragraph(NO_MINUTES)
    for section in outline.sections:
        _write_lines(writer, section.heading or outline.say("Summary"), section.summary)
    _write_lines(writer, "Decisions", outline.decisions)
    _write_lines(writer, "Action items", outline.action_items)


def _write_lines(writer: _Writer, heading: str, lines: tuple[Line, ...]) -> None:
    if not lines:
        return
    writer.word.add_heading(heading, 2)
    for line in lines:
        paragraph = writer.word.add_paragraph(line.text, style="List Bullet")
        _set_direction(paragraph, line.text)
        if line.owner is not None:
            paragraph.add_run(f" — {line.owner}").bold = True
        if line.due is not None:
            paragraph.add_run(f" ({line.due})")
        for moment in line.moments:
            _add_link(paragraph, moment, writer.bookmarks[moment.turn_id])


def _write_section(writer: _Writer, section: Section) -> None:
    writer.word.add_heading(section.heading or "", 2)
    facts = " · ".join([f"{clock(section.start)}–{clock(section.end)}", *section.keywords])
    writer.word.add_paragraph().add_run(facts).font.color.rgb = _GREY
    for passage in section.passages:
        paragraph = writer.word.add_paragraph()
        _set_direction(paragraph, passage.text)
        if passage.turn_id in writer.bookmarks:
            _add_bookmark(paragraph, writer.bookmarks[passage.turn_id])
        _coloured(paragraph.add_run(passage.speaker), passage.colour)
        time = paragraph.add_run(f"  {clock(passage.start)}  ")
        time.font.size, time.font.color.rgb = Pt(8.5), _GREY
        paragraph.add_run(passage.text)


def _coloured(run: Run, colour: str) -> None:
    run.bold = True
    run.font.color.rgb = RGBColor.from_string(colour)


def _add_bookmark(paragraph: Paragraph, number: int) -> None:
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    start.set(qn("w:name"), f"turn_{number}")
    for mark in (start, end):
        mark.set(qn("w:id"), str(number))
        paragraph._p.append(mark)


def _add_link(paragraph: Paragraph, moment: Moment, bookmark: int) -> None:
    """The time of the proof; a click leads to it."""
    run = paragraph.add_run(f" [{clock(moment.start)}]")
    run.font.size, run.font.color.rgb = Pt(8.5), _GREY
    link = OxmlElement("w:hyperlink")
    link.set(qn("w:anchor"), f"turn_{bookmark}")
    paragraph._p.append(link)
    link.append(run._r)


def _set_direction(paragraph: Paragraph, text: str) -> None:
    if is_right_to_left(text):
        paragraph._p.get_or_add_pPr().append(OxmlElement("w:bidi"))
