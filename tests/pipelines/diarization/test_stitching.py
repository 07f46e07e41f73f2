"""Overlapping chunks: what is kept of them, and what they say of a frame together."""

import numpy as np
import pytest

from pipelines.diarization.assignment import UNASSIGNED
from pipelines.diarization.extraction import LocalSpeakers
from pipelines.diarization.segmentation import FRAME_STEP
from pipelines.diarization.stitching import FrameScores, condensed, overlap_add

NOBODY, FIRST, SECOND, THIRD, FIRST_SECOND, FIRST_THIRD, SECOND_THIRD = range(7)


def chunk_of(num_frames: int, **classes: float) -> np.ndarray:
    """(num_frames, 7) of the same probabilities."""
    row = np.zeros(7, np.float32)
    for name, probability in classes.items():
        row[globals()[name]] = probability
    return np.tile(row, (num_frames, 1))


def local_speakers(*chunk_and_speaker: tuple[int, int]) -> LocalSpeakers:
    chunks, speakers = np.array(chunk_and_speaker, np.intp).reshape(-1, 2).T
    return LocalSpeakers(
        chunks, speakers, np.zeros((len(chunks), 2), np.float32), np.zeros(len(chunks))
    )


def two_chunks() -> np.ndarray:
    return np.stack(
        [chunk_of(4, NOBODY=0.25, FIRST=0.75), chunk_of(4, NOBODY=0.5, FIRST_THIRD=0.5)]
    )


def added(probabilities, local, labels, step, frames=None) -> FrameScores:
    with np.errstate(divide="ignore"):
        num_chunks, length, _ = probabilities.shape
        scores = condensed(np.log(probabilities)[:, np.newaxis], num_chunks, length, step)
    return overlap_add(scores, local, labels, frames or range(scores.num_frames))


def test_frames_seen_by_two_chunks_are_averaged():
    local = local_speakers((0, 0), (1, 0), (1, 2))
    scores = added(two_chunks(), local, np.array([1, 0, 1]), step=2 * FRAME_STEP)
    assert scores.speech == pytest.approx([0.75, 0.75, 0.625, 0.625, 0.5, 0.5])
    assert scores.overlap == pytest.approx([0, 0, 0.25, 0.25, 0.5, 0.5])
    assert scores.activity[0] == pytest.approx([0, 0, 0.25, 0.25, 0.5, 0.5])
    assert scores.activity[1] == pytest.approx([0.75, 0.75, 0.625, 0.625, 0.5, 0.5])


def test_a_local_speaker_without_a_speaker_is_active_for_nobody():
    local = local_speakers((0, 0), (1, 0), (1, 2))
    labels = np.array([0, UNASSIGNED, UNASSIGNED])
    scores = added(two_chunks(), local, labels, step=2 * FRAME_STEP)
    assert scores.activity.shape == (1, 6)
    assert scores.activity[0] == pytest.approx([0.75, 0.75, 0.375, 0.375, 0, 0])


def test_frames_between_chunks_hold_nothing():
    local = local_speakers((0, 0), (1, 0))
    scores = added(two_chunks(), local, np.array([0, 0]), step=6 * FRAME_STEP)
    assert scores.activity[0] == pytest.approx([0.75] * 4 + [0, 0] + [0.5] * 4)
    assert scores.speech[4:6].tolist() == [0, 0]


def test_chunks_begin_at_the_nearest_frame():
    # 2.5 s are 148.1 frames, 5 s are 296.3, 7.5 s are 444.4.
    probabilities = np.stack([chunk_of(1, FIRST=1.0)] * 4)
    scores = added(probabilities, local_speakers((0, 0)), np.array([0]), step=2.5)
    assert np.flatnonzero(scores.speech).tolist() == [0, 148, 296, 444]


@pytest.mark.parametrize("cut", [1, 3, 4, 5])
def test_a_part_of_the_recording_is_told_what_the_whole_is(cut):
    local = local_speakers((0, 0), (1, 0), (1, 2))
    chunks, labels, step = two_chunks(), np.array([1, 0, 1]), 2 * FRAME_STEP
    whole = added(chunks, local, labels, step)
    parts = [added(chunks, local, labels, step, part) for part in (range(cut), range(cut, 6))]
    for name in ("speech", "overlap", "activity"):
        joined = np.concatenate([getattr(part, name) for part in parts], axis=-1)
        assert np.array_equal(joined, getattr(whole, name)), name


def test_batches_of_chunks_are_taken_in_as_if_they_came_at_once():
    chunks = np.log(np.random.default_rng(0).dirichlet(np.ones(7), (5, 4)).astype(np.float32))
    once = condensed([chunks], 5, 4, 2 * FRAME_STEP)
    thrice = condensed([chunks[:2], chunks[2:3], chunks[3:]], 5, 4, 2 * FRAME_STEP)
    for name in ("active", "marginals", "speech", "overlap"):
        assert np.array_equal(getattr(once, name), getattr(thrice, name)), name


def test_the_most_probable_set_of_speakers_is_active():
    with np.errstate(divide="ignore"):
        scores = condensed([np.log(two_chunks())], 2, 4, 2 * FRAME_STEP)
    assert scores.active[:, 0].tolist() == [[True, False, False], [False, False, False]]


def test_no_chunk_has_no_frame():
    assert condensed([], 0, 4, 2.5).num_frames == 0
