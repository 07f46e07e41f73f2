"""The torch engine against CTranslate2's on real sound, and by itself on a tiny network."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from pyannote.core import Segment, Timeline

from meeting_app.config import AsrConfig
from meeting_app.domain import Waveform, join_words
from meeting_app.errors import ModelError
from pipelines.asr.engine import Decoding, Hypothesis
from pipelines.asr.whisper.loading import load_checkpoint
from pipelines.asr.whisper.precision import Precision
from pipelines.asr.whisper_ct2 import CTranslate2Engine
from pipelines.asr.whisper_torch import TorchEngine, WhisperTorch, max_tokens

EVAL = Path(__file__).parents[4] / "shared" / "eval" / "audio"
Models = Callable[[str], Path]


def read(path: Path) -> Waveform:
    resampler = av.AudioResampler(format="flt", layout="mono", rate=16_000)
    with av.open(str(path)) as container:
        frames = [f for frame in container.decode(audio=0) for f in resampler.resample(frame)]
        frames += resampler.resample(None)
    return Waveform(np.concatenate([frame.to_ndarray()[0] for frame in frames]).astype(np.float32))


def evaluation(name: str) -> Waveform:
    path = EVAL / name
    if not path.exists():
        pytest.skip(f"{path} is not here")
    return read(path)


@pytest.fixture(scope="module")
def phone_call(models: Models) -> Waveform:
    return read(models("sample-phone-call") / "sample.wav")


@pytest.fixture(scope="module")
def engine(models: Models) -> TorchEngine:
    return TorchEngine(load_checkpoint(models("whisper-base")))


@pytest.fixture(scope="module")
def reference(models: Models) -> CTranslate2Engine:
    return CTranslate2Engine(models("whisper-base"), "cpu", "float32", 2)


def assert_same(found: Hypothesis, expected: Hypothesis) -> None:
    """Equal within rounding: tokens alike, times alike, probabilities to four digits."""
    assert found.text == expected.text
    assert [w.text for w in found.words] == [w.text for w in expected.words]
    assert [w.segment for w in found.words] == [w.segment for w in expected.words]
    likely = [w.probability for w in expected.words]
    assert [w.probability for w in found.words] == pytest.approx(likely, abs=1e-4)
    assert found.end == pytest.approx(expected.end)
    assert found.log_probability == pytest.approx(expected.log_probability, abs=1e-4)
    assert found.no_speech == pytest.approx(expected.no_speech, abs=1e-4)


DECODINGS = {
    "greedy": Decoding("en", beam_size=1),
    "beam": Decoding("en"),
    "ten": Decoding("en", beam_size=10),
    "padded": Decoding("en", is_padded=True, beam_size=2),
    "no repeats": Decoding("en", beam_size=1, no_repeat_ngram=3, repetition_penalty=1.3),
    "hotwords": Decoding("en", hotwords=("Diane", "Sheila Zyxwander"), beam_size=2),
}


@pytest.mark.model
@pytest.mark.parametrize("name", sorted(DECODINGS))
def test_what_is_heard_is_what_ctranslate2_hears(
    engine: TorchEngine, reference: CTranslate2Engine, phone_call: Waveform, name: str
) -> None:
    windows = [phone_call.crop(Segment(12, 18))]
    (found,) = engine.decode(windows, DECODINGS[name])
    (expected,) = reference.decode(windows, DECODINGS[name])
    assert expected.words
    assert_same(found, expected)


@pytest.mark.model
def test_a_speech_is_what_ctranslate2_hears(
    engine: TorchEngine, reference: CTranslate2Engine
) -> None:
    windows = [evaluation("jfk.flac")]
    assert_same(
        *engine.decode(windows, DECODINGS["greedy"]),
        *reference.decode(windows, DECODINGS["greedy"]),
    )


@pytest.mark.model
@pytest.mark.parametrize("language", ["de", "es", "fr", "it", "ja", "ko", "pt"])
def test_other_languages_are_what_ctranslate2_hears(
    engine: TorchEngine, reference: CTranslate2Engine, language: str
) -> None:
    sound = evaluation(f"languages/test_{language}.flac")
    windows = [sound.crop(Segment(0, min(9.0, sound.duration)))]
    decoding = Decoding(language, beam_size=2)
    assert_same(*engine.decode(windows, decoding), *reference.decode(windows, decoding))


@pytest.mark.model
def test_a_minute_of_four_speakers_is_what_ctranslate2_hears(
    engine: TorchEngine, reference: CTranslate2Engine
) -> None:
    sound = evaluation("libri_4spk.flac")
    windows = [sound.crop(Segment(15.0 * i, 15.0 * i + 11 + i)) for i in range(4)]
    decoding = Decoding("en", beam_size=1)
    found, expected = engine.decode(windows, decoding), reference.decode(windows, decoding)
    for one, other in zip(found, expected, strict=True):
        assert_same(one, other)


@pytest.mark.model
def test_the_language_is_found_as_ctranslate2_finds_it(
    engine: TorchEngine, reference: CTranslate2Engine, phone_call: Waveform
) -> None:
    windows = [phone_call.crop(Segment(12, 17))]
    (found,), (expected,) = engine.detect(windows), reference.detect(windows)
    assert engine.languages == reference.languages
    assert found == pytest.approx(dict(expected), abs=1e-5)


@pytest.mark.model
@pytest.mark.parametrize("precision", [Precision.BFLOAT16, Precision.INT8])
def test_a_smaller_precision_still_understands(
    models: Models, phone_call: Waveform, precision: Precision
) -> None:
    engine = TorchEngine(load_checkpoint(models("whisper-base")), "cpu", precision)
    (found,) = engine.decode([phone_call.crop(Segment(12, 16))], Decoding("en", beam_size=1))
    assert "Diane in New Jersey" in found.text


@pytest.mark.model
def test_an_english_only_model_is_recognised_as_such(models: Models, phone_call: Waveform) -> None:
    whisper = WhisperTorch(models("whisper-tiny.en"), AsrConfig(beam_size=1))
    start = phone_call.crop(Segment(12, 17))
    everything = Timeline([Segment(0, start.duration)])
    found = whisper(start, everything)
    assert found.language == "en"
    assert "New Jersey" in join_words(found.words)
    with pytest.raises(ModelError, match="English only"):
        whisper(start, everything, "de")


# By itself, on a tiny network with random weights.


def noise(*durations: float) -> list[Waveform]:
    rng = np.random.default_rng(0)
    return [
        Waveform((0.1 * rng.standard_normal(round(16_000 * d))).astype(np.float32))
        for d in durations
    ]


@pytest.fixture(scope="module")
def tiny(tiny_whisper: Path) -> TorchEngine:
    return TorchEngine(load_checkpoint(tiny_whisper))


@pytest.mark.parametrize("beam", [1, 4])
def test_company_changes_nothing(tiny: TorchEngine, beam: int) -> None:
    windows = noise(4.0, 2.5, 3.3)
    decoding = Decoding("en", beam_size=beam)
    together = tiny.decode(windows, decoding)
    for window, hypothesis in zip(windows, together, strict=True):
        (alone,) = tiny.decode([window], decoding)
        assert_same(hypothesis, alone)


def test_a_step_may_run_while_it_is_recorded(tiny_whisper: Path, tiny: TorchEngine) -> None:
    calls: list[str] = []

    def record(step: Callable[[], None]) -> Callable[[], None]:
        """As recording a graph does: runs the step a few times on tensors that mean nothing."""
        for _ in range(4):
            step()
        calls.append("recorded")

        def replay() -> None:
            calls.append("replayed")
            step()

        return replay

    recorded = TorchEngine(load_checkpoint(tiny_whisper), recorder=record)
    for decoding in (Decoding("en", beam_size=1), Decoding("de", beam_size=3)):
        windows = noise(4.0, 3.0)
        for one, other in zip(
            recorded.decode(windows, decoding), tiny.decode(windows, decoding), strict=True
        ):
            assert_same(one, other)
    assert calls.count("recorded") == 2
    assert calls.count("replayed") > 2


def test_drawn_texts_are_the_same_on_each_run(tiny: TorchEngine) -> None:
    decoding = Decoding("en", temperature=1.0)
    first, again = (tiny.decode(noise(3.0), decoding)[0] for _ in range(2))
    assert_same(first, again)
    assert first.text != tiny.decode(noise(3.0), replace(decoding, temperature=0.0))[0].text


def test_no_window_is_written_with_more_tokens_than_fit() -> None:
    # 3 of prompt, 32 and 15 a second, of which half may be text.
    assert max_tokens(3, 5.0) == (3 + 32 + 75) // 2
    assert max_tokens(3, 30.0) == 224
    assert max_tokens(227, 30.0) == 448 - 227 + 1


def test_words_lie_within_their_window(tiny: TorchEngine) -> None:
    (found,) = tiny.decode(noise(3.0), Decoding("en", beam_size=2))
    assert found.words
    assert all(0 <= w.segment.start < w.segment.end <= 3.1 for w in found.words)
    assert all(0 <= w.probability <= 1 for w in found.words)


def test_every_precision_can_be_configured(tiny_whisper: Path) -> None:
    for name in ("auto", "float32", "bfloat16", "int8"):
        whisper = WhisperTorch(tiny_whisper, AsrConfig(precision=name, beam_size=1))
        expected = Precision.FLOAT32 if name == "auto" else Precision(name)
        assert whisper.engine.rung.precision is expected
        assert len(whisper.engine.decode(noise(1.0), Decoding("en", beam_size=1))) == 1


def test_a_decoding_that_runs_out_of_memory_is_split(
    tiny_whisper: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whisper = WhisperTorch(tiny_whisper, AsrConfig(beam_size=1))
    decode = TorchEngine.decode

    def tight(
        self: TorchEngine, windows: list[Waveform], decoding: Decoding
    ) -> tuple[Hypothesis, ...]:
        if len(windows) > 2:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory.")
        return decode(self, windows, decoding)

    windows = noise(2.0, 1.5, 1.0, 0.5)
    expected = whisper.engine.decode(windows, Decoding("en", beam_size=1))
    monkeypatch.setattr(TorchEngine, "decode", tight)
    found = whisper.engine.decode(windows, Decoding("en", beam_size=1))
    for one, other in zip(found, expected, strict=True):
        assert_same(one, other)
    assert len(whisper.engine.notices) == 1


def test_a_window_that_fails_all_else_is_drawn_and_the_others_are_left_alone(
    tiny_whisper: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[int, float]] = []

    def decode(
        self: TorchEngine, windows: list[Waveform], decoding: Decoding
    ) -> tuple[Hypothesis, ...]:
        calls.append((len(windows), decoding.temperature))
        return tuple(
            Hypothesis((), "", 0.0, -2.0 if window.duration > 3 else -0.1, 0.0)
            for window in windows
        )

    monkeypatch.setattr(TorchEngine, "decode", decode)
    whisper = WhisperTorch(tiny_whisper, AsrConfig(padding=0.0))
    speech = Timeline([Segment(0, 3), Segment(10, 14)])  # too far apart for one window
    whisper(noise(15.0)[0], speech, "en")
    assert calls == [(2, 0.0), (1, 0.0), (1, 0.0), (1, 0.4), (1, 0.8)]
