"""How many voices there are: average linkage cut at a distance, and who counts as a speaker.

The voices are unit vectors in the plane: at an angle of 60° the cosine distance is 0.5.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meeting_app.domain import SpeakerCount
from pipelines.diarization.clustering import agglomerative
from pipelines.diarization.clustering.agglomerative import (
    ClusteringOptions,
    Samples,
    find_voices,
)

OPTIONS = ClusteringOptions(max_distance=0.5, min_speaker=5.0, min_distinct_speaker=1.5)
ANY = SpeakerCount()


def at(*degrees: float) -> np.ndarray:
    radians = np.deg2rad(degrees)
    return np.stack([np.cos(radians), np.sin(radians)], axis=1).astype(np.float32)


def heard(embeddings, seconds) -> Samples:
    return Samples(embeddings, np.array(seconds, dtype=float))


def nobody(dimension=2) -> Samples:
    return heard(np.zeros((0, dimension), np.float32), [])


def found(degrees, seconds, count=ANY, short=None, certain=None) -> list[float]:
    """Angles of the voices, in their order."""
    long = heard(at(*degrees), seconds)
    voices = find_voices(long, short or nobody(), certain or nobody(), count, OPTIONS)
    assert voices.dtype == np.float32
    assert np.linalg.norm(voices, axis=1) == pytest.approx(1, abs=1e-6)
    return np.rad2deg(np.arctan2(voices[:, 1], voices[:, 0])).tolist()


# --- what is one voice ----------------------------------------------------------------


def test_two_directions_are_two_voices():
    assert found([0, 10, 90, 100], [9, 9, 8, 8]) == pytest.approx([5, 95], abs=0.01)


def test_most_speech_comes_first():
    assert found([0, 90, 180], [6, 8, 7]) == pytest.approx([90, 180, 0], abs=0.01)


def test_longer_speech_weighs_more_in_the_centroid():
    # 1 x (1, 0) + 3 x (0.8, 0.6) = (3.4, 1.8)
    expected = np.rad2deg(np.arctan2(1.8, 3.4))
    assert found([0, np.rad2deg(np.arctan2(0.6, 0.8))], [1, 3]) == pytest.approx([expected])


@pytest.mark.parametrize(("angle", "num_voices"), [(59, 1), (61, 2)])
def test_a_distance_above_the_greatest_separates_voices(angle, num_voices):
    assert len(found([0, angle], [10, 10])) == num_voices


def test_linkage_is_by_the_average_not_the_nearest():
    # From 40° to 0° it is 0.23, from 90° to 40° 0.36, but to the pair (0.36 + 1) / 2 = 0.68.
    assert found([0, 40, 90], [10, 10, 10]) == pytest.approx([20, 90], abs=0.01)


@pytest.mark.parametrize("count", [ANY, SpeakerCount.exactly(3)])
def test_one_embedding_is_one_voice(count):
    assert found([30], [0.2], count) == pytest.approx([30])


@pytest.mark.parametrize("count", [ANY, SpeakerCount.exactly(3)])
def test_no_embedding_is_no_voice(count):
    assert find_voices(nobody(), nobody(), nobody(), count, OPTIONS).shape == (0, 2)


@given(st.permutations(range(9)))
def test_the_order_of_embeddings_does_not_matter(order):
    degrees = np.array([0, 8, 15, 95, 100, 110, 200, 205, 215])
    seconds = np.array([4, 5, 6, 3, 3, 3, 1, 1, 1])
    expected = found(degrees, seconds)
    assert len(expected) == 3
    assert found(degrees[list(order)], seconds[list(order)]) == pytest.approx(expected, abs=0.01)


# --- who is a speaker -----------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "voices"), [(4.9, [0]), (5, [0, 65])])
def test_a_small_cluster_like_another_is_no_speaker(seconds, voices):
    # 65°: cosine 0.42, above 0.3
    assert found([0, 65], [20, seconds]) == pytest.approx(voices, abs=0.01)


@pytest.mark.parametrize(("seconds", "voices"), [(1.4, [0]), (1.5, [0, 80])])
def test_a_quiet_but_distinct_voice_is_a_speaker(seconds, voices):
    # 80°: cosine 0.17, below 0.3
    assert found([0, 80], [20, seconds]) == pytest.approx(voices, abs=0.01)


def test_being_like_somebody_who_is_no_speaker_does_not_count():
    # 130° is like 65° (cosine 0.42), but 65° is dropped for being like 0°.
    assert found([0, 65, 130], [20, 4, 2]) == pytest.approx([0, 130], abs=0.01)


def test_being_like_any_speaker_counts():
    # 150° is unlike 0°, but like 90° (cosine 0.5 = one minus the distance of the cut).
    assert found([0, 90, 151], [20, 10, 4]) == pytest.approx([0, 90], abs=0.01)


def test_the_largest_cluster_is_a_speaker_however_short():
    assert found([0, 65], [0.5, 0.3]) == pytest.approx([0], abs=0.01)


# --- a known number of speakers -------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "voices"),
    [
        (ANY, [15, 120]),
        (SpeakerCount.exactly(2), [15, 120]),
        (SpeakerCount.exactly(3), [0, 30, 120]),
        (SpeakerCount(minimum=3), [0, 30, 120]),
        (SpeakerCount(maximum=2), [15, 120]),
    ],
)
def test_bounds_are_kept(count, voices):
    assert found([0, 30, 120], [10, 9.9, 9.8], count) == pytest.approx(voices, abs=0.2)


def test_asked_for_one_everybody_is_one():
    # 3 x (1, 0) + 1 x (0, 1)
    expected = np.rad2deg(np.arctan2(1, 3))
    assert found([0, 90], [30, 10], SpeakerCount.exactly(1)) == pytest.approx([expected])


def test_an_outlier_is_not_one_of_the_asked_speakers():
    # Two clusters would be 0° with 50°, and -100°; three have two speakers.
    voices = found([0, 50, -100], [20, 19, 0.1], SpeakerCount.exactly(2))
    assert voices == pytest.approx([0, 50], abs=0.01)


def test_when_a_cut_jumps_over_the_number_the_largest_are_taken():
    # Three voices equally far apart: the tree has them as one or as three, never as two.
    voices = np.vstack([np.eye(3), np.full((1, 3), -np.sqrt(1 / 3))]).astype(np.float32)
    seconds = np.array([18, 20, 19, 0.1])
    two = SpeakerCount.exactly(2)
    chosen = find_voices(heard(voices, seconds), nobody(3), nobody(3), two, OPTIONS)
    assert chosen.argmax(axis=1).tolist() == [1, 2]
    assert len(chosen) == 2


def test_short_voices_are_better_than_an_outlier():
    # 50° has too little for a voice so like 0°, but still more than the outlier.
    voices = found([0, 50, -100], [20, 3, 0.1], SpeakerCount.exactly(2))
    assert voices == pytest.approx([0, 50], abs=0.01)


def test_the_coarsest_of_equally_good_cuts_is_taken():
    # Neither two nor three clusters hold two voices of 1.5 s.
    voices = found([0, 40, 100], [20, 1, 1], SpeakerCount.exactly(2))
    joined = np.rad2deg(np.arctan2(np.sin(np.deg2rad(40)), 20 + np.cos(np.deg2rad(40))))
    assert voices == pytest.approx([joined, 100], abs=0.01)


def test_fewer_embeddings_than_speakers_are_all_taken():
    assert found([0, 5], [4, 6], SpeakerCount.exactly(3)) == pytest.approx([5, 0], abs=0.01)


def test_equal_embeddings_give_as_many_voices_as_asked():
    assert found([20] * 5, [1] * 5, SpeakerCount.exactly(3)) == pytest.approx([20] * 3, abs=0.01)


# --- a wish -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "num_voices"),
    [
        (1, 2),  # nothing near would join them
        (2, 2),  # 0.41 and 0.66 apart: joined at 0.5
        (3, 3),  # a cut at 0.4 tells the first two apart
        (4, 3),  # nothing near has four
    ],
)
def test_a_wish_moves_the_cut_a_little(expected, num_voices):
    count = SpeakerCount(expected=expected)
    assert len(found([0, 54, 160], [10, 9.9, 9.8], count)) == num_voices


def test_a_wish_that_comes_true_changes_nothing():
    degrees, seconds = [0, 40, 62, 120], [10, 9, 8, 7]
    freely = found(degrees, seconds)
    assert found(degrees, seconds, SpeakerCount(expected=len(freely))) == freely


# --- who never talks long ---------------------------------------------------------------


def short_at(degrees, seconds) -> Samples:
    return heard(at(*degrees), seconds)


@pytest.mark.parametrize(
    ("angle", "pieces", "is_found"),
    [
        (90, [0.5, 0.5], True),
        (90, [0.5, 0.4], False),  # less than a second together
        (80, [0.5, 0.5], False),  # cosine 0.17: perhaps the same voice, badly heard
    ],
)
def test_a_stranger_is_found_by_many_short_words(angle, pieces, is_found):
    short = short_at([angle] * 2, pieces)
    voices = found([0], [20], short=short)
    assert voices == pytest.approx([0, angle] if is_found else [0], abs=0.01)


def test_a_stranger_needs_more_in_a_long_meeting():
    # 0.5 % of 400 s are 2 s.
    assert len(found([0], [400], short=short_at([90], [1.9]))) == 1
    assert len(found([0], [400], short=short_at([90], [2.0]))) == 2


@pytest.mark.parametrize(
    ("angle", "seconds", "num_voices"),
    [
        (90, 0.3, 2),
        (90, 0.29, 1),  # too short to tell what the voice is like
        (84, 0.9, 2),  # cosine 0.105
        (82, 0.9, 1),  # cosine 0.139: it may be the voice that is known
    ],
)
def test_a_certain_stranger_needs_but_a_word(angle, seconds, num_voices):
    word = short_at([angle], [seconds])
    assert len(found([0], [20], short=word, certain=word)) == num_voices


def test_a_certain_stranger_needs_more_in_a_long_meeting():
    for seconds, num_voices in ((0.49, 1), (0.5, 2)):
        word = short_at([90], [seconds])
        assert len(found([0], [100], short=word, certain=word)) == num_voices


def test_a_stranger_who_is_certain_too_is_found_once():
    words = short_at([90], [1.5])
    assert len(found([0], [20], short=words, certain=words)) == 2


def test_no_more_certain_strangers_are_found_than_there_may_be():
    word = short_at([90], [0.9])
    assert len(found([0], [20], SpeakerCount(maximum=1), short=word, certain=word)) == 1


def test_short_words_do_not_bend_a_voice():
    assert found([0, 10], [9, 9], short=short_at([40], [1.9])) == pytest.approx([5], abs=0.01)


@pytest.mark.parametrize(
    ("count", "seconds", "num_voices"),
    [
        (SpeakerCount(expected=2), 0.3, 2),
        (SpeakerCount(expected=2), 0.2, 1),  # a wish does not make a cough a speaker
        (SpeakerCount.exactly(2), 0.2, 2),
        (SpeakerCount.exactly(1), 20.0, 1),
    ],
)
def test_who_is_said_to_be_there_may_be_heard_for_less(count, seconds, num_voices):
    # 75°: cosine 0.26, unlike but not strange
    assert len(found([0, 1], [10, 10], count, short=short_at([75], [seconds]))) == num_voices


# --- many embeddings ------------------------------------------------------------------


def three_voices() -> tuple[np.ndarray, np.ndarray]:
    """Twenty embeddings of 1 s around each of 0°, 100° and 200°, in turns; the last ones fewer."""
    rng = np.random.default_rng(0)
    degrees = np.tile([0.0, 100.0, 200.0], 20) + rng.normal(0, 8, 60)
    seconds = np.tile([1.2, 1.0, 0.8], 20)
    return degrees, seconds


@pytest.mark.parametrize("size", [7, 10, 59])
def test_stages_find_the_same_voices(size, monkeypatch):
    degrees, seconds = three_voices()
    whole = found(degrees, seconds)
    monkeypatch.setattr(agglomerative, "STAGE_SIZE", size)
    assert len(whole) == 3
    assert found(degrees, seconds) == pytest.approx(whole, abs=0.2)


def test_a_stage_joins_only_what_is_surely_one_voice(monkeypatch):
    # At 55° the distance is 0.43: below the last cut, above that of a stage.
    monkeypatch.setattr(agglomerative, "STAGE_SIZE", 4)
    degrees, seconds = [0, 1, 55, 56, 90, 91], [9.0] * 6
    # The last cut joins 55° to 91°. A stage that joined 55° to 0° and 1° would leave 19° and 79°.
    assert found(degrees, seconds) == pytest.approx([73, 0.5], abs=0.5)


def test_stages_keep_the_seconds_of_what_they_join(monkeypatch):
    monkeypatch.setattr(agglomerative, "STAGE_SIZE", 4)
    degrees, seconds = [0, 1, 2, 90, 91, 92], [9, 9, 9, 0.6, 0.6, 0.6]
    assert found(degrees, seconds) == pytest.approx([1, 91], abs=0.1)


def test_stages_leave_as_many_voices_as_are_asked_for(monkeypatch):
    monkeypatch.setattr(agglomerative, "STAGE_SIZE", 4)
    degrees, seconds = [0, 1, 20, 21, 0.5, 1.5, 40, 41], [9.0] * 8
    voices = found(degrees, seconds, SpeakerCount.exactly(3))
    assert sorted(voices) == pytest.approx([0.75, 20.5, 40.5], abs=0.3)


def test_when_nothing_can_be_joined_the_most_speech_is_kept(monkeypatch):
    monkeypatch.setattr(agglomerative, "STAGE_SIZE", 4)
    strangers = np.eye(12, dtype=np.float32)
    seconds = np.array([10, 21, 12, 23, 14, 25, 16, 27, 18, 9, 8, 7], dtype=float)
    voices = find_voices(heard(strangers, seconds), nobody(12), nobody(12), ANY, OPTIONS)
    assert voices.argmax(axis=1).tolist() == [7, 5, 3, 1]
