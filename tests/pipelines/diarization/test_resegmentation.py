"""The decision in every frame: who is heard, how sure, and from when to when."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pyannote.core import Segment, Timeline

from pipelines.diarization.extraction import SlidingEmbeddings
from pipelines.diarization.resegmentation import (
    FRAME_OFFSET,
    MAX_WINDOW_DISTANCE,
    FrameOptions,
    frame_similarity,
    speech_mask,
    to_annotation,
    voice_scores,
    who_speaks,
)
from pipelines.diarization.segmentation import FRAME_DURATION, FRAME_STEP
from pipelines.diarization.stitching import FrameScores

# --- what the voice sounds like -------------------------------------------------------


def frame_at(time: float) -> int:
    return round((time - FRAME_DURATION / 2) / FRAME_STEP)


AXES = np.eye(2, dtype=np.float32)


def windows(times, embeddings) -> SlidingEmbeddings:
    times = np.asarray(times, dtype=np.float64)
    return SlidingEmbeddings(times, np.asarray(embeddings, np.float32), np.ones(len(times)))


def similarity_of(sliding: SlidingEmbeddings, centroids: np.ndarray, num_frames: int) -> np.ndarray:
    return frame_similarity(voice_scores(sliding, centroids), sliding.times, range(num_frames))


def test_the_best_speaker_is_at_zero_and_others_below():
    sliding = windows([1.0, 2.0], [[1, 0], [0.6, 0.8]])
    similarity = similarity_of(sliding, AXES, 200)
    assert similarity.dtype == np.float32
    # The means are the two windows, and half of their squared distance is 0.4.
    assert similarity[:, frame_at(1.0)] == pytest.approx([0, -0.4], abs=0.02)
    assert similarity[:, frame_at(1.5)] == pytest.approx([0, 0], abs=0.02)
    assert similarity[:, frame_at(2.0)] == pytest.approx([-0.4, 0], abs=0.02)


def test_a_steady_voice_does_not_take_the_doubtful_windows_of_a_varied_one():
    steady, varied = [[1, 0, 0]] * 100, [[0, 0.8, 0.6], [0, 0.8, -0.6]] * 50
    doubtful = [0.62, 0.6, 0.5055]  # nearer to the steady voice, if only angles count
    sliding = windows(np.arange(1.0, 202.0), [*steady, *varied, doubtful])
    similarity = similarity_of(sliding, np.eye(3, dtype=np.float32)[:2], 12_000)
    # The means are (1, 0, 0) and (0, 0.8, 0): 0.62 - 1/2 against 0.6 * 0.8 - 0.64/2.
    assert similarity[:, frame_at(201.0)] == pytest.approx([-0.04, 0], abs=0.02)


def test_far_from_every_window_nothing_is_said():
    sliding = windows([2.0, 5.0], [[1, 0], [1, 0]])
    similarity = similarity_of(sliding, AXES, 400)
    times = np.arange(400) * FRAME_STEP + FRAME_DURATION / 2
    is_near = np.minimum(abs(times - 2), abs(times - 5)) <= MAX_WINDOW_DISTANCE
    assert similarity[1].tolist() == np.where(is_near, -1, 0).tolist()
    assert not similarity[0].any()


def test_one_window_speaks_for_its_surroundings():
    sliding = windows([1.0], [[0, 1]])
    similarity = similarity_of(sliding, AXES, 200)
    assert np.flatnonzero(similarity[0]).tolist() == list(
        range(
            frame_at(1 - MAX_WINDOW_DISTANCE + FRAME_STEP / 2),
            frame_at(1 + MAX_WINDOW_DISTANCE - FRAME_STEP / 2) + 1,
        )
    )


def test_without_windows_nothing_is_said():
    sliding = windows([], np.zeros((0, 2)))
    assert similarity_of(sliding, AXES, 5).tolist() == [[0] * 5] * 2


def test_a_part_of_the_frames_is_told_what_the_whole_is():
    sliding = windows([1.0, 2.0, 2.5], [[1, 0], [0.6, 0.8], [0, 1]])
    scores = voice_scores(sliding, AXES)
    whole = frame_similarity(scores, sliding.times, range(300))
    parts = [frame_similarity(scores, sliding.times, part) for part in (range(77), range(77, 300))]
    assert np.array_equal(np.concatenate(parts, axis=1), whole)


# --- the decision ---------------------------------------------------------------------

OPTIONS = FrameOptions(overlap_onset=0.4, sure_speech=0.95, voice_weight=2.0)


def decide(activity, speech=0.9, overlap=0.0, similarity=None, detected=True, options=OPTIONS):
    """The speakers of one frame."""
    column = np.array(activity, np.float32)[:, np.newaxis]
    scores = FrameScores(np.array([speech], np.float32), np.array([overlap], np.float32), column)
    alike = np.zeros(len(activity)) if similarity is None else np.array(similarity)
    decided = who_speaks(
        scores, alike.astype(np.float32)[:, np.newaxis], np.array([detected]), options
    )
    assert decided.shape == column.shape
    return np.flatnonzero(decided[:, 0]).tolist()


def test_the_most_active_speaks():
    assert decide([0.2, 0.7, 0.1]) == [1]


def test_silence_of_the_detector_is_silence():
    assert decide([0.9, 0.0], speech=0.94, detected=False) == []


def test_the_segmentation_overrules_the_detector_when_it_is_sure():
    assert decide([0.9, 0.0], speech=0.96, detected=False) == [0]


def test_the_segmentation_is_never_sure_of_what_is_less_likely_than_silence():
    careless = FrameOptions(overlap_onset=0.4, sure_speech=0.1, voice_weight=2.0)
    assert decide([0.9, 0.0], speech=0.45, detected=False, options=careless) == []


def test_speech_of_the_detector_needs_no_certainty_of_the_segmentation():
    assert decide([0.1, 0.05], speech=0.1) == [0]


def test_overlap_keeps_the_two_most_active():
    assert decide([0.5, 0.1, 0.6], overlap=0.5) == [0, 2]


@pytest.mark.parametrize(
    "doubt",
    [
        {"overlap": 0.4},
        {"overlap": 0.5, "speech": 0.5},
    ],
    ids=["overlap unlikely", "speech unlikely"],
)
def test_overlap_in_doubt_is_not_kept(doubt):
    assert decide([0.5, 0.1, 0.6], **doubt) == [2]


def test_overlap_where_no_speech_is_detected_is_silence():
    assert decide([0.5, 0.1, 0.6], overlap=0.5, detected=False) == []


def test_one_speaker_does_not_overlap_with_himself():
    assert decide([0.9], overlap=0.9) == [0]


def test_a_frame_that_nobody_claims_is_nobodys():
    assert decide([0.0, 0.0], similarity=[0, -0.5]) == []


def test_without_speakers_nobody_speaks():
    scores = FrameScores(
        np.ones(3, np.float32), np.ones(3, np.float32), np.zeros((0, 3), np.float32)
    )
    decided = who_speaks(scores, np.zeros((0, 3), np.float32), np.ones(3, bool), OPTIONS)
    assert decided.shape == (0, 3)


@pytest.mark.parametrize(("unlike", "speaker"), [(-0.2, 0), (-0.3, 1)])
def test_the_voice_is_weighed_against_the_activity(unlike, speaker):
    # 0.7 + 2 x -0.2 = 0.3 is above 0.2; 0.7 + 2 x -0.3 = 0.1 is below.
    assert decide([0.7, 0.2], similarity=[unlike, 0]) == [speaker]


def test_each_frame_is_decided_for_itself():
    scores = FrameScores(
        np.full(3, 0.9, np.float32),
        np.array([0, 0, 0.8], np.float32),
        np.array([[0.9, 0.1, 0.6], [0.1, 0.8, 0.7]], np.float32),
    )
    decided = who_speaks(scores, np.zeros((2, 3), np.float32), np.ones(3, bool), OPTIONS)
    assert decided.tolist() == [[True, False, True], [False, True, True]]


# --- frames and seconds ---------------------------------------------------------------


def middle_of(first: int, last: int) -> Segment:
    return Segment(first * FRAME_STEP + FRAME_OFFSET, last * FRAME_STEP + FRAME_OFFSET)


def test_frames_inside_a_region_are_speech():
    mask = speech_mask(Timeline([middle_of(2, 5), middle_of(7, 8)]), 10)
    assert np.flatnonzero(mask).tolist() == [2, 3, 4, 7]


def test_regions_are_cut_at_the_first_and_the_last_frame():
    assert speech_mask(Timeline([Segment(0, 0.01)]), 4).tolist() == [False] * 4
    assert speech_mask(Timeline([Segment(0, 9)]), 4).tolist() == [True] * 4


def test_no_region_is_no_speech():
    assert not speech_mask(Timeline(), 4).any()


def heard(rows: list[str], duration: float = 100.0) -> list[tuple[float, float, str]]:
    """Tracks of rows drawn as text, in frames."""
    decided = np.array([[mark == "x" for mark in row] for row in rows])
    return [
        (
            (segment.start - FRAME_OFFSET) / FRAME_STEP,
            (segment.end - FRAME_OFFSET) / FRAME_STEP,
            label,
        )
        for segment, _, label in to_annotation(decided, duration).itertracks(yield_label=True)
    ]


def test_labels_are_in_order_of_first_appearance():
    assert heard(["...xx..", ".x...xx"]) == [
        (pytest.approx(1), pytest.approx(2), "SPEAKER_00"),
        (pytest.approx(3), pytest.approx(5), "SPEAKER_01"),
        (pytest.approx(5), pytest.approx(7), "SPEAKER_00"),
    ]


def test_two_speakers_at_once_are_two_tracks():
    assert heard(["xx", "xx"]) == [
        (pytest.approx(0), pytest.approx(2), "SPEAKER_00"),
        (pytest.approx(0), pytest.approx(2), "SPEAKER_01"),
    ]


def test_who_never_speaks_takes_no_label():
    assert [label for _, _, label in heard(["...", "x..", "..x"])] == ["SPEAKER_00", "SPEAKER_01"]


def test_nothing_lasts_longer_than_the_recording():
    duration = FRAME_OFFSET + 2.5 * FRAME_STEP
    assert heard(["xxxx", "...x"], duration) == [(0, pytest.approx(2.5), "SPEAKER_00")]


def test_nobody_gives_an_empty_annotation():
    assert not to_annotation(np.zeros((2, 5), bool), 1.0)


@given(arrays(bool, st.integers(0, 60)))
def test_frames_survive_the_way_to_seconds_and_back(mask):
    annotation = to_annotation(mask[np.newaxis], 100.0)
    assert speech_mask(annotation.get_timeline(), len(mask)).tolist() == mask.tolist()
