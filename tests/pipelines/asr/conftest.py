"""A Whisper small enough to be made by the tests: random weights, a few letters and languages."""

from pathlib import Path

import pytest
import tokenizers
import torch
from transformers import WhisperConfig, WhisperForConditionalGeneration

LETTERS = "abcdefgh"
SPECIAL = (
    "<|endoftext|>",
    "<|startoftranscript|>",
    "<|en|>",
    "<|de|>",
    "<|translate|>",
    "<|transcribe|>",
    "<|startoflm|>",
    "<|startofprev|>",
    "<|nospeech|>",
    "<|notimestamps|>",
)
NUM_TIMESTAMPS = 1501


def _texts() -> list[str]:
    """264 tokens of text: every byte, and letters behind a space, as byte-level tokenizers say."""
    alphabet = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    return [*alphabet, *(f"Ġ{letter}" for letter in LETTERS)]


@pytest.fixture(scope="session")
def tiny_tokenizer() -> tokenizers.Tokenizer:
    vocabulary = {text: index for index, text in enumerate(_texts())}
    merges = [("Ġ", letter) for letter in LETTERS]
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE(vocabulary, merges))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = tokenizers.decoders.ByteLevel()
    tokenizer.add_special_tokens(list(SPECIAL))
    return tokenizer


@pytest.fixture(scope="session")
def tiny_reference(tiny_tokenizer: tokenizers.Tokenizer) -> WhisperForConditionalGeneration:
    """The network as transformers has it."""
    torch.manual_seed(0)
    size = tiny_tokenizer.get_vocab_size() + NUM_TIMESTAMPS
    end = tiny_tokenizer.token_to_id("<|endoftext|>")
    config = WhisperConfig(
        vocab_size=size,
        d_model=32,
        encoder_layers=2,
        decoder_layers=2,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=128,
        decoder_ffn_dim=128,
        init_std=0.4,  # so that attention and logits are not flat
        pad_token_id=end,
        bos_token_id=end,
        eos_token_id=end,
        decoder_start_token_id=end + 1,
        suppress_tokens=[0],
        begin_suppress_tokens=[tiny_tokenizer.token_to_id("Ġ"), end],
    )
    config.is_multilingual = True
    model = WhisperForConditionalGeneration(config)
    model.train(False)
    return model


@pytest.fixture(scope="session")
def tiny_whisper(
    tmp_path_factory: pytest.TempPathFactory,
    tiny_reference: WhisperForConditionalGeneration,
    tiny_tokenizer: tokenizers.Tokenizer,
) -> Path:
    """A folder as Hugging Face has it."""
    folder = tmp_path_factory.mktemp("tiny-whisper")
    tiny_reference.config.save_pretrained(folder)
    tensors = {
        name: tensor.contiguous()
        for name, tensor in tiny_reference.state_dict().items()
        if name != "proj_out.weight"  # the same as the embedding
    }
    _save(tensors, folder / "model.safetensors")
    tiny_tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def _save(tensors: dict[str, torch.Tensor], path: Path) -> None:
    from safetensors.torch import save_file

    save_file(tensors, path)
