"""A library of made-up meetings, the same for the same seed, as large as one likes.

Most of what is said is filler: words drawn by Zipf's law from common English words and from
words put together of syllables, so that posting lists are as long and as uneven as real ones.
Now and then somebody says a sentence that means something; those are what a search by meaning
can find, and ``TOPICS`` says it in other words.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice

import numpy as np
from pyannote.core import Segment

from meeting_app.domain import (
    Chapter,
    Meeting,
    Minutes,
    Speaker,
    SpeakerSegment,
    Turn,
    Word,
)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


NAMES = _words(
    "Ada Bruno Chen Dalia Emeka Farid Greta Hiro Ines Jonas Kavya Liam Mina Noor Otto Petra "
    "Quentin Rosa Samir Tove"
)
COMMON = _words(
    "the and i to you a it that so we of is in yeah uh have be for this on like what but not "
    "know just do one they if with think can right there would or are as was about at all "
    "well mean then okay don't people time how project going meeting up some which need "
    "because see really very get from maybe could more good when say out something work them "
    "thing should two make sure now way different no use where new first question last data "
    "point week team next plan update put my whole"
)
TOPICS: tuple[tuple[str, str], ...] = (
    ("The landlord wants eleven percent more for the office from spring.", "higher rent"),
    ("Our database fell over twice last night and nobody was paged.", "outage without an alarm"),
    ("Three customers asked for their money back after the last release.", "refund requests"),
    ("The new colleague starts in May and needs a laptop and a badge.", "onboarding a hire"),
    ("We will stop selling the old model once the warehouse is empty.", "end of a product"),
    ("The lawyers have not signed off on the contract with the supplier.", "legal approval"),
    ("Half of the tests fail at random, so people ignore the red builds.", "flaky tests"),
    ("Let us move the launch behind the summer holidays.", "postpone the release"),
    ("The remote control should have fewer buttons and a rubber case.", "design of the device"),
    ("Travel costs have doubled since we opened the second site.", "expenses for trips"),
    ("Our microphones pick up the fan of the projector.", "background noise"),
    ("Nobody reads the newsletter, so we should drop it.", "low engagement with emails"),
)
_ONSETS = _words("b br c ch d dr f fl g gr h j k l m n p pl qu r s sh st t tr v w z")
_CORES = ["a", "e", "i", "o", "u", "ai", "ea", "ou"]
_ENDS = ["", "n", "r", "s", "t", "l", "nd", "ck", "m"]
_NUM_RARE = 30_000  # made-up words; a year of meetings has about as many different ones
_ZIPF = 1.05  # exponent; source: Piantadosi 2014, doi:10.3758/s13423-014-0585-6
_WORD_STEP = 0.36  # seconds a word takes, 167 words a minute
_MEAN_TURN = 3.0, 0.9  # of the logarithm of words in a turn: median 20, mean 30
_TOPIC_SHARE = 0.02  # of turns that mean something
_SPEAKERS = 5


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words and how often each is said."""

    words: tuple[str, ...]
    cumulated: np.ndarray  # (num_words,) float64: share of all speech up to and with each word


@cache
def vocabulary(seed: int) -> Vocabulary:
    """Common words first, made-up ones behind, by Zipf's law."""
    generator = np.random.default_rng(seed)
    made = dict.fromkeys(_made_up(generator, 2 * _NUM_RARE))
    words = tuple(dict.fromkeys((*COMMON, *islice(made, _NUM_RARE))))
    weights = 1.0 / np.arange(1, len(words) + 1) ** _ZIPF
    return Vocabulary(words, np.cumsum(weights) / weights.sum())


def meetings(count: int, num_words: int, seed: int = 6) -> Iterator[Meeting]:
    """``count`` meetings of about ``num_words`` words each, each made when it is asked for."""
    known = vocabulary(seed)
    for number in range(count):
        yield _meeting(number, num_words, known, np.random.default_rng((seed, number)))


def _meeting(
    number: int, num_words: int, known: Vocabulary, generator: np.random.Generator
) -> Meeting:
    names = generator.choice(NAMES, _SPEAKERS, replace=False)
    labels = [f"SPEAKER_{i:02}" for i in range(_SPEAKERS)]
    turns: list[Turn] = []
    start, left = 0.0, num_words
    while left > 0:
        texts = _said(known, generator)
        turns.append(Turn(len(turns), labels[generator.integers(_SPEAKERS)], _timed(texts, start)))
        start += _WORD_STEP * (len(texts) + 1)
        left -= len(texts)
    return Meeting(
        title=f"{generator.choice(TITLES)} {number + 1}",
        duration=start,
        language="en",
        speakers=tuple(
            Speaker(label, str(name)) for label, name in zip(labels, names, strict=True)
        ),
        speaker_segments=tuple(SpeakerSegment(t.segment, str(t.speaker)) for t in turns),
        turns=tuple(turns),
        chapters=(Chapter(Segment(0.0, start), "All of it", ("everything",)),),
        minutes=Minutes(),
    )


TITLES = ("Project update", "Board", "Design review", "Standup", "Budget round", "Interview")


def _said(known: Vocabulary, generator: np.random.Generator) -> Sequence[str]:
    if generator.random() < _TOPIC_SHARE:
        return TOPICS[generator.integers(len(TOPICS))][0].split()
    count = max(1, int(generator.lognormal(*_MEAN_TURN)))
    drawn = np.searchsorted(known.cumulated, generator.random(count))
    return [known.words[i] for i in drawn]


def _timed(texts: Sequence[str], start: float) -> tuple[Word, ...]:
    return tuple(
        Word(Segment(start + _WORD_STEP * i, start + _WORD_STEP * (i + 0.9)), text, 0.9)
        for i, text in enumerate(texts)
    )


def _made_up(generator: np.random.Generator, count: int) -> list[str]:
    """Words of two or three syllables; some come twice."""
    shapes = [generator.integers(len(part), size=(count, 3)) for part in (_ONSETS, _CORES, _ENDS)]
    lengths = generator.integers(2, 4, size=count)
    return [
        "".join(
            _ONSETS[shapes[0][i, j]] + _CORES[shapes[1][i, j]] + _ENDS[shapes[2][i, j]]
            for j in range(lengths[i])
        )
        for i in range(count)
    ]
