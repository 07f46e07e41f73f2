"""Models of Hugging Face by tiny networks with random weights, and decoding worked out by hand."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tokenizers
import torch
from pyannote.core import Segment, Timeline
from transformers import (
    MoonshineConfig,
    MoonshineForConditionalGeneration,
    ParakeetCTCConfig,
    ParakeetEncoderConfig,
    ParakeetFeatureExtractor,
    ParakeetForCTC,
    ParakeetForTDT,
    ParakeetTDTConfig,
    ParakeetTokenizer,
    PreTrainedTokenizerFast,
    Wav2Vec2Config,
    Wav2Vec2CTCTokenizer,
    Wav2Vec2FeatureExtractor,
    Wav2Vec2ForCTC,
)

from meeting_app.config import AsrConfig
from meeting_app.domain import Waveform
from meeting_app.errors import ModelError
from pipelines.asr.engine import Decoding, Hypothesis
from pipelines.asr.hugging_face import HuggingFaceEngine, HuggingFaceRecognizer, _words_of
from pipelines.asr.hugging_face_readers import Reading, _collapsed

LETTERS = ["<pad>", "<s>", "</s>", "<unk>", "|", "a", "b", "c"]
PIECES = ["<unk>", "<s>", "</s>", "▁a", "▁b", "c", "d", "▁"]


def wav2vec2(folder: Path) -> None:
    config = Wav2Vec2Config(
        vocab_size=len(LETTERS),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        conv_dim=(32, 32),
        conv_stride=(20, 16),
        conv_kernel=(20, 16),
        num_feat_extract_layers=2,
        num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=2,
    )
    Wav2Vec2ForCTC(config).save_pretrained(folder)
    vocabulary = folder / "vocab.json"
    vocabulary.write_text(json.dumps({letter: i for i, letter in enumerate(LETTERS)}))
    Wav2Vec2CTCTokenizer(str(vocabulary)).save_pretrained(folder)
    Wav2Vec2FeatureExtractor(return_attention_mask=False).save_pretrained(folder)


def pieces(extra: tuple[str, ...] = ()) -> tokenizers.Tokenizer:
    vocabulary = {piece: i for i, piece in enumerate([*PIECES, *extra])}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE(vocabulary, [], unk_token="<unk>"))
    tokenizer.decoder = tokenizers.decoders.Metaspace()
    return tokenizer


def moonshine(folder: Path) -> None:
    config = MoonshineConfig(
        vocab_size=len(PIECES),
        hidden_size=32,
        intermediate_size=64,
        encoder_num_hidden_layers=2,
        decoder_num_hidden_layers=2,
        encoder_num_attention_heads=2,
        decoder_num_attention_heads=2,
        bos_token_id=1,
        eos_token_id=2,
        decoder_start_token_id=1,
        pad_token_id=2,
        initializer_range=0.5,
    )
    MoonshineForConditionalGeneration(config).save_pretrained(folder)
    PreTrainedTokenizerFast(
        tokenizer_object=pieces(), bos_token="<s>", eos_token="</s>", unk_token="<unk>"
    ).save_pretrained(folder)
    Wav2Vec2FeatureExtractor(do_normalize=False, return_attention_mask=True).save_pretrained(folder)


ENCODER = ParakeetEncoderConfig(
    hidden_size=32,
    num_hidden_layers=1,
    num_attention_heads=2,
    intermediate_size=64,
    subsampling_conv_channels=8,
    num_mel_bins=80,
    initializer_range=0.4,
)


def parakeet_around(folder: Path, blank: str) -> None:
    ParakeetTokenizer(
        tokenizer_object=pieces((blank,)), unk_token="<unk>", pad_token=blank
    ).save_pretrained(folder)
    ParakeetFeatureExtractor(feature_size=80).save_pretrained(folder)


def parakeet_ctc(folder: Path) -> None:
    size = len(PIECES) + 1
    config = ParakeetCTCConfig(vocab_size=size, pad_token_id=size - 1, encoder_config=ENCODER)
    ParakeetForCTC(config).save_pretrained(folder)
    parakeet_around(folder, "<pad>")


def parakeet_tdt(folder: Path) -> None:
    size = len(PIECES) + 1
    config = ParakeetTDTConfig(
        vocab_size=size,
        decoder_hidden_size=16,
        num_decoder_layers=1,
        pad_token_id=2,
        blank_token_id=size - 1,
        encoder_config=ENCODER,
        durations=[0, 1, 2, 3, 4],
    )
    ParakeetForTDT(config).save_pretrained(folder)
    parakeet_around(folder, "<blank>")


MAKERS: dict[str, Callable[[Path], None]] = {
    "wav2vec2": wav2vec2,
    "moonshine": moonshine,
    "parakeet CTC": parakeet_ctc,
    "parakeet TDT": parakeet_tdt,
}


@pytest.fixture(scope="module", params=sorted(MAKERS))
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("model")
    MAKERS[request.param](path)
    return path


def noise(*durations: float) -> list[Waveform]:
    rng = np.random.default_rng(0)
    return [
        Waveform((0.1 * rng.standard_normal(round(16_000 * d))).astype(np.float32))
        for d in durations
    ]


def assert_sound(hypothesis: Hypothesis, duration: float) -> None:
    assert hypothesis.end == duration
    assert hypothesis.log_probability <= 0
    assert hypothesis.text == " ".join(word.text for word in hypothesis.words)
    for word in hypothesis.words:
        assert word.text == word.text.strip() != ""
        assert 0 <= word.segment.start < word.segment.end <= duration + 0.1
        assert 0 <= word.probability <= 1


def test_every_kind_of_model_is_loaded_and_writes_words_with_times(folder: Path) -> None:
    engine = HuggingFaceEngine(folder)
    windows = noise(2.0, 1.3)
    found = engine.decode(windows, Decoding("en", beam_size=1))
    assert len(found) == 2
    assert any(hypothesis.words for hypothesis in found)
    for window, hypothesis in zip(windows, found, strict=True):
        assert_sound(hypothesis, window.duration)


def test_a_model_recognises_a_recording(folder: Path) -> None:
    recognizer = HuggingFaceRecognizer(folder, AsrConfig(beam_size=1))
    waveform = noise(3.0)[0]
    transcript = recognizer(waveform, Timeline([Segment(0.5, 2.5)]))
    assert transcript.language in ("en", None)  # noise may well be dropped
    with pytest.raises(ModelError, match="English only"):
        recognizer(waveform, Timeline([Segment(0.5, 2.5)]), "de")


def test_the_folder_says_which_languages_are_understood(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "model"
    copy.mkdir()
    for path in folder.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    (copy / "languages.json").write_text('["en", "de"]')
    engine = HuggingFaceEngine(copy)
    assert engine.languages == ("en", "de")
    assert engine.detect(noise(1.0)) == ({"en": 0.5, "de": 0.5},)
    (copy / "languages.json").write_text("{}")
    with pytest.raises(ModelError, match="no list of languages"):
        HuggingFaceEngine(copy)


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be loaded by transformers"):
        HuggingFaceEngine(tmp_path)


def test_a_model_that_hears_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(ModelError, match="bert does not recognise speech"):
        HuggingFaceEngine(tmp_path)


def test_runs_of_a_letter_are_one_and_a_blank_between_makes_two() -> None:
    # a a _ a b b, 0.1 s a frame; the blank is 0. The last frame lies behind the window.
    found = _collapsed(
        [5, 5, 0, 5, 6, 6, 7], [0.5, 0.9, 0.8, 0.7, 0.6, 0.4, 0.9], 0.1, 0, num_frames=6
    )
    assert found.tokens == (5, 5, 6)
    assert found.starts == pytest.approx((0.0, 0.3, 0.4))
    assert found.ends == pytest.approx((0.2, 0.4, 0.6))
    assert found.probabilities == (0.9, 0.7, 0.6)


def reading(*tokens: int) -> Reading:
    count = len(tokens)
    return Reading(
        tokens,
        tuple(0.5 * i for i in range(count)),
        tuple(0.5 * i + 0.25 for i in range(count)),
        (0.5, 0.75, 1.0, 0.5, 0.5)[:count],
    )


def test_letters_between_delimiters_are_words(tmp_path: Path) -> None:
    wav2vec2(tmp_path)
    tokenizer: Any = Wav2Vec2CTCTokenizer.from_pretrained(tmp_path)
    words = _words_of(tokenizer, reading(5, 6, 4, 7))
    assert [(w.text, w.segment.start, w.segment.end) for w in words] == [
        ("ab", 0.0, 0.75),
        ("c", 1.5, 1.75),
    ]
    assert [w.probability for w in words] == [0.625, 0.5]


def test_pieces_begin_a_word_at_their_mark(tmp_path: Path) -> None:
    moonshine(tmp_path)
    tokenizer: Any = PreTrainedTokenizerFast.from_pretrained(tmp_path)
    words = _words_of(tokenizer, reading(3, 5, 4, 6))
    assert [w.text for w in words] == ["ac", "bd"]
    assert [w.segment.start for w in words] == [0.0, 1.0]
