"""Whisper through CTranslate2, with faster-whisper's features and tokenizer."""

import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
import numpy.typing as npt
import tokenizers
from faster_whisper.feature_extractor import FeatureExtractor
from faster_whisper.tokenizer import Tokenizer

from meeting_app.config import AsrConfig
from meeting_app.domain import Waveform, Word
from meeting_app.errors import ModelError
from pipelines.asr.engine import Decoding, Hypothesis
from pipelines.asr.packing import padded_duration
from pipelines.asr.prompting import TOKEN_STEP, hotword_prompt, written_until
from pipelines.asr.recognizer import WhisperRecognizer
from pipelines.asr.words import Spelling, timed_words, token_starts

_log = logging.getLogger(__name__)

_FILES = ("config.json", "model.bin", "tokenizer.json")
_FRAME_RATE = 100  # feature frames per second
_MAX_LENGTH = 448  # tokens of prompt and text together; the network has no more positions
# A loop runs to the limit, so the limit follows the sound. Real windows in eight languages had
# fewer than 9 tokens of text per second of speech; timestamps come on top.
_TOKENS_PER_SECOND = 15
_LEAST_TOKENS = 32


class WhisperCt2(WhisperRecognizer):
    """Any Whisper that was converted for CTranslate2, multilingual or English-only."""

    def __init__(
        self,
        folder: Path,
        config: AsrConfig,
        device: str = "cpu",
        compute_type: str | None = None,
        num_threads: int = 1,
        num_workers: int = 1,
    ) -> None:
        """Loads the model.

        Args:
            folder: holds config.json, model.bin, tokenizer.json and the vocabulary.
            config: batch size, beam and the limits of the filters.
            device: "cpu" or "cuda".
            compute_type: CTranslate2's name of a precision; None takes int8 on a CPU and
                float16 on a GPU.
            num_threads: on a CPU, in all.
            num_workers: batches that are decoded side by side on a CPU, sharing the threads: two
                of one thread each wait less for each other than one of two.

        Raises:
            ModelError: the folder holds no such model, or the device refuses it.
        """
        precision = compute_type or ("float16" if device == "cuda" else "int8")
        workers = 1 if device == "cuda" else max(1, min(num_workers, num_threads))
        engine = CTranslate2Engine(folder, device, precision, num_threads // workers, workers)
        super().__init__(engine, config, num_workers=workers)


class CTranslate2Engine:
    """The network and its tokenizer; as many batches at a time as it has workers."""

    def __init__(
        self, folder: Path, device: str, compute_type: str, num_threads: int, num_workers: int = 1
    ) -> None:
        """Loads the model; ``num_threads`` are those of one worker."""
        _require_files(folder)
        try:
            self._model = ctranslate2.models.Whisper(
                str(folder),
                device=device,
                compute_type=compute_type,
                intra_threads=num_threads,
                inter_threads=num_workers,
            )
            self._tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:  # tokenizers raises nothing more exact
            _log.exception("%s: cannot be loaded", folder)
            raise ModelError(
                f"{folder.name}: cannot be loaded on {device} as {compute_type} ({error}); "
                "run `meeting-app models verify`, or choose another device"
            ) from error
        self._extract = FeatureExtractor(feature_size=self._model.n_mels)
        self._languages = _languages_of(folder, self._tokenizer, self._model.is_multilingual)

    @property
    def languages(self) -> tuple[str, ...]:
        """ISO 639-1 codes of what the model understands."""
        return self._languages

    def detect(self, windows: Sequence[Waveform]) -> tuple[Mapping[str, float], ...]:
        """Per window the probability of each language."""
        encoded = self._encode(windows, is_padded=False)
        ranked = self._run("detect_language", encoded)
        return tuple({token[2:-2]: probability for token, probability in row} for row in ranked)

    def decode(self, windows: Sequence[Waveform], decoding: Decoding) -> tuple[Hypothesis, ...]:
        """One hypothesis per window; windows are at most 30 s and alike in padded length."""
        tokenizer = self._tokenizer_for(decoding.language)
        encoded = self._encode(windows, decoding.is_padded)
        prompt = [*hotword_prompt(tokenizer, decoding.hotwords), *tokenizer.sot_sequence]
        longest = max(window.duration for window in windows)
        results = self._run(
            "generate",
            encoded,
            [prompt] * len(windows),
            beam_size=1 if decoding.temperature > 0 else decoding.beam_size,
            sampling_temperature=decoding.temperature,
            sampling_topk=0 if decoding.temperature > 0 else 1,
            no_repeat_ngram_size=decoding.no_repeat_ngram,
            repetition_penalty=decoding.repetition_penalty,
            max_length=min(
                _MAX_LENGTH, len(prompt) + _LEAST_TOKENS + round(_TOKENS_PER_SECOND * longest)
            ),
            return_scores=True,
            return_no_speech_prob=True,
        )
        written = [result.sequences_ids[0] for result in results]
        spoken = [[token for token in tokens if token < tokenizer.eot] for tokens in written]
        words = self._align(encoded, tokenizer, spoken, windows)
        return tuple(
            Hypothesis(
                words=found,
                text=tokenizer.decode(tokens),
                end=written_until(tokens, tokenizer, found, window.duration),
                # The score is a sum over the tokens and the end token, divided by the tokens.
                log_probability=result.scores[0] * len(tokens) / (len(tokens) + 1),
                no_speech=result.no_speech_prob,
            )
            for result, tokens, found, window in zip(results, written, words, windows, strict=True)
        )

    def _align(
        self,
        encoded: ctranslate2.StorageView,
        tokenizer: Tokenizer,
        spoken: Sequence[list[int]],
        windows: Sequence[Waveform],
    ) -> list[tuple[Word, ...]]:
        """The words of each window, in seconds from its start."""
        num_frames = [round(window.duration * _FRAME_RATE) for window in windows]
        aligned = self._run("align", encoded, tokenizer.sot_sequence, list(spoken), num_frames)
        return [
            _words_of(tokenizer, tokens, result) if tokens else ()
            for tokens, result in zip(spoken, aligned, strict=True)
        ]

    def _encode(self, windows: Sequence[Waveform], is_padded: bool) -> ctranslate2.StorageView:
        longest = max(window.duration for window in windows)
        duration = padded_duration(longest, is_padded)
        num_frames = round(duration * _FRAME_RATE)
        features = np.zeros((len(windows), self._model.n_mels, num_frames), np.float32)
        for row, window in zip(features, windows, strict=True):
            found = self._features(window.samples)[:, :num_frames]  # (n_mels, num_frames)
            row[:, : found.shape[1]] = found
        if self._model.device != "cpu":
            return self._run("encode", ctranslate2.StorageView.from_array(features))
        # One window's attention stays in the cache of a processor, that of a batch does not:
        # a quarter less time for the same numbers.
        encoded = [
            np.asarray(self._run("encode", ctranslate2.StorageView.from_array(row[np.newaxis])))
            for row in features
        ]
        return ctranslate2.StorageView.from_array(np.concatenate(encoded))

    def _features(self, samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """The log-mel spectrogram, (n_mels, num_frames) float32, 100 frames a second."""
        mel: npt.NDArray[np.float32] = self._extract(samples)[:, :-1]
        return mel

    def _run(self, method: str, *args: Any, **options: Any) -> Any:
        """One call of the network; CTranslate2 raises RuntimeError for whatever goes wrong."""
        try:
            return getattr(self._model, method)(*args, **options)
        except RuntimeError as error:
            raise ModelError(
                f"speech recognition: {method} failed on {self._model.device} ({error}); "
                "choose a smaller asr.batch_size, or the CPU"
            ) from error

    def _tokenizer_for(self, language: str) -> Tokenizer:
        is_multilingual = self._model.is_multilingual
        return Tokenizer(self._tokenizer, is_multilingual, task="transcribe", language=language)


def _words_of(tokenizer: Tokenizer, tokens: list[int], result: Any) -> tuple[Word, ...]:
    texts, groups = tokenizer.split_to_word_tokens([*tokens, tokenizer.eot])
    path = np.asarray(result.alignments)  # (path_length, 2) int: token, step
    starts = token_starts(path[:, 0], path[:, 1]) * TOKEN_STEP
    spellings = [
        Spelling(text, len(group)) for text, group in zip(texts[:-1], groups[:-1], strict=True)
    ]
    return timed_words(spellings, starts, result.text_token_probs)


def _require_files(folder: Path) -> None:
    missing = [name for name in _FILES if not (folder / name).is_file()]
    if missing:
        raise ModelError(
            f"{folder}: {', '.join(missing)} missing; give a folder with a Whisper model "
            "converted for CTranslate2, or run `meeting-app models pull`"
        )


def _languages_of(
    folder: Path, tokenizer: tokenizers.Tokenizer, is_multilingual: bool
) -> tuple[str, ...]:
    if not is_multilingual:
        return ("en",)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    names = (tokenizer.id_to_token(token) for token in config["lang_ids"])  # "<|en|>"
    return tuple(name[2:-2] for name in names if name is not None)
