"""Who spoke when, decided anew after what users have said; from stored evidence, without sound.

Speakers are Gaussians of one variance around the mean of their windows, as in the decision per
frame, and are re-estimated by hard expectation-maximisation over pieces of the transcript. What
users have confirmed stays; what they have refused is not believed again. Two speakers who sound
like one become one once users have moved passages from one to the other.

Source: Basu, Banerjee & Mooney 2002, "Semi-supervised clustering by seeding" (constrained
k-means); Wagstaff et al. 2001 (must-link, cannot-link); docs/adr/0009 for what was compared.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from pyannote.core import Segment

from meeting_app.domain import Meeting, Relabelling, VoiceConstraints, VoiceEvidence
from meeting_app.errors import ConflictError, NotFoundError, OneVoiceError
from pipelines.diarization.gaussians import gaussian_scores
from pipelines.diarization.pieces import NOBODY, Indices, Pieces, pieces_of

# Three windows of 1.5 s, half a second apart, hear the same moment.
_WINDOW, _SHARED_BY = 1.5, 3
_ROUNDS = 8  # of expectation-maximisation; later ones change nothing any more
# In nats of one window at variance one, of which two voices are 0.3 to 0.45 apart:
_LOYALTY = 0.03  # what a piece gains with the speaker it has
_IMPOSSIBLE = -1e6

# Halves of one voice are at 0.43 and above, two voices at 0.33 and below.
_ONE_VOICE = 0.4  # cosine of the means from which a split finds no second voice
_NUM_LINKS = 2  # passages moved from one speaker to another that say they may be one
_MIN_VOICE = 2.0  # seconds of speech that make a voice
_MIN_VOICE_SHARE = 0.02  # of all speech of the speaker who is split
_MAX_SEEDS = 2_000  # longest pieces that are clustered; the others only join
_FINEST_CUT = 12  # clusters in which a second voice is looked for

Scores = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class VoiceReclusterer:
    """Fits the Reclusterer protocol."""

    def split(
        self, evidence: VoiceEvidence, meeting: Meeting, label: str, *, insist: bool = False
    ) -> tuple[Segment, ...]:
        """What of a speaker's segments belongs to the voice of theirs that says less.

        Raises:
            NotFoundError: nobody in the meeting has that label.
            OneVoiceError: it sounds like one voice, and nobody insists.
            ConflictError: there is too little speech to tell voices apart.
        """
        if label not in meeting.speaker_by_label:
            raise NotFoundError(f"{label}: no such speaker in this meeting; choose another")
        name = meeting.display_name(label)
        pieces = pieces_of(meeting, evidence, VoiceConstraints())
        own = pieces.speakers == pieces.names.index(label)
        means, speech = _mean_voices(pieces, evidence)
        seeds = _two_voices(means[own], speech[own])
        if seeds is None:
            raise ConflictError(
                f"{name}: {speech[own].sum():.1f} s of speech, too little to tell two voices "
                "apart; give single turns to another speaker instead"
            )
        similarity = _cosine(*seeds)
        if similarity > _ONE_VOICE and not insist:
            raise OneVoiceError(
                f"{name}: sounds like one person (likeness of the two halves {similarity:.2f}, of "
                f"two people below {_ONE_VOICE:.2f}); insist to cut it all the same, or give "
                "single turns to another speaker"
            )
        voices = _piece_scores(pieces, evidence, seeds).argmax(axis=0)
        quieter = min((0, 1), key=lambda voice: float(speech[own & (voices == voice)].sum()))
        voices = _with_silent(voices, np.full(len(pieces), 1 - quieter), pieces)
        other = own & (voices == quieter)
        if not other.any():
            raise OneVoiceError(
                f"{name}: a second voice is heard in no sentence for itself; give single words to "
                "another speaker instead"
            )
        runs = _runs(pieces.turns, np.where(other, 1, NOBODY))
        return _disjoint([_span(pieces, run) for run in runs if other[run.start]])

    def propose(
        self, evidence: VoiceEvidence, meeting: Meeting, constraints: VoiceConstraints
    ) -> tuple[Relabelling, ...]:
        """What else should change its speaker, in time order."""
        pieces = pieces_of(meeting, evidence, constraints)
        if not len(pieces) or not len(evidence.times):
            return ()
        start = _linked(pieces, evidence, constraints)
        speakers = _reestimated(pieces, evidence, start)
        return _relabellings(pieces, speakers)


def _relabellings(pieces: Pieces, speakers: Indices) -> tuple[Relabelling, ...]:
    """What changes when the pieces go to ``speakers``."""
    lost: dict[int, list[tuple[Segment, int]]] = {}
    for run in _runs(pieces.turns, pieces.speakers, speakers):
        before, after = int(pieces.speakers[run.start]), int(speakers[run.start])
        if after not in (NOBODY, before):
            lost.setdefault(before, []).append((_span(pieces, run), after))
    names = (*pieces.names, None)  # which NOBODY points at
    changes = [
        Relabelling(segment, names[before], pieces.names[after])
        for before, passages in lost.items()
        for segment, (_, after) in zip(
            _disjoint([segment for segment, _ in passages]), passages, strict=True
        )
    ]
    return tuple(sorted(changes, key=lambda change: change.segment))


def _linked(pieces: Pieces, evidence: VoiceEvidence, constraints: VoiceConstraints) -> Indices:
    """The speakers of the pieces, once those are one who sound so and were corrected so.

    Users have moved passages from one to the other, and confirmed none of the first.
    """
    speakers = pieces.speakers.copy()
    links = _links(pieces.names, constraints)
    if not links:
        return speakers
    means, speech = _mean_voices(pieces, evidence)
    for row, target in links:
        is_own, is_target = (speakers == voice for voice in (row, target))
        both = is_own | is_target
        if not (pieces.is_confirmed & is_own).any() and _is_one_voice(means[both], speech[both]):
            speakers[is_own] = target
    return speakers


def _links(names: Sequence[str], constraints: VoiceConstraints) -> tuple[tuple[int, int], ...]:
    """Speakers that users have moved enough passages from, each with whom most of them went to."""
    takers = {
        (item.segment.start, item.segment.end): item.speaker for item in constraints.confirmed
    }
    moves = Counter(
        (names.index(item.speaker), names.index(taker))
        for item in constraints.refused
        if (taker := takers.get((item.segment.start, item.segment.end))) in names
        and item.speaker in names
    )
    best: dict[int, int] = {}
    for (row, target), number in sorted(moves.items(), key=lambda move: (-move[1], move[0])):
        if number >= _NUM_LINKS:
            best.setdefault(row, target)
    return tuple(sorted(best.items()))


def _reestimated(pieces: Pieces, evidence: VoiceEvidence, start: Indices) -> Indices:
    """(num_pieces,) row of the speaker that each piece goes to; confirmed ones stay."""
    known = np.flatnonzero(start != NOBODY)
    speakers = start
    for _ in range(_ROUNDS):
        scores = _piece_scores(pieces, evidence, _means(pieces, evidence, speakers))
        scores[start[known], known] += _LOYALTY
        scores[pieces.is_refused] = _IMPOSSIBLE
        found = _with_silent(scores.argmax(axis=0), start, pieces)
        is_kept = pieces.is_confirmed | _is_refused(pieces, found)
        found[is_kept] = pieces.speakers[is_kept]
        if (found == speakers).all():
            break
        speakers = found
    return speakers


def _is_refused(pieces: Pieces, found: Indices) -> npt.NDArray[np.bool_]:
    """(num_pieces,) whether users have said that it is not whom it was given to."""
    refused = np.zeros(len(pieces), dtype=bool)
    known = np.flatnonzero(found != NOBODY)
    refused[known] = pieces.is_refused[found[known], known]
    return refused


def _with_silent(found: Indices, start: Indices, pieces: Pieces) -> Indices:
    """What was found for pieces with windows; a piece without any goes with the one before it.

    Before the first with windows of their turn, pieces go with that one; in a turn without any
    they stay with ``start``.
    """
    number = np.arange(len(pieces))
    is_heard = pieces.first < pieces.last
    before = np.maximum.accumulate(np.where(is_heard, number, -1))
    after = np.minimum.accumulate(np.where(is_heard, number, len(pieces))[::-1])[::-1]
    result = start.copy()
    for neighbours in (after, before):  # the one before counts, where there is one
        kept = neighbours.clip(0, len(pieces) - 1)
        is_near = (kept == neighbours) & (pieces.turns[kept] == pieces.turns)
        result[is_near] = found[kept[is_near]]
    return result


def _means(pieces: Pieces, evidence: VoiceEvidence, speakers: Indices) -> Scores:
    """(num_speakers, dimension) means of their windows; not a number without any."""
    owners = pieces.window_speakers(speakers)
    means = np.full((len(pieces.names), evidence.embeddings.shape[1]), np.nan, np.float32)
    for row in range(len(means)):
        own = owners == row
        if own.any():
            weights = evidence.durations[own, np.newaxis]
            means[row] = (evidence.embeddings[own] * weights).sum(axis=0) / weights.sum()
    return means


def _piece_scores(pieces: Pieces, evidence: VoiceEvidence, means: Scores) -> Scores:
    """(num_voices, num_pieces) log-likelihoods, in windows that share nothing.

    A voice without a mean is as good as impossible.
    """
    is_heard = np.isfinite(means).all(axis=1)
    scores = np.full((len(means), len(evidence.times)), _IMPOSSIBLE)
    scores[is_heard] = gaussian_scores(evidence.embeddings, means[is_heard])
    return pieces.sums(scores * (evidence.durations / _WINDOW))


def _mean_voices(pieces: Pieces, evidence: VoiceEvidence) -> tuple[Scores, Scores]:
    """(num_pieces, dimension) mean embedding of each piece, and (num_pieces,) seconds of speech."""
    weights = pieces.sums(evidence.durations)
    sums = pieces.sums(evidence.embeddings.T * evidence.durations).T
    return sums / np.maximum(weights, 1e-9)[:, np.newaxis], weights / _SHARED_BY


def _two_voices(means: Scores, speech: Scores) -> Scores | None:
    """(2, dimension) means of two voices among pieces; None when there is too little speech.

    Average linkage of the longer pieces is cut finer until the second cluster holds the speech of
    a voice, so that an outlier is none; then all pieces join the nearer mean, again and again.
    """
    from scipy.cluster.hierarchy import fcluster, linkage  # which most users never need

    longest = np.argsort(-speech, kind="stable")[:_MAX_SEEDS]
    seeds = longest[speech[longest] > 0]
    needed = max(_MIN_VOICE, _MIN_VOICE_SHARE * float(speech.sum()))
    if len(seeds) < 2 or speech.sum() < 2 * _MIN_VOICE:
        return None
    lengths = np.maximum(np.linalg.norm(means[seeds], axis=1, keepdims=True), 1e-9)
    tree = linkage(means[seeds] / lengths, "average", metric="cosine")
    for num_clusters in range(2, min(_FINEST_CUT, len(seeds)) + 1):
        labels = fcluster(tree, num_clusters, "maxclust") - 1
        heard = np.bincount(labels, weights=speech[seeds])
        largest = np.argsort(-heard, kind="stable")[:2]
        if len(largest) == 2 and heard[largest[1]] >= needed:
            groups = [seeds[labels == cluster] for cluster in largest]
            return _settled(means, speech, groups)
    return None


def _is_one_voice(means: Scores, speech: Scores) -> bool:
    voices = _two_voices(means, speech)
    return voices is None or _cosine(*voices) > _ONE_VOICE


def _settled(means: Scores, speech: Scores, groups: Sequence[Indices]) -> Scores:
    """(2, dimension) means of two groups once every piece is in the group that it is nearer to."""
    voices = np.stack([np.average(means[g], axis=0, weights=speech[g]) for g in groups])
    for _ in range(_ROUNDS):
        nearer = gaussian_scores(means, voices).argmax(axis=0)
        sizes = np.bincount(nearer, weights=speech, minlength=2)
        if (sizes < _MIN_VOICE).any():
            break
        voices = np.stack(
            [np.average(means[nearer == v], axis=0, weights=speech[nearer == v]) for v in (0, 1)]
        )
    return voices


def _cosine(one: Scores, other: Scores) -> float:
    return float(one @ other / max(float(np.linalg.norm(one) * np.linalg.norm(other)), 1e-9))


def _runs(*keys: Indices) -> list[slice]:
    """Stretches of pieces over which all keys stay the same."""
    if not len(keys[0]):
        return []
    is_edge = np.any([np.diff(key) != 0 for key in keys], axis=0)
    edges = [0, *(np.flatnonzero(is_edge) + 1).tolist(), len(keys[0])]
    return [slice(first, last) for first, last in pairwise(edges)]


def _disjoint(segments: Sequence[Segment]) -> tuple[Segment, ...]:
    """Segments in order of start; where two overlap, as times of words do, both give in."""
    found: list[Segment] = []
    for segment in segments:
        if found and found[-1].end > segment.start:
            middle = min((found[-1].end + segment.start) / 2, segment.end)
            found[-1] = Segment(found[-1].start, middle)
            found.append(Segment(middle, segment.end))
        else:
            found.append(segment)
    return tuple(found)


def _span(pieces: Pieces, run: slice) -> Segment:
    parts = pieces.segments[run]
    return Segment(parts[0].start, max(part.end for part in parts))
