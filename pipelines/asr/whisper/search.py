"""Beam search on tensors of fixed shape, so that a step can be recorded once and replayed.

Every decision is made on the device; nothing is read back before the text is complete.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from pipelines.asr.whisper.rules import TokenRules, TokenSequences

LEAST_ROOM = 8  # tokens; recording a step runs it a few times


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """How the best text is looked for."""

    beam_size: int = 5
    max_tokens: int = 224
    temperature: float = 0.0  # above 0 tokens are drawn, with a beam of one
    no_repeat_ngram: int = 0  # tokens; 0 allows every repeat
    repetition_penalty: float = 1.0
    is_length_forced: bool = False  # writes max_tokens whatever it hears; for measuring speed


@dataclass(frozen=True, slots=True)
class Found:
    """The best text of every window."""

    tokens: tuple[tuple[int, ...], ...]  # without the end token
    log_probabilities: tuple[float, ...]  # sum over the tokens and the end token


class TokenBias:
    """Adds to the scores of next tokens; the base adds nothing.

    It may keep a state per hypothesis, in tensors whose shape stays the same.
    """

    def begin(self, batch: int, beam: int, device: torch.device) -> None:
        """Called before the first token of a batch."""

    def scores(self, vocabulary_size: int) -> Tensor | None:
        """(batch, beam, vocabulary_size) float32 to be added to the logits; None for nothing."""
        return None

    def follow(self, origins: Tensor, tokens: Tensor) -> None:
        """Hypothesis ``k`` is now the former ``origins[b, k]`` with ``tokens[b, k]`` behind it.

        Both (batch, beam) int64.
        """


class BeamSearch:
    """The hypotheses of a batch.

    The arithmetic is CTranslate2's with a patience and a length penalty of 1.
    """

    def __init__(
        self, batch: int, options: SearchOptions, rules: TokenRules, bias: TokenBias | None = None
    ) -> None:
        beam, device = options.beam_size, rules.device
        room = max(options.max_tokens, LEAST_ROOM)
        self.options = options
        self._rules = rules
        self._bias = bias
        self._count = torch.arange(beam, device=device)
        self._noise = torch.Generator()
        self.step = torch.zeros(1, dtype=torch.int64, device=device)  # tokens written so far
        self.tokens = torch.zeros((batch, beam, room), dtype=torch.int64, device=device)
        # The cache slot from which each hypothesis has each of its positions.
        self.slots = torch.zeros_like(self.tokens)
        self.scores = torch.zeros((batch, beam), device=device)
        self.is_done = torch.zeros(batch, dtype=torch.bool, device=device)
        self.last = torch.zeros((batch, beam), dtype=torch.int64, device=device)
        self._sequences = TokenSequences.new(batch, beam, device)
        self._limits = torch.full((batch,), options.max_tokens, device=device)
        self._num_finished = torch.zeros(batch, dtype=torch.int64, device=device)
        self._best_score = torch.zeros(batch, device=device)  # per token
        self._best_length = torch.zeros(batch, dtype=torch.int64, device=device)
        self._best_tokens = torch.zeros((batch, room), dtype=torch.int64, device=device)

    def begin(self, limits: Sequence[int] = ()) -> None:
        """Forgets everything; the next scores are those of first tokens.

        Args:
            limits: tokens that each text may have, at most ``max_tokens``; none given, that.
        """
        self._limits.fill_(self.options.max_tokens)
        if limits:
            self._limits[: len(limits)] = torch.tensor(limits, device=self._limits.device)
        for state in (self.step, self.tokens, self.slots, self.is_done, self._num_finished):
            state.zero_()
        self.scores.fill_(-torch.inf)
        self.scores[:, 0] = 0.0
        self._sequences.begin()
        self._best_score.fill_(-torch.inf)
        self._noise.manual_seed(0)
        if self._bias is not None:
            self._bias.begin(len(self.scores), self.options.beam_size, self.scores.device)

    def advance(self, logits: Tensor) -> None:
        """Continues every hypothesis by one token.

        Args:
            logits: (batch, beam, vocabulary_size); of first tokens, all beams alike.
        """
        scores, origins, tokens = self._candidates(self._log_probabilities(logits))
        is_end = tokens == self._rules.vocabulary.end
        is_last = self.step + 1 >= self._limits  # (batch,)
        self._finish(scores, origins, tokens, is_last)
        # The first candidates that go on; there are enough, as each hypothesis ends but once.
        order = torch.arange(tokens.shape[1], device=tokens.device) + is_end * tokens.shape[1]
        kept = order.argsort(dim=1)[:, : self.options.beam_size]
        self._follow(scores.gather(1, kept), origins.gather(1, kept), tokens.gather(1, kept))

    def found(self) -> Found:
        """Reads the best texts back."""
        lengths = self._best_length.tolist()
        rows = self._best_tokens.tolist()
        sums = (self._best_score * self._best_length.clamp(min=1)).tolist()
        texts = tuple(tuple(row[:length]) for row, length in zip(rows, lengths, strict=True))
        return Found(texts, tuple(sums))

    def _log_probabilities(self, logits: Tensor) -> Tensor:
        logits = self._rules(logits, self._sequences, self.tokens, self.step)
        if self._bias is not None and (extra := self._bias.scores(logits.shape[2])) is not None:
            logits = logits + extra
        return logits.log_softmax(dim=2)

    def _candidates(self, log_probabilities: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Scores, origins and tokens of what may follow, (batch, num_candidates) each."""
        beam, size = log_probabilities.shape[1:]
        if self.options.temperature > 0:
            drawn = (log_probabilities / self.options.temperature + self._gumbel(size)).argmax(2)
            chosen = log_probabilities.gather(2, drawn[..., None])[..., 0]
            return self.scores + chosen, torch.zeros_like(drawn), drawn
        if beam == 1:
            likely = log_probabilities.max(dim=2)
            return self.scores + likely.values, torch.zeros_like(likely.indices), likely.indices
        total = log_probabilities + self.scores[..., None]
        # Half of them may end, and every one that ends is to be replaced.
        best = total.topk(min(2 * beam, size), dim=2)
        merged = best.values.flatten(1).topk(2 * beam, dim=1)
        origins = merged.indices // best.values.shape[2]
        return merged.values, origins, best.indices.flatten(1).gather(1, merged.indices)

    def _gumbel(self, size: int) -> Tensor:
        """Noise that depends on the step only, so that an item's company changes nothing."""
        uniform = torch.rand(size, generator=self._noise).clamp(min=1e-20)
        return -(-uniform.log()).log().to(self.scores.device)

    def _finish(self, scores: Tensor, origins: Tensor, tokens: Tensor, is_last: Tensor) -> None:
        """Keeps the best of the texts that are complete now."""
        beam = self.options.beam_size
        is_end = tokens[:, :beam] == self._rules.vocabulary.end
        is_complete = (is_end | is_last[:, None]) & ~self.is_done[:, None]  # (batch, beam)
        lengths = torch.where(is_end, self.step, self.step + 1)
        per_token = scores[:, :beam] / lengths.clamp(min=1)
        best = per_token.masked_fill(~is_complete, -torch.inf).max(dim=1, keepdim=True)
        is_better = best.values[:, 0] > self._best_score
        pick = best.indices  # (batch, 1)
        origin = origins.gather(1, pick)
        text = self.tokens.gather(1, origin[..., None].expand(-1, -1, self.tokens.shape[2]))[:, 0]
        # An end token written here lies behind the length and is not read.
        text = text.index_copy(1, self.step, tokens.gather(1, pick))
        self._best_tokens.copy_(torch.where(is_better[:, None], text, self._best_tokens))
        length = lengths.gather(1, pick)[:, 0]
        self._best_length.copy_(torch.where(is_better, length, self._best_length))
        self._best_score.copy_(torch.where(is_better, best.values[:, 0], self._best_score))
        self._num_finished.add_(is_complete.sum(dim=1))
        self.is_done.logical_or_((self._num_finished >= beam) | is_last)

    def _follow(self, scores: Tensor, origins: Tensor, tokens: Tensor) -> None:
        rows = origins[..., None].expand(-1, -1, self.tokens.shape[2])
        self.tokens.copy_(self.tokens.gather(1, rows).index_copy(2, self.step, tokens[..., None]))
        own = self._count.expand_as(tokens)[..., None]
        self.slots.copy_(self.slots.gather(1, rows).index_copy(2, self.step, own))
        self.scores.copy_(scores)
        self.last.copy_(tokens)
        self._sequences.follow(origins, tokens, self.step, self._rules.vocabulary)
        if self._bias is not None:
            self._bias.follow(origins, tokens)
        self.step.add_(1)
