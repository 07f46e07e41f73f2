"""What voices sounded like: which windows a segment holds, and their mean."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyannote.core import Segment

from meeting_app.domain import VoiceEvidence


def an_evidence(*times: float) -> VoiceEvidence:
    """Windows that turn from the first axis to the second."""
    share = np.linspace(0, 1, len(times), dtype=np.float32)
    embeddings = np.sqrt(np.stack([1 - share, share], axis=1))
    return VoiceEvidence("fake", np.array(times), embeddings, np.full(len(times), 1.5, np.float32))


def test_a_window_belongs_to_the_segment_that_holds_its_middle() -> None:
    evidence = an_evidence(0.5, 1.0, 1.5, 2.0)
    assert evidence.inside([Segment(1.0, 2.0)]).tolist() == [False, True, True, False]


def test_segments_may_overlap_and_come_in_any_order() -> None:
    evidence = an_evidence(0.5, 1.0, 1.5, 2.0, 2.5)
    segments = [Segment(1.9, 2.2), Segment(0.4, 1.2), Segment(0.9, 1.1)]
    assert evidence.inside(segments).tolist() == [True, True, False, True, False]


@given(
    times=st.lists(st.floats(0, 20), max_size=8).map(sorted),
    spans=st.lists(st.tuples(st.floats(0, 20), st.floats(0, 5)), max_size=5),
)
def test_a_window_is_inside_when_any_segment_holds_it(times, spans) -> None:
    segments = [Segment(start, start + length) for start, length in spans if length > 1e-5]
    expected = [any(s.start <= time < s.end for s in segments) for time in times]
    assert an_evidence(*times).inside(segments).tolist() == expected


def test_the_mean_voice_of_segments_is_that_of_their_windows() -> None:
    evidence = an_evidence(0.5, 1.5, 2.5)  # (1, 0), (√½, √½), (0, 1)
    assert evidence.mean([Segment(0, 1), Segment(2, 3)]) == pytest.approx([0.5, 0.5])


def test_where_no_window_is_there_is_no_mean_voice() -> None:
    assert an_evidence(0.5).mean([Segment(1, 2)]) is None
    assert VoiceEvidence.nothing("fake", 2).mean([Segment(0, 9)]) is None


def test_every_window_needs_time_embedding_and_duration() -> None:
    with pytest.raises(ValueError, match=r"times \(2,\), embeddings \(1, 2\), durations \(2,\)"):
        VoiceEvidence("fake", np.zeros(2), np.zeros((1, 2), np.float32), np.ones(2, np.float32))
