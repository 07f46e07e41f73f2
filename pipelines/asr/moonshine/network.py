"""The network of a Moonshine model, with the weights of the files that the package index has."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from transformers import MoonshineConfig, MoonshineForConditionalGeneration

from meeting_app.errors import ModelError
from pipelines.asr.moonshine import DECODER_FILE, ENCODER_FILE
from pipelines.asr.moonshine.ort_file import OrtWeights, Weight, read_ort_file

_NUM_HEADS = 8  # of all its sizes
_NUM_ROTATED = 32  # numbers of a head that know their place, of all its sizes
_PROJECTION = "MatMul"
# Both files were written from older code, whose parts have other names.
_NEWER = {"dense": "o_proj", "up_proj": "fc1", "down_proj": "fc2"}
_OLDER_PARTS = re.compile(r"\b(" + "|".join(_NEWER) + r")\b")
_NORMS = ("layernorm.weight", "layer_norm.weight", "decoder.norm.weight", ".bias")


def load_network(
    folder: Path, dtype: torch.dtype, device: str = "cpu"
) -> MoonshineForConditionalGeneration:
    """The network of the two files in ``folder``.

    Raises:
        ModelError: they are missing, or hold another network.
    """
    state = {
        name: torch.from_numpy(np.array(weight, np.float32))
        for name, weight in (
            *_encoder(read_ort_file(folder / ENCODER_FILE)),
            *_decoder(read_ort_file(folder / DECODER_FILE)),
        )
    }
    try:
        network: Any = MoonshineForConditionalGeneration(MoonshineConfig(**_shape(state)))
        found = network.load_state_dict(state, strict=False)
    except (KeyError, RuntimeError) as error:
        raise _foreign(folder, str(error)) from error
    missing = set(found.missing_keys) - {"proj_out.weight"}  # which is that of the embedding
    if missing:
        raise _foreign(folder, f"{min(missing)} is missing")
    network.tie_weights()
    made: MoonshineForConditionalGeneration = network.eval().to(device, dtype)
    return made


def _foreign(folder: Path, reason: str) -> ModelError:
    return ModelError(
        f"{folder}: not the network of Moonshine ({reason}); run `meeting-app models verify`"
    )


def _encoder(weights: OrtWeights) -> Iterator[tuple[str, Weight]]:
    for (kind, node), weight in weights.by_node.items():
        name = f"model.encoder{_path(node)}.weight"
        if kind == _PROJECTION and ".layers." in name:
            yield name, weight.T
        elif kind == "Conv":
            yield name, weight
        elif node == "/groupnorm/Mul":
            yield "model.encoder.groupnorm.weight", weight.reshape(-1)
        elif node == "/groupnorm/Add":
            yield "model.encoder.groupnorm.bias", weight.reshape(-1)
    for name, weight in weights.by_name.items():
        if name.endswith(_NORMS):
            yield f"model.encoder.{name}", weight


def _decoder(weights: OrtWeights) -> Iterator[tuple[str, Weight]]:
    for (kind, node), weight in weights.by_node.items():
        name = f"{_path(node).removeprefix('.')}.weight"
        if kind == _PROJECTION and name.startswith("model.decoder.layers."):
            yield name, weight.T
        elif kind == "Gather" and name == "model.decoder.embed_tokens.weight":
            yield name, weight
    for name, weight in weights.by_name.items():
        # Both branches of the file share their weights, which is written behind the name.
        newer = _newer(name.partition("_merged_")[0])
        if newer.endswith(_NORMS):
            yield newer, weight


def _path(node: str) -> str:
    """`/layers.0/self_attn/dense/MatMul` → `.layers.0.self_attn.o_proj`."""
    return _newer(node.rpartition("/")[0].replace("/", "."))


def _newer(name: str) -> str:
    return _OLDER_PARTS.sub(lambda match: _NEWER[match[0]], name)


def _shape(state: Mapping[str, Tensor]) -> dict[str, Any]:
    """The sizes that the weights have."""
    num_tokens, dimension = state["model.decoder.embed_tokens.weight"].shape
    inner = state["model.encoder.layers.0.mlp.fc1.weight"].shape[0]

    def num_layers(part: str) -> int:
        own = re.compile(rf"model\.{part}\.layers\.(\d+)\.")
        return 1 + max(int(match[1]) for name in state if (match := own.match(name)))

    return {
        "vocab_size": num_tokens,
        "hidden_size": dimension,
        "intermediate_size": inner,
        "encoder_num_hidden_layers": num_layers("encoder"),
        "decoder_num_hidden_layers": num_layers("decoder"),
        "encoder_num_attention_heads": _NUM_HEADS,
        "decoder_num_attention_heads": _NUM_HEADS,
        # transformers rounds the product down; half a number more keeps it from falling below.
        "partial_rotary_factor": (_NUM_ROTATED + 0.5) * _NUM_HEADS / dimension,
        "attn_implementation": "eager",  # the only one that tells what was attended to
    }
