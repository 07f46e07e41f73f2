"""How many voices there are, and what each sounds like, by agglomerative clustering.

Average linkage over cosine distances, cut at a distance below which two embeddings are the same
voice. A cluster becomes a speaker when it holds enough speech, or less of it while it sounds
like no other. Recordings with many embeddings are clustered in stages, so that cost stays linear.

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

Embeddings = npt.NDArray[np.float32]
Durations = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ClusteringOptions:
    """When voices are one, and when they are a speaker."""

    max_distance: float  # cosine, 0..2
    min_speaker: float  # seconds of speech
    min_distinct_speaker: float  # seconds of speech, for a voice unlike the others


def find_voices(
    embeddings: Embeddings, durations: Durations, count: SpeakerCount, options: ClusteringOptions
) -> Embeddings:
    """The centroids of the speakers.

    Args:
        embeddings: (num_embeddings, dimension) float32 of norm one.
        durations: (num_embeddings,) seconds of speech behind each.
        count: bounds; fewer are found only when there are fewer embeddings.
        options: thresholds.

    Returns:
        (num_speakers, dimension) float32 of norm one, most speech first.
    """
    if len(embeddings) == 0:
        return embeddings
    embeddings, durations = _reduced(embeddings, durations, count.minimum)
    labels = _cut(embeddings, options.max_distance)
    centroids, speech = _summarise(embeddings, durations, labels)
    chosen = _speakers(centroids, speech, options)
    if len(chosen) > count.maximum:
        return _exactly(embeddings, durations, count.maximum, options)
    if len(chosen) < count.minimum:
        return _exactly(embeddings, durations, count.minimum, options)
    return centroids[chosen]


def _reduced(
    embeddings: Embeddings, durations: Durations, least: int
) -> tuple[Embeddings, Durations]:
    """The same voices in fewer embeddings: neighbours in time that are surely one are joined."""
    while len(embeddings) > STAGE_SIZE:
        parts = [
            _summarise(
                embeddings[rows], durations[rows], _cut(embeddings[rows], STAGE_DISTANCE, least)
            )
            for rows in np.array_split(
                np.arange(len(embeddings)), -(-len(embeddings) // STAGE_SIZE)
            )
        ]
        before = len(embeddings)
        embeddings = np.concatenate([part[0] for part in parts])
        durations = np.concatenate([part[1] for part in parts])
        if len(embeddings) > 0.9 * before:  # nothing more to join: keep the most reliable
            best = np.sort(np.argsort(-durations, kind="stable")[:STAGE_SIZE])
            embeddings, durations = embeddings[best], durations[best]
    return embeddings, durations


def _cut(embeddings: Embeddings, distance: float, least: int = 1) -> npt.NDArray[np.intp]:
    """(num_embeddings,) cluster of each, from 0; finer than ``distance`` when too few are found."""
    if len(embeddings) == 1:
        return np.zeros(1, dtype=np.intp)
    tree = linkage(embeddings, "average", metric="cosine")
    labels = fcluster(tree, distance, "distance")
    if labels.max() < least:
        labels = fcluster(tree, least, "maxclust")
    return np.asarray(labels - 1, dtype=np.intp)


def _summarise(
    embeddings: Embeddings, durations: Durations, labels: npt.NDArray[np.intp]
) -> tuple[Embeddings, Durations]:
    """Centroid and seconds of each cluster, most speech first."""
    num_clusters = int(labels.max()) + 1
    members = np.eye(num_clusters)[labels] * durations[:, np.newaxis]
    centroids = members.T @ embeddings  # (num_clusters, dimension)
    centroids /= np.maximum(np.linalg.norm(centroids, axis=1, keepdims=True), 1e-9)
    speech = members.sum(axis=0)
    order = np.argsort(-speech, kind="stable")
    return centroids[order].astype(np.float32), speech[order]


def _speakers(
    centroids: Embeddings, speech: Durations, options: ClusteringOptions
) -> npt.NDArray[np.intp]:
    """Rows of the clusters that are speakers; the largest always is."""
    chosen = [0]
    for row in range(1, len(centroids)):
        likeness = float((centroids[chosen] @ centroids[row]).max())
        is_distinct = likeness < DISTINCT_SIMILARITY
        needed = options.min_distinct_speaker if is_distinct else options.min_speaker
        if speech[row] >= needed:
            chosen.append(row)
    return np.asarray(chosen, dtype=np.intp)


def _exactly(
    embeddings: Embeddings, durations: Durations, count: int, options: ClusteringOptions
) -> Embeddings:
    """The centroids of the ``count`` largest clusters of the first cut that has so many speakers.

    Asking the tree for just ``count`` clusters would spend them on outliers; so it is cut finer
    until that many clusters hold the speech of a speaker. When none does, the largest clusters
    of the finest useful cut stand in.
    """
    if len(embeddings) <= count:
        return _summarise(embeddings, durations, np.arange(len(embeddings)))[0]
    tree = linkage(embeddings, "average", metric="cosine")
    best: tuple[int, Embeddings] | None = None
    for num_clusters in range(count, min(len(embeddings), 8 * count + 8) + 1):
        labels = np.asarray(fcluster(tree, num_clusters, "maxclust") - 1, dtype=np.intp)
        centroids, speech = _summarise(embeddings, durations, labels)
        if len(centroids) < count:
            continue
        num_speakers = int((speech[:count] >= options.min_distinct_speaker).sum())
        if best is None or num_speakers > best[0]:
            best = num_speakers, centroids[:count]
        if len(_speakers(centroids, speech, options)) >= count:
            return centroids[_speakers(centroids, speech, options)[:count]]
    if best is not None:
        return best[1]
    # All alike to the last bit: no cut tells them apart.
    return _summarise(embeddings, durations, np.arange(len(embeddings)))[0][:count]
