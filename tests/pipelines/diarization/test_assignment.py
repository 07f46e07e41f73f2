"""Local speakers of one chunk become different speakers of the recording."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pipelines.diarization.assignment import UNASSIGNED, assign


def assigned(similarity, chunks) -> list[int]:
    return assign(np.array(similarity, np.float32), np.array(chunks, np.intp)).tolist()


def test_the_best_sum_wins_over_the_best_pair():
    # 0.8 + 0.85 + 0.2 = 1.85; taking 0.9 first leaves 0.25 + 0.1 or 0.2 + 0.2.
    similarity = [[0.9, 0.8, 0.1], [0.85, 0.2, 0.1], [0.3, 0.25, 0.2]]
    assert assigned(similarity, [0, 0, 0]) == [1, 0, 2]


def test_each_chunk_is_paired_for_itself():
    similarity = [[0.9, 0.1], [0.8, 0.7], [0.9, 0.2]]
    assert assigned(similarity, [0, 1, 3]) == [0, 0, 0]


def test_two_of_a_chunk_are_never_the_same_person():
    assert assigned([[0.9, 0.1], [0.8, 0.2]], [4, 4]) == [0, 1]


def test_more_local_speakers_than_speakers_leave_the_least_alike_out():
    assert assigned([[0.1, 0.9], [0.2, 0.3], [0.8, 0.1]], [0, 0, 0]) == [1, UNASSIGNED, 0]


def test_no_local_speaker_gives_no_label():
    assert assign(np.zeros((0, 2), np.float32), np.zeros(0, np.intp)).shape == (0,)


SIMILARITY = arrays(
    np.float32,
    st.tuples(st.integers(1, 9), st.integers(1, 5)),
    elements=st.floats(-1, 1, width=32),
)


@given(SIMILARITY)
def test_a_speaker_is_at_most_once_in_a_chunk_and_nobody_is_left_out_needlessly(similarity):
    chunks = np.arange(len(similarity)) // 3
    labels = assign(similarity, chunks)
    for chunk in set(chunks.tolist()):
        known = [label for label in labels[chunks == chunk].tolist() if label != UNASSIGNED]
        assert len(known) == len(set(known)) == min((chunks == chunk).sum(), similarity.shape[1])
        assert all(0 <= label < similarity.shape[1] for label in known)
