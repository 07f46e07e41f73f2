"""Hotwords as a tree of tokens; the tokens here are 0 to 9."""

from pathlib import Path

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from meeting_app.domain import Waveform
from pipelines.asr.engine import Decoding
from pipelines.asr.fusion import HotwordBias, HotwordTree, bonuses, following, hotword_tree
from pipelines.asr.whisper.loading import load_checkpoint
from pipelines.asr.whisper_torch import TorchEngine

SIZE = 10
# Three names: 1 2 3, 1 2 4 and 5.
TREE = hotword_tree([(1, 2, 3), (1, 2, 4), (5,)], SIZE)


def node_after(tree: HotwordTree, *tokens: int) -> torch.Tensor:
    node = torch.tensor(0)
    for token in tokens:
        node = following(tree, node, torch.tensor(token))
    return node


def raised(*tokens: int, weight: float = 1.0) -> dict[int, float]:
    """Tokens with a bonus after these ones."""
    found = bonuses(TREE, node_after(TREE, *tokens), weight).tolist()
    return {token: round(bonus, 6) for token, bonus in enumerate(found) if bonus}


def test_anywhere_a_hotword_may_begin_with_a_small_bonus() -> None:
    assert raised() == {1: 2.1, 5: 2.1}
    assert raised(7, 8) == raised()


def test_what_continues_a_hotword_has_the_full_bonus() -> None:
    assert raised(1) == {1: 2.1, 2: 6.0, 5: 2.1}
    assert raised(1, 2) == {1: 2.1, 3: 6.0, 4: 6.0, 5: 2.1}


def test_after_a_hotword_nothing_is_continued() -> None:
    assert raised(1, 2, 3) == raised()
    assert raised(5) == raised()


def test_a_hotword_that_is_left_counts_no_more() -> None:
    assert raised(1, 9, 2) == raised()


def test_a_token_that_leaves_a_hotword_may_begin_another() -> None:
    assert raised(1, 1) == raised(1)
    assert raised(1, 2, 1, 2) == raised(1, 2)


def test_the_weight_scales_the_bonus_and_none_adds_nothing() -> None:
    assert raised(1, 2, weight=0.5) == {1: 1.05, 3: 3.0, 4: 3.0, 5: 1.05}
    assert raised(1, weight=0.0) == {}


def test_no_hotwords_add_nothing() -> None:
    empty = hotword_tree([], SIZE)
    assert (
        bonuses(empty, torch.zeros(2, 3, dtype=torch.int64), 1.0).tolist()
        == [[[0.0] * SIZE] * 3] * 2
    )


def test_one_hotword_may_begin_another() -> None:
    tree = hotword_tree([(1,), (1, 2)], SIZE)
    assert bonuses(tree, node_after(tree, 1), 1.0)[2] == 6.0


def test_a_hypothesis_takes_the_place_of_the_one_it_continues() -> None:
    bias = HotwordBias(TREE, 1.0)
    bias.begin(1, 2, torch.device("cpu"))
    bias.follow(torch.tensor([[0, 0]]), torch.tensor([[1, 7]]))
    # Both go on from the first, which has written 1.
    bias.follow(torch.tensor([[0, 0]]), torch.tensor([[2, 9]]))
    found = bias.scores(SIZE)
    assert found.shape == (1, 2, SIZE)
    assert found[0, 0, 3] == 6.0
    assert found[0, 1, 3] == 0.0


def test_a_new_batch_begins_at_the_root() -> None:
    bias = HotwordBias(TREE, 1.0)
    bias.begin(1, 1, torch.device("cpu"))
    bias.follow(torch.tensor([[0]]), torch.tensor([[1]]))
    bias.begin(2, 1, torch.device("cpu"))
    assert bias.scores(SIZE)[:, 0, 2].tolist() == [0.0, 0.0]


words = st.lists(st.integers(0, SIZE - 1), min_size=1, max_size=4).map(tuple)


@given(st.lists(words, max_size=6), st.lists(st.integers(0, SIZE - 1), max_size=8))
def test_whoever_spells_a_hotword_gets_the_full_bonus_from_its_second_token_on(
    hotwords: list[tuple[int, ...]], before: list[int]
) -> None:
    tree = hotword_tree(hotwords, SIZE)
    for hotword in hotwords:
        node = node_after(tree, *before)
        # Written from the root, whatever was half spelled before is left first.
        node = torch.where(torch.isin(torch.tensor(hotword[0]), tree.tokens[node]), 0, node)
        for index, token in enumerate(hotword):
            bonus = bonuses(tree, node, 1.0)[token]
            assert bonus >= (6.0 if index else 2.1) - 1e-6
            node = following(tree, node, torch.tensor(token))


def test_a_weight_makes_a_network_that_knows_nothing_spell_the_hotword(tiny_whisper: Path) -> None:
    engine = TorchEngine(load_checkpoint(tiny_whisper))
    sound = Waveform(np.random.default_rng(0).normal(0, 0.1, 16_000).astype(np.float32))

    def text(weight: float) -> str:
        decoding = Decoding("en", ("hagfed",), weight, beam_size=2)
        return engine.decode([sound], decoding)[0].text

    assert "hagfed" not in text(0.0)
    assert "hagfed" in text(20.0)
