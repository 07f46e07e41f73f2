import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meeting_app.domain import Waveform
from meeting_app.errors import MediaError
from pipelines.peaks import STEP, peaks_of, write_peaks, write_peaks_of_file
from pipelines.playback import encode_playback


def test_step_has_its_highest_sample_and_its_root_mean_square():
    samples = np.zeros(2 * STEP, np.float32)
    samples[:STEP] = 0.6
    samples[0] = -1.0
    first, second = peaks_of(samples)
    # √((799 · 0.36 + 1) / 800) = 0.60066…, and 255 · 0.60066 = 153.17
    assert first.tolist() == [255, 153]
    assert second.tolist() == [0, 0]


def test_last_step_counts_only_the_samples_it_has():
    assert peaks_of(np.full(STEP + 1, 0.4, np.float32)).tolist() == [[102, 102], [102, 102]]


def test_no_sound_has_no_steps():
    assert peaks_of(np.zeros(0, np.float32)).shape == (0, 2)


@given(st.integers(0, 3 * STEP))
def test_every_sample_belongs_to_a_step(num_samples):
    assert len(peaks_of(np.ones(num_samples, np.float32))) == -(-num_samples // STEP)


def test_long_sound_is_written_in_blocks_without_seams(tmp_path):
    noise = np.random.default_rng(1).uniform(-1, 1, 1201 * STEP).astype(np.float32)
    write_peaks(Waveform(noise), tmp_path / "peaks.bin")
    assert (tmp_path / "peaks.bin").read_bytes() == peaks_of(noise).tobytes()


def test_playback_file_has_the_outline_of_the_sound_it_was_made_from(tmp_path):
    loudness = np.repeat([0.1, 0.8, 0.0, 0.5], 10 * STEP)
    tone = np.sin(np.arange(len(loudness)) * 0.3) * loudness
    encode_playback(Waveform(tone.astype(np.float32)), tmp_path / "a.m4a")
    write_peaks_of_file(tmp_path / "a.m4a", tmp_path / "peaks.bin")
    found = np.fromfile(tmp_path / "peaks.bin", np.uint8).reshape(-1, 2)
    middles = found[[5, 15, 25, 35], 0] / 255
    assert middles == pytest.approx([0.1, 0.8, 0.0, 0.5], abs=0.05)


def test_file_that_is_no_sound_leaves_no_outline(tmp_path):
    (tmp_path / "a.m4a").write_bytes(b"no sound")
    with pytest.raises(MediaError):
        write_peaks_of_file(tmp_path / "a.m4a", tmp_path / "peaks.bin")
    assert not (tmp_path / "peaks.bin").exists()
