"""HTML: one file that shows a meeting anywhere, sound included, and asks nothing of any network.

It is made while it is read: the sound of four hours has sixty million bytes.
"""

import base64
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from html import escape
from pathlib import Path

from meeting_app.domain import Word, join_words
from meeting_app.formats.document import Source, Streamed
from meeting_app.formats.options import ExportOptions
from meeting_app.formats.outline import (
    NO_MINUTES,
    NO_SPEECH,
    SPEAKER_COLOURS,
    UNKNOWN_COLOUR,
    Line,
    Outline,
    Passage,
    Section,
    SpeakerRow,
    clock,
)
from meeting_app.formats.text import clean

_FOLDER = Path(__file__).parent
_BLOCK = 3 << 18  # bytes of sound; a multiple of three, so that each is whole in base64
_COLOURS = (*SPEAKER_COLOURS, UNKNOWN_COLOUR)


@dataclass(frozen=True, slots=True)
class Sound:
    """What a page plays."""

    blocks: Iterable[bytes]  # AAC in .m4a; each but the last holds a multiple of three bytes
    start: float  # second of the recording at which it begins


def sound_of(source: Source, options: ExportOptions) -> Sound | None:
    """The sound that belongs to the page: of one chapter no more than that chapter's."""
    if not options.with_audio or source.playback is None:
        return None
    if options.chapter is None:
        return Sound(Streamed(partial(_read, source.playback)), 0.0)
    if source.cut_clip is None:
        return None
    segment = source.meeting.chapters[0].segment
    return Sound((source.cut_clip(segment),), segment.start)


def outline_to_html(outline: Outline, sound: Sound | None) -> Iterable[bytes]:
    """The page, in blocks that are made when they are asked for."""
    return Streamed(lambda: _page(outline, sound))


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


def _page(outline: Outline, sound: Sound | None) -> Iterator[bytes]:
    yield _head(outline, sound is not None).encode()
    yield "".join(_front(outline, sound)).encode()
    if outline.has_transcript and not outline.is_silent:
        yield _heading(outline, "Transcript", "transcript").encode()
        for section in outline.sections:
            yield "".join(_section(outline, section, sound is not None)).encode()
        yield b"</section>\n"
    yield b"</main>\n"
    if sound is not None:
        for block in sound.blocks:
            yield b'<script type="text/plain" class="sound">'
            yield base64.b64encode(block)
            yield b"</script>\n"
        yield b"<script>" + _file("page.js").encode() + b"</script>\n"
    yield b"</body>\n</html>\n"


def _head(outline: Outline, has_sound: bool) -> str:
    style = _file("page.css") + "".join(
        f".c{number} {{ --voice: #{colour}; }}\n" for number, colour in enumerate(_COLOURS)
    )
    scripts = f"'{_digest(_file('page.js'))}'" if has_sound else "'none'"
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src {scripts}; "
        "media-src blob:; base-uri 'none'; form-action 'none'"
    )
    return (
        f'<!doctype html>\n<html lang="{outline.say.tag}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{escape(outline.title)}</title>\n<style>{style}</style>\n</head>\n<body>\n"
    )


