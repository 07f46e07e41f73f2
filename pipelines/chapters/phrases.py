"""Phrases of a text that could name its topic, before any model judges them."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.wording import STOP_WORDS, is_unspaced

_MAX_WORDS = 3
_FEW = 5  # with fewer phrases said twice than this, those said once are let in
_MAX_CHARACTERS = 4  # of a phrase in a script without spaces
# Below this share of English function words a text is taken for another language, whose most
# frequent words are its function words.
_ENGLISH_SHARE = 0.3
_NUM_FREQUENT = 40
# Words that, with their forms, hold Chinese and Japanese sentences together; kana always do.
_CJK_FUNCTION = re.compile(
    "[\u3041-\u309f的了是我你您他她它们这那在有和就不也都吗呢吧啊呀哦嗯么要会可以能说到去来把被让给对"
    "很还没上下个一些什怎样所为与及或但而且如果因此从向于之其最再又已经将请好做想看]"
)
_TOKEN = re.compile(
    r"[\u30a0-\u30ff\u3041-\u309f\u3400-\u9fff]+|[^\W_](?:[\w'’\-]*\w)?|[^\w\s'’\-]"
)
_WORD = re.compile(r"\w")
_ONLY_DIGITS = re.compile(r"^[\d\W]+$")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A possible title of one text."""

    text: str  # lower case
    count: int  # how often it is said in the text
    weight: float  # the count, more for longer phrases, less for phrases of other texts


def phrases_of(texts: Sequence[str], limit: int) -> tuple[tuple[Phrase, ...], ...]:
    """The phrases of each text that tell it best from the other texts, best first.

    Phrases are runs of one to three words without stop words, as in RAKE, or of two to four
    characters in scripts without spaces, weighted by TF-IDF over the texts.

    Source: Rose et al. 2010, "Automatic keyword extraction from individual documents".
    """
    stop_words = _stop_words(texts)
    counts = [Counter(_candidates(text, stop_words)) for text in texts]
    num_texts_with = Counter(phrase for found in counts for phrase in found)
    rarity = {
        phrase: float(np.log((1 + len(texts)) / (0.5 + number)))
        for phrase, number in num_texts_with.items()
    }
    return tuple(_best(found, rarity, limit) for found in counts)


def _best(counts: Counter[str], rarity: dict[str, float], limit: int) -> tuple[Phrase, ...]:
    phrases = [
        Phrase(text, count, count * rarity[text] * _length_factor(text))
        for text, count in counts.items()
    ]
    repeated = [phrase for phrase in phrases if phrase.count > 1]
    if len(repeated) >= _FEW:  # what is said once is rarely the topic, often a slip
        phrases = repeated
    ranked = sorted(phrases, key=lambda p: (-p.weight, p.text))
    return tuple(ranked[:limit])


def _length_factor(text: str) -> float:
    return float(np.sqrt(len(text) / 2)) if is_unspaced(text) else 1.0 + 0.5 * text.count(" ")


def _stop_words(texts: Sequence[str]) -> frozenset[str]:
    words = Counter(word.lower() for text in texts for word in _TOKEN.findall(text))
    words = Counter({word: count for word, count in words.items() if _WORD.search(word)})
    known = sum(count for word, count in words.items() if word in STOP_WORDS)
    if known >= _ENGLISH_SHARE * sum(words.values()):
        return STOP_WORDS
    ranked = sorted(words.items(), key=lambda item: (-item[1], item[0]))
    frequent = (
        w
        for w, c in ranked[: min(_NUM_FREQUENT, len(ranked) // 2)]
        if c > 1 and len(w) <= 4 and w.isalpha()
    )
    return STOP_WORDS | frozenset(word for word in frequent if not is_unspaced(word))


def _candidates(text: str, stop_words: frozenset[str]) -> Iterator[str]:
    run: list[str] = []
    for token in [*_TOKEN.findall(text.lower().replace("’", "'")), "."]:
        if is_unspaced(token):
            yield from _unspaced_candidates(token)
        elif _is_telling(token, stop_words):
            run.append(token)
            continue
        yield from _runs(run)
        run = []


def _is_telling(token: str, stop_words: frozenset[str]) -> bool:
    if not _WORD.search(token) or _ONLY_DIGITS.match(token):
        return False
    # Contractions ("we've") hold a function word; a possessive ("today's") is no name either.
    return token not in stop_words and "'" not in token and len(token) > 2


def _runs(run: Sequence[str]) -> Iterator[str]:
    for start in range(len(run)):
        for end in range(start + 1, min(len(run), start + _MAX_WORDS) + 1):
            words = run[start:end]
            if len(set(words)) == len(words):
                yield " ".join(words)


def _unspaced_candidates(token: str) -> Iterator[str]:
    for piece in _CJK_FUNCTION.split(token):
        for start in range(len(piece)):
            for end in range(start + 2, min(len(piece), start + _MAX_CHARACTERS) + 1):
                yield piece[start:end]
