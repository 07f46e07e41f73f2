"""Which voices were heard so far in a conversation that is still going on.

Average linkage as in ``agglomerative``, over the sliding embeddings themselves: a second and a
half shows a change of voice that the segmentation has missed, long before ten seconds do. The
mean similarity of two groups of unit vectors is the product of their means, so a group can be
kept as its mean and its weight and be clustered on exactly as if its members were still there.
That bounds the memory: what was heard long ago is a few groups for each identity.

Voices that share a channel sound more alike than those of a room. So what the segmentation heard
side by side as two people is taken for less similar than it sounds, by as much as it is sure.

Every time evidence arrives all of it is clustered anew; the voices that come out then take the
identities that their evidence had. A group remembers the identity under which it was first
believed; so voices that were joined by mistake and fall apart again get their old names back.

Source: linkage by weighted means after Sneath & Sokal 1973, "Numerical Taxonomy" (UPGMA).
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from pipelines.diarization.clustering.agglomerative import (
    ClusteringOptions,
    choose_speakers,
)

MAX_GROUPS = 128  # remembered; beyond it the older half is condensed
MAX_CONDENSED = 48  # groups that the older half becomes
APART = 0.3  # similarity that is taken from voices that were surely heard apart
_SURE = 1.0  # seconds², of pairs; so much contact makes half sure
_FAMILIAR = 0.4  # cosine from which a voice may be the one that was there a moment ago
_NOBODY = -1  # within this package: evidence of no voice that is believed

Vectors = npt.NDArray[np.float64]
Durations = npt.NDArray[np.float64]
Labels = npt.NDArray[np.intp]
Contacts = npt.NDArray[np.float64]
"""(2, num_groups, num_groups) seconds²: heard in one window as two people, and as one."""


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
class Groups:
    """Embeddings that stand together, oldest first."""

    means: Vectors  # (num_groups, dimension)
    durations: Durations  # (num_groups,) seconds
    identities: Labels  # (num_groups,) as first believed, or _NOBODY
    contacts: Contacts

    def __len__(self) -> int:
        return len(self.durations)

    def __getitem__(self, rows: npt.NDArray[np.intp] | npt.NDArray[np.bool_] | slice) -> "Groups":
        return Groups(
            self.means[rows],
            self.durations[rows],
            self.identities[rows],
            self.contacts[:, rows][:, :, rows],
        )

    def __add__(self, other: "Groups") -> "Groups":
        """Those that were never heard together with these."""
        contacts = np.zeros((2, len(self) + len(other), len(self) + len(other)))
        contacts[:, : len(self), : len(self)] = self.contacts
        contacts[:, len(self) :, len(self) :] = other.contacts
        return Groups(
            np.concatenate([self.means, other.means]),
            np.concatenate([self.durations, other.durations]),
            np.concatenate([self.identities, other.identities]),
            contacts,
        )

    @property
    def similarity(self) -> Vectors:
        """(num_groups, num_groups) mean product of their members, less for those heard apart."""
        return np.asarray(self.means @ self.means.T - apartness(self.contacts))


class VoiceMemory:
    """The evidence of one conversation, in bounded space."""

    def __init__(self, dimension: int, options: ClusteringOptions) -> None:
        self._options = options
        self._groups = _unknown(np.zeros((0, dimension)), np.zeros(0))
        self._shown: dict[int, Vectors] = {}  # centroids of the voices of the last call
        self._remembered: set[int] = set()  # identities that were believed for good

    def __len__(self) -> int:
        return len(self._groups)

    def hear(
        self,
        embeddings: npt.NDArray[np.float32],
        durations: Durations,
        num_old: int,
        contacts: Contacts | None = None,
    ) -> Voices:
        """The voices of all evidence.

        Args:
            embeddings: (num_embeddings, dimension) of norm one, in order of time: all that were
                given before as young ones, as they are now, and what is new.
            durations: (num_embeddings,) seconds of speech that each stands for.
            num_old: so many of them are remembered; the others are given again next time.
            contacts: (2, num_latest, num_latest) of the latest embeddings, among them some that
                are remembered already; replaces what was said about these.
        """
        everything = self._groups + _unknown(embeddings.astype(np.float64), durations)
        if not len(everything):
            return Voices((), everything.means, everything.durations)
        if contacts is not None:
            first = len(everything) - contacts.shape[1]
            everything.contacts[:, first:, first:] = contacts
        labels = average_linkage(everything, 1 - self._options.max_distance)
        clusters = _summarised(everything, labels)
        order = choose_voices(clusters, self._options)
        means, heard = clusters.means[order], clusters.durations[order]
        voices = self._identified(everything, labels, means, heard, order)
        self._remember(everything, labels, voices, order, len(self._groups) + num_old)
        return voices

    def _identified(
        self, groups: Groups, labels: Labels, means: Vectors, heard: Durations, clusters: Labels
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
        self, groups: Groups, labels: Labels, voices: Voices, clusters: Labels, num_kept: int
    ) -> None:
        identities = groups.identities.copy()
        for identity, cluster in zip(voices.identities, clusters, strict=True):
            is_in = labels == cluster
            # A voice found anew takes along what was believed to be somebody else's.
            is_new = not (groups.identities[is_in] == identity).any()
            identities[is_in & (is_new | (identities == _NOBODY))] = identity
        kept = replace(groups, identities=identities)[:num_kept]
        if len(kept) > MAX_GROUPS:
            kept = condensed(kept, len(kept) // 2)
        self._groups = kept
        self._remembered |= set(kept.identities[kept.identities >= 0].tolist())


def apartness(contacts: Contacts) -> Vectors:
    """What is taken from the similarity of groups: up to ``APART`` for those surely two people.

    Args:
        contacts: (2, ...) seconds².

    Returns:
        (...) from 0; 0 for groups that were heard as one at least as often as apart.
    """
    apart, together = contacts
    return np.asarray(APART * np.maximum(apart - together, 0) / (apart + together + _SURE))


def average_linkage(groups: Groups, min_similarity: float, num_least: int = 1) -> Labels:
    """Joins the two most similar groups until none are as similar as asked.

    Args:
        groups: what to join.
        min_similarity: mean product of the members of two groups from which they are joined.
        num_least: clusters that are left in any case, as far as there are so many groups.

    Returns:
        (num_groups,) cluster of each, from 0, in order of their first groups.
    """
    means, weights, contacts = (
        part.copy() for part in (groups.means, groups.durations, groups.contacts)
    )
    labels = np.arange(len(groups))
    is_left = np.ones(len(groups), dtype=bool)
    similarity = groups.similarity
    np.fill_diagonal(similarity, -np.inf)
    for _ in range(len(groups) - num_least):
        first, second = sorted(divmod(int(similarity.argmax()), len(groups)))
        if similarity[first, second] < min_similarity:
            break
        labels[labels == second] = first
        total = weights[first] + weights[second]
        means[first] = (weights[first] * means[first] + weights[second] * means[second]) / total
        weights[first] = total
        contacts[:, first] += contacts[:, second]
        contacts[:, :, first] += contacts[:, :, second]
        is_left[second] = False
        similarity[second] = similarity[:, second] = -np.inf
        row = means @ means[first] - apartness(contacts[:, first])
        row[~is_left] = row[first] = -np.inf
        similarity[first] = similarity[:, first] = row
    return np.asarray(np.unique(labels, return_inverse=True)[1])


def choose_voices(clusters: Groups, options: ClusteringOptions) -> Labels:
    """Rows of the clusters that are voices, most speech first; the largest always is.

    Args:
        clusters: all that was heard, at least one.
        options: thresholds; who was heard apart from the others counts as distinct.
    """
    order = np.argsort(-clusters.durations, kind="stable")
    centroids = _unit(clusters.means)
    likeness = centroids @ centroids.T - apartness(clusters.contacts)
    chosen = choose_speakers(likeness[np.ix_(order, order)], clusters.durations[order], options)
    return np.asarray(order[chosen])


def condensed(groups: Groups, num_old: int) -> Groups:
    """The same, with the first ``num_old`` in at most ``MAX_CONDENSED``; none of two identities.

    What nobody was believed to have said is forgotten, so that noises of hours do not add up to
    a person.
    """
    old = groups.identities[:num_old]
    owners = np.unique(old[old != _NOBODY])
    share = max(1, MAX_CONDENSED // max(1, len(owners)))
    labels = np.arange(len(groups))
    for owner in owners:
        rows = np.flatnonzero(old == owner)
        labels[rows] = rows[average_linkage(groups[rows], -np.inf, share)]
    result = _summarised(groups, labels)
    num_parts = len(np.unique(labels[:num_old]))
    found = np.flatnonzero(result.identities[:num_parts] != _NOBODY)
    most = found[np.argsort(-result.durations[found], kind="stable")[:MAX_CONDENSED]]
    return result[np.concatenate([np.sort(most), np.arange(num_parts, len(result))])]


def _summarised(groups: Groups, labels: Labels) -> Groups:
    """One group of each cluster, in order of label; it has the identity of its first member."""
    names, first = np.unique(labels, return_index=True)
    is_in = (labels == names[:, np.newaxis]).astype(np.float64)  # (num_clusters, num_groups)
    members = is_in * groups.durations
    heard = members.sum(axis=1)
    return Groups(
        (members @ groups.means) / heard[:, np.newaxis],
        heard,
        groups.identities[first],
        is_in @ groups.contacts @ is_in.T,
    )


def _unknown(means: Vectors, durations: Durations) -> Groups:
    """Of nobody, and not yet heard with anything else."""
    count = len(durations)
    return Groups(means, durations, np.full(count, _NOBODY, np.intp), np.zeros((2, count, count)))


def _unit(vectors: Vectors) -> Vectors:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9))
