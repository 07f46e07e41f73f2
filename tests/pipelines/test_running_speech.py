"""Regions of speech in sound that is still coming in, with scores read off the sound."""

import numpy as np
import pytest

from meeting_app.config import VadConfig
from pipelines.vad.running import RunningDetector
from pipelines.vad.silero import FRAME_SAMPLES

CONFIG = VadConfig(padding=0.0)
FRAME = 0.032  # seconds


class FakeScores:
    """Whole frames of sound are their own scores."""

    def __init__(self) -> None:
        self.rest = np.zeros(0, np.float32)

    def accept(self, samples):
        sound = np.concatenate([self.rest, samples])
        num_whole = len(sound) // FRAME_SAMPLES
        self.rest = sound[num_whole * FRAME_SAMPLES :]
        return sound[: num_whole * FRAME_SAMPLES : FRAME_SAMPLES]


def sound_of(*scores_and_frames: tuple[float, int]) -> np.ndarray:
    parts = [np.full(n * FRAME_SAMPLES, score, np.float32) for score, n in scores_and_frames]
    return np.concatenate(parts)


def test_speech_is_where_it_was_said():
    stream = RunningDetector(FakeScores, CONFIG)()
    assert not stream.accept(sound_of((0.0, 100)))
    (region,) = stream.accept(sound_of((0.9, 50), (0.0, 20)))
    assert (region.start, region.end) == pytest.approx((100 * FRAME, 150 * FRAME))


def test_speech_that_goes_on_ends_at_the_present():
    stream = RunningDetector(FakeScores, CONFIG)()
    (region,) = stream.accept(sound_of((0.9, 10)))
    assert region.end == pytest.approx(10 * FRAME)
    (region,) = stream.accept(sound_of((0.9, 10)))
    assert region.end == pytest.approx(20 * FRAME)


def test_what_is_long_ago_is_forgotten():
    stream = RunningDetector(FakeScores, CONFIG, reach=100 * FRAME)()
    stream.accept(sound_of((0.9, 50)))
    (region,) = stream.accept(sound_of((0.0, 70)))
    assert (region.start, region.end) == pytest.approx((20 * FRAME, 50 * FRAME))
    assert not stream.accept(sound_of((0.0, 50)))


def test_conversations_do_not_hear_each_other():
    detector = RunningDetector(FakeScores, CONFIG)
    one, other = detector(), detector()
    one.accept(sound_of((0.9, 20)))
    assert not other.accept(sound_of((0.0, 20)))
