"""Shallow fusion: hotwords raise the scores of the tokens that spell them.

A language model that knows nothing but a list of names is a tree of their tokens. Where a
hypothesis stands in it decides which tokens get a bonus next; the bonus is added before the scores
are normalised, so that what comes out are still log probabilities.

Source: Zhao et al. 2019, "Shallow-Fusion End-to-End Contextual Biasing",
doi:10.21437/Interspeech.2019-1209; without its cost of leaving a name, which a normalisation at
every step takes back by itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from pipelines.asr.whisper.search import TokenBias

# Measured in docs/adr/0008. A name is begun on less evidence than it is gone on with, because
# many words begin like it.
_BONUS = 6.0  # natural log units, of a token that continues a hotword, at weight 1
_FIRST_SHARE = 0.35  # of that, for a token that begins one

_ROOT = 0


@dataclass(frozen=True, slots=True)
class HotwordTree:
    """Spellings as a tree; node 0 is its root, and 0 stands for no node elsewhere."""

    first: Tensor  # (vocabulary_size,) int64, the node that a token leads to from the root
    tokens: Tensor  # (num_nodes, max_children) int64; vocabulary_size where there is no child
    nodes: Tensor  # (num_nodes, max_children) int64, the node that such a token leads to

    def to(self, device: torch.device) -> "HotwordTree":
        """The same on another device."""
        return HotwordTree(self.first.to(device), self.tokens.to(device), self.nodes.to(device))


def hotword_tree(spellings: Iterable[Sequence[int]], vocabulary_size: int) -> HotwordTree:
    """The tree of all spellings.

    Args:
        spellings: tokens of each hotword; one may be the beginning of another.
        vocabulary_size: number of tokens there are.
    """
    children: list[dict[int, int]] = [{}]
    for spelling in spellings:
        node = _ROOT
        for token in spelling:
            if token not in children[node]:
                children[node][token] = len(children)
                children.append({})
            node = children[node][token]
    first = torch.zeros(vocabulary_size, dtype=torch.int64)
    for token, node in children[_ROOT].items():
        first[token] = node
    width = max([1, *(len(row) for row in children[1:])])
    tokens = torch.full((len(children), width), vocabulary_size, dtype=torch.int64)
    nodes = torch.zeros_like(tokens)
    for index, row in enumerate(children[1:], start=1):
        for place, (token, node) in enumerate(row.items()):
            tokens[index, place], nodes[index, place] = token, node
    return HotwordTree(first, tokens, nodes)


def bonuses(tree: HotwordTree, nodes: Tensor, weight: float) -> Tensor:
    """What is to be added to the scores of next tokens.

    Args:
        tree: of the hotwords.
        nodes: (...,) int64, where each hypothesis stands.
        weight: 0 adds nothing.

    Returns:
        (..., vocabulary_size) float32, at least 0.
    """
    bonus = weight * _BONUS
    begun = (tree.first > 0).float() * (bonus * _FIRST_SHARE)
    spare = begun.new_zeros(1)  # takes what is written for children that are not there
    rows = torch.cat([begun, spare]).expand(*nodes.shape, -1)
    children = tree.tokens[nodes]  # (..., max_children)
    return rows.scatter(-1, children, bonus)[..., :-1]


def following(tree: HotwordTree, nodes: Tensor, tokens: Tensor) -> Tensor:
    """Where hypotheses stand after another token.

    Args:
        tree: of the hotwords.
        nodes: (...,) int64, where each stood.
        tokens: (...,) int64, what each wrote.

    Returns:
        (...,) int64; a token that does not continue a hotword may begin another.
    """
    is_child = tree.tokens[nodes] == tokens[..., None]
    child = (tree.nodes[nodes] * is_child).sum(dim=-1)
    return torch.where(child > 0, child, tree.first[tokens])


class HotwordBias(TokenBias):
    """The bonus of hotwords for every hypothesis of a beam search."""

    def __init__(self, tree: HotwordTree, weight: float) -> None:
        self._tree = tree
        self._weight = weight
        self._nodes = torch.zeros((0, 0), dtype=torch.int64)

    def begin(self, batch: int, beam: int, device: torch.device) -> None:
        """Every hypothesis stands at the root."""
        self._tree = self._tree.to(device)
        self._nodes = torch.zeros((batch, beam), dtype=torch.int64, device=device)

    def scores(self, vocabulary_size: int) -> Tensor:
        """(batch, beam, vocabulary_size) float32."""
        return bonuses(self._tree, self._nodes, self._weight)

    def follow(self, origins: Tensor, tokens: Tensor) -> None:
        """Both (batch, beam) int64: which hypothesis each continues, and by what."""
        self._nodes = following(self._tree, self._nodes.gather(1, origins), tokens)
