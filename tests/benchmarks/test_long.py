"""Recordings joined to any length, and what comes out of measuring them."""

import wave
from pathlib import Path

import numpy as np
import pytest

from benchmarks.corpora import Recording
from benchmarks.long import Measured, joined, plot


def recording(folder: Path, name: str, level: float, seconds: float) -> Recording:
    path = folder / f"{name}.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        samples = np.full(round(seconds * 16_000), level * 32768, dtype="<i2")
        file.writeframes(samples.tobytes())
    return Recording(name, path, (), None, None)


def test_recordings_follow_each_other_from_the_first_again_until_it_is_long_enough(tmp_path):
    corpus = [recording(tmp_path, "a", 0.25, 1.0), recording(tmp_path, "b", 0.5, 0.5)]
    sound = joined(corpus, 3.0, tmp_path / "sound")
    levels = sound.samples[4_000::8_000]  # in the middle of each half second
    assert sound.duration == 3.0
    assert levels == pytest.approx([0.25, 0.25, 0.5, 0.25, 0.25, 0.5], abs=1e-3)


def test_both_curves_are_drawn(tmp_path):
    measured = [Measured(hours, hours * 180, 1.0, 20.0, 1_000, 4) for hours in (1.0, 2.0)]
    plot(measured, tmp_path / "long.svg")
    drawing = (tmp_path / "long.svg").read_text()
    assert drawing.count('id="axes_') == 2
