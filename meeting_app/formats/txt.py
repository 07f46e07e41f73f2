"""Plain text: the same order as the other documents, for any editor or mail."""

from collections.abc import Iterator

from meeting_app.domain import Meeting
from meeting_app.formats.outline import (
    NO_MINUTES,
    NO_SPEECH,
    Line,
    Outline,
    Section,
    clock,
    outline_of,
)
from meeting_app.formats.text import columns


def meeting_to_txt(meeting: Meeting) -> str:
    """The meeting as plain text; paragraphs are not wrapped."""
    return "\n".join(_document(outline_of(meeting))).rstrip("\n") + "\n"


def _document(outline: Outline) -> Iterator[str]:
    yield from _heading(outline.title, "=")
    yield f"Duration: {outline.duration}"
    if outline.language is not None:
        yield f"Language: {outline.language}"
    for row in outline.speakers:
        yield f"{row.name}: {clock(row.seconds)} ({row.share:.0%})"
    yield ""
    if outline.is_silent:
        yield NO_SPEECH
        return
    yield from _heading("Minutes", "=")
    yield from _minutes(outline)
    yield from _heading("Transcript", "=")
    for section in outline.sections:
        yield from _transcript(section)


def _heading(text: str, rule: str) -> Iterator[str]:
    yield text
    yield rule * max(1, round(columns(text)))


def _minutes(outline: Outline) -> Iterator[str]:
    if not outline.minutes:
        yield NO_MINUTES
        yield ""
    for section in outline.sections:
        yield from _block(section.heading, section.summary)
    yield from _block("Decisions", outline.decisions)
    yield from _block("Action items", outline.action_items)


def _block(heading: str, lines: tuple[Line, ...]) -> Iterator[str]:
    if lines:
        yield from _heading(heading, "-")
        yield from map(_line, lines)
        yield ""


def _line(line: Line) -> str:
    owner = f" ({line.owner})" if line.owner is not None else ""
    due = f" ({line.due})" if line.due is not None else ""
    times = "".join(f" [{clock(moment.start)}]" for moment in line.moments)
    return f"- {line.text}{owner}{due}{times}"


def _transcript(section: Section) -> Iterator[str]:
    yield from _heading(f"{section.heading} ({clock(section.start)}–{clock(section.end)})", "-")
    for passage in section.passages:
        yield f"[{clock(passage.start)}] {passage.speaker}: {passage.text}"
    yield ""
