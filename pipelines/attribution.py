"""Who said which word: recognised words and the diarization become turns.

The whole recording is decided at once, as the cheapest path through the words. A word costs
little with a speaker who is heard while it lasts; changing the speaker costs much in the middle
of a sentence and little after its end or in a pause.

    ============================  ==========================================================
    a word …                      belongs to …
    ============================  ==========================================================
    under one speaker             that speaker
    under several (overlap)       the one whose voice is heard best in it and in its sentence;
                                  where nobody can listen, the one whose sentence it continues
    across a change               the one who is heard for more of it, unless the sentence
                                  that it belongs to is clearly the other's
    partly in silence             only its sounding part counts: recognisers stretch words
                                  into the pause beside them
    between segments              the nearest speaker, unless its sentence is another's
    beyond ``max_distance``       nobody (None)
    alone in another's sentence   the other, unless the other is silent far around it
    over the word before it       preferably another speaker: nobody says two words at once
    ============================  ==========================================================

Near a change the diarization is often wrong by a word, so there the sound itself is asked, half a
second at a time, whose voice it is: see docs/adr/0014.

A turn ends where the speaker changes and at pauses longer than ``max_pause``. Someone who is
heard on through an interjection, in the middle of a sentence, keeps the turn; the interjection
is then a turn of its own at the same time.

Source: the cheapest path is that of Viterbi 1967, doi:10.1109/TIT.1967.1054010; as every change
costs the same wherever it leads, a step is linear in the number of speakers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from pyannote.core import Annotation

from meeting_app.config import AttributionConfig
from meeting_app.domain import Transcript, Turn, Word
from meeting_app.domain.transcript import is_sentence_end
from pipelines.protocols import Resemblance

# How far recognised word times are off (s): words are looked at with this much around them.
_TIME_ERROR = 0.1
# Evidence of a speaker who is silent during the word, and how fast it decays (s) with distance.
_ABSENT_EVIDENCE = 0.1
_ABSENT_DECAY = 0.25
_LEAST_EVIDENCE = 1e-9
_COST_DIGITS = 9
# Cost of a change of speaker between two words of one sentence, in nats of evidence.
_CHANGE_COST = 3.0
# Share of it left after the end of a sentence and between simultaneous words; what is left
# decays with the pause (s).
_AFTER_SENTENCE = 0.05
_PAUSE_DECAY = 0.5
# Two words that share more than this part of the shorter one, and more than the error of their
# times, have two speakers …
_SIMULTANEOUS = 0.5
# … unless this cost is paid.
_SAME_MOUTH_COST = 2.0
# A word that two speakers are no farther from (s) is listened to, every so many seconds. Of who is
# silent there it is then easier to believe that they said it.
_CONTEST = 0.5
_LOOK_STEP = 0.2
_CONTESTED_EVIDENCE, _CONTESTED_DECAY = 0.3, 0.5
# Nats for each unit of cosine by which one voice is more like the sound than another; of a word
# that is shorter (s) in proportion, as such a word is not where its time says.
_VOICE_WEIGHT = 3.0
_SQUEEZED = 0.1


@dataclass(frozen=True, slots=True)
class WordAttributor:
    """Gives every word to a speaker and forms turns; fits the Attributor protocol."""

    config: AttributionConfig = field(default_factory=AttributionConfig)

    def __call__(
        self,
        transcript: Transcript,
        annotation: Annotation,
        resemblance: Resemblance | None = None,
    ) -> tuple[Turn, ...]:
        """Turns in time order that hold every word exactly once, ids 0, 1, 2…

        Args:
            transcript: the words.
            annotation: who speaks when.
            resemblance: asked where speakers are near each other, if there is one.
        """
        voices = _voices_of(annotation)
        owners = _owners(transcript.words, voices, self.config.max_distance, resemblance)
        return _turns(transcript.words, owners, voices, self.config.max_pause)


@dataclass(frozen=True, slots=True)
class _Voice:
    """When one speaker is heard: disjoint stretches in time order."""

    label: str
    starts: np.ndarray  # (num_stretches,) float64, seconds
    ends: np.ndarray  # (num_stretches,) float64, seconds

    def heard(self, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
        """Seconds heard within each [start, end); (num_words,) float64."""
        return np.asarray(self._heard_before(ends) - self._heard_before(starts))

    def distance(self, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
        """Seconds from each [start, end) to the nearest stretch; (num_words,) float64."""
        following = np.searchsorted(self.ends, starts)
        after = np.append(self.starts, np.inf)[following] - ends
        before = starts - np.insert(self.ends, 0, -np.inf)[following]
        return np.asarray(np.maximum(0.0, np.minimum(before, after)))

    def is_heard_throughout(self, start: float, end: float) -> bool:
        """Whether one stretch covers the whole of start..end."""
        index = int(np.searchsorted(self.starts, start, side="right")) - 1
        return index >= 0 and bool(self.ends[index] >= end)

    def _heard_before(self, times: np.ndarray) -> np.ndarray:
        edges = np.stack([self.starts, self.ends], axis=1).ravel()  # (2 * num_stretches,)
        lengths = self.ends - self.starts
        before = np.concatenate([[0.0], np.cumsum(lengths)])
        sums = np.stack([before[:-1], before[1:]], axis=1).ravel()
        return np.asarray(np.interp(times, edges, sums))


def _voices_of(annotation: Annotation) -> tuple[_Voice, ...]:
    """The speakers in an order that their names have no part in, if it can be avoided."""
    spans: dict[str, list[tuple[float, float]]] = {}
    for segment, _, label in annotation.itertracks(yield_label=True):
        spans.setdefault(str(label), []).append((segment.start, segment.end))
    heard = sorted((_joined(found), label) for label, found in spans.items())
    return tuple(
        _Voice(label, np.array([s for s, _ in found]), np.array([e for _, e in found]))
        for found, label in heard
    )


def _joined(spans: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Spans that touch or overlap made one."""
    joined: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return tuple(joined)


