"""PDF: the meeting to print or send; bookmarks, page numbers, times that lead to the proof."""

from dataclasses import dataclass
from pathlib import Path

from meeting_app.formats.outline import (
    NO_MINUTES,
    NO_SPEECH,
    Line,
    Outline,
    Passage,
    Section,
    SpeakerRow,
    clock,
)
from meeting_app.formats.pdf_layout import Paper, Span

NO_GLYPHS = (
    "A box (□) stands for a character that the font of this document does not have; "
    "the Word document and the text formats have it."
)
_GREY = "62666D"
_LINK = "1D4ED8"
_RULE = "D9DCE1"
_TRACK = "EEF0F3"  # what is left of a bar
_BAR = 66.0  # mm, of a speaker with all of the talk
_SPEAKER_ROW = 6.8  # mm
_ROOM_BELOW_HEADING = 30.0  # mm; a heading does not stand alone at the foot of a page
_ROOM_OF_TURN = 16.0  # mm; nor does a speaker's name
_SIZES = (17.0, 13.0, 10.5)  # points, of headings by level
_SPACE_ABOVE = (6.0, 4.0, 2.0)  # mm, the same
_OWNER_WIDTH, _DUE_WIDTH = 36.0, 32.0  # mm


@dataclass(frozen=True, slots=True)
class _Writer:
    """A document being written."""

    paper: Paper
    outline: Outline
    turns: dict[int, int]  # id of a turn that the minutes point at → the library's link
    chapters: tuple[int, ...]  # the library's link to each section


def outline_to_pdf(outline: Outline, font: Path) -> bytes:
    """The meeting as a PDF.

    Args:
        outline: of the meeting to be printed.
        font: an OpenType or TrueType file; what is used of it is embedded. Characters it lacks
            are printed as boxes, and a note at the end says so.
    """
    paper = Paper(font, outline.title)
    paper.set_title(outline.title)
    paper.set_lang(outline.say.tag)
    paper.add_page()
    writer = _Writer(
        paper,
        outline,
        {turn_id: paper.add_link() for turn_id in sorted(outline.proofs)},
        tuple(paper.add_link() for _ in outline.sections),
    )
    _write_head(writer)
    if outline.is_silent:
        paper.flow(Span(outline.say(NO_SPEECH)))
    else:
        if outline.has_minutes:
            _write_minutes(writer)
        if outline.has_transcript:
            _write_transcript(writer)
    if paper.has_missing:
        paper.flow(Span(outline.say(NO_GLYPHS), 8, _GREY))
    return bytes(paper.output())


def _write_head(writer: _Writer) -> None:
    paper, outline = writer.paper, writer.outline
    paper.flow(Span(outline.title, 25, is_bold=True), gap=1.5)
    paper.flow(Span(outline.facts, 10, _GREY), gap=3)
    paper.rule(_RULE)
    paper.ln(5)
    for row in outline.speakers:
        paper.keep(_SPEAKER_ROW)
        _write_speaker(paper, row)
    paper.ln(1)


def _write_speaker(paper: Paper, row: SpeakerRow) -> None:
    name = Span(row.name, 10, row.colour, is_bold=True)
    facts = (Span(clock(row.seconds), 9.5, _GREY), Span(f"{row.share:.0%}", 9.5, _GREY))
    paper.row([(name, 62), (facts[0], 22), (facts[1], 14)])
    paper.bar(_BAR, 2.4, _TRACK)
    paper.bar(_BAR * row.share, 2.4, row.colour)
    paper.ln(_SPEAKER_ROW)


def _write_heading(writer: _Writer, text: str, level: int) -> None:
    """Levels 0 to 2; all become bookmarks."""
    paper = writer.paper
    paper.keep(_ROOM_BELOW_HEADING)
    paper.ln(_SPACE_ABOVE[level])
    paper.start_section(text, level)
    paper.flow(Span(text, _SIZES[level], is_bold=True), gap=1.5)


