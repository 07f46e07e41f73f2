"""Markdown: the minutes first, then the transcript by chapter, every line with its time."""

import re
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

# Inline marks of CommonMark and GitHub, what starts HTML or an entity, what ends a heading.
_ACTIVE = re.compile(r"([\\`*_\[\]<>|~&$#])")
# What starts a list or a rule at the beginning of a list item: a bullet, "1." or "1)".
_BLOCK_START = re.compile(r"^(\d{1,9})?([-+=.)])")


def meeting_to_markdown(meeting: Meeting) -> str:
    """The meeting as GitHub-flavoured Markdown."""
    outline = outline_of(meeting)
    return "\n".join(_document(outline)) + "\n"


def escaped(text: str) -> str:
    """Text of a user that stays text inside a line."""
    return _ACTIVE.sub(r"\\\1", text)


def _item(text: str) -> str:
    """Text of a user that stays text as the first thing of a list item."""
    return _BLOCK_START.sub(r"\1\\\2", escaped(text))


def _document(outline: Outline) -> Iterator[str]:
    yield f"# {escaped(outline.title)}"
    yield ""
    yield from _facts(outline)
    if outline.is_silent:
        yield ""
        yield NO_SPEECH
        return
    yield ""
    yield "## Minutes"
    yield from _minutes(outline)
    yield ""
    yield "## Transcript"
    for section in outline.sections:
        yield from _transcript(section)


def _facts(outline: Outline) -> Iterator[str]:
    yield f"- **Duration:** {outline.duration}"
    if outline.language is not None:
        yield f"- **Language:** {escaped(outline.language)}"
    if outline.speakers:
        yield ""
        yield "| Speaker | Talk time | Share |"
        yield "|---|--:|--:|"
    for row in outline.speakers:
        yield f"| {escaped(row.name)} | {clock(row.seconds)} | {row.share:.0%} |"


def _minutes(outline: Outline) -> Iterator[str]:
    if not outline.minutes:
        yield ""
        yield NO_MINUTES
    for section in outline.sections:
        if section.summary:
            yield from _block(escaped(section.heading), "- ", section.summary)
    if outline.decisions:
        yield from _block("Decisions", "- ", outline.decisions)
    if outline.action_items:
        yield from _block("Action items", "- [ ] ", outline.action_items)


def _block(heading: str, bullet: str, lines: tuple[Line, ...]) -> Iterator[str]:
    yield ""
    yield f"### {heading}"
    yield ""
    for line in lines:
        yield bullet + _line(line)


def _line(line: Line) -> str:
    parts = [_item(line.text) or "…"]
    if line.owner is not None:
        parts.append(f"— **{escaped(line.owner)}**")
    if line.due is not None:
        parts.append(f"({escaped(line.due)})")
    parts += [rf"\[{clock(moment.start)}\]" for moment in line.moments]
    return " ".join(parts)


def _transcript(section: Section) -> Iterator[str]:
    yield ""
    yield f"### {escaped(section.heading)}"
    yield ""
    keywords = f" · {escaped(', '.join(section.keywords))}" if section.keywords else ""
    yield f"{clock(section.start)}–{clock(section.end)}{keywords}"
    for passage in section.passages:
        yield ""
        yield rf"**{escaped(passage.speaker)}** \[{clock(passage.start)}\] {escaped(passage.text)}"
