"""The engine on real weights; recordings for measuring are used where they lie beside the tree."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from pyannote.core import Segment, Timeline

from meeting_app.config import AsrConfig
from meeting_app.domain import Transcript, Waveform, join_words
from meeting_app.errors import ConfigError, ModelError
from pipelines.asr.whisper_ct2 import WhisperCt2

EVAL = Path(__file__).parents[4] / "shared" / "eval" / "audio"
CONFIG = AsrConfig()

Models = Callable[[str], Path]


def read(path: Path) -> Waveform:
    resampler = av.AudioResampler(format="flt", layout="mono", rate=16_000)
    with av.open(str(path)) as container:
        frames = [f for frame in container.decode(audio=0) for f in resampler.resample(frame)]
        frames += resampler.resample(None)
    return Waveform(np.concatenate([frame.to_ndarray()[0] for frame in frames]).astype(np.float32))


def everything(waveform: Waveform) -> Timeline:
    return Timeline([Segment(0, waveform.duration)])


def evaluation(name: str) -> Waveform:
    path = EVAL / name
    if not path.exists():
        pytest.skip(f"{path} is not here")
    return read(path)


@pytest.fixture(scope="module")
def whisper(models: Models) -> WhisperCt2:
    return WhisperCt2(models("whisper-base"), CONFIG, num_threads=2)


@pytest.fixture(scope="module")
def phone_call(models: Models) -> Waveform:
    return read(models("sample-phone-call") / "sample.wav")


@pytest.fixture(scope="module")
def transcript(whisper: WhisperCt2, phone_call: Waveform) -> Transcript:
    return whisper(phone_call, everything(phone_call))


@pytest.mark.model
def test_a_telephone_call_is_understood(transcript: Transcript) -> None:
    text = join_words(transcript.words)
    assert transcript.language == "en"
    assert "This is Diane in New Jersey" in text
    assert "originally from Chicago" in text


@pytest.mark.model
def test_words_keep_their_promises(transcript: Transcript, phone_call: Waveform) -> None:
    words = transcript.words
    assert all(w.text == w.text.strip() and w.text for w in words)
    assert all(0 <= w.probability <= 1 for w in words)
    assert all(0 <= w.segment.start < w.segment.end <= phone_call.duration for w in words)
    assert all(a.segment.start <= b.segment.start for a, b in pairwise(words))


@pytest.mark.model
def test_words_are_where_they_are_said(transcript: Transcript) -> None:
    def places(text: str) -> list[Segment]:
        return [w.segment for w in transcript.words if w.text.strip(".,?") == text]

    # The turns in which the reference has these words; "Jersey" is said in two of them.
    assert places("Diane")[0] in Segment(12.54, 14.18)
    assert places("Jersey")[0] in Segment(12.54, 14.18)
    assert places("Jersey")[1] in Segment(20.17, 21.48)
    assert places("Sheila")[0] in Segment(14.44, 17.77)
    assert places("Yankee")[0] in Segment(24.06, 28.43)


@pytest.mark.model
def test_neither_the_size_of_batches_nor_workers_change_a_word(
    models: Models, transcript: Transcript, phone_call: Waveform
) -> None:
    config = replace(CONFIG, batch_size=1)
    one_by_one = WhisperCt2(models("whisper-base"), config, num_threads=2, num_workers=2)
    again = one_by_one(phone_call, everything(phone_call))
    assert [w.text for w in again.words] == [w.text for w in transcript.words]
    for one, other in zip(again.words, transcript.words, strict=True):
        assert one.segment.start == pytest.approx(other.segment.start, abs=0.05)
        assert one.probability == pytest.approx(other.probability, abs=0.02)


@pytest.mark.model
def test_hotwords_that_are_said_do_no_harm_and_others_do_not_appear(
    whisper: WhisperCt2, phone_call: Waveform
) -> None:
    names = ("Diane", "Zyxwander", "Quorblatt")
    found = join_words(whisper(phone_call, everything(phone_call), "en", names).words)
    assert "This is Diane in New Jersey" in found
    assert "Zyxwander" not in found
    assert "Quorblatt" not in found


def chord(frequencies: tuple[float, ...], time: np.ndarray) -> np.ndarray:
    pulse = np.exp(-3 * (2 * time % 1))  # two strokes a second
    return np.sum([0.1 * np.sin(2 * np.pi * f * time) * pulse for f in frequencies], axis=0)


def sounds_without_speech() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    time = np.arange(12 * 16_000) / 16_000
    roots = (196.0, 262.0, 294.0)
    music = sum(
        chord((f, 1.26 * f, 1.5 * f), time) * (time // 2 % 3 == i) for i, f in enumerate(roots)
    )
    return {
        "nothing": np.zeros_like(time),
        "faint noise": rng.normal(0, 0.001, len(time)),
        "noise": rng.normal(0, 0.1, len(time)),
        "rumble": np.cumsum(rng.normal(0, 0.005, len(time))),
        "tone": 0.3 * np.sin(2 * np.pi * 440 * time),
        "chord": chord((220, 277, 330, 440), time),
        "music": np.asarray(music),
        "clicks": 0.8 * (rng.random(len(time)) < 2e-4),
    }


@pytest.mark.model
@pytest.mark.parametrize("name", sorted(sounds_without_speech()))
@pytest.mark.parametrize("language", [None, "en"])
def test_no_words_are_made_up_where_nobody_speaks(
    whisper: WhisperCt2, name: str, language: str | None
) -> None:
    waveform = Waveform(sounds_without_speech()[name].astype(np.float32))
    assert whisper(waveform, everything(waveform), language) == Transcript(None, ())


@pytest.mark.model
def test_a_sentence_on_repeat_is_no_loop_and_starts_none(whisper: WhisperCt2) -> None:
    jfk = evaluation("jfk.flac")
    pause = np.zeros(2 * 16_000, np.float32)
    again = Waveform(np.concatenate([jfk.samples, pause] * 3))
    text = join_words(whisper(again, everything(again), "en").words).lower()
    assert text.count("ask not") == 3
    assert 3 * 20 <= len(text.split()) <= 3 * 24  # 22 words each time


@pytest.mark.model
@pytest.mark.parametrize("language", ["de", "es", "fr", "it", "ja", "ko", "pt"])
def test_the_language_is_found(whisper: WhisperCt2, language: str) -> None:
    waveform = evaluation(f"languages/test_{language}.flac")
    found = whisper(waveform, everything(waveform))
    assert found.language == language
    assert found.words


@pytest.mark.model
def test_an_unknown_language_is_refused(whisper: WhisperCt2, phone_call: Waveform) -> None:
    with pytest.raises(ConfigError, match="did you mean 'ja'"):
        whisper(phone_call, everything(phone_call), "jap")


@pytest.mark.model
def test_an_english_only_model_understands_english_only(
    models: Models, phone_call: Waveform
) -> None:
    tiny = WhisperCt2(models("whisper-tiny.en"), CONFIG, num_threads=2)
    start = phone_call.crop(Segment(10, 20))
    found = tiny(start, everything(start))
    assert found.language == "en"
    assert "New Jersey" in join_words(found.words)
    with pytest.raises(ModelError, match="English only"):
        tiny(start, everything(start), "de")


def test_a_folder_without_a_model_says_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelError, match=r"model\.bin, tokenizer\.json missing"):
        WhisperCt2(tmp_path, CONFIG)


def test_a_damaged_model_is_refused(tmp_path: Path) -> None:
    for name in ("config.json", "model.bin", "tokenizer.json"):
        (tmp_path / name).write_text("{}")
    with pytest.raises(ModelError, match="cannot be loaded on cpu as int8"):
        WhisperCt2(tmp_path, CONFIG)
