"""Where nobody speaks nothing is written down: detector and recogniser on real weights."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from pyannote.core import Segment, Timeline

from meeting_app.config import AsrConfig, VadConfig
from meeting_app.domain import SAMPLE_RATE, Transcript, Waveform
from pipelines.asr.whisper_ct2 import WhisperCt2
from pipelines.vad.silero import SileroDetector
from tests.pipelines.asr.test_whisper_ct2 import read

Sound = npt.NDArray[np.float64]

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def recognizer(models: Callable[[str], Path]) -> WhisperCt2:
    return WhisperCt2(models("whisper-base"), AsrConfig())


@pytest.fixture(scope="module")
def detector() -> SileroDetector:
    return SileroDetector(VadConfig())


def seconds(duration: float) -> Sound:
    return np.arange(round(duration * SAMPLE_RATE)) / SAMPLE_RATE


def tone(duration: float) -> Sound:
    return 0.3 * np.sin(2 * np.pi * 440 * seconds(duration))


def noise(duration: float) -> Sound:
    """White, as loud as a file can hold: 0 dB full scale."""
    return np.clip(np.random.default_rng(0).normal(0, 1, len(seconds(duration))), -1, 1)


def music(duration: float) -> Sound:
    """Chords with overtones over a bass, two strokes a second, with a vibrato."""
    time = seconds(duration)
    bar = (time // 2).astype(int)
    roots = np.array([196.0, 262.0, 294.0, 220.0])[bar % 4]
    phase = 2 * np.pi * np.cumsum(roots * (1 + 0.004 * np.sin(2 * np.pi * 5 * time))) / SAMPLE_RATE
    voices = sum(
        np.sin(interval * overtone * phase) / overtone
        for interval in (0.5, 1.0, 1.26, 1.5)
        for overtone in (1, 2, 3, 4)
    )
    return np.asarray(0.08 * voices * np.exp(-3 * (2 * time % 1)))


SOUNDS: dict[str, Callable[[], Sound]] = {
    "silence": lambda: np.zeros(60 * SAMPLE_RATE),
    "music": lambda: music(60),
    "noise": lambda: noise(60),
    "ten minutes of a tone": lambda: tone(600),
}


def waveform_of(sound: Sound) -> Waveform:
    return Waveform(sound.astype(np.float32))


@pytest.mark.parametrize("name", SOUNDS)
def test_no_words_where_nobody_speaks(
    detector: SileroDetector, recognizer: WhisperCt2, name: str
) -> None:
    waveform = waveform_of(SOUNDS[name]())
    assert recognizer(waveform, detector(waveform)) == Transcript(None, ())


@pytest.mark.parametrize("name", ["music", "noise"])
def test_no_words_even_where_the_detector_takes_all_of_it_for_speech(
    recognizer: WhisperCt2, name: str
) -> None:
    waveform = waveform_of(SOUNDS[name]()).crop(Segment(0, 30))
    everything = Timeline([Segment(0, waveform.duration)])
    assert recognizer(waveform, everything, "en") == Transcript(None, ())


def test_speech_under_noise_as_loud_gives_no_words_where_only_noise_is(
    models: Callable[[str], Path], detector: SileroDetector, recognizer: WhisperCt2
) -> None:
    speech = read(models("sample-phone-call") / "sample.wav").crop(Segment(12, 22)).samples
    hiss = noise(30)
    hiss *= np.sqrt(np.mean(speech**2) / np.mean(hiss**2))  # 0 dB
    hiss[10 * SAMPLE_RATE : 10 * SAMPLE_RATE + len(speech)] += speech
    waveform = waveform_of(hiss)
    words = recognizer(waveform, detector(waveform), "en").words
    assert all(w.segment.start >= 9.5 and w.segment.end <= 20.5 for w in words)
