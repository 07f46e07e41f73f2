"""When tokens were said: dynamic time warping of the decoder's attention, a batch at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812 - as everybody calls it
from torch import Tensor

from pipelines.asr.whisper.model import Whisper
from pipelines.asr.whisper.shape import Vocabulary

_MEDIAN = 7  # frames
# Compared and exchanged in this order, seven values have their median in the middle.
# Source: Devillard 1998, Fast median search: an ANSI C implementation, `opt_med7`.
_EXCHANGES = (
    *((0, 5), (0, 3), (1, 6), (2, 4), (0, 1), (3, 5), (2, 6)),
    *((2, 3), (3, 6), (4, 5), (1, 4), (1, 3), (3, 4)),
)
# Numbers in one tensor of logits or of attention; larger batches are split.
_LARGEST = {"cpu": 2**26, "cuda": 2**29}


@dataclass(frozen=True, slots=True)
class Alignment:
    """When the tokens of one text were said."""

    first_frames: tuple[int, ...]  # (num_tokens + 1,), 50 a second; the last is the end
    probabilities: tuple[float, ...]  # (num_tokens,)


class Aligner:
    """Finds the tokens of texts in encoded sound."""

    def __init__(self, network: Whisper, vocabulary: Vocabulary) -> None:
        self._network = network
        self._vocabulary = vocabulary

    def __call__(
        self,
        encoded: Tensor,
        prompt: Sequence[int],
        texts: Sequence[Sequence[int]],
        num_frames: Sequence[int],
    ) -> tuple[Alignment, ...]:
        """One alignment per window.

        Args:
            encoded: (batch, max_frames, dimension).
            prompt: tokens that begin a transcript.
            texts: tokens of text only.
            num_frames: of each window, 50 a second.
        """
        longest = max(len(text) for text in texts) + len(prompt) + 2
        each = max(
            self._vocabulary.end * longest,
            len(self._vocabulary.alignment_heads) * longest * encoded.shape[1] * _MEDIAN,
        )
        size = max(1, _LARGEST.get(encoded.device.type, _LARGEST["cpu"]) // each)
        found: list[Alignment] = []
        for first in range(0, len(texts), size):
            part = slice(first, first + size)
            found.extend(self._part(encoded[part], prompt, texts[part], num_frames[part]))
        return tuple(found)

    def _part(
        self,
        encoded: Tensor,
        prompt: Sequence[int],
        texts: Sequence[Sequence[int]],
        num_frames: Sequence[int],
    ) -> list[Alignment]:
        device, end = encoded.device, self._vocabulary.end
        rows = [[*prompt, self._vocabulary.no_timestamps, *text, end] for text in texts]
        longest = max(len(row) for row in rows)
        tokens = torch.tensor([row + [end] * (longest - len(row)) for row in rows], device=device)
        lengths = torch.tensor([len(row) for row in rows], device=device)
        frames = torch.tensor(num_frames, device=device).clamp(min=1)
        decoder = self._network.decoder
        heads = self._vocabulary.alignment_heads
        states, attention = decoder.teach(tokens, decoder.hear(encoded), heads)
        cost = attention_cost(attention, lengths, frames, len(prompt))
        places = first_frames(cost, lengths - len(prompt) - 1, frames).tolist()
        # A token's probability is among text only, one position before it.
        likely = decoder.logits(states[:, len(prompt) : -1])[..., :end].softmax(dim=2)
        text = tokens[:, len(prompt) + 1 :, None].clamp(max=end - 1)
        probabilities = likely.gather(2, text)[..., 0].tolist()
        return [
            Alignment(tuple(place[: len(text) + 1]), tuple(probability[: len(text)]))
            for text, place, probability in zip(texts, places, probabilities, strict=True)
        ]


def attention_cost(
    attention: Tensor, lengths: Tensor, num_frames: Tensor, num_prompt: int
) -> Tensor:
    """How badly each token fits each frame.

    Args:
        attention: (batch, num_heads, length, max_frames) float32 before its softmax.
        lengths: (batch,) int64, tokens of each text with its prompt and end.
        num_frames: (batch,) int64, frames of each window.
        num_prompt: tokens before the one that predicts the first token of text.

    Returns:
        (batch, length - num_prompt - 1, max_frames) float32; what lies outside a window or
        behind its text is not meaningful.

    Source: Radford et al. 2022; Jeong's alignment heads as in openai/whisper `timing.py`.
    """
    frames = torch.arange(attention.shape[3], device=attention.device)
    is_heard = (frames < num_frames[:, None])[:, None, None]  # (batch, 1, 1, max_frames)
    weights = attention.masked_fill(~is_heard, -torch.inf).softmax(dim=-1)
    rows = torch.arange(attention.shape[2], device=attention.device)
    is_text = (rows < lengths[:, None])[:, None, :, None].to(weights.dtype)
    count = lengths[:, None, None, None].to(weights.dtype)
    mean = (weights * is_text).sum(dim=2, keepdim=True) / count
    spread = ((weights - mean).square() * is_text).sum(dim=2, keepdim=True) / count
    # A head that sees the same in every frame says nothing; elsewhere it divides by zero.
    scaled = (weights - mean) * spread.clamp(min=1e-30).rsqrt()
    smooth = _median(scaled[:, :, num_prompt:-1], num_frames)
    return -smooth.mean(dim=1)


def first_frames(cost: Tensor, num_rows: Tensor, num_frames: Tensor) -> Tensor:
    """The frame in which each token is first met on the cheapest monotonic path.

    One row is solved at once: within it, a path that enters at column k and leaves at column j
    costs a difference of running sums, so the best entry is a running minimum.

    Args:
        cost: (batch, max_rows, max_frames) float32.
        num_rows: (batch,) int64, tokens of each item.
        num_frames: (batch,) int64.

    Returns:
        (batch, max_rows) int64; what lies behind an item's tokens is not meaningful.

    Source: Sakoe and Chiba 1978, with the steps (1, 1), (1, 0), (0, 1).
    """
    entries, is_diagonal = _forward(cost.double())
    batch, num_total, _ = cost.shape
    column = num_frames - 1  # (batch,)
    found = torch.zeros(batch, num_total, dtype=torch.int64, device=cost.device)
    for row in range(num_total - 1, -1, -1):
        is_used = row < num_rows
        entry = entries[:, row].gather(1, column[:, None])[:, 0]
        found[:, row] = entry
        step = is_diagonal[:, row].gather(1, entry[:, None])[:, 0]
        column = torch.where(is_used, (entry - step.long()).clamp(min=0), column)
    return found


def _forward(cost: Tensor) -> tuple[Tensor, Tensor]:
    """Per row and column: the column in which the row is entered, and whether diagonally there."""
    batch, num_rows, num_columns = cost.shape
    infinity = torch.full((batch, 1), torch.inf, dtype=cost.dtype, device=cost.device)
    columns = torch.arange(num_columns, device=cost.device).expand(batch, -1)
    above = infinity.expand(-1, num_columns)
    corner = F.pad(above[:, 1:], (1, 0), value=0.0)  # the path begins in the first cell
    entries, diagonals = [], []
    for row in range(num_rows):
        sums = cost[:, row].cumsum(1)
        before = sums - cost[:, row]
        entered = torch.minimum(corner, above)  # (batch, num_columns)
        here = sums + (entered - before).cummin(1).values
        left = torch.cat([infinity, here[:, :-1]], dim=1)
        is_left = ~((entered < left) & (corner != above))
        entries.append(torch.where(is_left, 0, columns).cummax(1).values)
        diagonals.append(corner < above)
        above, corner = here, torch.cat([infinity, here[:, :-1]], dim=1)
    return torch.stack(entries, 1), torch.stack(diagonals, 1)


def _median(values: Tensor, num_frames: Tensor) -> Tensor:
    """Running median over the last axis, mirrored at both ends of each item's frames."""
    reach = _MEDIAN // 2
    max_frames = values.shape[-1]
    places = torch.arange(-reach, max_frames + reach, device=values.device).abs()
    last = num_frames[:, None] - 1  # (batch, 1)
    mirrored = torch.where(places > last, 2 * last - places, places).clamp(0, max_frames - 1)
    index = mirrored[:, None, None].expand(*values.shape[:3], -1)
    wide = values.gather(3, index)  # (batch, num_heads, length, max_frames + 2 reach)
    around = [wide[..., shift : shift + max_frames] for shift in range(_MEDIAN)]
    for low, high in _EXCHANGES:
        smaller = torch.minimum(around[low], around[high])
        around[high] = torch.maximum(around[low], around[high])
        around[low] = smaller
    return torch.where((num_frames > reach)[:, None, None, None], around[reach], values)
