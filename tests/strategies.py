"""Hypothesis strategies for whole meetings, awkward text and overlapping speech included."""

import itertools
from dataclasses import replace

from hypothesis import strategies as st
from pyannote.core import Annotation, Segment, Timeline

from meeting_app.domain import (
    ActionItem,
    Chapter,
    Decision,
    Draft,
    Meeting,
    Minutes,
    Speaker,
    SpeakerCount,
    SpeakerSegment,
    Statement,
    Transcript,
    Turn,
    Word,
)
from meeting_app.domain.corrections import (
    AddChapter,
    AddLine,
    Correction,
    EditLine,
    LineKind,
    LinePlace,
    MergeSpeakers,
    MoveChapter,
    MoveTurnBoundary,
    NameSpeakers,
    Passage,
    ReassignWords,
    Relabel,
    RemoveChapter,
    RemoveLine,
    RemoveWords,
    RenameChapter,
    RenameMeeting,
    RenameSpeaker,
    ReplaceWords,
    SplitSpeaker,
    lines_of,
)
from meeting_app.domain.evidence import Relabelling
from meeting_app.domain.jobs import MOST_SPEAKERS

LABELS = tuple(f"SPEAKER_{number:02}" for number in range(4))
LONGEST_START = 400_000.0  # seconds, beyond 100 hours

# What some format, query language or library gives a meaning to, and scripts of every kind.
AWKWARD = (
    "-->", "<b>bold</b> &amp;", 'say "hi"', "it's", "# heading #", "- item", "1. list", "2) list",
    "+", "=", "a|b", "\\", "*x* _y_ `z` ~~s~~", "[link](http://x.y)", "![i](j)", "$x^2$", "a\nb",
    "\n\n", "\x00\x02\x03\x0b\x1f", "\u202eevil\u2066", "{nb}", "<v Bob>", '"*():^-', "NEAR OR",
    "😀🎉", "👩‍👩‍👧‍👦", "שלום עולם", "مرحبا", "กขहि", "今天开会。", "日本語", "，",
    "Mixed 中文 and English", "e\u0301", "Good.", "Yes!", "x" * 130, "会" * 60, "\u3000", "2026",
)  # fmt: skip

texts = st.sampled_from(AWKWARD) | st.text(max_size=20)  # anything UTF-8 can hold; may be empty


def seconds(most: float = LONGEST_START) -> st.SearchStrategy[float]:
    """A time from zero on."""
    return st.floats(0.0, most, allow_nan=False)


@st.composite
def segments(draw: st.DrawFn, longest: float = 60.0) -> Segment:
    """A segment that may be empty."""
    start = draw(seconds())
    return Segment(start, start + draw(seconds(longest)))


@st.composite
def word_runs(draw: st.DrawFn) -> tuple[Word, ...]:
    """One to six words, each beginning no earlier than the one before; they may overlap."""
    start = draw(seconds())
    words = []
    for _ in range(draw(st.integers(1, 6))):
        start += draw(seconds(4.0))
        segment = Segment(start, start + draw(seconds(9.0)))
        words.append(Word(segment, draw(texts), draw(st.floats(0.0, 1.0))))
    return tuple(words)


@st.composite
def turns(draw: st.DrawFn) -> tuple[Turn, ...]:
    """Up to four turns in time order with ids in any; overlap and unknown speakers included."""
    runs = sorted(draw(st.lists(word_runs(), max_size=4)), key=lambda run: run[0].segment.start)
    ids = draw(st.lists(st.integers(0, 99), min_size=len(runs), max_size=len(runs), unique=True))
    speakers = st.none() | st.sampled_from(LABELS)
    return tuple(Turn(i, draw(speakers), run) for i, run in zip(ids, runs, strict=True))


@st.composite
def chapters(draw: st.DrawFn, duration: float) -> tuple[Chapter, ...]:
    """None, or up to four that follow each other from zero to ``duration``."""
    cuts = draw(st.lists(st.floats(0.01, 0.99), max_size=3, unique=True))
    edges = [0.0, *sorted(cut * duration for cut in cuts), duration]
    keywords = st.lists(texts, max_size=3).map(tuple)
    found = tuple(
        Chapter(Segment(start, end), draw(texts), draw(keywords))
        for start, end in itertools.pairwise(edges)
    )
    return draw(st.sampled_from(((), found)))


@st.composite
def minutes(draw: st.DrawFn, of: tuple[Turn, ...]) -> Minutes:
    """Lines that are proven by these turns; none when there are no turns."""
    if not of:
        return Minutes()
    ids = st.sampled_from([turn.id for turn in of])
    proof = st.lists(ids, min_size=1, max_size=3).map(tuple)
    maybe = st.none() | texts
    owner = st.sampled_from(LABELS) | maybe
    return Minutes(
        tuple(draw(st.lists(st.builds(Statement, texts, proof), max_size=3))),
        tuple(draw(st.lists(st.builds(Decision, texts, proof), max_size=3))),
        tuple(draw(st.lists(st.builds(ActionItem, texts, proof, owner, maybe), max_size=3))),
    )


