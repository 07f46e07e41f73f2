"""Small domain values for tests; every argument has an innocent default."""

from collections.abc import Sequence

from pyannote.core import Segment

from meeting_app.domain import (
    ActionItem,
    Chapter,
    Decision,
    Meeting,
    Minutes,
    Speaker,
    SpeakerSegment,
    Statement,
    Turn,
    Word,
)

WORD_STEP = 0.5  # seconds from the start of one word to the start of the next
WORD_DURATION = 0.4  # seconds


def a_word(text: str = "hello", start: float = 0.0, end: float | None = None) -> Word:
    """A word of 0.4 s unless ``end`` is given."""
    return Word(Segment(start, start + WORD_DURATION if end is None else end), text, 0.9)


def words(text: str, start: float = 0.0) -> tuple[Word, ...]:
    """The words of ``text``, one every half second."""
    return tuple(a_word(w, start + WORD_STEP * i) for i, w in enumerate(text.split()))


def a_turn(
    id: int = 0, speaker: str | None = "SPEAKER_00", text: str = "hello there.", start: float = 0.0
) -> Turn:
    """A turn whose words follow each other every half second."""
    return Turn(id, speaker, words(text, start))


def a_meeting(
    *lines: tuple[str | None, str], title: str = "Standup", language: str | None = "en"
) -> Meeting:
    """A meeting of one chapter in which each (label, text) is a turn; turns start 10 s apart.

    Without lines, two speakers agree on a release. The first turn of each meeting is its
    summary; a turn with "agreed" in it is a decision, one with "I will" an action item.
    """
    lines = lines or (
        ("SPEAKER_00", "We agreed to ship on Monday."),
        ("SPEAKER_01", "I will write the notes by Friday."),
    )
    turns = tuple(a_turn(i, label, text, 10.0 * i) for i, (label, text) in enumerate(lines))
    duration = 10.0 * len(turns)
    labels = sorted({turn.speaker for turn in turns if turn.speaker is not None})
    return Meeting(
        title=title,
        duration=duration,
        language=language,
        speakers=tuple(Speaker(label) for label in labels),
        speaker_segments=tuple(
            SpeakerSegment(turn.segment, turn.speaker) for turn in turns if turn.speaker is not None
        ),
        turns=turns,
        chapters=(Chapter(Segment(0.0, duration), "Release", ("release", "notes")),),
        minutes=minutes_of(turns),
    )


def an_empty_meeting(title: str = "Silence", duration: float = 3.0) -> Meeting:
    """What comes of a recording in which nothing was said."""
    return Meeting(title, duration, None, (), (), (), (), Minutes())


def minutes_of(turns: Sequence[Turn]) -> Minutes:
    """Minutes by the plainest of rules, see ``a_meeting``."""
    return Minutes(
        summary=tuple(Statement(turn.text, (turn.id,)) for turn in turns[:1]),
        decisions=tuple(Decision(t.text, (t.id,)) for t in turns if "agreed" in t.text),
        action_items=tuple(
            ActionItem(t.text, (t.id,), owner=t.speaker, due="by Friday")
            for t in turns
            if "I will" in t.text
        ),
    )