def _write_minutes(writer: _Writer) -> None:
    outline = writer.outline
    _write_heading(writer, outline.say("Minutes"), 0)
    if not outline.minutes:
        writer.paper.flow(Span(outline.say(NO_MINUTES)))
    if outline.decisions:
        _write_heading(writer, outline.say("Decisions"), 1)
        _write_lines(writer, outline.decisions)
    if outline.action_items:
        _write_heading(writer, outline.say("Action items"), 1)
        _write_tasks(writer)
    if any(section.summary for section in outline.sections):
        _write_heading(writer, outline.say("Summary"), 1)
    for section in outline.sections:
        if section.summary:
            if section.heading is not None:
                _write_heading(writer, section.heading, 2)
            _write_lines(writer, section.summary)


def _write_lines(writer: _Writer, lines: tuple[Line, ...]) -> None:
    for line in lines:
        writer.paper.bullet()
        writer.paper.flow(Span(f"{line.text} "), *_times(writer, line), indent=5, gap=1.5)


def _times(writer: _Writer, line: Line) -> list[Span]:
    """The times of the proofs; a click leads to the turn, where the document holds it."""
    return [
        Span(
            f"{clock(moment.start)} ",
            8.5,
            _LINK if moment.turn_id in writer.turns else _GREY,
            link=writer.turns.get(moment.turn_id),
        )
        for moment in line.moments
    ]


def _write_tasks(writer: _Writer) -> None:
    paper, outline = writer.paper, writer.outline
    has_names = outline.options.with_speakers
    task_width = paper.epw - _DUE_WIDTH - (_OWNER_WIDTH if has_names else 0.0)
    widths = [task_width, *([_OWNER_WIDTH] if has_names else []), _DUE_WIDTH]
    names = ["Task", *(["Owner"] if has_names else []), "Due"]
    header = [[Span(outline.say(name), 9, _GREY)] for name in names]
    paper.table_row(list(zip(header, widths, strict=True)), _RULE)
    for line in outline.action_items:
        cells = [[Span(f"{line.text} "), *_times(writer, line)]]
        if has_names:
            cells.append([Span(line.owner or "–", is_bold=line.owner is not None)])
        cells.append([Span(line.due or "–")])
        paper.table_row(list(zip(cells, widths, strict=True)), _RULE)
    paper.ln(2)


def _write_transcript(writer: _Writer) -> None:
    paper, outline = writer.paper, writer.outline
    if outline.has_minutes:
        paper.add_page()
    _write_heading(writer, outline.say("Transcript"), 0)
    if outline.has_chapters and len(outline.sections) > 1:
        _write_contents(writer)
    for section, link in zip(outline.sections, writer.chapters, strict=True):
        _write_section(writer, section, link)


def _write_contents(writer: _Writer) -> None:
    paper = writer.paper
    for section, link in zip(writer.outline.sections, writer.chapters, strict=True):
        time = clock(section.start) if writer.outline.options.with_timestamps else ""
        title = [Span(section.heading or "", 10, link=link)]
        paper.table_row([(title, paper.epw - 20), ([Span(time, 9, _GREY)], 20)], _RULE)
    paper.ln(3)


def _write_section(writer: _Writer, section: Section, link: int) -> None:
    paper, outline = writer.paper, writer.outline
    paper.keep(_ROOM_BELOW_HEADING)
    paper.set_link(link, y=paper.get_y(), page=paper.page_no())
    if section.heading is not None:
        _write_heading(writer, section.heading, 1)
        facts = [outline.say(", ").join(section.keywords)] if section.keywords else []
        if outline.options.with_timestamps:
            facts.insert(0, f"{clock(section.start)}–{clock(section.end)}")
        if facts:
            paper.flow(Span(" · ".join(facts), 9, _GREY), gap=3)
    for passage in section.passages:
        _write_passage(writer, passage)


def _write_passage(writer: _Writer, passage: Passage) -> None:
    paper = writer.paper
    paper.keep(_ROOM_OF_TURN)
    if passage.turn_id in writer.turns:
        paper.set_link(writer.turns[passage.turn_id], y=paper.get_y(), page=paper.page_no())
    head = []
    if passage.speaker is not None:
        head.append(Span(f"{passage.speaker}  ", 9.5, passage.colour, is_bold=True))
    if writer.outline.options.with_timestamps:
        head.append(Span(clock(passage.start), 8.5, _GREY))
    if head:
        paper.flow(*head, gap=0)
    paper.flow(Span(passage.text), gap=3)
