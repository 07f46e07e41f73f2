"""Markdown: the minutes first, then the transcript by chapter, every line with its time."""

import re
from collections.abc import Iterator

from meeting_app.formats.outline import (
    NO_MINUTES,
    NO_SPEECH,
    Line,
    Outline,
    Passage,
    Section,
    clock,
)

# Inline marks of CommonMark and GitHub, what starts HTML or an entity, what ends a heading.
_ACTIVE = re.compile(r"([\\`*_\[\]<>|~&$#])")
# What starts a list or a rule at the beginning of a block: a bullet, "1." or "1)".
_BLOCK_START = re.compile(r"^(\d{1,9})?([-+=.)])")


def outline_to_markdown(outline: Outline) -> str:
    """The meeting as GitHub-flavoured Markdown."""
    return "\n".join(_document(outline)) + "\n"


def escaped(text: str) -> str:
    """Text of a user that stays text inside a line."""
    return _ACTIVE.sub(r"\\\1", text)


def _first(text: str) -> str:
    """Text of a user that stays text as the first thing of a block."""
    return _BLOCK_START.sub(r"\1\\\2", escaped(text))


def _document(outline: Outline) -> Iterator[str]:
    yield f"# {escaped(outline.title)}"
    yield ""
    yield from _facts(outline)
    if outline.is_silent:
        yield ""
        yield outline.say(NO_SPEECH)
        return
    if outline.has_minutes:
        yield ""
        yield f"## {outline.say('Minutes')}"
        yield from _minutes(outline)
    if outline.has_transcript:
        yield ""
        yield f"## {outline.say('Transcript')}"
        for section in outline.sections:
            yield from _transcript(outline, section)


def _facts(outline: Outline) -> Iterator[str]:
    facts = {"Date": outline.date, "Duration": outline.duration, "Language": outline.language}
    for name, value in facts.items():
        if value is not None:
            label = outline.say("{name}: {value}", name=outline.say(name), value="").rstrip()
            yield f"- **{label}** {escaped(value)}"
    if outline.speakers:
        names = (outline.say(name) for name in ("Speaker", "Talk time", "Share"))
        yield ""
        yield f"| {' | '.join(names)} |"
        yield "|---|--:|--:|"
    for row in outline.speakers:
        yield f"| {escaped(row.name)} | {clock(row.seconds)} | {row.share:.0%} |"


def _minutes(outline: Outline) -> Iterator[str]:
    if not outline.minutes:
        yield ""
        yield outline.say(NO_MINUTES)
    for section in outline.sections:
        if section.summary:
            heading = section.heading or outline.say("Summary")
            yield from _block(escaped(heading), "- ", section.summary)
    if outline.decisions:
        yield from _block(outline.say("Decisions"), "- ", outline.decisions)
    if outline.action_items:
        yield from _block(outline.say("Action items"), "- [ ] ", outline.action_items)


def _block(heading: str, bullet: str, lines: tuple[Line, ...]) -> Iterator[str]:
    yield ""
    yield f"### {heading}"
    yield ""
    for line in lines:
        yield bullet + _line(line)


def _line(line: Line) -> str:
    parts = [_first(line.text) or "…"]
    if line.owner is not None:
        parts.append(f"— **{escaped(line.owner)}**")
    if line.due is not None:
        parts.append(f"({escaped(line.due)})")
    parts += [rf"\[{clock(moment.start)}\]" for moment in line.moments]
    return " ".join(parts)


def _transcript(outline: Outline, section: Section) -> Iterator[str]:
    if section.heading is not None:
        yield ""
        yield f"### {escaped(section.heading)}"
        facts = [escaped(outline.say(", ").join(section.keywords))] if section.keywords else []
        if outline.options.with_timestamps:
            facts.insert(0, f"{clock(section.start)}–{clock(section.end)}")
        if facts:
            yield ""
            yield _BLOCK_START.sub(r"\1\\\2", " · ".join(facts))
    for passage in section.passages:
        yield ""
        yield _passage(outline, passage)


def _passage(outline: Outline, passage: Passage) -> str:
    parts = [] if passage.speaker is None else [f"**{escaped(passage.speaker)}**"]
    if outline.options.with_timestamps:
        parts.append(rf"\[{clock(passage.start)}\]")
    parts.append(escaped(passage.text) if parts else _first(passage.text) or "…")
    return " ".join(parts)
