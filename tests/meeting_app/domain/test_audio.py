"""What a waveform promises."""

import itertools
from pathlib import Path

import numpy as np
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyannote.core import Segment

from meeting_app.domain import Waveform


def _ramp(num_samples: int, sample_rate: int = 10) -> Waveform:
    return Waveform(np.arange(num_samples, dtype=np.float32), sample_rate)


def test_duration_is_samples_over_rate() -> None:
    assert _ramp(25).duration == 2.5


def test_crop_takes_the_samples_of_a_half_open_interval() -> None:
    assert _ramp(25).crop(Segment(0.5, 1.0)).samples.tolist() == [5, 6, 7, 8, 9]


def test_crop_is_cut_at_the_ends_of_the_recording() -> None:
    assert _ramp(5).crop(Segment(-1.0, 0.2)).samples.tolist() == [0, 1]
    assert _ramp(5).crop(Segment(0.3, 9.0)).samples.tolist() == [3, 4]


@pytest.mark.parametrize("segment", [Segment(7.0, 9.0), Segment(-3.0, -1.0), Segment(0.2, 0.2)])
def test_crop_outside_the_recording_is_empty(segment: Segment) -> None:
    assert len(_ramp(5).crop(segment).samples) == 0


def test_crop_keeps_the_rate_and_copies_nothing() -> None:
    waveform = _ramp(25)
    cropped = waveform.crop(Segment(1.0, 2.0))
    assert cropped.sample_rate == 10
    assert np.shares_memory(cropped.samples, waveform.samples)


@given(st.integers(0, 200), st.lists(st.floats(0, 20), min_size=1, max_size=6))
def test_adjoining_crops_together_are_the_whole(num_samples: int, cuts: list[float]) -> None:
    waveform = _ramp(num_samples)
    borders = [0.0, *sorted(cuts), 20.0]
    pieces = [
        waveform.crop(Segment(start, end)).samples for start, end in itertools.pairwise(borders)
    ]
    assert np.concatenate(pieces).tolist() == waveform.samples.tolist()


@given(st.integers(0, 200), st.integers(1, 250))
def test_blocks_together_are_the_whole(num_samples: int, size: int) -> None:
    blocks = list(_ramp(num_samples).blocks(size))
    assert [len(block) for block in blocks[:-1]] == [size] * (len(blocks) - 1)
    assert [sample for block in blocks for sample in block] == list(range(num_samples))


@pytest.mark.parametrize(
    "samples",
    [np.zeros((2, 5), dtype=np.float32), np.zeros(5, dtype=np.float64), np.zeros(5, np.int16)],
)
def test_only_one_channel_of_float32_is_a_waveform(samples: np.ndarray) -> None:
    with pytest.raises(ValueError, match="one channel of float32"):
        Waveform(samples)


def test_a_released_recording_takes_no_memory_until_it_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "sound.f32"
    np.ones(4_000_000, np.float32).tofile(path)
    waveform = Waveform(np.memmap(path, dtype=np.float32, mode="r"))
    memory = psutil.Process().memory_info
    assert waveform.samples.sum() == 4_000_000
    before = memory().rss
    waveform.release()
    assert before - memory().rss > 12_000_000
    assert waveform.samples.sum() == 4_000_000


def test_releasing_sound_that_is_no_file_keeps_it() -> None:
    waveform = _ramp(5)
    waveform.release()
    assert waveform.samples.tolist() == [0, 1, 2, 3, 4]
