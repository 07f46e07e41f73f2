"""Scores of frames become regions of speech."""

import math

import numpy as np
import numpy.typing as npt
from pyannote.core import Segment, Timeline

from meeting_app.config import VadConfig

Mask = npt.NDArray[np.bool_]


def to_timeline(
    scores: npt.NDArray[np.float32], frame_duration: float, duration: float, config: VadConfig
) -> Timeline:
    """Regions of speech: disjoint, in time order, inside the recording.

    A region opens at a score of at least ``onset`` and closes at one below ``offset``. Then
    gaps shorter than ``min_silence`` are bridged, regions shorter than ``min_speech`` dropped,
    and ``padding`` is added; regions that then meet become one.

    Args:
        scores: (num_frames,) float32 in [0, 1].
        frame_duration: seconds from one frame to the next.
        duration: seconds of the recording; regions are cut there.
        config: thresholds and durations, with ``offset`` not above ``onset``.
    """
    speech = _above_threshold(scores, config.onset, config.offset)
    speech = _without_short_runs(speech, _num_frames(config.min_silence, frame_duration), False)
    speech = _without_short_runs(speech, _num_frames(config.min_speech, frame_duration), True)
    padded = [
        Segment(
            max(0.0, first * frame_duration - config.padding),
            min(duration, last * frame_duration + config.padding),
        )
        for first, last in _runs(speech)
    ]
    return Timeline(padded).support()


def _above_threshold(scores: npt.NDArray[np.float32], onset: float, offset: float) -> Mask:
    """(num_frames,) bool: is speech; between the thresholds the frame before decides."""
    opens = scores >= onset
    decides = opens | (scores < offset)
    latest = np.maximum.accumulate(np.where(decides, np.arange(len(scores)), -1))
    return np.where(latest >= 0, opens[latest], False) if len(scores) else opens


def _without_short_runs(speech: Mask, num_frames: int, value: bool) -> Mask:
    """(num_frames,) bool with runs of ``value`` shorter than ``num_frames`` turned over.

    Silence before the first region and after the last is no gap, and stays.
    """
    result = speech.copy()
    for first, last in _runs(speech == value):
        is_gap_at_edge = not value and (first == 0 or last == len(speech))
        if last - first < num_frames and not is_gap_at_edge:
            result[first:last] = not value
    return result


def _runs(mask: Mask) -> npt.NDArray[np.intp]:
    """(num_runs, 2) first frame and the one after the last of every run of True."""
    edges = np.diff(np.concatenate(([False], mask, [False])).astype(np.int8))
    return np.stack([np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)], axis=1)


def _num_frames(duration: float, frame_duration: float) -> int:
    # The allowance keeps 0.32 s at ten frames of 0.032 s in spite of rounding.
    return math.ceil(duration / frame_duration - 1e-6)
