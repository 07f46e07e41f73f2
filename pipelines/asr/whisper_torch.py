"""Whisper through torch: batches on a GPU, or wherever torch runs."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from faster_whisper.tokenizer import Tokenizer
from torch import Tensor

from meeting_app.config import AsrConfig
from meeting_app.domain import Waveform, Word
from pipelines.asr.engine import Decoding, Hypothesis, Notify, WhisperEngine, ignore_notice
from pipelines.asr.fusion import HotwordBias, hotword_tree
from pipelines.asr.packing import padded_duration
from pipelines.asr.prompting import TOKEN_STEP, hotword_prompt, written_until
from pipelines.asr.recognizer import ATTEMPTS, Attempts, WhisperRecognizer
from pipelines.asr.sparing import Rung, SparingEngine, rungs_from
from pipelines.asr.whisper.alignment import Aligner
from pipelines.asr.whisper.decoding import Decoder
from pipelines.asr.whisper.features import LogMel
from pipelines.asr.whisper.graphs import Recorder, recorder_for
from pipelines.asr.whisper.loading import Checkpoint, load_checkpoint
from pipelines.asr.whisper.precision import Precision, prepared
from pipelines.asr.whisper.search import SearchOptions
from pipelines.asr.whisper.shape import FRAME_RATE, MAX_POSITIONS
from pipelines.asr.words import Spelling, timed_words

_MEL_RATE = 100  # feature frames per second
# A loop runs to the limit, so the limit follows the sound. Real windows in eight languages had
# fewer than 9 tokens of text per second of speech; timestamps come on top.
_TOKENS_PER_SECOND = 15
_LEAST_TOKENS = 32


# Here the same tokens are drawn on each run, so that a window which fails even with a penalty on
# repeats can be tried at a temperature, as Whisper does it.
_ATTEMPTS: Attempts = (*ATTEMPTS, {"temperature": 0.4}, {"temperature": 0.8})


class WhisperTorch(WhisperRecognizer):
    """Any Whisper: of CTranslate2, Hugging Face or OpenAI, multilingual or English-only."""

    def __init__(
        self,
        folder: Path,
        config: AsrConfig,
        device: str = "cpu",
        num_threads: int = 0,
        notify: Notify = ignore_notice,
    ) -> None:
        """Loads the model.

        Args:
            folder: holds tokenizer.json and the weights in one of the three formats.
            config: precision, batch size, beam and the limits of the filters.
            device: "cpu", "cuda" or "cuda:1".
            num_threads: of a CPU that takes over from a GPU; 0 means every core.
            notify: is told when memory runs out and what is done about it.

        Raises:
            ModelError: the folder holds no such model, or the device refuses it.
        """
        first = Rung(device, _precision(config.precision, device))

        def build(rung: Rung) -> WhisperEngine:
            if rung.device == "cpu" != device and (folder / "model.bin").is_file():
                from pipelines.asr.whisper_ct2 import CTranslate2Engine

                return CTranslate2Engine(folder, "cpu", "int8", num_threads)
            return TorchEngine(load_checkpoint(folder), rung.device, rung.precision)

        self.engine = SparingEngine(build, rungs_from(first), notify)
        super().__init__(self.engine, config, _ATTEMPTS)


def _precision(name: str, device: str) -> Precision:
    if name != "auto":
        return Precision(name)
    return Precision.FLOAT32 if device == "cpu" else Precision.FLOAT16


class TorchEngine:
    """A Whisper network and its tokenizer on one device; one batch at a time."""

    def __init__(
        self,
        checkpoint: Checkpoint,
        device: str = "cpu",
        precision: Precision = Precision.FLOAT32,
        recorder: Recorder | None = None,
    ) -> None:
        """Moves the network to the device.

        Args:
            checkpoint: its network is changed.
            device: as torch names it.
            precision: of the network.
            recorder: how decoding steps are repeated; None takes what suits the device.

        Raises:
            torch.OutOfMemoryError: the device has no room for it.
        """
        place = torch.device(device)
        self._network = prepared(checkpoint.network, precision, place)
        self._vocabulary = checkpoint.vocabulary
        self._tokenizer = checkpoint.tokenizer
        self._features = LogMel(self._network.shape.num_mels, place)
        self._decoder = Decoder(self._network, self._vocabulary, recorder or recorder_for(place))
        self._aligner = Aligner(self._network, self._vocabulary)

    @property
    def languages(self) -> tuple[str, ...]:
        """ISO 639-1 codes of what the model understands."""
        return tuple(code for code, _ in self._vocabulary.languages) or ("en",)

    def release(self) -> None:
        """Gives back the memory that is only kept to be faster."""
        self._decoder.release()

    @torch.inference_mode()
    def detect(self, windows: Sequence[Waveform]) -> tuple[Mapping[str, float], ...]:
        """Per window the probability of each language."""
        if not self._vocabulary.languages:
            return tuple({"en": 1.0} for _ in windows)
        codes, tokens = zip(*self._vocabulary.languages, strict=True)
        logits = self._first_logits(self._encode(windows, is_padded=False))[:, list(tokens)]
        return tuple(dict(zip(codes, row, strict=True)) for row in logits.softmax(dim=1).tolist())

    @torch.inference_mode()
    def decode(self, windows: Sequence[Waveform], decoding: Decoding) -> tuple[Hypothesis, ...]:
        """One hypothesis per window; windows are at most 30 s and alike in padded length."""
        tokenizer = self._tokenizer_for(decoding.language)
        encoded = self._encode(windows, decoding.is_padded)
        prompt = [*hotword_prompt(tokenizer, decoding.hotwords), *tokenizer.sot_sequence]
        limits = [max_tokens(len(prompt), window.duration) for window in windows]
        options = SearchOptions(
            beam_size=1 if decoding.temperature > 0 else decoding.beam_size,
            max_tokens=max_tokens(len(prompt), encoded.shape[1] / FRAME_RATE),
            no_repeat_ngram=decoding.no_repeat_ngram,
            repetition_penalty=decoding.repetition_penalty,
            temperature=decoding.temperature,
        )
        found, silences = self._decoder.generate(
            encoded, prompt, options, limits, self._bias(tokenizer, decoding)
        )
        words = self._align(encoded, tokenizer, found.tokens, windows)
        return tuple(
            Hypothesis(
                words=spoken,
                text=tokenizer.decode(list(tokens)),
                end=written_until(tokens, tokenizer, spoken, window.duration),
                log_probability=total / (len(tokens) + 1),
                no_speech=silence,
            )
            for tokens, total, silence, spoken, window in zip(
                found.tokens, found.log_probabilities, silences, words, windows, strict=True
            )
        )

    def _bias(self, tokenizer: Tokenizer, decoding: Decoding) -> HotwordBias | None:
        if not decoding.hotwords or not decoding.hotword_weight:
            return None
        spellings = (tokenizer.encode(" " + word.strip()) for word in decoding.hotwords)
        tree = hotword_tree(spellings, self._network.shape.vocabulary_size)
        return HotwordBias(tree, decoding.hotword_weight)

    def _encode(self, windows: Sequence[Waveform], is_padded: bool) -> Tensor:
        """(batch, num_frames, dimension)."""
        longest = max(window.duration for window in windows)
        duration = padded_duration(longest, is_padded)
        features = self._features(windows, round(duration * _MEL_RATE))
        encoded: Tensor = self._network.encoder(features.to(self._network.dtype))
        return encoded

    def _first_logits(self, encoded: Tensor) -> Tensor:
        """Of what follows <|startoftranscript|>, (batch, vocabulary_size)."""
        decoder = self._network.decoder
        cache = self._network.new_cache(len(encoded), 1, 1)
        start = torch.full((len(encoded), 1), self._vocabulary.start, device=encoded.device)
        return decoder.logits(decoder.prefill(start, decoder.hear(encoded), cache)[:, 0])

    def _align(
        self,
        encoded: Tensor,
        tokenizer: Tokenizer,
        written: Sequence[Sequence[int]],
        windows: Sequence[Waveform],
    ) -> list[tuple[Word, ...]]:
        """The words of each window, in seconds from its start."""
        texts = [[token for token in row if token < tokenizer.eot] for row in written]
        num_frames = [round(window.duration * _MEL_RATE) // 2 for window in windows]
        aligned = self._aligner(encoded, tokenizer.sot_sequence, texts, num_frames)
        words: list[tuple[Word, ...]] = []
        for text, alignment in zip(texts, aligned, strict=True):
            if not text:
                words.append(())
                continue
            pieces, groups = tokenizer.split_to_word_tokens([*text, tokenizer.eot])
            spellings = [
                Spelling(piece, len(group))
                for piece, group in zip(pieces[:-1], groups[:-1], strict=True)
            ]
            starts = [frame * TOKEN_STEP for frame in alignment.first_frames]
            words.append(timed_words(spellings, starts, alignment.probabilities))
        return words

    def _tokenizer_for(self, language: str) -> Tokenizer:
        is_multilingual = bool(self._vocabulary.languages)
        return Tokenizer(self._tokenizer, is_multilingual, task="transcribe", language=language)


def max_tokens(num_prompt: int, duration: float) -> int:
    """How many tokens a window of so many seconds may be written with."""
    total = min(MAX_POSITIONS, num_prompt + _LEAST_TOKENS + round(_TOKENS_PER_SECOND * duration))
    return min(total // 2, total - num_prompt + 1)
