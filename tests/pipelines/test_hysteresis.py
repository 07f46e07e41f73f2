"""Frame scores become regions: thresholds, gaps, short regions, padding, edges."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from pyannote.core import Timeline

from meeting_app.config import VadConfig
from pipelines.vad.hysteresis import to_timeline

FRAME = 0.125  # seconds; a power of two, so that every time below is exact
BARE = VadConfig(onset=0.5, offset=0.25, min_speech=0.0, min_silence=0.0, padding=0.0)


def regions(scores, config=BARE, duration=None):
    """(first frame, one after the last) of every region."""
    array = np.array(scores, np.float32)
    timeline = to_timeline(array, FRAME, duration or len(array) * FRAME, config)
    return [(segment.start / FRAME, segment.end / FRAME) for segment in timeline]


scores_of = st.lists(st.sampled_from([0.0, 0.2, 0.3, 0.45, 0.6, 1.0]), max_size=80)
configs = st.builds(
    VadConfig,
    onset=st.sampled_from([0.4, 0.5, 0.7]),
    offset=st.sampled_from([0.1, 0.25, 0.4]),
    min_speech=st.sampled_from([0.0, 0.25, 1.0]),
    min_silence=st.sampled_from([0.0, 0.25, 1.0]),
    padding=st.sampled_from([0.0, 0.125, 0.5]),
)


def test_region_opens_at_onset_and_closes_below_offset():
    assert regions([0.0, 0.49, 0.5, 0.3, 0.25, 0.24, 0.9, 0.0]) == [(2, 5), (6, 7)]


def test_scores_between_the_thresholds_open_nothing():
    assert regions([0.3, 0.4, 0.49]) == []


def test_region_still_open_at_the_end_ends_there():
    assert regions([0.0, 1.0, 0.3]) == [(1, 3)]


def test_gap_shorter_than_min_silence_is_bridged():
    config = replace(BARE, min_silence=0.375)  # three frames
    assert regions([1, 0, 0, 1, 0, 0, 0, 1], config) == [(0, 4), (7, 8)]


def test_silence_at_the_ends_is_no_gap():
    config = replace(BARE, min_silence=10.0)
    assert regions([0, 0, 1, 0, 1, 0, 0], config) == [(2, 5)]


def test_region_shorter_than_min_speech_is_dropped():
    config = replace(BARE, min_speech=0.25)  # two frames
    assert regions([0, 1, 0, 0, 1, 1, 0], config) == [(4, 6)]


def test_gaps_are_bridged_before_short_regions_are_dropped():
    config = replace(BARE, min_speech=0.375, min_silence=0.25)
    assert regions([0, 1, 0, 1, 0, 0, 1, 0], config) == [(1, 4)]


def test_durations_that_are_whole_frames_survive_rounding():
    config = replace(BARE, min_speech=0.32)
    scores = np.zeros(30, np.float32)
    scores[5:15] = 1.0  # ten frames of 0.032 s
    assert len(to_timeline(scores, 0.032, 0.96, config)) == 1


def test_padding_is_added_on_both_sides_and_cut_at_the_recording():
    config = replace(BARE, padding=0.25)
    assert regions([0, 1, 0, 0, 0, 0, 0, 1, 0], config) == [(0, 4), (5, 9)]


def test_regions_whose_padding_meets_become_one():
    config = replace(BARE, padding=0.25)
    assert regions([0, 0, 1, 0, 0, 0, 1, 0, 0], config) == [(0, 9)]


def test_last_frame_may_reach_beyond_the_recording():
    assert regions([0, 1], duration=0.1875) == [(1, 1.5)]


def test_no_frame_gives_no_region():
    assert to_timeline(np.zeros(0, np.float32), FRAME, 0.05, VadConfig()) == Timeline()


@given(st.integers(1, 200), configs)
def test_all_zero_is_empty(num_frames, config):
    assert regions([0.0] * num_frames, config) == []


@given(st.integers(8, 200), configs)
def test_all_one_is_the_whole_recording(num_frames, config):
    assert regions([1.0] * num_frames, config) == [(0, num_frames)]


@given(scores_of, configs)
def test_regions_are_ordered_apart_and_inside(scores, config):
    found = regions(scores, config)
    edges = [edge for region in found for edge in region]
    assert all(start < end for start, end in found)
    assert all(a[1] < b[0] for a, b in pairwise(found))
    assert not edges or (edges[0] >= 0 and edges[-1] <= len(scores))


@given(scores_of, configs)
def test_gaps_and_regions_keep_their_minimum(scores, config):
    found = regions(scores, config)
    gaps = [b[0] - a[1] for a, b in pairwise(found)]
    assert all(gap * FRAME >= config.min_silence - 2 * config.padding for gap in gaps)
    assert all((end - start) * FRAME >= config.min_speech for start, end in found)


@given(scores_of, configs, st.integers(0, 40))
def test_later_speech_gives_later_regions(scores, config, shift):
    margin = 4  # frames; no padding is cut on the left
    first = regions([0.0] * margin + scores, config)
    later = regions([0.0] * (margin + shift) + scores, config)
    assert later == [(start + shift, end + shift) for start, end in first]


@given(scores_of, configs, st.sampled_from([0.0, 0.05, 0.2]), st.sampled_from([0.0, 0.1]))
def test_higher_thresholds_find_no_more_speech(scores, config, more_onset, more_offset):
    stricter = replace(
        config,
        onset=config.onset + more_onset,
        offset=min(config.onset, config.offset + more_offset),
    )
    strict = regions(scores, stricter)
    loose = regions(scores, config)
    assert all(any(a <= start and end <= b for a, b in loose) for start, end in strict)
