"""Talk and an embedder for tests: texts are alike when they share words."""

import zlib
from collections.abc import Sequence

import numpy as np
from pyannote.core import Segment

from meeting_app.domain import Turn, Word
from pipelines.wording import telling_words

DIMENSION = 256


def embed(texts: Sequence[str]) -> np.ndarray:
    """Counts of words, each in a place of its own; unit norm."""
    vectors = np.zeros((len(texts), DIMENSION), dtype=np.float32)
    for row, text in enumerate(texts):
        for word in telling_words(text) or ("",):
            vectors[row, zlib.crc32(word.encode()) % DIMENSION] += 1.0
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


def spoken(id: int, text: str, start: float, duration: float, speaker: str | None) -> Turn:
    """A turn whose words are spread evenly."""
    texts = text.split()
    step = duration / len(texts)
    words = (
        Word(Segment(start + i * step, start + (i + 1) * step), word, 1.0)
        for i, word in enumerate(texts)
    )
    return Turn(id, speaker, tuple(words))


def talk(*lines: tuple[str, str], seconds_per_turn: float = 10.0) -> tuple[Turn, ...]:
    """Turns of (speaker, text), one after the other."""
    return tuple(
        spoken(i, text, i * seconds_per_turn, seconds_per_turn - 0.5, speaker)
        for i, (speaker, text) in enumerate(lines)
    )
