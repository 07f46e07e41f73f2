from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyannote.core import Segment, Timeline

from meeting_app.domain import Waveform
from pipelines.asr.packing import (
    SHORTEST_WINDOW,
    batches,
    pack,
    padded_duration,
    quietest,
    spread,
)

# At 1 kHz, so that the property below is fast; packing knows no particular rate.
NOISE = Waveform(np.random.default_rng(0).normal(0, 0.1, 280_000).astype(np.float32), 1_000)


def silence(seconds: float) -> Waveform:
    return Waveform(np.zeros(round(seconds * 16_000), np.float32))


def test_regions_share_a_window_until_it_is_full() -> None:
    speech = Timeline([Segment(0, 8), Segment(9, 15), Segment(16, 22)])
    assert pack(speech, silence(30), longest=20, longest_pause=2) == (
        Segment(0, 15),
        Segment(16, 22),
    )


def test_a_long_pause_ends_a_window() -> None:
    speech = Timeline([Segment(0, 3), Segment(5.5, 8)])
    assert pack(speech, silence(10), longest=20, longest_pause=2) == (
        Segment(0, 3),
        Segment(5.5, 8),
    )


def test_silence_packs_into_nothing() -> None:
    assert pack(Timeline(), silence(10), longest=20, longest_pause=2) == ()


def test_speech_beyond_the_recording_is_cut_off() -> None:
    speech = Timeline([Segment(-1, 2), Segment(3, 99), Segment(100, 101)])
    assert pack(speech, silence(5), longest=20, longest_pause=2) == (Segment(0, 5),)


def test_too_long_a_region_is_cut_where_it_is_quietest() -> None:
    samples = np.full(30 * 16_000, 0.5, np.float32)
    samples[17 * 16_000 : 17 * 16_000 + 1_600] = 0  # 100 ms of silence at 17.0 s
    samples[5 * 16_000 : 6 * 16_000] = 0  # quiet too, but not in the last third of 20 s
    windows = pack(Timeline([Segment(0, 30)]), Waveform(samples), longest=20, longest_pause=2)
    assert [w.start for w in windows] == pytest.approx([0, 17.05], abs=1e-3)
    assert [w.end for w in windows] == pytest.approx([17.05, 30], abs=1e-3)


def test_quietest_place_of_an_even_sound_is_the_latest() -> None:
    assert quietest(np.ones(16_000, np.float32), 16_000) == pytest.approx(0.95)


@given(
    st.lists(st.tuples(st.floats(0, 200), st.floats(0.1, 70)), max_size=12),
    st.floats(5, 30),
    st.floats(0, 5),
)
def test_windows_are_disjoint_short_enough_and_hold_all_speech(
    spans: list[tuple[float, float]], longest: float, longest_pause: float
) -> None:
    speech = Timeline([Segment(start, start + length) for start, length in spans])
    windows = pack(speech, NOISE, longest, longest_pause)
    assert all(SHORTEST_WINDOW <= w.duration <= longest + 1e-6 for w in windows)
    assert all(a.end <= b.start for a, b in pairwise(windows))
    lost = speech.support().duration() - speech.crop(Timeline(windows)).support().duration()
    assert lost <= SHORTEST_WINDOW * len(spans) + 1e-6


@pytest.mark.parametrize(
    ("duration", "padded"),
    [(0.1, 2.5), (2, 2.5), (2.01, 5), (4.5, 5), (19.5, 20), (20, 22.5), (30, 30)],
)
def test_windows_are_padded_to_steps_of_two_and_a_half_seconds(
    duration: float, padded: float
) -> None:
    assert padded_duration(duration) == padded


@pytest.mark.parametrize(("duration", "padded"), [(0.1, 20), (9.5, 20), (12, 22.5), (19.5, 30)])
def test_a_window_that_failed_has_ten_seconds_of_silence_behind_it(
    duration: float, padded: float
) -> None:
    assert padded_duration(duration, is_long=True) == padded


def test_windows_of_one_padded_length_are_decoded_together_longest_first() -> None:
    short, long, shorter = Segment(0, 4), Segment(5, 21), Segment(22, 25)
    assert list(batches([short, long, shorter], 8)) == [(long,), (short, shorter)]
    assert list(batches([short, shorter], 1)) == [(short,), (shorter,)]


def test_spread_takes_the_longest_window_of_each_part() -> None:
    windows = [Segment(0, 1), Segment(2, 9), Segment(50, 52), Segment(60, 61), Segment(90, 100)]
    assert spread(windows, 2) == (Segment(2, 9), Segment(90, 100))
    assert spread(windows[:1], 5) == (Segment(0, 1),)
    assert spread([], 5) == ()
