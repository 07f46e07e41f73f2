"""How many voices there are, and what each sounds like, by agglomerative clustering.

Average linkage over cosine distances, cut at a distance below which two embeddings are the same
voice. A cluster becomes a speaker when it holds enough speech, or less of it while it sounds
like no other. Short embeddings are unreliable, so they neither join nor bend these clusters; but
together they may be a *stranger*, who never talks long and sounds like nobody else. Where it is
certain that somebody speaks, a single word is enough for one.

What the user knows moves the cut, within the range of distances where one voice and two are both
plausible, and only then beyond it. Recordings with many embeddings are clustered in stages, so
that cost stays linear.

Source: Han, Kim & Narayanan 2008 (stopping at a distance); Park et al. 2022, arXiv:2101.09624
(multi-stage clustering).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import fcluster, linkage

from meeting_app.domain import SpeakerCount

STAGE_SIZE = 2_000  # embeddings clustered at once
STAGE_DISTANCE = 0.4  # of a first stage: only what is surely one voice is joined there
DISTINCT_SIMILARITY = 0.3  # cosine below which a voice is unlike another
STRANGER_SIMILARITY = 0.12  # the same for a stranger that nobody asked for
MIN_STRANGER = 1.0  # seconds of speech
MIN_CERTAIN_STRANGER = 0.3  # seconds, when it is certain that somebody speaks there
MIN_STRANGER_SHARE = 0.005  # of all speech
MIN_WANTED_STRANGER = 0.3  # seconds, when the user says that somebody is missing
# Where a wish may move the cut, as steps from its place, nearer ones first.
_DOUBTFUL = tuple(sign * step / 50 for step in range(1, 7) for sign in (-1, 1))

Embeddings = npt.NDArray[np.float32]
Durations = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ClusteringOptions:
    """When voices are one, and when they are a speaker."""

    max_distance: float  # cosine, 0..2
    min_speaker: float  # seconds of speech
    min_distinct_speaker: float  # seconds of speech, for a voice unlike the others


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Voices heard here and there."""

    embeddings: Embeddings  # (num_samples, dimension) of norm one
    durations: Durations  # (num_samples,) seconds of speech behind each

    def __len__(self) -> int:
        return len(self.durations)

    def __getitem__(self, rows: npt.NDArray[np.intp]) -> "Samples":
        return Samples(self.embeddings[rows], self.durations[rows])


def find_voices(
    long: Samples,
    short: Samples,
    certain: Samples,
    count: SpeakerCount,
    options: ClusteringOptions,
) -> Embeddings:
    """The centroids of the speakers.

    Args:
        long: reliable samples.
        short: samples that are too short to vote.
        certain: those of the short ones that are somebody, whoever it is; a word is enough.
        count: bounds and wish; fewer than the minimum are found only when there are fewer
            samples.
        options: thresholds.

    Returns:
        (num_speakers, dimension) float32 of norm one, strangers last, else most speech first.
    """
    if not len(long):
        return long.embeddings
    reduced = _reduced(long, count.minimum)
    tree = _tree(reduced.embeddings)
    found = _speakers_at(tree, reduced, options.max_distance, options)
    target = count.expected or _within(count, len(found))
    if len(found) != target:
        cuts = [
            _speakers_at(tree, reduced, options.max_distance + step, options) for step in _DOUBTFUL
        ]
        found = min([found, *cuts], key=lambda cut: abs(len(cut) - target))
    share = MIN_STRANGER_SHARE * float(long.durations.sum())
    found = _with_strangers(found, short, target, count, max(MIN_STRANGER, share))
    found = _with_strangers(found, certain, target, count, max(MIN_CERTAIN_STRANGER, share))
    bounded = _within(count, len(found))
    return found if len(found) == bounded else _exactly(tree, reduced, bounded, options)


def _within(count: SpeakerCount, number: int) -> int:
    """The bound that ``number`` is beyond, or itself."""
    return min(max(number, count.minimum), count.maximum)


def _with_strangers(
    found: Embeddings, short: Samples, target: int, count: SpeakerCount, enough: float
) -> Embeddings:
    """Adds who never talks long: the surely strange, and the strangest while some are missing.

    ``enough`` seconds make a stranger that nobody asked for.
    """
    likeness = (short.embeddings @ found.T).max(axis=1) if len(short) else np.zeros(0)
    far = short[np.flatnonzero(likeness < DISTINCT_SIMILARITY)]
    if not len(far):
        return found
    far = _reduced(far, 1)
    labels = _labels(_tree(far.embeddings), len(far), 1 - DISTINCT_SIMILARITY)
    centroids, heard = _summarise(far, labels)
    likeness = (centroids @ found.T).max(axis=1)
    for row in likeness.argsort(kind="stable"):
        is_strange = likeness[row] < STRANGER_SIMILARITY and heard[row] >= enough
        is_wanted = len(found) < target and heard[row] >= MIN_WANTED_STRANGER
        is_needed = len(found) < count.minimum
        if len(found) < count.maximum and (is_strange or is_wanted or is_needed):
            found = np.concatenate([found, centroids[row : row + 1]])
    return found


