"""A word that all chunks hear alike is somebody's; three chunks of 100 frames, 20 apart."""

import numpy as np
import pytest

from pipelines.diarization.corroboration import corroborated, is_corroborated
from pipelines.diarization.segmentation import FRAME_STEP
from pipelines.diarization.stitching import ChunkScores, condensed

NUM_CHUNKS, LENGTH, HOP = 3, 100, 20
WORD = (60, 75)  # frames of the recording; every chunk sees 15 frames and more around it


def chunks(*stretches: tuple[int, int, int, int, float], num_chunks=NUM_CHUNKS) -> ChunkScores:
    """Local speakers (chunk, speaker, first frame of the recording, last, probability)."""
    probabilities = np.zeros((num_chunks, LENGTH, 7), np.float32)
    probabilities[..., 0] = 1
    for chunk, speaker, begin, end, probability in stretches:
        part = probabilities[chunk, begin - chunk * HOP : end - chunk * HOP]
        part[:] = 0
        part[:, 1 + speaker] = probability
        part[:, 1 + (speaker + 1) % 3] = 1 - probability
    with np.errstate(divide="ignore"):
        return condensed([np.log(probabilities)], num_chunks, LENGTH, HOP * FRAME_STEP)


def by_all(speakers=(0, 0, 0), spans=(WORD,) * 3, probabilities=(0.9,) * 3) -> ChunkScores:
    return chunks(
        *(
            (i, s, *w, p)
            for i, (s, w, p) in enumerate(zip(speakers, spans, probabilities, strict=True))
        )
    )


def test_a_word_that_all_chunks_hear_is_certain():
    assert is_corroborated(by_all(), 0, 0)


def test_local_speakers_have_another_number_in_every_chunk():
    assert is_corroborated(by_all(speakers=(2, 0, 1)), 0, 2)


@pytest.mark.parametrize("deaf", [0, 1, 2])
def test_a_word_that_one_chunk_does_not_hear_is_not_certain(deaf):
    heard = [(chunk, 0, *WORD, 0.9) for chunk in range(3) if chunk != deaf]
    assert not is_corroborated(chunks(*heard), heard[0][0], 0)


@pytest.mark.parametrize(("probability", "is_certain"), [(0.61, True), (0.59, False)])
def test_every_chunk_must_be_sure(probability, is_certain):
    scores = by_all(probabilities=(0.9, probability, 0.9))
    assert is_corroborated(scores, 0, 0) is is_certain


@pytest.mark.parametrize(("span", "is_certain"), [((60, 67), False), ((60, 68), True)])
def test_every_chunk_must_hear_at_least_half_of_the_same(span, is_certain):
    assert is_corroborated(by_all(spans=(WORD, WORD, span)), 0, 0) is is_certain


def test_whom_another_chunk_hears_elsewhere_too_is_somebody_known():
    word_and_more = chunks(*((chunk, 0, *WORD, 0.9) for chunk in range(3)), (2, 0, 100, 140, 0.9))
    assert not is_corroborated(word_and_more, 0, 0)


def test_two_chunks_are_too_few():
    scores = chunks((0, 0, *WORD, 0.9), (1, 0, *WORD, 0.9), num_chunks=2)
    assert not is_corroborated(scores, 0, 0)


def test_a_chunk_that_sees_no_frame_behind_the_word_is_no_witness():
    # The first chunk ends at frame 100; a quarter of a second are 15 frames.
    for end, is_certain in ((85, True), (86, False)):
        assert is_corroborated(by_all(spans=((80, end),) * 3), 0, 0) is is_certain


def test_each_local_speaker_is_answered_for():
    scores = chunks(*((chunk, 0, *WORD, 0.9) for chunk in range(3)), (1, 1, 85, 95, 0.9))
    found = corroborated(scores, np.array([0, 1, 1, 2]), np.array([0, 0, 1, 2]))
    assert found.tolist() == [True, True, False, False]


def test_nobody_asked_about_is_no_error():
    assert corroborated(by_all(), np.zeros(0, np.intp), np.zeros(0, np.intp)).tolist() == []
