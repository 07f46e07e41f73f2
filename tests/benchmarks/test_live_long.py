"""A long meeting made of short recordings, and what grows with it."""

from pathlib import Path

import numpy as np
import pytest
from pyannote.core import Segment

from benchmarks.corpora import Passage, Recording, ReferenceWords, Timing
from benchmarks.streaming.latencies import Latencies, median_slope
from benchmarks.streaming.long import MemorySample, joined, memory_slope
from benchmarks.streaming.playing import Track
from meeting_app.errors import FormatError

RATE = 16_000


def track(seconds: int, timing: Timing | None = Timing.WORD) -> Track:
    """One word in its second second."""
    words = ReferenceWords(Timing.WORD, (Passage("a", Segment(1, 2), f"w{seconds}"),))
    if timing is not None:
        words = ReferenceWords(timing, words.passages)
    recording = Recording("r", Path("r.wav"), (), None, None if timing is None else words)
    return Track(recording, np.full(seconds * RATE, seconds, np.int16))


def test_recordings_follow_each_other_with_their_words_until_it_is_long_enough() -> None:
    # 3 + 2, 4 + 2, 3 + 2: 16 seconds.
    long = joined([track(3), track(8, Timing.PASSAGE), track(4), track(9, None)], 12.0)
    assert long.duration == 16.0
    assert long.samples[[0, 4 * RATE, 5 * RATE, 12 * RATE]].tolist() == [3, 0, 4, 3]
    assert long.recording.words is not None
    assert [(p.text, p.segment) for p in long.recording.words.passages] == [
        ("w3", Segment(1, 2)),
        ("w4", Segment(6, 7)),
        ("w3", Segment(12, 13)),
    ]


def test_without_a_time_for_each_word_there_is_no_long_meeting() -> None:
    with pytest.raises(FormatError, match="time for each word"):
        joined([track(3, Timing.SPEAKER), track(3, None)], 10.0)


def test_memory_may_settle_before_its_slope_counts() -> None:
    # 50 MB more in the first ten minutes, then 1 MB in half an hour.
    samples = [MemorySample(0.0, 100), MemorySample(300.0, 50_000_000)]
    samples += [MemorySample(600.0 + i * 60.0, 60_000_000 + i * 33_333) for i in range(30)]
    assert memory_slope(samples) == pytest.approx(2_000_000, rel=1e-3)
    assert memory_slope(samples[:3]) is None


def test_the_median_slope_of_a_line_with_one_stray_point_is_that_of_the_line() -> None:
    assert median_slope([0, 1, 2, 3, 4], [0, 2, 4, 100, 8]) == 2.0


def test_latencies_of_a_fast_clock_are_those_of_the_wall() -> None:
    fast = Latencies(word_emission=(0.9,), label=(3.0,), emitted_at=(60.0,), num_said=1)
    slow = fast.over(3.0)
    assert slow.word_emission == pytest.approx((0.3,))
    assert slow.label == pytest.approx((1.0,))
    assert (slow.emitted_at, slow.num_said) == ((60.0,), 1)
