"""Speech recognition models of Hugging Face other than Whisper, through transformers.

Three kinds are told apart by how they write: CTC (wav2vec2, Parakeet CTC) says in every frame
which letter it hears; a transducer (Parakeet TDT and RNN-T) writes tokens as it walks over the
frames; an encoder with a decoder (Moonshine) writes freely, and is aligned by its attention.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from transformers import AutoConfig, AutoFeatureExtractor, AutoTokenizer, PreTrainedTokenizerBase

from meeting_app.config import AsrConfig
from meeting_app.domain import Waveform, Word
from meeting_app.errors import ModelError
from pipelines.asr.engine import Decoding, Hypothesis, Notify, WhisperEngine, ignore_notice
from pipelines.asr.hugging_face_readers import Reader, Reading, reader_for
from pipelines.asr.recognizer import WhisperRecognizer
from pipelines.asr.sparing import Rung, SparingEngine, rungs_from
from pipelines.asr.whisper.precision import Precision
from pipelines.asr.words import Spelling, timed_words

_log = logging.getLogger(__name__)

SAMPLE_RATE = 16_000
_WORD_MARKS = "▁Ġ"  # before the first token of a word, as tokenizers of two families write it
_ATTEMPTS: tuple[Mapping[str, object], ...] = ()  # these models take no advice


class HuggingFaceRecognizer(WhisperRecognizer):
    """Any model that transformers loads for CTC, RNN-T, TDT or speech to text."""

    def __init__(
        self,
        folder: Path,
        config: AsrConfig,
        device: str = "cpu",
        notify: Notify = ignore_notice,
    ) -> None:
        """Loads the model; nothing is fetched.

        Args:
            folder: as saved by transformers: config.json, weights, tokenizer, preprocessor.
            config: precision, batch size and the limits of the filters.
            device: "cpu", "cuda" or "cuda:1".
            notify: is told when memory runs out and what is done about it.

        Raises:
            ModelError: the folder holds no such model, or the device refuses it.
        """
        first = Rung(device, _precision(config.precision, device))

        def build(rung: Rung) -> WhisperEngine:
            return HuggingFaceEngine(folder, rung.device, rung.precision)

        rungs = [rung for rung in rungs_from(first) if rung.precision is not Precision.INT8]
        self.engine = SparingEngine(build, rungs, notify)
        super().__init__(self.engine, config, _ATTEMPTS)


class HuggingFaceEngine:
    """A model, its features and its tokenizer on a device; one batch at a time."""

    def __init__(
        self, folder: Path, device: str = "cpu", precision: Precision = Precision.FLOAT32
    ) -> None:
        place = torch.device(device)
        kind = precision.compute_type(place)
        try:
            config = AutoConfig.from_pretrained(folder, local_files_only=True)
            self._reader: Reader = reader_for(folder, config, place, kind)
            self._features = AutoFeatureExtractor.from_pretrained(  # type: ignore[no-untyped-call]
                folder, local_files_only=True
            )
            self._tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        except torch.OutOfMemoryError:
            raise
        except (OSError, ValueError, KeyError, ImportError, RuntimeError) as error:
            _log.exception("%s: cannot be loaded", folder)
            raise ModelError(
                f"{folder.name}: cannot be loaded by transformers ({error}); give a folder with "
                "a model for CTC, RNN-T, TDT or speech to text, its tokenizer and preprocessor"
            ) from error
        self._languages = _languages_of(folder)

    @property
    def languages(self) -> tuple[str, ...]:
        """ISO 639-1 codes that the folder's `languages.json` lists; without it, English."""
        return self._languages

    def detect(self, windows: Sequence[Waveform]) -> tuple[Mapping[str, float], ...]:
        """The same for each language: these models write in the one that they hear."""
        even = dict.fromkeys(self._languages, 1.0 / len(self._languages))
        return tuple(even for _ in windows)

    def decode(self, windows: Sequence[Waveform], decoding: Decoding) -> tuple[Hypothesis, ...]:
        """One hypothesis per window; of ``decoding`` only the beam can be followed."""
        longest = max(len(window.samples) for window in windows)
        features = self._features(
            [window.samples for window in windows],
            sampling_rate=SAMPLE_RATE,
            padding=True,
            return_tensors="pt",
        )
        durations = [window.duration for window in windows]
        readings = self._reader(
            dict(features), durations, longest / SAMPLE_RATE, decoding.beam_size
        )
        return tuple(
            reading.hypothesis(_words_of(self._tokenizer, reading), duration)
            for reading, duration in zip(readings, durations, strict=True)
        )


def _precision(name: str, device: str) -> Precision:
    if name in ("auto", Precision.INT8.value):
        return Precision.FLOAT32 if device == "cpu" else Precision.FLOAT16
    return Precision(name)


def _languages_of(folder: Path) -> tuple[str, ...]:
    path = folder / "languages.json"
    if not path.is_file():
        return ("en",)
    try:
        codes = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ModelError(f'{path}: not JSON ({error}); write a list such as ["en"]') from error
    if not isinstance(codes, list) or not codes:
        raise ModelError(f'{path}: no list of languages; write a list such as ["en"]')
    return tuple(str(code) for code in codes)


def _words_of(tokenizer: PreTrainedTokenizerBase, reading: Reading) -> tuple[Word, ...]:
    """The words of a text, from tokens that say themselves where a word begins."""
    special = set(tokenizer.all_special_ids)
    delimiter = getattr(tokenizer, "word_delimiter_token", None)
    groups: list[list[int]] = []  # places of the tokens of each word
    is_open = False
    for place, token in enumerate(reading.tokens):
        piece = tokenizer.convert_ids_to_tokens(token)
        if piece == delimiter or token in special:
            is_open = False
            continue
        if not is_open or piece[0] in _WORD_MARKS:
            groups.append([])
        groups[-1].append(place)
        is_open = True
    words: list[Word] = []
    for group in groups:
        text = _text_of(tokenizer, [reading.tokens[place] for place in group])
        starts = [reading.starts[place] for place in group] + [reading.ends[group[-1]]]
        likely = [reading.probabilities[place] for place in group]
        words.extend(timed_words([Spelling(" " + text, len(group))], starts, likely))
    return tuple(words)


def _text_of(tokenizer: PreTrainedTokenizerBase, tokens: Sequence[int]) -> str:
    if getattr(tokenizer, "word_delimiter_token", None) is not None:
        return "".join(str(tokenizer.convert_ids_to_tokens(token)) for token in tokens)
    # The tokenizer's own `decode` may take a repeated token for a held one, as CTC has it.
    text: str = tokenizer.backend_tokenizer.decode(list(tokens))
    return text.strip()
