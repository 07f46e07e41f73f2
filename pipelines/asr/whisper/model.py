"""The Whisper network: an encoder of sound and a decoder with a cache of fixed size."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812 - as everybody calls it
from torch import Tensor, nn

from pipelines.asr.whisper.shape import MAX_FRAMES, MAX_POSITIONS, WhisperShape

_VOCABULARY_STEP = 64  # rows; matrix products of other widths are slow on GPUs


@dataclass(frozen=True, slots=True)
class Sound:
    """What the decoder looks at: keys and values of every window, per decoder layer."""

    keys: tuple[Tensor, ...]  # (batch, num_heads, num_frames, head_dimension) each
    values: tuple[Tensor, ...]


@dataclass(frozen=True, slots=True)
class Cache:
    """Keys and values of the tokens so far, one slot per hypothesis and position."""

    keys: tuple[Tensor, ...]  # (batch, num_heads, beam, length, head_dimension) each
    values: tuple[Tensor, ...]


class Attention(nn.Module):
    """Self-attention with one product for queries, keys and values."""

    def __init__(self, shape: WhisperShape) -> None:
        super().__init__()
        self.num_heads = shape.num_heads
        self.qkv = nn.Linear(shape.dimension, 3 * shape.dimension)
        self.out = nn.Linear(shape.dimension, shape.dimension)

    def project(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys, values: (batch, num_heads, length, head_dimension) of ``x``."""
        batch, length, _ = x.shape
        qkv = self.qkv(x).view(batch, length, 3, self.num_heads, -1)
        queries, keys, values = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        return queries, keys, values

    def forward(self, x: Tensor, is_causal: bool) -> Tensor:
        """Of a whole sequence (batch, length, dimension)."""
        queries, keys, values = self.project(x)
        mixed = F.scaled_dot_product_attention(queries, keys, values, is_causal=is_causal)
        return self.join(mixed)

    def join(self, mixed: Tensor) -> Tensor:
        """Heads together again: (batch, length, dimension)."""
        joined: Tensor = self.out(mixed.transpose(1, 2).flatten(2))
        return joined


