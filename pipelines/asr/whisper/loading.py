"""Whisper checkpoints of three makers become one network.

A folder holds `tokenizer.json` and either `model.bin` (CTranslate2), `*.safetensors` (Hugging
Face) or `*.pt` (OpenAI).
"""

import json
import logging
import pickle
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import tokenizers
import torch
from faster_whisper.tokenizer import Tokenizer
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from meeting_app.errors import ModelError
from pipelines.asr.whisper.ctranslate2_file import read_variables
from pipelines.asr.whisper.model import Whisper
from pipelines.asr.whisper.shape import Vocabulary, WhisperShape

_log = logging.getLogger(__name__)

Weights = dict[str, Tensor]
_HEAD_DIMENSION = 64  # of every published Whisper
_MULTILINGUAL = 51_865  # tokens; networks for English have one less
_TASKS = ("translate", "transcribe", "startoflm", "startofprev", "nospeech", "nocaptions")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A network as it was read, on the CPU, and what belongs to it."""

    network: Whisper
    vocabulary: Vocabulary
    tokenizer: tokenizers.Tokenizer


def load_checkpoint(folder: Path) -> Checkpoint:
    """Whatever Whisper lies in ``folder``.

    Raises:
        ModelError: there is none, or it is damaged.
    """
    found = _files(folder)
    try:
        tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
        weights, num_heads = found()
        network = _network(weights, num_heads)
        vocabulary = _vocabulary(folder, tokenizer, network.shape)
    except ModelError:
        raise
    except Exception as error:  # tokenizers raises nothing more exact
        _log.exception("%s: cannot be loaded", folder)
        raise ModelError(
            f"{folder.name}: cannot be loaded ({error}); run `meeting-app models verify`"
        ) from error
    return Checkpoint(network, vocabulary, tokenizer)


def has_checkpoint(folder: Path) -> bool:
    """Whether ``folder`` holds a Whisper that can be read here."""
    try:
        _files(folder)
    except ModelError:
        return False
    return True


def _files(folder: Path) -> Callable[[], tuple[Weights, int | None]]:
    """What reads the weights of ``folder``."""
    tensors = sorted(folder.glob("*.safetensors"))
    pickles = sorted(folder.glob("*.pt"))
    if not (folder / "tokenizer.json").is_file() or not (
        (folder / "model.bin").is_file() or tensors or pickles
    ):
        raise ModelError(
            f"{folder}: no Whisper; give a folder with tokenizer.json and one of model.bin "
            "(CTranslate2), *.safetensors (Hugging Face) or *.pt (OpenAI)"
        )
    if (folder / "model.bin").is_file():
        return lambda: _from_ctranslate2(folder / "model.bin")
    if tensors:
        return lambda: (_from_hugging_face(tensors), _num_heads(folder))
    return lambda: _from_openai(pickles[0])


def _from_ctranslate2(path: Path) -> tuple[Weights, int]:
    variables = read_variables(path)
    weights: Weights = {}
    for name, tensor in variables.items():
        renamed = _renamed(name, _CTRANSLATE2_NAMES)
        if renamed is not None:
            weights[renamed] = tensor
    return weights, int(variables["decoder/num_heads"])


def _from_hugging_face(paths: Iterable[Path]) -> Weights:
    loaded: Weights = {}
    for path in paths:
        try:
            loaded |= load_file(path)
        except (SafetensorError, OSError) as error:
            raise ModelError(f"{path}: cannot be read ({error}); fetch it again") from error
    renamed = (
        (_renamed(name.removeprefix("model."), _HUGGING_FACE_NAMES), tensor)
        for name, tensor in loaded.items()
    )
    return _fused({name: tensor for name, tensor in renamed if name is not None})


def _from_openai(path: Path) -> tuple[Weights, int]:
    try:
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError) as error:
        raise ModelError(f"{path}: cannot be read ({error}); fetch it again") from error
    renamed = (
        (_renamed(name, _OPENAI_NAMES), tensor)
        for name, tensor in loaded["model_state_dict"].items()
    )
    weights = _fused({name: tensor for name, tensor in renamed if name is not None})
    return weights, int(loaded["dims"]["n_text_head"])


_CTRANSLATE2_NAMES = (
    (r"(encoder|decoder)/layer_(\d+)/self_attention/", r"\1.layers.\2.attention/"),
    (r"(encoder|decoder)/layer_(\d+)/ffn/", r"\1.layers.\2.mlp/"),
    (r"(decoder)/layer_(\d+)/attention/", r"\1.layers.\2.cross/"),
    (r"\.(attention|mlp|cross)/layer_norm/", r".\1_norm/"),
    (r"\.attention/linear_0/", ".attention/qkv/"),
    (r"\.attention/linear_1/", ".attention/out/"),
    (r"\.cross/linear_0/", ".cross/query/"),
    (r"\.cross/linear_1/", ".cross/kv/"),
    (r"\.cross/linear_2/", ".cross/out/"),
    (r"\.mlp/linear_0/", ".mlp/up/"),
    (r"\.mlp/linear_1/", ".mlp/down/"),
    (r"/layer_norm/", "/norm/"),
    (r"/gamma$", "/weight"),
    (r"/beta$", "/bias"),
    (r"decoder/embeddings/weight", "decoder/embedding/weight"),
    (r"/position_encodings/encodings", "/positions"),
    (r"/", "."),
)
_HUGGING_FACE_NAMES = (
    (r"\.self_attn_layer_norm\.", ".attention_norm."),
    (r"\.encoder_attn_layer_norm\.", ".cross_norm."),
    (r"(layers\.\d+)\.final_layer_norm\.", r"\1.mlp_norm."),
    (r"\.self_attn\.([qkv])_proj\.", r".attention.\1."),
    (r"\.encoder_attn\.q_proj\.", ".cross.query."),
    (r"\.encoder_attn\.([kv])_proj\.", r".cross.\1."),
    (r"\.self_attn\.out_proj\.", ".attention.out."),
    (r"\.encoder_attn\.out_proj\.", ".cross.out."),
    (r"\.fc1\.", ".mlp.up."),
    (r"\.fc2\.", ".mlp.down."),
    (r"\.embed_tokens\.", ".embedding."),
    (r"\.embed_positions\.weight", ".positions"),
    (r"coder\.layer_norm\.", "coder.norm."),
)
_OPENAI_NAMES = (
    (r"\.blocks\.", ".layers."),
    (r"\.cross_attn_ln\.", ".cross_norm."),
    (r"\.attn_ln\.", ".attention_norm."),
    (r"\.mlp_ln\.", ".mlp_norm."),
    (r"\.cross_attn\.query\.", ".cross.query."),
    (r"\.cross_attn\.key\.", ".cross.k."),
    (r"\.cross_attn\.value\.", ".cross.v."),
    (r"\.cross_attn\.out\.", ".cross.out."),
    (r"\.attn\.query\.", ".attention.q."),
    (r"\.attn\.key\.", ".attention.k."),
    (r"\.attn\.value\.", ".attention.v."),
    (r"\.attn\.out\.", ".attention.out."),
    (r"\.mlp\.0\.", ".mlp.up."),
    (r"\.mlp\.2\.", ".mlp.down."),
    (r"\.ln_post\.", ".norm."),
    (r"decoder\.ln\.", "decoder.norm."),
    (r"\.token_embedding\.", ".embedding."),
    (r"\.positional_embedding", ".positions"),
)
_OURS = re.compile(r"(encoder|decoder)\.(conv[12]|positions|embedding|norm|layers)")


def _renamed(name: str, rules: Iterable[tuple[str, str]]) -> str | None:
    """The name in our network; None for what it has no place for."""
    for pattern, replacement in rules:
        name = re.sub(pattern, replacement, name)
    return name if _OURS.match(name) else None


def _fused(weights: Weights) -> Weights:
    """Queries, keys and values in one matrix; keys have no bias of their own."""
    fused: Weights = {}
    for name, tensor in weights.items():
        match = re.fullmatch(r"(.*\.(?:attention|cross))\.([qkv])\.(weight|bias)", name)
        if match is None:
            fused[name] = tensor
        elif match[2] == "v":
            parts = "qkv" if match[1].endswith(".attention") else "kv"
            nothing = torch.zeros_like(tensor)
            fused[f"{match[1]}.{parts}.{match[3]}"] = torch.cat(
                [weights.get(f"{match[1]}.{part}.{match[3]}", nothing) for part in parts]
            )
    return fused


def _network(weights: Weights, num_heads: int | None) -> Whisper:
    dimension, num_mels, _ = weights["encoder.conv1.weight"].shape
    shape = WhisperShape(
        num_mels=num_mels,
        dimension=dimension,
        num_encoder_layers=_num_layers(weights, "encoder"),
        num_decoder_layers=_num_layers(weights, "decoder"),
        num_heads=num_heads or dimension // _HEAD_DIMENSION,
        vocabulary_size=len(weights["decoder.embedding.weight"]),
    )
    with torch.device("meta"):
        network = Whisper(shape)
    rows = network.decoder.embedding.num_embeddings - shape.vocabulary_size
    embedding = torch.nn.functional.pad(weights["decoder.embedding.weight"], (0, 0, 0, rows))
    filled = {**weights, "decoder.embedding.weight": embedding}
    network.load_state_dict({name: tensor.float() for name, tensor in filled.items()}, assign=True)
    return network.eval().requires_grad_(False)


def _num_layers(weights: Weights, part: str) -> int:
    found = re.compile(rf"{part}\.layers\.(\d+)\.")
    return 1 + max(int(match[1]) for name in weights if (match := found.match(name)))


def _num_heads(folder: Path) -> int | None:
    heads = _json(folder / "config.json").get("decoder_attention_heads")
    return None if heads is None else int(heads)


def _vocabulary(folder: Path, tokenizer: tokenizers.Tokenizer, shape: WhisperShape) -> Vocabulary:
    """What the files beside the weights say, or else what OpenAI's own program does."""
    facts = {**_json(folder / "config.json"), **_json(folder / "generation_config.json")}
    words = Tokenizer(tokenizer, multilingual=False)
    no_speech = tokenizer.token_to_id("<|nospeech|>") or tokenizer.token_to_id("<|nocaptions|>")
    suppressed = facts.get("suppress_ids") or facts.get("suppress_tokens")
    first = facts.get("suppress_ids_begin") or facts.get("begin_suppress_tokens")
    half = range(shape.num_decoder_layers // 2, shape.num_decoder_layers)
    heads = facts.get("alignment_heads") or product(half, range(shape.num_heads))
    return Vocabulary(
        size=shape.vocabulary_size,
        start=words.sot,
        end=words.eot,
        no_speech=words.sot if no_speech is None else no_speech,
        timestamp_begin=words.timestamp_begin,
        suppressed=tuple(suppressed or _default_suppressed(words)),
        suppressed_first=tuple(first or (words.encode(" ")[0], words.eot)),
        languages=_languages(words, facts, shape.vocabulary_size),
        alignment_heads=tuple((int(layer), int(head)) for layer, head in heads),
    )


def _languages(
    words: Tokenizer, facts: Mapping[str, Any], num_tokens: int
) -> tuple[tuple[str, int], ...]:
    """Codes and tokens; the tokens between <|startoftranscript|> and the tasks."""
    if not facts.get("is_multilingual", num_tokens >= _MULTILINGUAL):
        return ()
    end = words.tokenizer.token_to_id("<|translate|>")
    tokens = facts.get("lang_ids") or range(words.sot + 1, end)
    return tuple((words.tokenizer.id_to_token(token)[2:-2], int(token)) for token in tokens)


def _default_suppressed(words: Tokenizer) -> tuple[int, ...]:
    """Source: openai/whisper, `DecodingTask._get_suppress_tokens`."""
    tasks = (words.tokenizer.token_to_id(f"<|{name}|>") for name in _TASKS)
    special = (words.sot, *(token for token in tasks if token is not None))
    return tuple(sorted({*words.non_speech_tokens, *special}))


def _json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    found = json.loads(path.read_text(encoding="utf-8"))
    return found if isinstance(found, dict) else {}
