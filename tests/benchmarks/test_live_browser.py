"""The clock of the page against the clock of the file."""

import numpy as np
import pytest

from benchmarks.streaming.browser import PageLog, arrivals_of, place_of

RATE = 16_000


@pytest.mark.parametrize("begin", [0.0, 1.25, -0.5])
def test_the_place_of_a_recording_in_the_file_is_found(begin: float) -> None:
    file = np.random.default_rng(1).normal(0, 3_000, 4 * RATE).astype(np.int16)
    if begin >= 0:
        recorded = file[round(begin * RATE) :]
    else:
        recorded = np.concatenate([np.zeros(round(-begin * RATE), np.int16), file])
    noise = np.random.default_rng(2).normal(0, 500, len(recorded)).astype(np.int16)
    assert place_of(recorded // 2 + noise, file) == begin


def test_text_counts_from_when_it_was_painted_and_the_rest_from_when_it_came() -> None:
    log = PageLog(
        began=1_000_000.0,
        events=(
            {"event": {"type": "state"}, "received": 1_000_100.0},
            {
                "event": {"type": "partial", "line": 0, "words": [["hi", 0.5, 0.9, 1]]},
                "received": 1_001_000.0,
            },
            {
                "event": {"type": "voices", "start": 0, "segments": [[0.5, 0.9, "A"]]},
                "received": 1_001_500.0,
            },
        ),
        paints=({"type": "partial", "painted": 1_001_016.0},),
    )
    # The recording began half a second into the file.
    state, partial, voices = arrivals_of(log, 0.5)
    assert (state.at, partial.at, voices.at) == pytest.approx((0.6, 1.516, 2.0))
    assert partial.message["words"] == [["hi", 1.0, 1.4, 1]]
    assert voices.message["segments"] == [[1.0, 1.4, "A"]]
