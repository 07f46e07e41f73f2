"""PDF: the meeting to print or send; bookmarks, page numbers, times that lead to the proof."""

from pathlib import Path

from meeting_app.formats.outline import (
    NO_MINUTES,
    NO_SPEECH,
    Line,
    Outline,
    Section,
    SpeakerRow,
    clock,
)
from meeting_app.formats.pdf_layout import Paper, Span

NO_GLYPHS = (
    "A box (□) stands for a character that the font of this document does not have; "
    "the Word document and the text formats have it."
)
_GREY = "71717A"
_LINK = "1D4ED8"
_RULE = "E4E4E7"
_BAR = 72.0  # mm, of a speaker with all of the talk
_SPEAKER_ROW = 6.5  # mm
_ROOM_BELOW_HEADING = 32.0  # mm; a heading does not stand alone at the foot of a page

_Links = dict[int, int]  # id of a turn that the minutes point at → the library's link


def outline_to_pdf(outline: Outline, font: Path) -> bytes:
    """The meeting as a PDF.

    Args:
        outline: of the meeting to be printed.
        font: an OpenType or TrueType file; what is used of it is embedded. Characters it lacks
            are printed as boxes, and a note at the end says so.
    """
    paper = Paper(font, outline.title)
    paper.set_title(outline.title)
    paper.add_page()
    proofs = {moment.turn_id for line in outline.minutes for moment in line.moments}
    links = {turn_id: paper.add_link() for turn_id in sorted(proofs)}
    _write_head(paper, outline)
    if outline.is_silent:
        paper.flow(Span(NO_SPEECH))
    else:
        _write_minutes(paper, outline, links)
        _write_heading(paper, "Transcript", 0)
        for section in outline.sections:
            _write_section(paper, section, links)
    if paper.has_missing:
        paper.flow(Span(NO_GLYPHS, 8, _GREY))
    return bytes(paper.output())


def _write_head(paper: Paper, outline: Outline) -> None:
    paper.flow(Span(outline.title, 24, is_bold=True), gap=1)
    paper.flow(Span(outline.facts, 10, _GREY), gap=3)
    paper.bar(paper.epw, 0.4, _RULE, drop=0)
    paper.ln(4)
    for row in outline.speakers:
        paper.keep(_SPEAKER_ROW)
        _write_speaker(paper, row)
    paper.ln(2)


def _write_speaker(paper: Paper, row: SpeakerRow) -> None:
    name = Span(row.name, 10, row.colour, is_bold=True)
    paper.row([(name, 60), (Span(clock(row.seconds)), 20), (Span(f"{row.share:.0%}"), 14)])
    paper.bar(_BAR, 2.2, _RULE)
    paper.bar(_BAR * row.share, 2.2, row.colour)
    paper.ln(_SPEAKER_ROW)


def _write_heading(paper: Paper, text: str, level: int) -> None:
    """Levels 0 and 1; both become bookmarks."""
    paper.keep(_ROOM_BELOW_HEADING)
    paper.ln(4 if level == 0 else 2)
    paper.start_section(text, level)
    paper.flow(Span(text, 17 if level == 0 else 12.5, is_bold=True), gap=1.5)


def _write_minutes(paper: Paper, outline: Outline, links: _Links) -> None:
    _write_heading(paper, "Minutes", 0)
    if not outline.minutes:
        paper.flow(Span(NO_MINUTES))
    for section in outline.sections:
        _write_lines(paper, section.heading or outline.say("Summary"), section.summary, links)
    _write_lines(paper, "Decisions", outline.decisions, links)
    _write_lines(paper, "Action items", outline.action_items, links)


def _write_lines(paper: Paper, heading: str, lines: tuple[Line, ...], links: _Links) -> None:
    if not lines:
        return
    _write_heading(paper, heading, 1)
    for line in lines:
        paper.bullet()
        owner = [Span(f"— {line.owner} ", is_bold=True)] if line.owner is not None else []
        due = [Span(f"({line.due}) ")] if line.due is not None else []
        times = [
            Span(f"[{clock(moment.start)}] ", 8.5, _LINK, link=links[moment.turn_id])
            for moment in line.moments
        ]
        paper.flow(Span(f"{line.text} "), *owner, *due, *times, indent=5, gap=1.5)


def _write_section(paper: Paper, section: Section, links: _Links) -> None:
    _write_heading(paper, section.heading or "", 1)
    facts = " · ".join([f"{clock(section.start)}–{clock(section.end)}", *section.keywords])
    paper.flow(Span(facts, 9, _GREY), gap=3)
    for passage in section.passages:
        paper.keep(14)
        if passage.turn_id in links:
            paper.set_link(links[passage.turn_id], y=paper.get_y(), page=paper.page_no())
        paper.flow(
            Span(f"{passage.speaker}  ", 9.5, passage.colour, is_bold=True),
            Span(clock(passage.start), 8.5, _GREY),
            gap=0,
        )
        paper.flow(Span(passage.text), gap=3)
