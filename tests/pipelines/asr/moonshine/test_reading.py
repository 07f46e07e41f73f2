"""Writing down a window, with and without a guess."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import MoonshineConfig, MoonshineForConditionalGeneration

from pipelines.asr.moonshine.reading import write
from pipelines.asr.moonshine.vocabulary import END

NUM_TOKENS = 24
DURATION = 1.5  # seconds


@pytest.fixture(scope="module")
def network() -> MoonshineForConditionalGeneration:
    """Small, of random weights that make it write many different tokens."""
    torch.set_num_threads(1)  # two would wait for each other at every step
    torch.manual_seed(5)
    config = MoonshineConfig(
        vocab_size=NUM_TOKENS,
        hidden_size=32,
        intermediate_size=64,
        encoder_num_hidden_layers=2,
        decoder_num_hidden_layers=2,
        encoder_num_attention_heads=2,
        decoder_num_attention_heads=2,
        initializer_range=0.5,
        attn_implementation="eager",
    )
    return MoonshineForConditionalGeneration(config).eval()


@pytest.fixture(scope="module")
def sound() -> torch.Tensor:
    generator = torch.Generator().manual_seed(7)
    return torch.randn(round(16_000 * DURATION), generator=generator) * 0.1


tokens = st.lists(st.integers(3, NUM_TOKENS - 1), max_size=20)


@given(guess=tokens)
@settings(deadline=None, max_examples=20)
def test_any_guess_leads_to_the_same_text(network, sound, guess: list[int]) -> None:
    alone, helped = write(network, sound, DURATION), write(network, sound, DURATION, guess)
    assert helped.tokens == alone.tokens
    assert helped.probabilities == pytest.approx(alone.probabilities, abs=1e-4)
    torch.testing.assert_close(helped.attention, alone.attention, atol=1e-4, rtol=1e-3)


def test_a_good_guess_saves_looks(network, sound, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []
    forward = network.forward

    def counting(*args: object, **options: object) -> object:
        looks.append(options["decoder_input_ids"].shape[1])  # type: ignore[attr-defined]
        return forward(*args, **options)

    alone = write(network, sound, DURATION)
    assert len(set(alone.tokens)) > 3  # or the next lines would say nothing
    monkeypatch.setattr(network, "forward", counting)
    write(network, sound, DURATION, alone.tokens)
    assert looks == [len(alone.tokens) + 1]
    looks.clear()
    wrong = [NUM_TOKENS - 1 if alone.tokens[2] != NUM_TOKENS - 1 else 3]
    write(network, sound, DURATION, [*alone.tokens[:2], *wrong, *alone.tokens[2:]])
    assert len(looks) == 2  # what was one too many is stepped over


def test_a_text_without_end_is_cut(network, sound) -> None:
    written = write(network, sound, DURATION)
    assert END not in written.tokens
    assert len(written.tokens) <= 6 + round(6.5 * DURATION)
    assert len(written.tokens) == len(written.probabilities)
    assert written.attention.shape[1] == len(written.tokens) + 1
