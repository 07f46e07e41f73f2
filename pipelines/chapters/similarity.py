"""How well turns belong together: what each is about, as one vector."""

from collections.abc import Sequence

import numpy as np

from meeting_app.domain import Turn, sentences_of
from pipelines.text_embedding import Embedder
from pipelines.wording import telling_words

# Shorter sentences ("Yeah, I think so.") say nothing about the topic and are not embedded.
_MIN_WORDS = 3
# Share of the meeting's mean that is taken out of every vector: what all its turns have in
# common cannot tell its topics apart, but a meeting with one topic must stay in one piece.
_COMMON_SHARE = 0.5


def topic_vectors(turns: Sequence[Turn], embed: Embedder) -> np.ndarray:
    """What each turn is about; the longer it talks, the longer its vector.

    Returns:
        (num_turns, dimension) float64; a turn without a telling sentence has a zero row.
    """
    rows, texts, weights = [], [], []
    row_of = {turn.id: row for row, turn in enumerate(turns)}
    for sentence in sentences_of(turns):
        text = sentence.text
        num_words = len(telling_words(text))
        if num_words >= _MIN_WORDS:
            rows.append(row_of[sentence.turn_id])
            texts.append(text)
            weights.append(np.sqrt(num_words))
    vectors = embed(texts).astype(np.float64)  # (num_sentences, dimension)
    sums = np.zeros((len(turns), vectors.shape[1]))
    totals = np.zeros(len(turns))
    np.add.at(sums, rows, vectors * np.asarray(weights)[:, None])
    np.add.at(totals, rows, weights)
    return without_common(sums, totals)


def without_common(sums: np.ndarray, totals: np.ndarray) -> np.ndarray:
    """Take a share of the mean out of weighted sums of vectors.

    Args:
        sums: (num_turns, dimension) float64, each row a sum of weighted unit vectors.
        totals: (num_turns,) float64, the weights in each row, ≥ 0.
    """
    if not totals.any():
        return sums
    mean = sums.sum(axis=0) / totals.sum()
    return np.asarray(sums - _COMMON_SHARE * totals[:, None] * mean)