@st.composite
def meetings(draw: st.DrawFn) -> Meeting:
    """A whole meeting, from silence to four chapters; its minutes point at turns it has."""
    said = draw(turns())
    duration = max((t.segment.end for t in said), default=0.0) + draw(seconds(100.0))
    spoken = st.builds(SpeakerSegment, segments(), st.sampled_from(LABELS))
    return Meeting(
        title=draw(texts),
        duration=duration,
        language=draw(st.none() | st.sampled_from(("en", "zh", "he", "xx"))),
        speakers=tuple(
            Speaker(label, draw(st.none() | texts)) for label in draw(st.permutations(LABELS))
        ),
        speaker_segments=tuple(draw(st.lists(spoken, max_size=6))),
        turns=said,
        chapters=draw(chapters(duration)),
        minutes=draw(minutes(said)),
    )


@st.composite
def annotations(draw: st.DrawFn) -> Annotation:
    """Who spoke when, with overlap and several tracks on one segment."""
    annotation = Annotation(uri=draw(st.none() | texts))
    tracks = st.integers(0, 5) | st.sampled_from("AB")
    for segment in draw(st.lists(segments(), max_size=6)):
        annotation[segment, draw(tracks)] = draw(st.sampled_from(LABELS))
    return annotation


@st.composite
def speaker_counts(draw: st.DrawFn) -> SpeakerCount:
    """Bounds, with or without a number that is believed in."""
    minimum = draw(st.integers(1, MOST_SPEAKERS))
    maximum = draw(st.integers(minimum, MOST_SPEAKERS))
    return SpeakerCount(minimum, maximum, draw(st.none() | st.integers(minimum, maximum)))


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    """A job between any two stages."""
    said = draw(turns())
    full = Draft(
        draw(st.lists(segments(), max_size=6).map(Timeline)),
        draw(annotations()),
        Transcript(draw(st.none() | st.just("en")), draw(word_runs())),
        said,
        draw(chapters(100.0)),
        draw(minutes(said)),
    )
    names = ("speech", "annotation", "transcript", "turns", "chapters", "minutes")
    missing = draw(st.sets(st.sampled_from(names)))
    return replace(full, **dict.fromkeys(missing))


@st.composite
def _passages(draw: st.DrawFn, meeting: Meeting) -> Passage:
    """From one word of a turn to another, or anywhere."""
    if not meeting.turns or draw(st.integers(0, 9)) == 0:
        start = draw(seconds())
        span = Segment(start, start + draw(st.floats(0.1, 60.0)))
        return Passage(span, draw(st.none() | st.sampled_from(LABELS)))
    turn = draw(st.sampled_from(meeting.turns))
    ends = st.integers(0, len(turn.words) - 1)
    first, last = sorted((draw(ends), draw(ends)))
    start = turn.words[first].segment.start
    end = max(word.segment.end for word in turn.words[first : last + 1])
    return Passage(Segment(start, max(end, start + 0.1)), turn.speaker)


@st.composite
def _line_places(draw: st.DrawFn, meeting: Meeting) -> LinePlace:
    kind = draw(st.sampled_from(LineKind))
    lines = lines_of(meeting.minutes, kind)
    if not lines:
        return LinePlace(kind, 0, draw(texts))
    position = draw(st.integers(0, len(lines) - 1))
    return LinePlace(kind, position, lines[position].text)


def corrections_of(meeting: Meeting) -> st.SearchStrategy[Correction]:
    """A correction that may fit the meeting; most do."""
    labels = st.sampled_from([s.label for s in meeting.speakers] or LABELS)
    passages = st.lists(_passages(meeting), min_size=1, max_size=3).map(tuple)
    places = _line_places(meeting)
    starts = st.sampled_from([t.segment.start for t in meeting.turns] or [1.0]) | seconds()
    chapter_starts = st.sampled_from([c.segment.start for c in meeting.chapters] or [1.0])
    said = texts.filter(lambda text: bool(text.strip()))
    changes = st.builds(
        lambda passage, label: Relabelling(passage.segment, passage.speaker, label),
        _passages(meeting),
        labels,
    )
    names = st.builds(RenameSpeaker, labels, st.none() | said)
    segments_of_speaker = st.lists(
        _passages(meeting).map(lambda p: p.segment), min_size=1, max_size=3
    )
    return st.one_of(
        st.builds(RenameMeeting, said),
        names,
        st.builds(NameSpeakers, st.lists(names, min_size=1, max_size=3).map(tuple)),
        st.builds(MergeSpeakers, labels, labels),
        st.builds(SplitSpeaker, labels, segments_of_speaker.map(tuple)),
        st.builds(ReassignWords, passages, st.none() | labels),
        st.builds(Relabel, st.lists(changes, min_size=1, max_size=3).map(tuple)),
        st.builds(ReplaceWords, _passages(meeting).map(lambda p: p.segment), said),
        st.builds(RemoveWords, passages),
        st.builds(MoveTurnBoundary, starts, starts),
        st.builds(AddChapter, starts, said),
        st.builds(MoveChapter, chapter_starts, starts),
        st.builds(RemoveChapter, chapter_starts),
        st.builds(RenameChapter, chapter_starts, said),
        st.builds(
            AddLine,
            st.sampled_from(LineKind),
            said,
            st.lists(starts, min_size=1, max_size=2).map(tuple),
        ),
        st.builds(EditLine, places, said),
        st.builds(RemoveLine, places),
    )
