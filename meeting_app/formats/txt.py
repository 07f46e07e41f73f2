"""Plain text: the same order as the other documents, for any editor or mail."""

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
from meeting_app.formats.text import columns


def outline_to_txt(outline: Outline) -> str:
    """The meeting as plain text; paragraphs are not wrapped."""
    return "\n".join(_document(outline)).rstrip("\n") + "\n"


def _document(outline: Outline) -> Iterator[str]:
    yield from _heading(outline.title, "=")
    yield from _facts(outline)
    yield ""
    if outline.is_silent:
        yield outline.say(NO_SPEECH)
        return
    if outline.has_minutes:
        yield from _heading(outline.say("Minutes"), "=")
        yield from _minutes(outline)
    if outline.has_transcript:
        yield from _heading(outline.say("Transcript"), "=")
        for section in outline.sections:
            yield from _transcript(outline, section)


def _facts(outline: Outline) -> Iterator[str]:
    facts = {"Date": outline.date, "Duration": outline.duration, "Language": outline.language}
    rows = [(outline.say(name), value) for name, value in facts.items() if value is not None]
    rows += [(row.name, f"{clock(row.seconds)} ({row.share:.0%})") for row in outline.speakers]
    for name, value in rows:
        yield outline.say("{name}: {value}", name=name, value=value)


def _heading(text: str, rule: str) -> Iterator[str]:
    yield text
    yield rule * max(1, round(columns(text)))


def _minutes(outline: Outline) -> Iterator[str]:
    if not outline.minutes:
        yield outline.say(NO_MINUTES)
        yield ""
    for section in outline.sections:
        yield from _block(section.heading or outline.say("Summary"), section.summary)
    yield from _block(outline.say("Decisions"), outline.decisions)
    yield from _block(outline.say("Action items"), outline.action_items)


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


def _transcript(outline: Outline, section: Section) -> Iterator[str]:
    is_timed = outline.options.with_timestamps
    if section.heading is not None:
        times = f" ({clock(section.start)}–{clock(section.end)})" if is_timed else ""
        yield from _heading(f"{section.heading}{times}", "-")
    for passage in section.passages:
        yield _passage(outline, passage)
    yield ""


def _passage(outline: Outline, passage: Passage) -> str:
    time = f"[{clock(passage.start)}] " if outline.options.with_timestamps else ""
    if passage.speaker is None:
        return time + passage.text
    return time + outline.say("{name}: {value}", name=passage.speaker, value=passage.text)
