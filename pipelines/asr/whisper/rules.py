"""Which tokens may come next: timestamps in pairs and rising, no blanks, no repeats."""

from dataclasses import dataclass

import torch
from torch import Tensor

from pipelines.asr.whisper.shape import Vocabulary

_LATEST_FIRST = 50  # steps of 20 ms; the first timestamp is within the first second


@dataclass(frozen=True, slots=True)
class TokenSequences:
    """What the rules must know of each hypothesis, (batch, beam) each."""

    is_timestamp: Tensor  # bool, of the last token
    was_timestamp: Tensor  # bool, of the one before; of the first token itself when it is alone
    latest: Tensor  # int64, the last timestamp

    @classmethod
    def new(cls, batch: int, beam: int, device: torch.device) -> "TokenSequences":
        """Of nothing written yet."""
        flags = torch.zeros((2, batch, beam), dtype=torch.bool, device=device)
        latest = torch.zeros((batch, beam), dtype=torch.int64, device=device)
        return cls(flags[0], flags[1], latest)

    def begin(self) -> None:
        """Nothing is written."""
        for state in (self.is_timestamp, self.was_timestamp, self.latest):
            state.zero_()

    def follow(self, origins: Tensor, tokens: Tensor, step: Tensor, words: Vocabulary) -> None:
        """Hypotheses are now their origins with one token more, the ``step``-th."""
        is_timestamp = tokens >= words.timestamp_begin
        former = self.is_timestamp.gather(1, origins)
        self.was_timestamp.copy_(torch.where(step == 0, is_timestamp, former))
        self.is_timestamp.copy_(is_timestamp)
        self.latest.copy_(torch.where(is_timestamp, tokens, self.latest.gather(1, origins)))


@dataclass(frozen=True, slots=True)
class Repeats:
    """What is done against saying the same again."""

    no_repeat_ngram: int = 0  # tokens; 0 allows every repeat
    penalty: float = 1.0  # divides the scores of tokens that were already said


class TokenRules:
    """Forbids tokens by setting their logits to minus infinity.

    Source: Radford et al. 2022, arXiv:2212.04356, section 4.5, as applied by CTranslate2.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        device: torch.device,
        repeats: Repeats = Repeats(),
        can_end: bool = True,
    ) -> None:
        self.vocabulary = vocabulary
        self.device = device
        self._repeats = repeats
        never = [*vocabulary.suppressed, vocabulary.no_timestamps]
        never += [] if can_end else [vocabulary.end]
        self._later = self._forbidding(tuple(never))
        self._first = self._forbidding((*never, *vocabulary.suppressed_first))
        self._first[: vocabulary.timestamp_begin] = -torch.inf
        self._first[vocabulary.timestamp_begin + _LATEST_FIRST + 1 :] = -torch.inf
        self._times = torch.arange(vocabulary.timestamp_begin, vocabulary.size, device=device)

    def __call__(
        self, logits: Tensor, sequences: TokenSequences, tokens: Tensor, step: Tensor
    ) -> Tensor:
        """The logits, float32, with what may not follow at minus infinity.

        Args:
            logits: (batch, beam, vocabulary_size), of any precision.
            sequences: of the same hypotheses.
            tokens: (batch, beam, max_tokens) int64, of which ``step`` are written.
            step: (1,) int64.
        """
        if self._repeats.penalty != 1.0:
            logits = _penalised(logits, tokens, step, self._repeats.penalty)
        if self._repeats.no_repeat_ngram:
            logits = _without_repeats(logits, tokens, step, self._repeats.no_repeat_ngram)
        # One pass over the vocabulary for all that is fixed; half precision becomes float32.
        logits = logits + torch.where(step == 0, self._first, self._later)
        begin, end = self.vocabulary.timestamp_begin, self.vocabulary.end
        text, special, times = logits[..., :end], logits[..., end:begin], logits[..., begin:]
        is_second = sequences.is_timestamp & ~sequences.was_timestamp  # a pair is to be closed
        is_pair = sequences.is_timestamp & sequences.was_timestamp
        # A pair may have the same time twice; after text time has moved on.
        least = torch.where(sequences.is_timestamp, sequences.latest, sequences.latest + 1)
        is_early = self._times < least[..., None]
        times.masked_fill_(is_early | is_pair[..., None], -torch.inf)
        # A timestamp is due when all of them together are likelier than any other token.
        best_text = text.amax(dim=2).masked_fill(is_second, -torch.inf)
        is_due = times.logsumexp(dim=2) > torch.maximum(best_text, special.amax(dim=2))
        text.add_(torch.where(is_second | is_due, -torch.inf, 0.0)[..., None])
        special.masked_fill_(is_due[..., None], -torch.inf)
        return logits

    def _forbidding(self, tokens: tuple[int, ...]) -> Tensor:
        """(vocabulary_size,) float32, minus infinity at ``tokens``, else nothing."""
        row = torch.zeros(self.vocabulary.size)
        row[list(tokens)] = -torch.inf
        return row.to(self.device)


def _penalised(logits: Tensor, tokens: Tensor, step: Tensor, penalty: float) -> Tensor:
    """Scores of tokens that were written, moved down once each.

    Source: Keskar et al. 2019, arXiv:1909.05858, section 4.1.
    """
    is_written = torch.arange(tokens.shape[2], device=tokens.device) < step
    index = torch.where(is_written, tokens, tokens[..., :1])
    said = logits.gather(2, index)
    lower = torch.where(said < 0, said * penalty, said / penalty)
    # Without a first token every index is that of token 0, which then keeps its score.
    return logits.scatter(2, index, torch.where(step > 0, lower, said))


def _without_repeats(logits: Tensor, tokens: Tensor, step: Tensor, size: int) -> Tensor:
    """Forbids tokens that would write a run of ``size`` tokens for the second time."""
    if tokens.shape[2] < size:
        return logits
    runs = tokens.unfold(2, size, 1)  # (batch, beam, num_runs, size)
    places = step - size + 1 + torch.arange(size - 1, device=tokens.device)
    current = tokens.index_select(2, places.clamp(min=0))  # (batch, beam, size - 1)
    is_same = (runs[..., :-1] == current[:, :, None]).all(dim=3)
    ends = torch.arange(runs.shape[2], device=tokens.device) + size
    is_same &= (ends <= step) & (step >= size)
    said = runs[..., -1]
    banned = torch.zeros_like(logits).scatter_add(2, said, is_same.to(logits.dtype))
    return logits.masked_fill(banned > 0, -torch.inf)
