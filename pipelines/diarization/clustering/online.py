"""Which voices were heard so far in a conversation that is still going on.

Average linkage as in ``agglomerative``, over the sliding embeddings themselves: a second and a
half shows a change of voice that the segmentation has missed, long before ten seconds do. The
mean similarity of two groups of unit vectors is the product of their means, so a group can be
kept as its mean and its weight and be clustered on exactly as if its members were still there.
That bounds the memory: what was heard long ago is a few groups for each identity.

Every time evidence arrives all of it is clustered anew; the voices that come out then take the
identities that their evidence had. A group remembers the identity under which it was first
believed; so voices that were joined by mistake and fall apart again get their old names back.

Source: linkage by weighted means after Sneath & Sokal 1973, "Numerical Taxonomy" (UPGMA).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from pipelines.diarization.clustering.agglomerative import ClusteringOptions, choose_speakers

MAX_GROUPS = 128  # remembered; beyond it the older half is condensed
MAX_CONDENSED = 48  # groups that the older half becomes
_FAMILIAR = 0.4  # cosine from which a voice may be the one that was there a moment ago
_NOBODY = -1  # within this package: evidence of no voice that is believed

Vectors = npt.NDArray[np.float64]
Durations = npt.NDArray[np.float64]
Labels = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Voices:
    """Who is believed to take part; most speech first."""

    identities: tuple[int, ...]  # stable numbers, from 0
    means: Vectors  # (num_voices, dimension) of sliding embeddings; the shorter, the more varied
    durations: Durations  # (num_voices,) seconds of speech behind each

    @property
    def centroids(self) -> npt.NDArray[np.float32]:
        """(num_voices, dimension) of norm one."""
        return _unit(self.means).astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class _Groups:
    """Embeddings that stand together, oldest first."""

    means: Vectors  # (num_groups, dimension)
    durations: Durations  # (num_groups,) seconds
    identities: Labels  # (num_groups,) as first believed, or _NOBODY

    def __len__(self) -> int:
        return len(self.durations)

    def __getitem__(self, rows: npt.NDArray[np.intp] | npt.NDArray[np.bool_] | slice) -> "_Groups":
        return _Groups(self.means[rows], self.durations[rows], self.identities[rows])

    def __add__(self, other: "_Groups") -> "_Groups":
        return _Groups(
            np.concatenate([self.means, other.means]),
            np.concatenate([self.durations, other.durations]),
            np.concatenate([self.identities, other.identities]),
        )


class VoiceMemory:
    """The evidence of one conversation, in bounded space."""

    def __init__(self, dimension: int, options: ClusteringOptions) -> None:
        self._options = options
        self._groups = _Groups(np.zeros((0, dimension)), np.zeros(0), np.zeros(0, np.intp))
        self._shown: dict[int, Vectors] = {}  # centroids of the voices of the last call
        self._remembered: set[int] = set()  # identities that were believed for good

    def __len__(self) -> int:
        return len(self._groups)

    def hear(
        self, embeddings: npt.NDArray[np.float32], durations: Durations, num_old: int
    ) -> Voices:
        """The voices of all evidence.

        Args:
            embeddings: (num_embeddings, dimension) of norm one, in order of time: all that were
                given before as young ones, as they are now, and what is new.
            durations: (num_embeddings,) seconds of speech that each stands for.
            num_old: so many of them are remembered; the others are given again next time.
        """
        unknown = np.full(len(durations), _NOBODY, np.intp)
        everything = self._groups + _Groups(embeddings.astype(np.float64), durations, unknown)
        if not len(everything):
            return Voices((), everything.means, everything.durations)
        labels = average_linkage(
            everything.means, everything.durations, 1 - self._options.max_distance
        )
        means, heard = _summarised(everything, labels)
        order = np.argsort(-heard, kind="stable")
        centroids = _unit(means[order]).astype(np.float32)
        order = order[choose_speakers(centroids, heard[order], self._options)]
        voices = self._identified(everything, labels, means[order], heard[order], order)
        self._remember(everything, labels, voices, order, len(self._groups) + num_old)
        return voices

    def _identified(
        self, groups: _Groups, labels: Labels, means: Vectors, heard: Durations, clusters: Labels
    ) -> Voices:
        """Gives voices the identities that most of their evidence had; the others get new ones."""
        known = sorted({*self._shown, *groups.identities[groups.identities >= 0].tolist()})
        evidence = np.zeros((len(clusters), len(known)))
        centroids = _unit(means)
        for column, identity in enumerate(known):
            is_of = groups.identities == identity
            for row, cluster in enumerate(clusters):
                evidence[row, column] = groups.durations[is_of & (labels == cluster)].sum()
            if identity in self._shown:  # decides about voices with nothing remembered yet
                likeness = centroids @ self._shown[identity] - _FAMILIAR
                evidence[:, column] += np.maximum(likeness, 0) / 2
        identities: dict[int, int] = {
            int(row): known[column]
            for row, column in zip(*linear_sum_assignment(-evidence), strict=True)
            if evidence[row, column] > 0
        }
        for row in range(len(clusters)):
            if row not in identities:
                taken = {*identities.values(), *self._remembered}
                identities[row] = min(set(range(len(taken) + 1)) - taken)
        self._shown = {identities[row]: centroids[row] for row in range(len(clusters))}
        return Voices(tuple(identities[row] for row in range(len(clusters))), means, heard)

    def _remember(
        self, groups: _Groups, labels: Labels, voices: Voices, clusters: Labels, num_kept: int
    ) -> None:
        identities = groups.identities.copy()
        for identity, cluster in zip(voices.identities, clusters, strict=True):
            is_in = labels == cluster
            # A voice found anew takes along what was believed to be somebody else's.
            is_new = not (groups.identities[is_in] == identity).any()
            identities[is_in & (is_new | (identities == _NOBODY))] = identity
        kept = _Groups(groups.means, groups.durations, identities)[:num_kept]
        if len(kept) > MAX_GROUPS:
            half = len(kept) // 2
            kept = condensed(kept[:half]) + kept[half:]
        self._groups = kept
        self._remembered |= set(kept.identities[kept.identities >= 0].tolist())


def average_linkage(means: Vectors, weights: Durations, min_similarity: float) -> Labels:
    """Joins the two most similar groups until none are as similar as asked.

    Args:
        means: (num_groups, dimension) means of unit vectors.
        weights: (num_groups,) how much stands behind each.
        min_similarity: mean product of the members of two groups from which they are joined.

    Returns:
        (num_groups,) cluster of each, from 0, in order of their first groups.
    """
    means, weights = means.copy(), weights.copy()
    labels = np.arange(len(means))
    is_left = np.ones(len(means), dtype=bool)
    similarity = means @ means.T
    np.fill_diagonal(similarity, -np.inf)
    for _ in range(len(means) - 1):
        first, second = sorted(divmod(int(similarity.argmax()), len(means)))
        if similarity[first, second] < min_similarity:
            break
        labels[labels == second] = first
        total = weights[first] + weights[second]
        means[first] = (weights[first] * means[first] + weights[second] * means[second]) / total
        weights[first] = total
        is_left[second] = False
        similarity[second] = similarity[:, second] = -np.inf
        row = np.where(is_left, means @ means[first], -np.inf)
        row[first] = -np.inf
        similarity[first] = similarity[:, first] = row
    return np.asarray(np.unique(labels, return_inverse=True)[1])


def condensed(groups: _Groups) -> _Groups:
    """The same evidence in at most ``MAX_CONDENSED`` groups; never two identities in one.

    What nobody was believed to have said is forgotten, so that noises of hours do not add up to
    a person.
    """
    found = groups[groups.identities != _NOBODY]
    owners = np.unique(found.identities)
    share = max(1, MAX_CONDENSED // max(1, len(owners)))
    parts = [_joined(found[found.identities == owner], share) for owner in owners]
    result = found[:0]
    for part in parts:
        result = result + part
    most = np.sort(np.argsort(-result.durations, kind="stable")[:MAX_CONDENSED])
    return result[most]


def _joined(groups: _Groups, count: int) -> _Groups:
    """The groups of one identity, the most similar ones joined until ``count`` are left."""
    while len(groups) > count:
        similarity = groups.means @ groups.means.T
        np.fill_diagonal(similarity, -np.inf)
        first, second = sorted(divmod(int(similarity.argmax()), len(groups)))
        labels = np.arange(len(groups))
        labels[second] = first
        means, durations = _summarised(groups, labels)
        groups = _Groups(means, durations, groups.identities[: len(durations)])
    return groups


def _summarised(groups: _Groups, labels: Labels) -> tuple[Vectors, Durations]:
    """Mean and seconds of each cluster, in order of label."""
    members = (labels == np.unique(labels)[:, np.newaxis]) * groups.durations
    heard = members.sum(axis=1)
    return (members @ groups.means) / heard[:, np.newaxis], heard


def _unit(vectors: Vectors) -> Vectors:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9))