def _owners(
    words: Sequence[Word],
    voices: Sequence[_Voice],
    max_distance: float,
    resemblance: Resemblance | None,
) -> list[_Voice | None]:
    """The speaker of each word."""
    if not words or not voices:
        return [None] * len(words)
    costs = _word_costs(words, voices, max_distance, resemblance)
    changing, staying = _step_costs(words)
    path = _cheapest_path(costs, changing, staying)
    return [voices[state] if state < len(voices) else None for state in path]


def _word_costs(
    words: Sequence[Word],
    voices: Sequence[_Voice],
    max_distance: float,
    resemblance: Resemblance | None,
) -> np.ndarray:
    """What each word costs with each speaker, and with nobody in the last column.

    Returns:
        (num_words, num_speakers + 1) float64, ≥ 0; infinite where the choice is not open.
    """
    starts = np.array([word.segment.start for word in words])
    ends = np.array([word.segment.end for word in words])
    wide_starts, wide_ends = starts - _TIME_ERROR, ends + _TIME_ERROR
    heard = np.stack([v.heard(wide_starts, wide_ends) for v in voices], axis=1)
    distance = np.stack([v.distance(starts, ends) for v in voices], axis=1)  # (words, speakers)
    everyone = _Voice("", *_union(voices))
    unlikeness = np.full(distance.shape, np.nan)
    if resemblance is not None:
        unlikeness = _unlikeness(starts, ends, distance <= _CONTEST, voices, resemblance)

    sounding = np.maximum(everyone.heard(wide_starts, wide_ends), 1e-3)[:, None]
    absent = np.where(
        np.isnan(unlikeness),
        _ABSENT_EVIDENCE * np.exp(-distance / _ABSENT_DECAY),
        _CONTESTED_EVIDENCE * np.exp(-distance / _CONTESTED_DECAY),
    )
    evidence = absent + (1 - absent) * np.minimum(1.0, heard / sounding)
    costs = -np.log(np.maximum(evidence, _LEAST_EVIDENCE))
    reliance = np.minimum(1.0, (ends - starts) / _SQUEEZED)[:, None]
    costs += _VOICE_WEIGHT * reliance * np.nan_to_num(unlikeness)
    costs[distance > max_distance] = np.inf

    is_far = np.isinf(costs).all(axis=1)
    # Where two ways cost the same, noise of the last digits must not choose between them.
    costs = np.round(np.maximum(costs, 0.0), _COST_DIGITS)
    return np.column_stack([costs, np.where(is_far, 0.0, np.inf)])


def _unlikeness(
    starts: np.ndarray,
    ends: np.ndarray,
    is_near: np.ndarray,
    voices: Sequence[_Voice],
    resemblance: Resemblance,
) -> np.ndarray:
    """By how much each voice is less like the sound of a word than the most alike near it.

    Args:
        starts: (num_words,) seconds, as are ``ends``.
        ends: of the words.
        is_near: (num_words, num_speakers) whose voice it may be.
        voices: the speakers.
        resemblance: what is asked.

    Returns:
        (num_words, num_speakers) ≥ 0, NaN where nobody listened and for voices that are not near.
    """
    unlikeness = np.full(is_near.shape, np.nan)
    contested = np.flatnonzero(is_near.sum(axis=1) > 1)
    everyone = _Voice("", *_union(voices))
    looks = [_looks(starts[index], ends[index], everyone) for index in contested]
    ticks = np.unique(np.concatenate([*looks, np.zeros(0, np.intp)]))
    if not len(ticks):
        return unlikeness
    alike = resemblance(ticks * _LOOK_STEP, [voice.label for voice in voices])
    for index, look in zip(contested, looks, strict=True):
        if len(look):
            found = alike[np.searchsorted(ticks, look)].mean(axis=0)[is_near[index]]
            unlikeness[index, is_near[index]] = found.max() - found  # NaN if one is not known
    return unlikeness


