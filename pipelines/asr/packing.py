"""Which stretches of a recording are given to a recogniser, and in which company.

Whisper's encoder costs grow with the length of its input, so a window is as long as the speech
in it and no silence is cut out of its middle: times need no mapping back, and no word can
straddle a removed pause.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np
from pyannote.core import Segment, Timeline

from meeting_app.domain import Waveform

LONGEST_WINDOW = 30.0  # seconds; what Whisper was trained on
SHORTEST_WINDOW = 0.1  # seconds; less holds no word, and the log-mel needs some samples
_PADDED_STEP = 2.5  # seconds; padded lengths are multiples of it, so that windows share a batch
# Seconds of silence behind a window that failed, and of both together; more costs time and gains
# nothing. With less behind it, music that loops is written down as text.
_LONG_TAIL, _LONG_PADDING = 10.0, 20.0
_TAIL = 0.5  # seconds of silence after the sound, so that a last word is seen to end
_QUIET = 0.1  # seconds over which energy is averaged when a cut is looked for


def pack(
    speech: Timeline, waveform: Waveform, longest: float, longest_pause: float
) -> tuple[Segment, ...]:
    """Windows that together hold all speech, each region whole unless it is too long itself.

    Args:
        speech: regions in seconds; overlapping ones are joined, and what lies outside the
            recording is cut off.
        waveform: looked at only where a region is longer than ``longest``.
        longest: seconds of a window, at most 30.
        longest_pause: seconds; a longer one between two regions is in no window.

    Returns:
        Disjoint, in time order, each between SHORTEST_WINDOW and ``longest`` seconds.
    """
    windows: list[Segment] = []
    for piece in _pieces(speech, waveform, longest):
        if windows and _fits(windows[-1], piece, longest, longest_pause):
            windows[-1] = windows[-1] | piece
        else:
            windows.append(piece)
    return tuple(window for window in windows if window.duration >= SHORTEST_WINDOW)


def padded_duration(duration: float, is_long: bool = False) -> float:
    """Seconds of the input that a window is brought to by silence.

    Args:
        duration: seconds of the window.
        is_long: for one that failed with little silence behind it.
    """
    steps = math.ceil(round((duration + _TAIL) / _PADDED_STEP, 6))
    padded = steps * _PADDED_STEP
    if is_long:
        padded = max(padded + _LONG_TAIL, _LONG_PADDING)
    return min(LONGEST_WINDOW, padded)


def batches(windows: Sequence[Segment], size: int) -> Iterator[tuple[Segment, ...]]:
    """Windows of one padded length together, at most ``size``; the longest come first.

    Since no window is padded on account of its company, the batch size changes no result.
    """
    ordered = sorted(windows, key=lambda w: (-padded_duration(w.duration), w.start))
    for _, group in groupby(ordered, key=lambda w: padded_duration(w.duration)):
        alike = tuple(group)
        for first in range(0, len(alike), size):
            yield alike[first : first + size]


def spread(windows: Sequence[Segment], count: int) -> tuple[Segment, ...]:
    """At most ``count`` windows from all over the recording: the longest of each equal part."""
    if not windows:
        return ()
    first, last = windows[0].start, windows[-1].end
    width = (last - first) / count
    best: dict[int, Segment] = {}
    for window in windows:
        part = min(count - 1, int((window.middle - first) / width))
        if part not in best or window.duration > best[part].duration:
            best[part] = window
    return tuple(best[part] for part in sorted(best))


def quietest(samples: np.ndarray, sample_rate: int) -> float:
    """Where a cut hurts least.

    Args:
        samples: (num_samples,) float32.
        sample_rate: Hz.

    Returns:
        Seconds from the first sample to the middle of the 100 ms with the least energy; the
        latest such place when several are equal.
    """
    width = min(len(samples), round(_QUIET * sample_rate))
    energy = np.cumsum(np.concatenate([[0.0], np.square(samples, dtype=np.float64)]))
    smooth = energy[width:] - energy[:-width]  # (num_samples - width + 1,)
    # Differences of a running sum differ by rounding where the sound is equal.
    lowest = np.flatnonzero(smooth <= smooth.min() + 1e-9 * energy[-1])[-1]
    return (int(lowest) + width / 2) / sample_rate


def _fits(window: Segment, piece: Segment, longest: float, longest_pause: float) -> bool:
    is_short = bool(piece.end - window.start <= longest)
    return is_short and bool(piece.start - window.end <= longest_pause)


def _pieces(speech: Timeline, waveform: Waveform, longest: float) -> Iterator[Segment]:
    """The regions inside the recording, cut where they are longer than a window."""
    for region in speech.support():
        start, end = max(0.0, region.start), min(waveform.duration, region.end)
        while end - start > longest:
            # The last third, so that no cut leaves a window mostly empty.
            search = Segment(start + longest * 2 / 3, start + longest)
            cut = search.start + quietest(waveform.crop(search).samples, waveform.sample_rate)
            yield Segment(start, cut)
            start = cut
        if end > start:
            yield Segment(start, end)
