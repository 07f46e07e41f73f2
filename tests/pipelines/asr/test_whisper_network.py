"""The network against transformers' own, and the three formats its weights come in."""

import pickle
import re
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import WhisperForConditionalGeneration

from meeting_app.errors import ModelError
from pipelines.asr.whisper.ctranslate2_file import read_variables
from pipelines.asr.whisper.loading import Checkpoint, has_checkpoint, load_checkpoint
from pipelines.asr.whisper.model import Whisper
from pipelines.asr.whisper.precision import ByteLinear, Precision, prepared

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def checkpoint(tiny_whisper: Path) -> Checkpoint:
    return load_checkpoint(tiny_whisper)


@pytest.fixture(scope="module")
def features() -> torch.Tensor:
    return torch.randn(2, 80, 3000, generator=torch.Generator().manual_seed(1))


def logits_of(network: Whisper, features: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
    sound = network.decoder.hear(network.encoder(features))
    states, _ = network.decoder.teach(tokens, sound, [(1, 0)])
    return network.decoder.logits(states)


def reference_logits(
    model: WhisperForConditionalGeneration, features: torch.Tensor, tokens: torch.Tensor
) -> torch.Tensor:
    with torch.no_grad():
        return model(input_features=features, decoder_input_ids=tokens).logits


@pytest.fixture(scope="module")
def tokens() -> torch.Tensor:
    return torch.tensor([[265, 266, 269, 1, 2, 9, 4], [265, 267, 269, 5, 6, 9, 4]])


def test_logits_are_those_of_transformers(
    checkpoint: Checkpoint,
    tiny_reference: WhisperForConditionalGeneration,
    features: torch.Tensor,
    tokens: torch.Tensor,
) -> None:
    expected = reference_logits(tiny_reference, features, tokens)
    found = logits_of(checkpoint.network, features, tokens)
    assert found.shape == expected.shape
    torch.testing.assert_close(found, expected, atol=2e-4, rtol=1e-4)
    assert expected.std() > 0.1  # not all the same by a degenerate network


def test_what_is_attended_to_is_what_transformers_attends_to(
    checkpoint: Checkpoint,
    tiny_reference: WhisperForConditionalGeneration,
    features: torch.Tensor,
    tokens: torch.Tensor,
) -> None:
    tiny_reference.set_attn_implementation("eager")
    with torch.no_grad():
        expected = tiny_reference(
            input_features=features, decoder_input_ids=tokens, output_attentions=True
        ).cross_attentions
    decoder = checkpoint.network.decoder
    sound = decoder.hear(checkpoint.network.encoder(features))
    _, seen = decoder.teach(tokens, sound, [(1, 1), (0, 1)])
    torch.testing.assert_close(seen[:, 0].softmax(-1), expected[0][:, 1], atol=1e-5, rtol=1e-3)
    torch.testing.assert_close(seen[:, 1].softmax(-1), expected[1][:, 1], atol=1e-5, rtol=1e-3)


def test_steps_with_a_cache_say_what_a_whole_text_says(
    checkpoint: Checkpoint, features: torch.Tensor, tokens: torch.Tensor
) -> None:
    network = checkpoint.network
    expected = logits_of(network, features, tokens)
    sound = network.decoder.hear(network.encoder(features))
    cache = network.new_cache(2, 1, 12)
    first = network.decoder.logits(network.decoder.prefill(tokens[:, :3], sound, cache))
    torch.testing.assert_close(first, expected[:, :3], atol=1e-4, rtol=1e-4)
    for place in range(3, tokens.shape[1]):
        position = torch.tensor([place])
        mask = (torch.arange(12) <= place).expand(2, 1, 1, 12)
        token = tokens[:, place : place + 1]
        found = network.decoder.step(token, position, mask, sound, cache)
        torch.testing.assert_close(found[:, 0], expected[:, place], atol=1e-4, rtol=1e-4)


def test_the_files_say_which_tokens_mean_what(checkpoint: Checkpoint) -> None:
    vocabulary = checkpoint.vocabulary
    assert vocabulary.end == 256 + 8
    assert vocabulary.start == 265
    assert vocabulary.languages == (("en", 266), ("de", 267))
    assert vocabulary.no_speech == 272
    assert vocabulary.no_timestamps == 273
    assert vocabulary.timestamp_begin == 274
    assert vocabulary.size == 274 + 1501
    assert vocabulary.suppressed == (0,)
    assert vocabulary.suppressed_first == (checkpoint.tokenizer.token_to_id("Ġ"), 264)
    assert vocabulary.alignment_heads == ((1, 0), (1, 1))  # none are named: the upper half


OPENAI_NAMES = (
    (r"^model\.", ""),
    (r"\.layers\.", ".blocks."),
    (r"self_attn_layer_norm", "attn_ln"),
    (r"encoder_attn_layer_norm", "cross_attn_ln"),
    (r"(blocks\.\d+)\.final_layer_norm", r"\1.mlp_ln"),
    (r"self_attn\.q_proj", "attn.query"),
    (r"self_attn\.k_proj", "attn.key"),
    (r"self_attn\.v_proj", "attn.value"),
    (r"self_attn\.out_proj", "attn.out"),
    (r"encoder_attn\.q_proj", "cross_attn.query"),
    (r"encoder_attn\.k_proj", "cross_attn.key"),
    (r"encoder_attn\.v_proj", "cross_attn.value"),
    (r"encoder_attn\.out_proj", "cross_attn.out"),
    (r"fc1", "mlp.0"),
    (r"fc2", "mlp.2"),
    (r"encoder\.layer_norm", "encoder.ln_post"),
    (r"decoder\.layer_norm", "decoder.ln"),
    (r"embed_tokens", "token_embedding"),
    (r"embed_positions\.weight", "positional_embedding"),
)


def test_an_openai_checkpoint_is_the_same_network(
    tmp_path: Path,
    tiny_reference: WhisperForConditionalGeneration,
    checkpoint: Checkpoint,
    features: torch.Tensor,
    tokens: torch.Tensor,
) -> None:
    state = {}
    for name, tensor in tiny_reference.state_dict().items():
        for pattern, replacement in OPENAI_NAMES:
            name = re.sub(pattern, replacement, name)  # noqa: PLW2901 - step by step
        if name != "proj_out.weight":
            state[name] = tensor
    torch.save({"dims": {"n_text_head": 2}, "model_state_dict": state}, tmp_path / "tiny.pt")
    checkpoint.tokenizer.save(str(tmp_path / "tokenizer.json"))
    network = load_checkpoint(tmp_path).network
    expected = logits_of(checkpoint.network, features, tokens)
    torch.testing.assert_close(logits_of(network, features, tokens), expected)


class Trap:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (Path.touch, (Path("sprung"),))


def test_a_checkpoint_that_holds_code_is_refused(
    tmp_path: Path, checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "evil.pt").write_bytes(pickle.dumps(Trap(), protocol=2))
    checkpoint.tokenizer.save(str(tmp_path / "tokenizer.json"))
    with pytest.raises(ModelError, match=r"evil\.pt: cannot be read"):
        load_checkpoint(tmp_path)
    assert not (tmp_path / "sprung").exists()


def test_a_folder_without_a_whisper_says_what_is_wanted(tmp_path: Path) -> None:
    assert not has_checkpoint(tmp_path)
    with pytest.raises(ModelError, match=r"no Whisper.*safetensors"):
        load_checkpoint(tmp_path)


def ctranslate2_bytes() -> bytes:
    """Two rows of 8-bit weights with scales 2 and 4, a half-precision bias, and an alias."""

    def string(text: str) -> bytes:
        return struct.pack("<H", len(text) + 1) + text.encode() + b"\0"

    def variable(name: str, shape: tuple[int, ...], kind: int, content: bytes) -> bytes:
        sizes = b"".join(struct.pack("<I", size) for size in shape)
        head = string(name) + struct.pack("<B", len(shape)) + sizes
        return head + struct.pack("<BI", kind, len(content)) + content

    weight = np.array([[2, 4], [4, -8]], np.int8).tobytes()
    scale = np.array([2, 4], np.float32).tobytes()
    bias = np.array([0.5, 1.5], np.float16).tobytes()
    variables = [
        variable("a/weight", (2, 2), 1, weight),
        variable("a/weight_scale", (2,), 0, scale),
        variable("a/bias", (2,), 4, bias),
    ]
    aliases = [string("b/bias") + string("a/bias")]
    head = struct.pack("<I", 6) + string("WhisperSpec") + struct.pack("<I", 3)
    count = struct.pack("<I", len(variables))
    return head + count + b"".join(variables) + struct.pack("<I", 1) + b"".join(aliases)


def test_variables_of_a_ctranslate2_file_are_read_and_multiplied_out(tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(ctranslate2_bytes())
    variables = read_variables(path)
    assert variables["a/weight"].tolist() == [[1.0, 2.0], [1.0, -2.0]]
    assert variables["a/bias"].tolist() == [0.5, 1.5]
    assert variables["b/bias"].tolist() == [0.5, 1.5]
    assert set(variables) == {"a/weight", "a/bias", "b/bias"}


def test_a_file_that_is_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    whole = ctranslate2_bytes()
    path = tmp_path / "model.bin"
    for size in range(0, len(whole), 7):
        path.write_bytes(whole[:size])
        with pytest.raises(ModelError, match="not a CTranslate2 model"):
            read_variables(path)


@pytest.mark.parametrize(
    ("precision", "tolerance"),
    [(Precision.BFLOAT16, 0.2), (Precision.FLOAT16, 0.02), (Precision.INT8, 0.2)],
)
def test_a_smaller_precision_changes_logits_a_little(
    tiny_whisper: Path,
    features: torch.Tensor,
    tokens: torch.Tensor,
    precision: Precision,
    tolerance: float,
) -> None:
    exact = logits_of(load_checkpoint(tiny_whisper).network, features, tokens)
    network = prepared(load_checkpoint(tiny_whisper).network, precision, CPU)
    found = logits_of(network, features.to(network.dtype), tokens)
    assert found.dtype == torch.float32
    error = (found - exact).abs().mean() / exact.std()
    assert 0 < error < tolerance


def test_eight_bit_weights_are_off_by_half_a_step_at_most() -> None:
    linear = torch.nn.Linear(64, 8, bias=False)
    quantised = ByteLinear(linear)
    assert quantised.weight.dtype == torch.int8
    weights = quantised.weight * quantised.scale[:, None]
    step = linear.weight.abs().amax(dim=1, keepdim=True) / 127
    assert ((weights - linear.weight).abs() <= step / 2 * 1.001).all()
