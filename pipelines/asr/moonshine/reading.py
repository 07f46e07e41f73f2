"""How a window of sound is written down: what is known already is only checked.

The decoder looks at all tokens of a guess in one go, which takes hardly longer than one token. As
far as it would have written them itself they stand; the rest is written token by token. So the
text is the same with any guess, and sooner there with a good one.

Source: Leviathan et al. 2023, arXiv:2211.17192, with a guess instead of a smaller model.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import DynamicCache, EncoderDecoderCache, MoonshineForConditionalGeneration
from transformers.utils.generic import ModelOutput

from pipelines.asr.moonshine.vocabulary import BEGIN, END

# A generous bound on loops; fluent English has some five tokens per second.
_TOKENS_PER_SECOND = 6.5
_LEAST_TOKENS = 6
_NEAR = 8  # tokens of a guess among which what was written instead of the first is looked for


@dataclass(frozen=True, slots=True)
class Written:
    """The text of a window."""

    tokens: tuple[int, ...]  # of text only
    probabilities: tuple[float, ...]  # of each token
    # (num_heads, num_tokens + 1, num_frames): where each token looked, and the end after them;
    # of the second half of the layers, where that is what was said.
    attention: Tensor


@torch.inference_mode()
def write(
    network: MoonshineForConditionalGeneration,
    samples: Tensor,
    duration: float,
    guess: Sequence[int] = (),
) -> Written:
    """The likeliest next token, again and again, until the network says that it is done.

    Args:
        network: on the device and in the precision of ``samples``.
        samples: (num_samples,) in [-1, 1], 16 kHz.
        duration: seconds.
        guess: tokens of text that may be right.
    """
    limit = _LEAST_TOKENS + round(_TOKENS_PER_SECOND * duration)
    scribe = _Scribe(network, network.model.encoder(samples[None]))
    written, likely, rows = [BEGIN], [1.0], []
    ahead, proposal = list(guess[:limit]), list(guess[:limit])
    while written[-1] != END and len(written) <= limit:
        best, probabilities, seen = scribe.look([written[-1], *proposal])
        pairs = zip(proposal, best, strict=False)
        wrong = (i for i, (token, own) in enumerate(pairs) if token != own)
        num_right = next(wrong, len(proposal))
        scribe.forget(len(proposal) - num_right)
        written += best[: num_right + 1]
        likely += probabilities[: num_right + 1]
        rows.append(seen[:, : num_right + 1])
        ahead = ahead[num_right:]
        is_near = written[-1] in ahead[:_NEAR]
        ahead = ahead[ahead.index(written[-1]) + 1 :] if is_near else ahead
        proposal = ahead if is_near else []
    return Written(tuple(written[1:-1]), tuple(likely[1:-1]), torch.cat(rows, dim=1))


class _Scribe:
    """The decoder on one window, and what it has seen so far."""

    def __init__(self, network: MoonshineForConditionalGeneration, encoded: ModelOutput) -> None:
        self._network = network
        self._encoded = encoded
        self._cache = EncoderDecoderCache(DynamicCache(), DynamicCache())

    def look(self, tokens: Sequence[int]) -> tuple[list[int], list[float], Tensor]:
        """After each token the likeliest next one, its probability, and where it looked."""
        found = self._network(
            encoder_outputs=self._encoded,
            decoder_input_ids=torch.tensor([tokens], device=self._network.device),
            past_key_values=self._cache,
            use_cache=True,
            output_attentions=True,
        )
        best = found.logits[0].float().softmax(dim=1).max(dim=1)
        layers = found.cross_attentions
        seen = torch.cat(layers[len(layers) // 2 :], dim=1)[0].float()
        return best.indices.tolist(), best.values.tolist(), seen

    def forget(self, count: int) -> None:
        """The last tokens that it looked at."""
        if count:
            self._cache.crop(-count)
