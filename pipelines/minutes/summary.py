"""The summary: of every chapter the sentences that stand for it, as they were said."""

import re
from collections.abc import Iterator, Sequence

import numpy as np

from meeting_app.domain import Sentence, Statement
from pipelines.text_embedding import Embedder
from pipelines.wording import FILLERS, STOP_WORDS, is_unspaced, telling_words, tidy, words_of

# Sentences of other lengths cannot be read on their own (words).
_MIN_WORDS = 7
_MAX_WORDS = 40
_GOOD_WORDS = 12  # shorter ones are worth proportionally less
_MAX_FILLER_SHARE = 0.3
# Likeness below this does not make two sentences neighbours; LexRank has 0.1 for TF-IDF, while
# sentence embeddings of unrelated sentences are already about 0.1 to 0.2 alike.
_MIN_LIKENESS = 0.25
# How much a sentence loses by likeness to one already chosen.
_REDUNDANCY = 0.5
_SENTENCES_PER_LINE = 4  # a chapter of fewer eligible sentences gets fewer lines

# Sentences that point at others, or ask, are poor summaries.
_DEPENDENT = re.compile(
    r"^(?:(?:and|but|so|well|um|uh|yeah|no|or|because|'cause|which|like|okay|then)[,\s]+)*"
    r"(?:it|that|this|they|them|he|she|those|these|there|which|that's|it's)\b",
    re.IGNORECASE,
)
_DEPENDENT_FACTOR = 0.6
_QUESTION_FACTOR = 0.5


def summarise(
    sentences: Sequence[Sentence], embed: Embedder, num_lines: int
) -> tuple[Statement, ...]:
    """The sentences of one chapter that are most central and unlike each other.

    Args:
        sentences: all of the chapter, in time order.
        embed: meaning as vectors.
        num_lines: at most this many.

    Returns:
        Statements in time order; none when no sentence can stand alone.

    Source: LexRank, Erkan and Radev 2004, doi:10.1613/jair.1523, with its degree centrality;
        choice by maximal marginal relevance, Carbonell and Goldstein 1998.
    """
    eligible = [sentence for sentence in sentences if _stands_alone(sentence.text)]
    if not eligible:
        return ()
    likeness = np.maximum(0.0, (vectors := embed([s.text for s in eligible])) @ vectors.T)
    scores = centrality(likeness) * np.array([_worth(s.text) for s in eligible])
    wanted = min(num_lines, -(-len(eligible) // _SENTENCES_PER_LINE))
    chosen = sorted(_choose(likeness, scores, wanted))
    return tuple(Statement(tidy(eligible[i].text), (eligible[i].turn_id,)) for i in chosen)


def centrality(likeness: np.ndarray) -> np.ndarray:
    """How much a sentence is like the others, the greatest being 1.

    Args:
        likeness: (num_sentences, num_sentences) float ≥ 0, ones on the diagonal.

    Returns:
        (num_sentences,) float64 in (0, 1].
    """
    neighbours = np.where(likeness >= _MIN_LIKENESS, likeness, 0.0).astype(np.float64)
    degree = neighbours.sum(axis=1)
    return np.asarray(degree / degree.max())


def _choose(likeness: np.ndarray, scores: np.ndarray, wanted: int) -> Iterator[int]:
    """Indices of the best, one after the other, each judged against those before it."""
    penalty = np.zeros(len(scores))
    left = np.ones(len(scores), dtype=bool)
    for _ in range(wanted):
        values = np.where(left, scores - _REDUNDANCY * penalty, -np.inf)
        best = int(values.argmax())
        left[best] = False
        penalty = np.maximum(penalty, likeness[best])
        yield best


def _stands_alone(text: str) -> bool:
    words = words_of(text)
    if not _MIN_WORDS <= len(words) <= _MAX_WORDS:
        return False
    num_fillers = sum(word in FILLERS for word in words)
    return num_fillers <= _MAX_FILLER_SHARE * len(words) and len(telling_words(text)) > 0


def _worth(text: str) -> float:
    """Between 0 and 1: long enough, full of content, independent, not a question."""
    words = words_of(text)
    telling = sum(word not in STOP_WORDS and "'" not in word for word in words)
    share = 1.0 if is_unspaced(text[:1]) else telling / len(words)
    worth = min(1.0, len(words) / _GOOD_WORDS) * min(1.0, 0.3 + 2 * share)
    if _DEPENDENT.match(text):
        worth *= _DEPENDENT_FACTOR
    if text.rstrip().endswith(("?", "？")):
        worth *= _QUESTION_FACTOR
    return worth
