"""Meetings whose voices are known: turns of words, and the windows heard in them."""

from collections.abc import Sequence

import numpy as np
from pyannote.core import Segment

from meeting_app.domain import (
    Meeting,
    Minutes,
    Speaker,
    SpeakerSegment,
    Turn,
    VoiceEvidence,
    Word,
)

DIMENSION = 16
STEP = 0.5  # seconds between words, which last 0.4 s, and between windows
VARIETY = 0.5  # length of what differs between two windows of a voice

Line = tuple[str, str, int]  # who is labelled, whose voice it is, number of sentences
WORDS = ("We", "all", "agree", "now.")  # a sentence, 2 s


def meeting_of(lines: Sequence[Line]) -> Meeting:
    """A turn of four-word sentences for each line, one right after the other."""
    turns, place = [], 0.0
    for number, (label, _, num_sentences) in enumerate(lines):
        texts = WORDS * num_sentences
        words = tuple(
            Word(Segment(place + STEP * i, place + STEP * i + 0.4), text, 0.9)
            for i, text in enumerate(texts)
        )
        turns.append(Turn(number, label, words))
        place += STEP * len(texts)
    labels = sorted({label for label, _, _ in lines})
    return Meeting(
        title="Voices",
        duration=place,
        language="en",
        speakers=tuple(Speaker(label) for label in labels),
        speaker_segments=tuple(SpeakerSegment(t.segment, t.speaker or "") for t in turns),
        turns=tuple(turns),
        chapters=(),
        minutes=Minutes(),
    )


def evidence_of(lines: Sequence[Line], seed: int = 0) -> VoiceEvidence:
    """One window for each word: the axis of its voice, and chance of ``VARIETY``."""
    voices = sorted({voice for _, voice, _ in lines})
    heard = [voices.index(voice) for _, voice, n in lines for _ in range(n * len(WORDS))]
    chance = np.random.default_rng(seed).standard_normal((len(heard), DIMENSION))
    chance *= VARIETY / np.linalg.norm(chance, axis=1, keepdims=True)
    embeddings = np.eye(DIMENSION)[heard] + chance
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    times = STEP * np.arange(len(heard)) + 0.2
    return VoiceEvidence(
        "fake", times, embeddings.astype(np.float32), np.full(len(heard), 1.5, np.float32)
    )


def turn_segment(meeting: Meeting, number: int) -> Segment:
    """From the first to the last word of a turn."""
    return meeting.turns[number].segment
