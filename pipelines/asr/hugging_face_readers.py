"""How models of Hugging Face are run: tokens with times, whatever the architecture."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import (
    AutoModelForCTC,
    AutoModelForRNNT,
    AutoModelForSpeechSeq2Seq,
    AutoModelForTDT,
    LogitsProcessor,
    LogitsProcessorList,
    PretrainedConfig,
)
from transformers.models.auto import modeling_auto

from meeting_app.domain import Word
from meeting_app.errors import ModelError
from pipelines.asr.engine import Hypothesis
from pipelines.asr.whisper.alignment import attention_cost, first_frames

# A generous bound on loops; speech has at most some six tokens per second.
_TOKENS_PER_SECOND = 13
_LEAST_TOKENS = 16


@dataclass(frozen=True, slots=True)
class Reading:
    """The tokens of one window, special ones left out."""

    tokens: tuple[int, ...]
    starts: tuple[float, ...]  # seconds from the start of the window, one per token
    ends: tuple[float, ...]
    probabilities: tuple[float, ...]  # 0..1

    def hypothesis(self, words: tuple[Word, ...], duration: float) -> Hypothesis:
        """The same as ``words``, which its tokens spell, of a window of so many seconds."""
        logs = [math.log(max(p, 1e-10)) for p in self.probabilities]
        return Hypothesis(
            words=words,
            text=" ".join(word.text for word in words),
            end=duration,  # these models hear a window to its end
            log_probability=sum(logs) / len(logs) if logs else 0.0,
            no_speech=0.0,  # an empty text says it
        )


Reader = Callable[[Mapping[str, Tensor], Sequence[float], float, int], list[Reading]]
"""(features, seconds of each window, seconds of the padded batch, beam) to readings."""


def reader_for(
    folder: Path, config: PretrainedConfig, device: torch.device, dtype: torch.dtype
) -> Reader:
    """Loads the model of ``folder`` and returns what runs it.

    Raises:
        ModelError: transformers knows no way to recognise speech with this architecture.
    """
    kinds: tuple[tuple[Mapping[str, str], Any, Callable[[Any], Reader]], ...] = (
        (modeling_auto.MODEL_FOR_TDT_MAPPING_NAMES, AutoModelForTDT, TransducerReader),
        (modeling_auto.MODEL_FOR_RNNT_MAPPING_NAMES, AutoModelForRNNT, TransducerReader),
        (
            modeling_auto.MODEL_FOR_SPEECH_SEQ_2_SEQ_MAPPING_NAMES,
            AutoModelForSpeechSeq2Seq,
            AttentionReader,
        ),
        (modeling_auto.MODEL_FOR_CTC_MAPPING_NAMES, AutoModelForCTC, CtcReader),
    )
    for names, loader, reader in kinds:
        if config.model_type in names:
            options = {"attn_implementation": "eager"} if reader is AttentionReader else {}
            model = loader.from_pretrained(
                folder, local_files_only=True, dtype=dtype, use_safetensors=True, **options
            )
            return reader(model.to(device).eval())
    raise ModelError(
        f"{folder.name}: {config.model_type} does not recognise speech; choose a model for CTC, "
        "RNN-T, TDT or speech to text"
    )


class _Model:
    def __init__(self, model: Any) -> None:
        self._model = model

    def _inputs(self, features: Mapping[str, Tensor]) -> dict[str, Tensor]:
        place, kind = self._model.device, self._model.dtype
        return {
            name: tensor.to(place, kind if tensor.is_floating_point() else tensor.dtype)
            for name, tensor in features.items()
        }


class CtcReader(_Model):
    """One token per frame; runs of one token are one, blanks are none.

    Source: Graves et al. 2006, Connectionist Temporal Classification, best path decoding.
    """

    @torch.inference_mode()
    def __call__(
        self,
        features: Mapping[str, Tensor],
        durations: Sequence[float],
        padded: float,
        beam: int,
    ) -> list[Reading]:
        """Readings by the best path; ``beam`` is not needed."""
        logits = self._model(**self._inputs(features)).logits.float()
        best = logits.softmax(dim=2).max(dim=2)
        step = padded / logits.shape[1]  # seconds per frame
        blank = self._model.config.pad_token_id
        return [
            _collapsed(tokens, likely, step, blank, round(duration / step))
            for tokens, likely, duration in zip(
                best.indices.tolist(), best.values.tolist(), durations, strict=True
            )
        ]


class TransducerReader(_Model):
    """Tokens written while walking over the frames.

    Source: Graves 2012, arXiv:1211.3711; Xu et al. 2023, arXiv:2304.06795 (TDT).
    """

    @torch.inference_mode()
    def __call__(
        self,
        features: Mapping[str, Tensor],
        durations: Sequence[float],
        padded: float,
        beam: int,
    ) -> list[Reading]:
        """Readings by greedy search; ``beam`` is not needed."""
        config = self._model.config
        watcher = _Watcher(config.vocab_size)
        inputs = self._inputs(features)
        num_frames = self._model.encoder._get_subsampling_output_length(
            torch.tensor([inputs["input_features"].shape[1]])
        ).item()
        # A checkpoint's own settings may lack both: the search starts with a blank, and the
        # scores of durations, which stand behind those of tokens, are no tokens.
        num_durations = len(getattr(config, "durations", ()))
        found = self._model.generate(
            **inputs,
            return_dict_in_generate=True,
            max_new_tokens=config.max_symbols_per_step * num_frames,
            decoder_start_token_id=config.blank_token_id,
            suppress_tokens=list(range(config.vocab_size, config.vocab_size + num_durations)),
            logits_processor=LogitsProcessorList([watcher]),
        )
        step = padded / num_frames
        places = found.durations.cumsum(dim=1) - found.durations
        likely = torch.stack(watcher.probabilities, dim=1)
        return [
            self._reading(*rows, step=step, duration=duration)
            for *rows, duration in zip(
                found.sequences[:, 1:].tolist(),  # the first token only starts the search
                places[:, 1:].tolist(),
                found.durations[:, 1:].tolist(),
                likely.tolist(),
                durations,
                strict=True,
            )
        ]

    def _reading(
        self,
        tokens: list[int],
        places: list[int],
        lengths: list[int],
        likely: list[float],
        *,
        step: float,
        duration: float,
    ) -> Reading:
        config = self._model.config
        silent = {config.blank_token_id, config.pad_token_id}
        kept = [
            index
            for index, token in enumerate(tokens)
            if token not in silent and places[index] * step < duration
        ]
        return Reading(
            tokens=tuple(tokens[index] for index in kept),
            starts=tuple(places[index] * step for index in kept),
            ends=tuple(
                min(duration, (places[index] + max(1, lengths[index])) * step) for index in kept
            ),
            probabilities=tuple(likely[index] for index in kept),
        )


class AttentionReader(_Model):
    """Tokens written freely, then found in the sound by what the decoder attended to.

    Of all layers the last half, where that is what was said.
    """

    @torch.inference_mode()
    def __call__(
        self,
        features: Mapping[str, Tensor],
        durations: Sequence[float],
        padded: float,
        beam: int,
    ) -> list[Reading]:
        """Readings by beam search."""
        inputs = self._inputs(features)
        tokens = self._model.generate(
            **inputs,
            num_beams=beam,
            max_new_tokens=_LEAST_TOKENS + round(_TOKENS_PER_SECOND * max(durations)),
        )
        taught = self._model(**inputs, decoder_input_ids=tokens, output_attentions=True)
        likely = taught.logits.float().softmax(dim=2)[:, :-1]
        likely = likely.gather(2, tokens[:, 1:, None])[..., 0].tolist()
        layers = taught.cross_attentions[len(taught.cross_attentions) // 2 :]
        seen = torch.cat(layers, dim=1).float()
        rows = tokens.tolist()
        texts = [row[1 : self._length(row)] for row in rows]
        return aligned(seen, texts, likely, durations, padded)

    def _length(self, row: Sequence[int]) -> int:
        """Tokens up to the end token, the starting one included."""
        end = self._model.generation_config.eos_token_id
        ends = end if isinstance(end, list) else [end]
        return next((i for i, token in enumerate(row) if i and token in ends), len(row))


class _Watcher(LogitsProcessor):
    """Keeps the probability of the likeliest token of each step."""

    def __init__(self, vocabulary_size: int) -> None:
        self._size = vocabulary_size
        self.probabilities: list[Tensor] = []

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """The scores as they are."""
        self.probabilities.append(scores[:, : self._size].float().softmax(dim=1).amax(dim=1))
        return scores


def _collapsed(
    tokens: Sequence[int], likely: Sequence[float], step: float, blank: int, num_frames: int
) -> Reading:
    found: list[tuple[int, int, int, float]] = []  # token, first frame, last frame, probability
    former = blank
    for frame, token in enumerate(tokens[:num_frames]):
        if token == former and token != blank:
            first = found[-1]
            found[-1] = (token, first[1], frame, max(first[3], likely[frame]))
        elif token != blank:
            found.append((token, frame, frame, likely[frame]))
        former = token
    return Reading(
        tokens=tuple(token for token, *_ in found),
        starts=tuple(first * step for _, first, _, _ in found),
        ends=tuple((last + 1) * step for _, _, last, _ in found),
        probabilities=tuple(probability for *_, probability in found),
    )


def aligned(
    seen: Tensor,
    texts: Sequence[Sequence[int]],
    likely: Sequence[Sequence[float]],
    durations: Sequence[float],
    padded: float,
) -> list[Reading]:
    """Tokens found in the sound by where they looked.

    Args:
        seen: (batch, num_heads, length, num_frames) float32 attention; the first row belongs to
            the first token of text, and the row after the last to the end.
        texts: tokens of text only.
        likely: probabilities, at least as many.
        durations: seconds of each window.
        padded: seconds of all frames.

    Source: the alignment of openai/whisper, over all heads given.
    """
    step = padded / seen.shape[3]
    frames = [max(1, round(duration / step)) for duration in durations]
    counts = torch.tensor([len(text) + 1 for text in texts], device=seen.device)
    num_frames = torch.tensor(frames, device=seen.device).clamp(max=seen.shape[3])
    # The row that reads a token predicts the next: one more closes the last.
    closed = torch.nn.functional.pad(seen.clamp(min=1e-30).log(), (0, 0, 0, 1))
    cost = attention_cost(closed, counts, num_frames, 0)
    places = first_frames(cost, counts, num_frames).tolist()
    return [
        _placed(text, place, probability, step, duration)
        for text, place, probability, duration in zip(texts, places, likely, durations, strict=True)
    ]


def _placed(
    tokens: Sequence[int],
    places: Sequence[int],
    likely: Sequence[float],
    step: float,
    duration: float,
) -> Reading:
    count = len(tokens)
    starts = [min(duration, place * step) for place in places[: count + 1]]
    return Reading(
        tokens=tuple(tokens),
        starts=tuple(starts[:count]),
        ends=tuple(starts[1 : count + 1]),
        probabilities=tuple(likely[:count]),
    )
