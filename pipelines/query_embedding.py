"""The sentence encoder for one query at a time: numpy instead of torch.

A server answers searches without loading torch, which takes seconds and hundreds of megabytes.
A query has some ten tokens; multiplying their matrices takes milliseconds in plain numpy.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file
from scipy.special import erf
from threadpoolctl import ThreadpoolController
from tokenizers import Tokenizer

from meeting_app.errors import ModelError

_Matrix = npt.NDArray[np.float32]
_MOST_TOKENS = 256  # what the model was trained for; source: sentence_bert_config.json


class MiniLmQueryEncoder:
    """all-MiniLM-L6-v2 in numpy: the same vectors as ``MiniLmEmbedder`` up to rounding.

    Source: Devlin et al. 2019, arXiv:1810.04805 (the layers); Reimers and Gurevych 2019,
    arXiv:1908.10084 (the mean over tokens).
    """

    def __init__(self, folder: Path) -> None:
        """Reads the weights, about 90 MB.

        Args:
            folder: a sentence-transformers folder of a BERT encoder.

        Raises:
            ModelError: the folder does not hold one.
        """
        try:
            shape = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._weights: dict[str, Any] = load_file(folder / "model.safetensors")
            self._num_heads = int(shape["num_attention_heads"])
            self._num_layers = int(shape["num_hidden_layers"])
            self._epsilon = float(shape["layer_norm_eps"])
        except Exception as error:  # the tokenizer raises nothing more special
            raise ModelError(
                f"{folder}: not a sentence embedding model ({error}); "
                "run `meeting-app models verify`"
            ) from error
        self._blas = ThreadpoolController()
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(_MOST_TOKENS)

    def __call__(self, text: str) -> _Matrix:
        """The vector of one text, (dimension,) float32 of norm one."""
        # For matrices this small, threads that wait for each other take nine times as long.
        with self._blas.limit(limits=1, user_api="blas"):
            return self._encoded(text)

    def _encoded(self, text: str) -> _Matrix:
        states = self._embedded(self._tokenizer.encode(text).ids)  # (num_tokens, dimension)
        for layer in range(self._num_layers):
            prefix = f"encoder.layer.{layer}"
            attended = self._attended(states, f"{prefix}.attention")
            widened = self._linear(attended, f"{prefix}.intermediate.dense")
            narrowed = self._linear(_gelu(widened), f"{prefix}.output.dense")
            states = self._normalised(attended + narrowed, f"{prefix}.output.LayerNorm")
        mean = states.mean(axis=0)
        return np.asarray(mean / np.linalg.norm(mean), dtype=np.float32)

    def _embedded(self, tokens: list[int]) -> _Matrix:
        known = self._weights
        summed = (
            known["embeddings.word_embeddings.weight"][tokens]
            + known["embeddings.position_embeddings.weight"][: len(tokens)]
            + known["embeddings.token_type_embeddings.weight"][0]
        )
        return self._normalised(summed, "embeddings.LayerNorm")

    def _attended(self, states: _Matrix, name: str) -> _Matrix:
        query, key, value = (
            self._heads(self._linear(states, f"{name}.self.{part}"))
            for part in ("query", "key", "value")
        )  # (num_heads, num_tokens, dimension / num_heads) each
        scores = query @ key.transpose(0, 2, 1) / np.sqrt(query.shape[-1])
        mixed = _softmax(scores) @ value
        joined = mixed.transpose(1, 0, 2).reshape(states.shape)
        return self._normalised(
            states + self._linear(joined, f"{name}.output.dense"), f"{name}.output.LayerNorm"
        )

    def _heads(self, states: _Matrix) -> _Matrix:
        return states.reshape(len(states), self._num_heads, -1).transpose(1, 0, 2)

    def _linear(self, states: _Matrix, name: str) -> _Matrix:
        weight, bias = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
        return np.asarray(states @ weight.T + bias, dtype=np.float32)

    def _normalised(self, states: _Matrix, name: str) -> _Matrix:
        centred = states - states.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + self._epsilon)
        scaled = centred / spread * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]
        return np.asarray(scaled, dtype=np.float32)


def _gelu(states: _Matrix) -> _Matrix:
    """Source: Hendrycks and Gimpel 2016, arXiv:1606.08415, the exact form."""
    return np.asarray(states * 0.5 * (1.0 + erf(states / np.sqrt(2.0))), dtype=np.float32)


def _softmax(scores: _Matrix) -> _Matrix:
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True), dtype=np.float32)
