"""The Silero network hears speech, and only speech, the same however long the recording."""

import wave
from pathlib import Path

import numpy as np
import pytest
from pyannote.core import Annotation, Segment, Timeline

from meeting_app.config import VadConfig
from meeting_app.domain import SAMPLE_RATE, Waveform
from meeting_app.errors import ConfigError, ModelError
from pipelines.vad import silero
from pipelines.vad.silero import SileroDetector

pytestmark = pytest.mark.model

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def detector() -> SileroDetector:
    return SileroDetector(VadConfig())


@pytest.fixture
def phone_call(models) -> Path:
    return models("sample-phone-call")


def read_wav(path: Path) -> Waveform:
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (16_000, 1, 2)
        content = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    return Waveform((content / 32768).astype(np.float32))


def read_rttm(path: Path) -> Timeline:
    annotation = Annotation()
    for index, line in enumerate(path.read_text().splitlines()):
        _, _, _, start, duration, *_ = line.split()
        annotation[Segment(float(start), float(start) + float(duration)), index] = "x"
    return annotation.get_timeline().support()


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(10 * SAMPLE_RATE),
        0.1 * RNG.standard_normal(10 * SAMPLE_RATE),
        0.001 * RNG.standard_normal(10 * SAMPLE_RATE),
        0.5 * np.sin(2 * np.pi * 440 * np.arange(10 * SAMPLE_RATE) / SAMPLE_RATE),
        np.zeros(0),
        np.zeros(1),
    ],
    ids=["silence", "white noise", "a room's noise", "tone", "nothing", "one sample"],
)
def test_what_is_no_speech_gives_no_region(detector, samples):
    assert not detector(Waveform(samples.astype(np.float32)))


def test_phone_call_is_found_where_its_reference_says(detector, phone_call):
    waveform = read_wav(phone_call / "sample.wav")
    reference = read_rttm(phone_call / "sample.rttm")

    speech = detector(waveform)

    heard = sum(segment.duration for segment in speech.crop(reference).support())
    assert heard >= 0.95 * reference.duration()
    assert speech.duration() - heard <= 0.15 * waveform.duration
    assert speech == speech.support()


def test_blocks_do_not_change_the_scores(detector, phone_call, monkeypatch):
    waveform = read_wav(phone_call / "sample.wav")
    whole = detector.scores(waveform)
    monkeypatch.setattr(silero, "BLOCK_FRAMES", 7)
    assert np.allclose(detector.scores(waveform), whole, atol=1e-5)


def test_scores_are_one_per_32_ms_with_the_last_filled_up(detector):
    assert detector.scores(Waveform(np.zeros(512 * 3, np.float32))).shape == (3,)
    assert detector.scores(Waveform(np.zeros(512 * 3 + 1, np.float32))).shape == (4,)


def test_soft_recording_holds_the_same_speech(detector, phone_call):
    waveform = read_wav(phone_call / "sample.wav")
    soft = Waveform(waveform.samples / np.float32(8))
    assert np.allclose(detector.scores(soft), detector.scores(waveform), atol=1e-3)


def test_second_recording_starts_afresh(detector, phone_call):
    waveform = read_wav(phone_call / "sample.wav")
    first = detector.scores(waveform)
    assert np.array_equal(detector.scores(waveform), first)


def test_read_only_memory_map_is_read(detector, tmp_path):
    path = tmp_path / "sound.f32"
    path.write_bytes(bytes(4 * 1_000))
    mapped = np.memmap(path, "<f4", mode="r")
    assert detector.scores(Waveform(mapped)).shape == (2,)


def test_progress_rises_to_one(detector):
    reported: list[float] = []
    detector(Waveform(np.zeros(80 * SAMPLE_RATE, np.float32)), reported.append)
    assert len(reported) == 3  # 80 s in blocks of 33 s
    assert reported == sorted(reported)
    assert reported[-1] == 1.0


def test_other_sample_rate_is_refused(detector):
    with pytest.raises(ModelError, match="8000 Hz; give 16000 Hz"):
        detector(Waveform(np.zeros(8_000, np.float32), 8_000))


def test_offset_above_onset_is_refused():
    with pytest.raises(ConfigError, match=r"vad\.offset: 0\.6 is above vad\.onset 0\.5"):
        SileroDetector(VadConfig(onset=0.5, offset=0.6))
