"""Where chapters begin: the best of all ways to cut a meeting."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from meeting_app.domain import Turn

# How much the likeness of a chapter's turns counts against the cues at its boundaries.
_COHESION_WEIGHT = 0.2
# What a boundary must earn: about the logarithm of one boundary in several hundred turns.
_BOUNDARY_COST = 7.0
# The search looks back this far (s) for the start of a chapter, so its cost grows linearly.
_REACH = 3600.0


@dataclass(frozen=True, slots=True)
class Places:
    """Where a chapter may begin or end, the start and the end of the meeting included."""

    times: np.ndarray  # (num_places,) float64, seconds, rising
    turns: np.ndarray  # (num_places,) int, index of the first turn after the place


def places_between(turns: Sequence[Turn], duration: float) -> Places:
    """The places where no turn is being spoken, and the two ends of the meeting."""
    starts = [turn.segment.start for turn in turns]
    ends = list(accumulate((turn.segment.end for turn in turns), max))
    inner = [i for i in range(1, len(turns)) if ends[i - 1] <= starts[i] < duration]
    return Places(
        times=np.array([0.0, *(starts[i] for i in inner), duration]),
        turns=np.array([0, *inner, len(turns)]),
    )


def find_boundaries(
    vectors: np.ndarray, evidence: np.ndarray, places: Places, min_duration: float
) -> tuple[int, ...]:
    """Indices of the turns that begin a new chapter, the first turn not among them.

    Maximises, over all ways to cut at ``places``, the likeness inside chapters plus the evidence
    at boundaries minus their cost. Likeness is the length of the sum of a chapter's vectors, the
    likelihood of a von Mises-Fisher distribution around the chapter's mean direction.

    Args:
        vectors: (num_turns, dimension) float64, what each turn is about.
        evidence: (num_turns,) float64, how much speaks for a boundary before the turn.
        places: where boundaries are allowed.
        min_duration: seconds; no chapter is shorter, unless the meeting is.

    Source: the dynamic programme is Utiyama and Isahara 2001, "A statistical model for
    domain-independent text segmentation", with embeddings in place of word counts.
    """
    sums = np.vstack([np.zeros(vectors.shape[1]), np.cumsum(vectors, axis=0)])[places.turns]
    gains = np.append(evidence, 0.0)[places.turns] - _BOUNDARY_COST
    squares = (sums**2).sum(axis=1)
    num_places = len(places.times)
    best = np.full(num_places, -np.inf)
    best[0] = 0.0
    origin = np.zeros(num_places, dtype=int)
    for end in range(1, num_places):
        low = int(np.searchsorted(places.times, places.times[end] - _REACH))
        starts = np.array([0, *range(max(low, 1), end)])
        lengths = squares[starts] + squares[end] - 2 * sums[starts] @ sums[end]
        scores = best[starts] + _COHESION_WEIGHT * np.sqrt(np.maximum(lengths, 0.0))
        is_short = places.times[end] - places.times[starts] < min_duration
        scores[is_short] = -np.inf
        chosen = int(scores.argmax())
        best[end], origin[end] = scores[chosen] + gains[end], starts[chosen]
    return _walk_back(origin, places)


def _walk_back(origin: np.ndarray, places: Places) -> tuple[int, ...]:
    boundaries = []
    place = int(origin[-1])
    while place > 0:
        boundaries.append(int(places.turns[place]))
        place = int(origin[place])
    return tuple(reversed(boundaries))