def _looks(start: float, end: float, everyone: _Voice) -> np.ndarray:
    """(num_looks,) int: the multiples of the step in a word, else the nearest, that sound."""
    first = np.ceil((start - _TIME_ERROR / 2) / _LOOK_STEP)
    last = np.floor((end + _TIME_ERROR / 2) / _LOOK_STEP)
    if last < first:
        first = last = np.rint((start + end) / 2 / _LOOK_STEP)
    ticks = np.arange(first, last + 1).astype(np.intp)
    times = ticks * _LOOK_STEP
    return np.asarray(ticks[everyone.distance(times, times) <= _TIME_ERROR])


def _union(voices: Sequence[_Voice]) -> tuple[np.ndarray, np.ndarray]:
    spans = [span for v in voices for span in zip(v.starts.tolist(), v.ends.tolist(), strict=True)]
    joined = _joined(spans)
    return np.array([s for s, _ in joined]), np.array([e for _, e in joined])


def _step_costs(words: Sequence[Word]) -> tuple[list[float], list[float]]:
    """Between each word and the next: the cost of a change, and of none."""
    changing, staying = [], []
    for word, following in pairwise(words):
        gap = following.segment.start - word.segment.end
        shorter = min(word.segment.duration, following.segment.duration)
        is_simultaneous = -gap > max(_SIMULTANEOUS * shorter, _TIME_ERROR)
        is_easy = is_simultaneous or is_sentence_end(word.text)
        share = _AFTER_SENTENCE if is_easy else 1.0
        changing.append(_CHANGE_COST * share * float(np.exp(-max(gap, 0.0) / _PAUSE_DECAY)))
        staying.append(_SAME_MOUTH_COST if is_simultaneous else 0.0)
    return changing, staying


def _cheapest_path(
    costs: np.ndarray, changing: Sequence[float], staying: Sequence[float]
) -> list[int]:
    """The state of each word that makes the sum of word and step costs least.

    Args:
        costs: (num_words, num_states ≥ 2) float64; each row has a finite entry.
        changing: (num_words - 1,) cost of leaving a state.
        staying: (num_words - 1,) cost of keeping it.
    """
    num_words, num_states = costs.shape
    origins = np.empty((num_words, num_states), dtype=np.int32)
    states = np.arange(num_states)
    total = costs[0]
    for index in range(1, num_words):
        cheapest, second = total.argsort(kind="stable")[:2]
        others = np.where(states == cheapest, second, cheapest)  # where a change comes from
        kept = total + staying[index - 1]
        changed = total[others] + changing[index - 1]
        is_changed = changed < kept
        origins[index] = np.where(is_changed, others, states)
        total = np.where(is_changed, changed, kept) + costs[index]
    path = [int(total.argmin())]
    for index in range(num_words - 1, 0, -1):
        path.append(int(origins[index, path[-1]]))
    return path[::-1]


def _turns(
    words: Sequence[Word],
    owners: Sequence[_Voice | None],
    voices: Sequence[_Voice],
    max_pause: float,
) -> tuple[Turn, ...]:
    turns: list[list[Word]] = []
    speakers: list[str | None] = []
    latest: dict[str | None, int] = {}  # speaker → index of the last turn
    previous: int | None = None
    for word, voice in zip(words, owners, strict=True):
        speaker = voice.label if voice else None
        index = latest.get(speaker)
        if index is None or not _continues(turns[index], word, voice, index == previous, max_pause):
            index = latest[speaker] = len(turns)
            turns.append([])
            speakers.append(speaker)
        turns[index].append(word)
        previous = index
    return tuple(
        Turn(number, speaker, tuple(said))
        for number, (speaker, said) in enumerate(zip(speakers, turns, strict=True))
    )


def _continues(
    said: Sequence[Word], word: Word, voice: _Voice | None, is_latest: bool, max_pause: float
) -> bool:
    """Whether a word carries on its speaker's last turn."""
    end = said[-1].segment.end
    if word.segment.start - end > max_pause:
        return False
    if is_latest:
        return True
    if voice is None or is_sentence_end(said[-1].text):
        return False
    return voice.is_heard_throughout(end, word.segment.start)
