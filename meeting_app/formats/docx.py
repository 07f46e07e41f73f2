"""DOCX: a Word document with headings to navigate by and times that lead to the proof."""

from dataclasses import dataclass
from io import BytesIO

import docx
from docx.document import Document
from docx.shared import Cm, Pt
from docx.text.paragraph import Paragraph

from meeting_app.formats.docx_look import (
    BODY_WIDTH,
    add_bookmark,
    add_field,
    add_link,
    add_rule,
    coloured,
    muted,
    new_row,
    new_table,
    set_direction,
    set_page,
    set_styles,
    shade,
)
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

_SPEAKER_WIDTHS = (5.0, 2.6, 1.8, BODY_WIDTH - 9.4)  # cm
_TASK_WIDTHS = (BODY_WIDTH - 6.6, 3.6, 3.0)  # cm
_BAR_WIDTH = BODY_WIDTH - 9.8  # cm, of a speaker with all of the talk


@dataclass(frozen=True, slots=True)
class _Writer:
    """A document being written."""

    word: Document
    outline: Outline
    bookmarks: dict[int, int]  # id of a turn that the minutes point at → number of its bookmark


def outline_to_docx(outline: Outline) -> bytes:
    """The meeting as a Word file."""
    bookmarks = {turn: number for number, turn in enumerate(sorted(outline.proofs), start=1)}
    writer = _Writer(docx.Document(), outline, bookmarks)
    set_styles(writer.word, outline.say.tag)
    set_page(writer.word, outline)
    _write_head(writer)
    if outline.is_silent:
        writer.word.add_paragraph(outline.say(NO_SPEECH))
    else:
        if outline.has_minutes:
            _write_minutes(writer)
        if outline.has_transcript:
            _write_transcript(writer)
    buffer = BytesIO()
    writer.word.save(buffer)
    return buffer.getvalue()


def _write_head(writer: _Writer) -> None:
    outline = writer.outline
    title = writer.word.add_paragraph(outline.title, style="Title")
    set_direction(title, outline.title)
    facts = writer.word.add_paragraph(outline.facts, style="Subtitle")
    add_rule(facts)
    if outline.speakers:
        _write_speakers(writer)


def _write_speakers(writer: _Writer) -> None:
    say = writer.outline.say
    headings = [say("Speaker"), say("Talk time"), say("Share"), ""]
    table = new_table(writer.word, headings, _SPEAKER_WIDTHS)
    for row in writer.outline.speakers:
        _write_speaker(new_row(table), row)
    writer.word.add_paragraph(style="Gap")


def _write_speaker(cells: list[Paragraph], row: SpeakerRow) -> None:
    name, time, share, bar = cells
    coloured(name.add_run(row.name), row.colour)
    set_direction(name, row.name)
    time.add_run(clock(row.seconds))
    share.add_run(f"{row.share:.0%}")
    # A paragraph as long as the share, filled with colour: prints alike in every program.
    bar.paragraph_format.left_indent = Cm(0.4)
    bar.paragraph_format.right_indent = Cm(_BAR_WIDTH * (1 - row.share))
    bar.paragraph_format.line_spacing = Pt(8)
    bar.paragraph_format.space_before = Pt(3)
    shade(bar, row.colour)
    bar.add_run("\u00a0").font.size = Pt(4)


def _write_minutes(writer: _Writer) -> None:
    outline = writer.outline
    writer.word.add_heading(outline.say("Minutes"), 1)
    if not outline.minutes:
        writer.word.add_paragraph(outline.say(NO_MINUTES))
    _write_lines(writer, outline.say("Decisions"), outline.decisions)
    if outline.action_items:
        writer.word.add_heading(outline.say("Action items"), 2)
        _write_tasks(writer)
    if any(section.summary for section in outline.sections):
        writer.word.add_heading(outline.say("Summary"), 2)
    for section in outline.sections:
        _write_summary(writer, section)


def _write_lines(writer: _Writer, heading: str, lines: tuple[Line, ...]) -> None:
    if lines:
        writer.word.add_heading(heading, 2)
        for line in lines:
            _write_bullet(writer, line)


