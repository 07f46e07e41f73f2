"""Names of chapters: titles and keywords that a person might have chosen."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.chapters.keyphrases import rank_phrases
from pipelines.chapters.phrases import Phrase, phrases_of
from pipelines.text_embedding import Embedder
from pipelines.wording import is_unspaced

# KeyBERT judges this many phrases per chapter; more are rarely said twice.
_NUM_CANDIDATES = 30
_NUM_SPARE = 5  # ranked beyond the keywords wanted, for those dropped as repetitions


@dataclass(frozen=True, slots=True)
class Heading:
    """What a chapter is called and what it is about."""

    title: str  # never empty
    keywords: tuple[str, ...]  # best first


def headings_of(
    texts: Sequence[str], vectors: np.ndarray, embed: Embedder, num_keywords: int
) -> tuple[Heading, ...]:
    """A heading for each chapter; one without telling words is called by its number.

    Args:
        texts: everything said in each chapter.
        vectors: (num_chapters, dimension) float, what each is about.
        embed: the model behind ``vectors``.
        num_keywords: at most this many keywords each.
    """
    phrases = phrases_of(texts, _NUM_CANDIDATES)
    candidates = [[phrase.text for phrase in found] for found in phrases]
    ranked = rank_phrases(embed, vectors, candidates, num_keywords + _NUM_SPARE)
    return tuple(
        _heading(number, text, _ordered(keyphrases, found), num_keywords)
        for number, (text, keyphrases, found) in enumerate(
            zip(texts, ranked, phrases, strict=True), start=1
        )
    )


def _ordered(keyphrases: Sequence[str], phrases: Sequence[Phrase]) -> tuple[str, ...]:
    """Keyphrases by meaning (KeyBERT's order) and by use together: the sum of both ranks."""
    by_use = {phrase.text: rank for rank, phrase in enumerate(phrases)}
    ranks = {text: rank + by_use[text] / 3 for rank, text in enumerate(keyphrases)}
    return tuple(sorted(keyphrases, key=lambda text: ranks[text]))


def _heading(number: int, text: str, ordered: Sequence[str], num_keywords: int) -> Heading:
    keywords = _without_repetitions(ordered)
    written = tuple(_as_written(keyword, text) for keyword in keywords)
    title = _title(written) if written else f"Chapter {number}"
    return Heading(title, written[:num_keywords])


def _without_repetitions(phrases: Sequence[str]) -> tuple[str, ...]:
    """Phrases that bring a new word; of "remote" and "remote control" the longer one stays."""
    kept: list[str] = []
    for phrase in phrases:
        repeated = [k for k in kept if _stems(phrase) & _stems(k) or phrase in k or k in phrase]
        if not repeated:
            kept.append(phrase)
        elif len(repeated) == 1 and _stems(repeated[0]) < _stems(phrase):
            kept[kept.index(repeated[0])] = phrase
    return tuple(kept)


def _stems(phrase: str) -> set[str]:
    """Words without plural and participle endings, enough to see that two are the same."""
    return {re.sub(r"(?<=\w{3})(?:ing|es|ed|s)$", "", word).rstrip("e") for word in phrase.split()}


def _as_written(phrase: str, text: str) -> str:
    """The phrase as it is mostly written in the text, so that names keep their capitals."""
    written = re.findall(rf"(?<!\w){re.escape(phrase)}(?!\w)", text, re.IGNORECASE)
    if not written:
        return phrase
    forms: Counter[str] = Counter(written)
    return min(forms, key=lambda form: (-forms[form], form.lower() != form, form))


def _title(keywords: Sequence[str]) -> str:
    """The best phrase if it is long enough to stand alone, else the best two together."""
    first = keywords[0]
    is_short = " " not in first and not (is_unspaced(first) and len(first) > 3)
    if is_short and len(keywords) > 1:
        joint = "、" if is_unspaced(first) else " and "
        first = f"{first}{joint}{keywords[1]}"
    return first[:1].upper() + first[1:]
