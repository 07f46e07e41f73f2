"""Who carries the words around speaker changes.

A word counts when it was recognised right, so that the reference says whose it is, and when it
lies within ``WINDOW`` of a change. Recognised and reference words are matched for each reference
speaker alone, as the best chain of equal words in the same order and near in time; runs of
neighbours count more than lone words. Where a reference gives times to turns or speakers only,
its words are spread over that speech by their letters: good enough to find the match, which is
then judged at the time of the recognised word. With a time for each word, that one is used.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from pyannote.core import Segment

from benchmarks.corpora import Recording, Timing
from benchmarks.normalise import normalise
from meeting_app.domain import SpeakerSegment, Turn

WINDOW = 0.5  # seconds on each side of a change
# How far a recognised word may be from where its reference word should be (s).
_TOLERANCE = {Timing.WORD: 1.0, Timing.PASSAGE: 4.0, Timing.SPEAKER: 15.0}
_LONE_TOLERANCE = 1.0  # the same for a match without neighbours
_NEIGHBOUR_GAIN = 1.0  # of a match that directly follows another, beside the 1 of each match
_NEAR_NEIGHBOUR_GAIN = 0.5  # of one with a wrong or missing word between
_DISTANCE_COST = 0.5  # of a match at the tolerance


@dataclass(frozen=True, slots=True)
class Token:
    """A normalised word."""

    text: str
    time: float  # seconds, the middle
    speaker: str | None


@dataclass(frozen=True, slots=True)
class Match:
    """A recognised word that some reference speaker may have said."""

    heard: int  # index
    said: int  # index
    run: int  # matches in its run of neighbours
    distance: float  # seconds


@dataclass(frozen=True, slots=True)
class ChangeScore:
    """Words around changes; scores of several recordings add up."""

    num_words: int = 0
    num_wrong: int = 0  # carry another speaker than the one who said them

    def __add__(self, other: "ChangeScore") -> "ChangeScore":
        return ChangeScore(self.num_words + other.num_words, self.num_wrong + other.num_wrong)

    @property
    def boundary_error(self) -> float | None:
        """Share of wrong ones, 0..1; None without words."""
        return self.num_wrong / self.num_words if self.num_words else None


def score_changes(
    recording: Recording, turns: Sequence[Turn], speaker_of: Mapping[str, str]
) -> ChangeScore:
    """The score of one recording.

    Args:
        recording: with words.
        turns: the hypothesis.
        speaker_of: reference speaker of each hypothesis label that has one.
    """
    if recording.words is None:
        return ChangeScore()
    heard = heard_tokens(turns)
    changes = np.array(change_times(recording.speech))
    num_words = num_wrong = 0
    for index, owner in confirmed(heard, recording).items():
        time = owner.time if recording.words.timing is Timing.WORD else heard[index].time
        if len(changes) and np.abs(changes - time).min() <= WINDOW:
            num_words += 1
            num_wrong += speaker_of.get(heard[index].speaker or "") != owner.speaker
    return ChangeScore(num_words, num_wrong)


def confirmed(heard: Sequence[Token], recording: Recording) -> dict[int, Token]:
    """By index of a recognised word, the reference word that it is; wrong ones are left out."""
    if recording.words is None:
        return {}
    claims: dict[int, list[tuple[int, float, Token]]] = {}
    tolerance = _TOLERANCE[recording.words.timing]
    for said in said_tokens(recording).values():
        for match in match_words(heard, said, tolerance):
            claim = (match.run, -match.distance, said[match.said])
            claims.setdefault(match.heard, []).append(claim)
    return {index: max(found, key=lambda claim: claim[:2])[2] for index, found in claims.items()}


def change_times(speech: Sequence[SpeakerSegment]) -> tuple[float, ...]:
    """Where the speaker changes: starts after another speaker and ends before another, seconds.

    Somebody else who is heard on, across the start or the end, is another speaker too.
    """
    order = sorted(speech, key=lambda item: item.segment.start)
    times: set[float] = set()
    for item in order:
        start, end = item.segment.start, item.segment.end
        earlier = [o for o in order if o.segment.start < start]
        latest = max(earlier, key=lambda o: min(o.segment.end, start), default=item)
        if latest.speaker != item.speaker or _is_heard(earlier, item, start):
            times.add(start)
        later = [o for o in order if o.segment.end > end]
        following = min(later, key=lambda o: max(o.segment.start, end), default=item)
        if following.speaker != item.speaker or _is_heard(later, item, end):
            times.add(end)
    return tuple(sorted(times))


def _is_heard(others: Sequence[SpeakerSegment], item: SpeakerSegment, time: float) -> bool:
    return any(
        other.speaker != item.speaker and other.segment.start <= time <= other.segment.end
        for other in others
    )


def heard_tokens(turns: Sequence[Turn]) -> tuple[Token, ...]:
    """The words of the hypothesis in time order."""
    words = sorted(
        ((word, turn.speaker) for turn in turns for word in turn.words),
        key=lambda pair: pair[0].segment.start,
    )
    return tuple(
        Token(text, word.segment.middle, speaker)
        for word, speaker in words
        for text in _normal(word.text)
    )


def said_tokens(recording: Recording) -> dict[str, tuple[Token, ...]]:
    """The words of the reference in time order, by speaker."""
    if recording.words is None:
        return {}
    tokens: dict[str, tuple[Token, ...]] = {}
    for passage in recording.words.passages:
        spoken = [text for word in passage.text.split() for text in _normal(word)]
        own = [item.segment for item in recording.speech if item.speaker == passage.speaker]
        whole = recording.words.timing is Timing.SPEAKER and own
        times = spread(spoken, own if whole else [passage.segment])
        found = tuple(
            Token(text, time, passage.speaker) for text, time in zip(spoken, times, strict=True)
        )
        tokens[passage.speaker] = tokens.get(passage.speaker, ()) + found
    return tokens


def spread(words: Sequence[str], stretches: Sequence[Segment]) -> tuple[float, ...]:
    """The middle of each word when letters follow each other evenly through the stretches."""
    if not words:
        return ()
    letters = np.array([len(word) for word in words], dtype=float)  # (num_words,)
    middles = (np.cumsum(letters) - letters / 2) / letters.sum()  # 0..1
    edges = np.array([[s.start, s.end] for s in sorted(stretches)]).ravel()
    lengths = edges[1::2] - edges[::2]
    elapsed = np.concatenate([[0.0], np.cumsum(lengths)])
    spoken = np.stack([elapsed[:-1], elapsed[1:]], axis=1).ravel()
    return tuple(np.interp(middles * elapsed[-1], spoken, edges).tolist())


def match_words(
    heard: Sequence[Token], said: Sequence[Token], tolerance: float
) -> tuple[Match, ...]:
    """The best chain of equal words, in time order; a lone one must be near in time.

    Args:
        heard: everybody's, recognised.
        said: those of one speaker.
        tolerance: seconds between a word and its match.
    """
    pairs = _equal_words(heard, said, tolerance)
    if not len(pairs):
        return ()
    distances = np.array([abs(heard[i].time - said[j].time) for i, j in pairs.tolist()])
    chain = _best_chain(pairs, 1.0 - _DISTANCE_COST * distances / tolerance)
    runs = _run_lengths(pairs[chain])
    matches = (
        Match(int(pairs[k, 0]), int(pairs[k, 1]), run, float(distances[k]))
        for k, run in zip(chain, runs, strict=True)
    )
    return tuple(m for m in matches if m.run > 1 or m.distance <= _LONE_TOLERANCE)


def _equal_words(
    heard: Sequence[Token], said: Sequence[Token], tolerance: float
) -> npt.NDArray[np.int64]:
    """(num_pairs, 2) indices of heard and said words that may be the same one, in order."""
    places: dict[str, list[int]] = {}
    for index, token in enumerate(said):
        places.setdefault(token.text, []).append(index)
    pairs = [
        (i, j)
        for i, token in enumerate(heard)
        for j in places.get(token.text, ())
        if abs(token.time - said[j].time) <= tolerance
    ]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _best_chain(pairs: npt.NDArray[np.int64], gains: npt.NDArray[np.float64]) -> list[int]:
    """Indices of the pairs, both words rising, whose gains and neighbourhoods sum to the most."""
    scores = np.empty(len(pairs))
    origins = np.full(len(pairs), -1)
    for k, pair in enumerate(pairs):
        scores[k] = gains[k]
        steps = pair - pairs[:k]  # (k, 2)
        widest = steps.max(axis=1)
        reached = (
            scores[:k] + _NEIGHBOUR_GAIN * (widest == 1) + _NEAR_NEIGHBOUR_GAIN * (widest == 2)
        )
        reached[(steps < 1).any(axis=1)] = -np.inf
        if k and reached.max() > 0:
            origins[k] = reached.argmax()
            scores[k] += reached.max()
    chain = [int(scores.argmax())]
    while origins[chain[-1]] >= 0:
        chain.append(int(origins[chain[-1]]))
    return chain[::-1]


def _run_lengths(pairs: npt.NDArray[np.int64]) -> list[int]:
    """For each pair of a chain, how many there are in its run of neighbours."""
    breaks = np.flatnonzero(np.diff(pairs, axis=0).max(axis=1) > 2) + 1
    runs = np.split(np.arange(len(pairs)), breaks)
    return [len(run) for run in runs for _ in run]


@lru_cache(maxsize=1 << 16)
def _normal(word: str) -> tuple[str, ...]:
    return tuple(normalise(word).split())