def _file(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    """The text as a Content-Security-Policy allows it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _front(outline: Outline, sound: Sound | None) -> Iterator[str]:
    """Everything before the transcript."""
    yield f"<header>\n<h1 dir=auto>{escape(outline.title)}</h1>\n"
    yield f'<p class="facts">{escape(outline.facts)}</p>\n'
    yield from _speakers(outline)
    yield "</header>\n"
    if sound is not None:
        yield from _player(outline, sound)
    yield "<main>\n"
    if outline.is_silent:
        yield f"<p>{outline.say(NO_SPEECH)}</p>\n"
        return
    if outline.has_minutes:
        yield _heading(outline, "Minutes", "minutes")
        yield from _minutes(outline, sound is not None)
        yield "</section>\n"
    if outline.has_transcript and outline.has_chapters and len(outline.sections) > 1:
        yield from _contents(outline)


def _heading(outline: Outline, text: str, name: str) -> str:
    return f'<section id="{name}">\n<h2>{outline.say(text)}</h2>\n'


def _player(outline: Outline, sound: Sound) -> Iterator[str]:
    label = escape(outline.say("The sound of the meeting"))
    yield f'<div class="player" hidden><audio controls preload="metadata" aria-label="{label}" '
    yield f'data-start="{sound.start}"></audio>'
    yield f"<p>{outline.say('Click a word to hear it.')}</p></div>\n"
    lacking = "Without scripts the sound cannot be played; everything else is here."
    # Not <noscript>: a policy or a mail program may keep the script out as well.
    yield f'<p class="note">{outline.say(lacking)}</p>\n'


def _speakers(outline: Outline) -> Iterator[str]:
    if not outline.speakers:
        return
    names = (outline.say(name) for name in ("Speaker", "Talk time", "Share"))
    cells = "".join(f'<th scope="col">{name}</th>' for name in names)
    yield f'<table class="speakers">\n<thead><tr>{cells}<td></td></tr></thead>\n<tbody>\n'
    yield from map(_speaker, outline.speakers)
    yield "</tbody>\n</table>\n"


def _speaker(row: SpeakerRow) -> str:
    width = round(100 * row.share, 1)
    return (
        f'<tr class="{_colour(row.colour)}"><th scope="row" dir=auto>{escape(row.name)}</th>'
        f"<td>{clock(row.seconds)}</td><td>{row.share:.0%}</td>"
        '<td><svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="{width}" height="4"/></svg></td></tr>\n'
    )


def _minutes(outline: Outline, has_sound: bool) -> Iterator[str]:
    if not outline.minutes:
        yield f"<p>{outline.say(NO_MINUTES)}</p>\n"
    link = partial(_proofs, outline, has_sound)
    if outline.decisions:
        yield f"<h3>{outline.say('Decisions')}</h3>\n<ul>\n"
        yield from (_item(line, link(line)) for line in outline.decisions)
        yield "</ul>\n"
    if outline.action_items:
        yield f"<h3>{outline.say('Action items')}</h3>\n"
        yield from _tasks(outline, has_sound)
    for section in outline.sections:
        if section.summary:
            heading = section.heading or outline.say("Summary")
            yield f"<h3 dir=auto>{escape(heading)}</h3>\n<ul>\n"
            yield from (_item(line, link(line)) for line in section.summary)
            yield "</ul>\n"


def _tasks(outline: Outline, has_sound: bool) -> Iterator[str]:
    names = ["Task", "Due"]
    if outline.options.with_speakers:
        names.insert(1, "Owner")
    cells = "".join(f'<th scope="col">{outline.say(name)}</th>' for name in names)
    yield f'<table class="tasks">\n<thead><tr>{cells}</tr></thead>\n<tbody>\n'
    for line in outline.action_items:
        owner = f"<td dir=auto>{escape(line.owner or '–')}</td>"
        yield f"<tr><td dir=auto>{escape(line.text)}{_proofs(outline, has_sound, line)}</td>"
        yield f"{owner if outline.options.with_speakers else ''}"
        yield f"<td dir=auto>{escape(line.due or '–')}</td></tr>\n"
    yield "</tbody>\n</table>\n"


def _item(line: Line, proofs: str) -> str:
    return f"<li dir=auto>{escape(line.text)}{proofs}</li>\n"


def _proofs(outline: Outline, has_sound: bool, line: Line) -> str:
    """The times of the proofs; each leads to its turn and lets it be heard."""
    found = []
    for moment in line.moments:
        heard = f' data-t="{moment.start}"' if has_sound else ""
        text = clock(moment.start)
        if moment.turn_id in outline.proofs:
            found.append(f' <a class="time" href="#turn-{moment.turn_id}"{heard}>{text}</a>')
        else:
            found.append(f' <span class="time"{heard}>{text}</span>')
    return "".join(found)


def _contents(outline: Outline) -> Iterator[str]:
    yield '<nav aria-labelledby="chapters">\n'
    yield f'<h2 id="chapters">{outline.say("Chapters")}</h2>\n<ol>\n'
    for number, section in enumerate(outline.sections):
        time = clock(section.start) if outline.options.with_timestamps else ""
        yield f'<li dir=auto><a href="#chapter-{number}">{escape(section.heading or "")}</a>'
        yield f' <span class="time">{time}</span></li>\n'
    yield "</ol>\n</nav>\n"


def _section(outline: Outline, section: Section, has_sound: bool) -> Iterator[str]:
    if section.heading is not None:
        number = outline.sections.index(section)
        yield f'<h3 id="chapter-{number}" dir=auto>{escape(section.heading)}</h3>\n'
        facts = [outline.say(", ").join(section.keywords)] if section.keywords else []
        if outline.options.with_timestamps:
            facts.insert(0, f"{clock(section.start)}–{clock(section.end)}")
        yield f'<p class="facts" dir=auto>{escape(" · ".join(facts))}</p>\n'
    for passage in section.passages:
        yield from _passage(outline, passage, has_sound)


def _passage(outline: Outline, passage: Passage, has_sound: bool) -> Iterator[str]:
    yield f'<div class="turn {_colour(passage.colour)}" id="turn-{passage.turn_id}">'
    if passage.speaker is not None:
        yield f"<b dir=auto>{escape(passage.speaker)}</b>"
    if outline.options.with_timestamps:
        heard = f' data-t="{passage.start}"' if has_sound else ""
        yield f' <span class="time"{heard}>{clock(passage.start)}</span>'
    words = _words(passage.words) if has_sound else (escape(passage.text),)
    yield "\n<p dir=auto>"
    yield from words
    yield "</p></div>\n"


def _words(words: Iterable[Word]) -> Iterator[str]:
    """Words that can be clicked, spaced as they are written."""
    before: Word | None = None
    for word in words:
        text = clean(word.text)
        if not text:
            continue
        if before is not None and len(join_words((before, word))) > len(before.text + word.text):
            yield " "
        yield f'<span data-t="{round(word.segment.start, 2)}">{escape(text)}</span>'
        before = word


def _colour(colour: str) -> str:
    return f"c{_COLOURS.index(colour)}"