def _reduced(samples: Samples, least: int) -> Samples:
    """The same voices in fewer embeddings: neighbours in time that are surely one are joined."""
    while len(samples) > STAGE_SIZE:
        stages = np.array_split(np.arange(len(samples)), -(-len(samples) // STAGE_SIZE))
        parts = [_summarise(part, _stage(part, least)) for part in map(samples.__getitem__, stages)]
        before = len(samples)
        samples = Samples(
            np.concatenate([centroids for centroids, _ in parts]),
            np.concatenate([speech for _, speech in parts]),
        )
        if len(samples) > 0.9 * before:  # nothing more to join: keep the most reliable
            samples = samples[np.sort(np.argsort(-samples.durations, kind="stable")[:STAGE_SIZE])]
    return samples


def _stage(samples: Samples, least: int) -> npt.NDArray[np.intp]:
    """Clusters of a first stage; no fewer than ``least``."""
    tree = _tree(samples.embeddings)
    labels = _labels(tree, len(samples), STAGE_DISTANCE)
    if labels.max() + 1 < least:
        labels = np.asarray(fcluster(tree, least, "maxclust") - 1, dtype=np.intp)
    return labels


def _tree(embeddings: Embeddings) -> npt.NDArray[np.float64]:
    """SciPy's linkage matrix; empty for a single embedding, which has none."""
    if len(embeddings) < 2:
        return np.zeros((0, 4))
    return np.asarray(linkage(embeddings, "average", metric="cosine"))


def _labels(
    tree: npt.NDArray[np.float64], num_embeddings: int, distance: float
) -> npt.NDArray[np.intp]:
    """(num_embeddings,) cluster of each, from 0."""
    if not len(tree):
        return np.zeros(num_embeddings, dtype=np.intp)
    return np.asarray(fcluster(tree, distance, "distance") - 1, dtype=np.intp)


def _speakers_at(
    tree: npt.NDArray[np.float64], samples: Samples, distance: float, options: ClusteringOptions
) -> Embeddings:
    """Centroids of the clusters of one cut that are speakers."""
    labels = _labels(tree, len(samples), distance)
    centroids, speech = _summarise(samples, labels)
    return centroids[choose_speakers(centroids @ centroids.T, speech, options)]


def _summarise(samples: Samples, labels: npt.NDArray[np.intp]) -> tuple[Embeddings, Durations]:
    """Centroid and seconds of each cluster, most speech first."""
    num_clusters = int(labels.max()) + 1
    members = np.eye(num_clusters)[labels] * samples.durations[:, np.newaxis]
    centroids = members.T @ samples.embeddings  # (num_clusters, dimension)
    centroids /= np.maximum(np.linalg.norm(centroids, axis=1, keepdims=True), 1e-9)
    speech = members.sum(axis=0)
    order = np.argsort(-speech, kind="stable")
    return centroids[order].astype(np.float32), speech[order]


def choose_speakers(
    similarity: npt.NDArray[np.floating], speech: Durations, options: ClusteringOptions
) -> npt.NDArray[np.intp]:
    """Rows of the clusters that are speakers; the largest always is.

    Args:
        similarity: (num_clusters, num_clusters) of their voices, most speech first.
        speech: (num_clusters,) seconds.
        options: thresholds.
    """
    chosen = [0]
    for row in range(1, len(speech)):
        is_distinct = similarity[row, chosen].max() < DISTINCT_SIMILARITY
        needed = options.min_distinct_speaker if is_distinct else options.min_speaker
        if speech[row] >= needed:
            chosen.append(row)
    return np.asarray(chosen, dtype=np.intp)


def _exactly(
    tree: npt.NDArray[np.float64], samples: Samples, count: int, options: ClusteringOptions
) -> Embeddings:
    """The centroids of the ``count`` largest clusters of the first cut that has so many speakers.

    Asking the tree for just ``count`` clusters would spend them on outliers; so it is cut finer
    until that many clusters hold the speech of a speaker. When none does, the largest clusters
    of the finest useful cut stand in.
    """
    if len(samples) <= count:
        return _summarise(samples, np.arange(len(samples)))[0]
    best: tuple[int, Embeddings] | None = None
    for num_clusters in range(count, min(len(samples), 8 * count + 8) + 1):
        labels = np.asarray(fcluster(tree, num_clusters, "maxclust") - 1, dtype=np.intp)
        centroids, speech = _summarise(samples, labels)
        if len(centroids) < count:
            continue
        num_speakers = int((speech[:count] >= options.min_distinct_speaker).sum())
        if best is None or num_speakers > best[0]:
            best = num_speakers, centroids[:count]
        chosen = choose_speakers(centroids @ centroids.T, speech, options)
        if len(chosen) >= count:
            return centroids[chosen[:count]]
    if best is not None:
        return best[1]
    # All alike to the last bit: no cut tells them apart.
    return _summarise(samples, np.arange(len(samples)))[0][:count]