def _write_summary(writer: _Writer, section: Section) -> None:
    if section.summary:
        if section.heading is not None:
            heading = writer.word.add_heading(section.heading, 3)
            set_direction(heading, section.heading)
        for line in section.summary:
            _write_bullet(writer, line)


def _write_bullet(writer: _Writer, line: Line) -> None:
    paragraph = writer.word.add_paragraph(line.text, style="List Bullet")
    set_direction(paragraph, line.text)
    _add_times(writer, paragraph, line)


def _write_tasks(writer: _Writer) -> None:
    say, has_names = writer.outline.say, writer.outline.options.with_speakers
    headings = [say("Task"), *([say("Owner")] if has_names else []), say("Due")]
    first, owner, due = _TASK_WIDTHS
    widths = (first, owner, due) if has_names else (first + owner, due)
    table = new_table(writer.word, headings, widths, has_lines=True)
    for line in writer.outline.action_items:
        task, *others = new_row(table)
        task.add_run(line.text)
        set_direction(task, line.text)
        _add_times(writer, task, line)
        if has_names:
            others[0].add_run(line.owner or "–").bold = line.owner is not None
        others[-1].add_run(line.due or "–")
    writer.word.add_paragraph(style="Gap")


def _add_times(writer: _Writer, paragraph: Paragraph, line: Line) -> None:
    """The times of the proofs; a click leads to the turn, where the document holds it."""
    for moment in line.moments:
        run = muted(paragraph.add_run(f" {clock(moment.start)}"))
        if moment.turn_id in writer.bookmarks:
            add_link(paragraph, run, f"turn_{writer.bookmarks[moment.turn_id]}")


def _write_transcript(writer: _Writer) -> None:
    outline = writer.outline
    heading = writer.word.add_heading(outline.say("Transcript"), 1)
    heading.paragraph_format.page_break_before = outline.has_minutes
    if outline.has_chapters and len(outline.sections) > 1:
        _write_contents(writer)
    for number, section in enumerate(outline.sections):
        _write_section(writer, number, section)


def _write_contents(writer: _Writer) -> None:
    """The chapters with their pages, which Word counts; a click leads there."""
    for number, section in enumerate(writer.outline.sections):
        paragraph = writer.word.add_paragraph(style="Contents")
        add_link(paragraph, paragraph.add_run(section.heading or ""), f"chapter_{number}")
        time = f"\t{clock(section.start)}" if writer.outline.options.with_timestamps else "\t"
        muted(paragraph.add_run(f"{time}\t"))
        add_field(paragraph, f"PAGEREF chapter_{number} \\h", "")


def _write_section(writer: _Writer, number: int, section: Section) -> None:
    outline = writer.outline
    if section.heading is not None:
        heading = writer.word.add_heading("", 2)
        add_bookmark(heading, f"chapter_{number}", len(writer.bookmarks) + number + 1)
        heading.add_run(section.heading)
        set_direction(heading, section.heading)
        facts = [outline.say(", ").join(section.keywords)] if section.keywords else []
        if outline.options.with_timestamps:
            facts.insert(0, f"{clock(section.start)}–{clock(section.end)}")
        if facts:
            writer.word.add_paragraph(" · ".join(facts), style="Facts")
    for passage in section.passages:
        _write_passage(writer, passage)


def _write_passage(writer: _Writer, passage: Passage) -> None:
    """Who and when on a line of their own, kept with what was said."""
    has_time = writer.outline.options.with_timestamps
    target = None
    if passage.speaker is not None or has_time:
        head = target = writer.word.add_paragraph(style="Turn")
        if passage.speaker is not None:
            coloured(head.add_run(passage.speaker), passage.colour)
            set_direction(head, passage.speaker)
        if has_time:
            gap = "\u2002" if passage.speaker is not None else ""
            muted(head.add_run(f"{gap}{clock(passage.start)}"))
    said = writer.word.add_paragraph(passage.text, style="Said")
    set_direction(said, passage.text)
    if passage.turn_id in writer.bookmarks:
        number = writer.bookmarks[passage.turn_id]
        add_bookmark(target or said, f"turn_{number}", number)