class CrossAttention(nn.Module):
    """Attention of tokens to sound; hypotheses of one window share its keys and values."""

    def __init__(self, shape: WhisperShape) -> None:
        super().__init__()
        self.num_heads = shape.num_heads
        self.query = nn.Linear(shape.dimension, shape.dimension)
        self.kv = nn.Linear(shape.dimension, 2 * shape.dimension)
        self.out = nn.Linear(shape.dimension, shape.dimension)

    def project(self, encoded: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values, (batch, num_heads, num_frames, head_dimension)."""
        batch, length, _ = encoded.shape
        kv = self.kv(encoded).view(batch, length, 2, self.num_heads, -1)
        keys, values = kv.permute(2, 0, 3, 1, 4).unbind(0)
        return keys, values

    def queries(self, x: Tensor) -> Tensor:
        """(batch, num_heads, length, head_dimension)."""
        batch, length, _ = x.shape
        queries: Tensor = self.query(x).view(batch, length, self.num_heads, -1)
        return queries.transpose(1, 2)

    def forward(self, x: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        """``x`` is (batch, length, dimension)."""
        mixed = F.scaled_dot_product_attention(self.queries(x), keys, values)
        joined: Tensor = self.out(mixed.transpose(1, 2).flatten(2))
        return joined


class FeedForward(nn.Module):
    """Two products with a GELU between them."""

    def __init__(self, shape: WhisperShape) -> None:
        super().__init__()
        self.up = nn.Linear(shape.dimension, 4 * shape.dimension)
        self.down = nn.Linear(4 * shape.dimension, shape.dimension)

    def forward(self, x: Tensor) -> Tensor:
        """Of (batch, length, dimension)."""
        found: Tensor = self.down(F.gelu(self.up(x)))
        return found


class EncoderLayer(nn.Module):
    """Self-attention and feed-forward, each normalised before."""

    def __init__(self, shape: WhisperShape) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(shape.dimension)
        self.attention = Attention(shape)
        self.mlp_norm = nn.LayerNorm(shape.dimension)
        self.mlp = FeedForward(shape)

    def forward(self, x: Tensor) -> Tensor:
        """Of (batch, num_frames, dimension)."""
        x = x + self.attention(self.attention_norm(x), is_causal=False)
        found: Tensor = x + self.mlp(self.mlp_norm(x))
        return found


class DecoderLayer(EncoderLayer):
    """The same with attention to the sound between the two."""

    def __init__(self, shape: WhisperShape) -> None:
        super().__init__(shape)
        self.cross_norm = nn.LayerNorm(shape.dimension)
        self.cross = CrossAttention(shape)

    def look(self, x: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        """What follows self-attention: attention to sound, then feed-forward."""
        x = x + self.cross(self.cross_norm(x), keys, values)
        found: Tensor = x + self.mlp(self.mlp_norm(x))
        return found


class Encoder(nn.Module):
    """Log-mel frames to what the decoder attends to."""

    def __init__(self, shape: WhisperShape) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(shape.num_mels, shape.dimension, 3, padding=1)
        self.conv2 = nn.Conv1d(shape.dimension, shape.dimension, 3, stride=2, padding=1)
        self.positions = nn.Parameter(torch.zeros(MAX_FRAMES, shape.dimension))
        self.layers = nn.ModuleList(EncoderLayer(shape) for _ in range(shape.num_encoder_layers))
        self.norm = nn.LayerNorm(shape.dimension)

    def forward(self, features: Tensor) -> Tensor:
        """(batch, num_mels, 2 num_frames) to (batch, num_frames, dimension)."""
        x = F.gelu(self.conv2(F.gelu(self.conv1(features)))).transpose(1, 2)
        x = x + self.positions[: x.shape[1]]
        for layer in self.layers:
            x = layer(x)
        encoded: Tensor = self.norm(x)
        return encoded


class Decoder(nn.Module):
    """Tokens and sound to the next token."""

    def __init__(self, shape: WhisperShape) -> None:
        super().__init__()
        rows = -(-shape.vocabulary_size // _VOCABULARY_STEP) * _VOCABULARY_STEP
        self.vocabulary_size = shape.vocabulary_size
        self.embedding = nn.Embedding(rows, shape.dimension)
        self.positions = nn.Parameter(torch.zeros(MAX_POSITIONS, shape.dimension))
        self.layers = nn.ModuleList(DecoderLayer(shape) for _ in range(shape.num_decoder_layers))
        self.norm = nn.LayerNorm(shape.dimension)

    def hear(self, encoded: Tensor) -> Sound:
        """Keys and values of encoded windows, (batch, num_frames, dimension)."""
        pairs = [layer.cross.project(encoded) for layer in self._layers]
        return Sound(tuple(keys for keys, _ in pairs), tuple(values for _, values in pairs))

    def hear_into(self, sound: Sound, encoded: Tensor) -> None:
        """The same, written where ``sound`` is, layer after layer."""
        for index, layer in enumerate(self._layers):
            keys, values = layer.cross.project(encoded)
            sound.keys[index].copy_(keys)
            sound.values[index].copy_(values)

    def prefill(self, tokens: Tensor, sound: Sound, cache: Cache) -> Tensor:
        """Reads a prompt into the first slot of ``cache``.

        Args:
            tokens: (batch, length) int64.
            sound: of the same batch.
            cache: written at the first ``length`` positions.

        Returns:
            (batch, length, dimension), to be given to ``logits``.
        """
        x = self._embedded(tokens)
        length = tokens.shape[1]
        for index, layer in enumerate(self._layers):
            queries, keys, values = layer.attention.project(layer.attention_norm(x))
            cache.keys[index][:, :, 0, :length] = keys
            cache.values[index][:, :, 0, :length] = values
            mixed = F.scaled_dot_product_attention(queries, keys, values, is_causal=True)
            x = layer.look(x + layer.attention.join(mixed), sound.keys[index], sound.values[index])
        found: Tensor = self.norm(x)
        return found

    def step(
        self, tokens: Tensor, position: Tensor, mask: Tensor, sound: Sound, cache: Cache
    ) -> Tensor:
        """One more token of every hypothesis; every shape stays the same from step to step.

        Args:
            tokens: (batch, beam) int64.
            position: (1,) int64, where these tokens stand and are written in ``cache``.
            mask: (batch, 1, beam, beam * length) bool, the slots each hypothesis descends from.
            sound: of the same batch.
            cache: of the same batch and beam.

        Returns:
            (batch, beam, vocabulary_size) logits in the network's own precision.
        """
        x = F.embedding(tokens, self.embedding.weight) + self.positions[position]
        for index, layer in enumerate(self._layers):
            queries, keys, values = layer.attention.project(layer.attention_norm(x))
            slots, contents = cache.keys[index], cache.values[index]
            slots.index_copy_(3, position, keys.unsqueeze(3))
            contents.index_copy_(3, position, values.unsqueeze(3))
            mixed = F.scaled_dot_product_attention(
                queries, slots.flatten(2, 3), contents.flatten(2, 3), attn_mask=mask
            )
            x = layer.look(x + layer.attention.join(mixed), sound.keys[index], sound.values[index])
        return self._raw_logits(self.norm(x))

    def teach(
        self, tokens: Tensor, sound: Sound, heads: Sequence[tuple[int, int]]
    ) -> tuple[Tensor, Tensor]:
        """Reads whole texts, as in training.

        Args:
            tokens: (batch, length) int64.
            sound: of the same batch.
            heads: (layer, head) whose attention is asked for.

        Returns:
            (batch, length, dimension), to be given to ``logits``; and the attention before its
            softmax, (batch, num_heads_asked, length, num_frames) float32, in the order of layers.
        """
        x = self._embedded(tokens)
        seen: list[Tensor] = []
        for index, layer in enumerate(self._layers):
            x = x + layer.attention(layer.attention_norm(x), is_causal=True)
            asked = sorted(head for number, head in heads if number == index)
            if asked:
                queries = layer.cross.queries(layer.cross_norm(x))[:, asked].float()
                keys = sound.keys[index][:, asked].float()
                seen.append(queries @ keys.transpose(2, 3) * keys.shape[-1] ** -0.5)
            x = layer.look(x, sound.keys[index], sound.values[index])
        return self.norm(x), torch.cat(seen, dim=1)

    def logits(self, x: Tensor) -> Tensor:
        """(…, dimension) to (…, vocabulary_size) float32."""
        return self._raw_logits(x).float()

    def _raw_logits(self, x: Tensor) -> Tensor:
        return F.linear(x, self.embedding.weight)[..., : self.vocabulary_size]

    @property
    def _layers(self) -> Sequence[DecoderLayer]:
        return [layer for layer in self.layers if isinstance(layer, DecoderLayer)]

    def _embedded(self, tokens: Tensor) -> Tensor:
        embedded = F.embedding(tokens, self.embedding.weight)
        return embedded + self.positions[: tokens.shape[1]]


class Whisper(nn.Module):
    """Encoder and decoder.

    Source: Radford et al. 2022, arXiv:2212.04356, section 2.2; Vaswani et al. 2017,
    arXiv:1706.03762.
    """

    def __init__(self, shape: WhisperShape) -> None:
        super().__init__()
        self.shape = shape
        self.encoder = Encoder(shape)
        self.decoder = Decoder(shape)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.decoder.positions.device

    @property
    def dtype(self) -> torch.dtype:
        """What is computed in; weights may be kept in less."""
        return self.decoder.positions.dtype

    def new_cache(self, batch: int, beam: int, length: int) -> Cache:
        """An empty cache for ``length`` tokens of each hypothesis."""
        shape = (batch, self.shape.num_heads, beam, length, self.shape.head_dimension)

        def empty() -> tuple[Tensor, ...]:
            return tuple(
                torch.zeros(shape, device=self.device, dtype=self.dtype)
                for _ in range(self.shape.num_decoder_layers)
            )

        return Cache(empty(), empty())

    def new_sound(self, batch: int, num_frames: int) -> Sound:
        """Room for the keys and values of a batch of windows."""
        shape = (batch, self.shape.num_heads, num_frames, self.shape.head_dimension)

        def empty() -> tuple[Tensor, ...]:
            return tuple(
                torch.zeros(shape, device=self.device, dtype=self.dtype)
                for _ in range(self.shape.num_decoder_layers)
            )

        return Sound(empty(), empty())
