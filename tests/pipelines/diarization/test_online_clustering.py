"""Voices of a running conversation, on vectors whose products are known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.diarization.clustering.agglomerative import ClusteringOptions
from pipelines.diarization.clustering.online import (
    MAX_CONDENSED,
    MAX_GROUPS,
    Groups,
    VoiceMemory,
    apartness,
    average_linkage,
    choose_voices,
    condensed,
)

OPTIONS = ClusteringOptions(max_distance=0.8, min_speaker=5.0, min_distinct_speaker=2.0)
ANNA, BEN, NOISE = 0, 1, 2


def heard(*who: int) -> np.ndarray:
    """Embeddings of voices that have nothing in common."""
    return np.eye(4, dtype=np.float32)[list(who)].reshape(-1, 4)


def listen(memory: VoiceMemory, embeddings: np.ndarray, num_old: int | None = None):
    """Half a second behind each."""
    durations = np.full(len(embeddings), 0.5)
    return memory.hear(embeddings, durations, len(embeddings) if num_old is None else num_old)


def groups(vectors: np.ndarray, weights: np.ndarray, contacts: np.ndarray | None = None) -> Groups:
    """As first believed to be all of one voice."""
    if contacts is None:
        contacts = np.zeros((2, len(weights), len(weights)))
    return Groups(vectors, weights, np.zeros(len(weights), np.intp), contacts)


def contacts_of(who: list[int], seconds: float = 1.0) -> np.ndarray:
    """All heard in one window, by a segmentation that knows everybody."""
    is_one = np.equal.outer(who, who)
    return np.stack([~is_one, is_one]) * seconds


@pytest.fixture
def memory() -> VoiceMemory:
    return VoiceMemory(4, OPTIONS)


def test_groups_are_joined_by_the_mean_product_of_their_members():
    # The first two share 0.8. The third shares 0.6 with one and 0.0 with the other: 0.3 on average.
    vectors = np.array([[1, 0, 0], [0.8, 0.6, 0], [0, 1, 0]], dtype=np.float64)
    three = groups(vectors, np.ones(3))
    assert average_linkage(three, 0.31).tolist() == [0, 0, 1]
    assert average_linkage(three, 0.29).tolist() == [0, 0, 0]
    assert average_linkage(three, 0.81).tolist() == [0, 1, 2]
    assert average_linkage(three, 0.29, num_least=2).tolist() == [0, 0, 1]


def test_weight_counts_as_so_many_members():
    vectors = np.array([[1, 0, 0], [0.8, 0.6, 0], [0, 1, 0]], dtype=np.float64)
    # Three times the first: the mean product with the third is 0.6 / 4 = 0.15.
    assert average_linkage(groups(vectors, np.array([3.0, 1, 1])), 0.2).tolist() == [0, 0, 1]


def test_contact_counts_by_what_prevails_and_by_its_amount():
    # APART is 0.3; one second² more makes half sure.
    assert apartness(np.array([1.0, 0.0])) == pytest.approx(0.3 * 1 / 2)
    assert apartness(np.array([9.0, 0.0])) == pytest.approx(0.3 * 9 / 10)
    assert apartness(np.array([6.0, 3.0])) == pytest.approx(0.3 * 3 / 10)
    assert apartness(np.array([3.0, 6.0])) == 0


def test_who_was_heard_apart_is_not_joined_though_alike():
    vectors = np.array([[1, 0, 0], [0.8, 0.6, 0], [0, 1, 0]], dtype=np.float64)
    contacts = np.zeros((2, 3, 3))
    contacts[0, 0, 1] = contacts[0, 1, 0] = 2.0  # takes 0.2 from 0.8, as much as the others share
    assert average_linkage(groups(vectors, np.ones(3), contacts), 0.61).tolist() == [0, 1, 2]
    contacts[0, 0, 1] = contacts[0, 1, 0] = 9.0  # takes 0.27: now 0.53, less than the others share
    assert average_linkage(groups(vectors, np.ones(3), contacts), 0.55).tolist() == [0, 1, 1]


def test_contacts_of_joined_groups_add_up():
    # The first two share 1 and are joined. Each shares 0.5 with the third, from which each was
    # heard apart for 0.5: together for 1, which takes 0.15 and not 0.1.
    vectors = np.array([[1, 0], [1, 0], [0.5, np.sqrt(0.75)]])
    contacts = np.zeros((2, 3, 3))
    contacts[0, 2, :2] = contacts[0, :2, 2] = 0.5
    three = groups(vectors, np.ones(3), contacts)
    assert average_linkage(three, 0.36).tolist() == [0, 0, 1]
    assert average_linkage(three, 0.34).tolist() == [0, 0, 0]


def test_nobody_heard_is_no_voice(memory):
    assert listen(memory, heard()).identities == ()


def test_the_first_voice_is_believed_at_once(memory):
    assert listen(memory, heard(ANNA)).identities == (0,)


def test_another_voice_is_believed_after_two_seconds(memory):
    listen(memory, heard(*[ANNA] * 10))
    assert listen(memory, heard(BEN, BEN, BEN)).identities == (0,)
    assert listen(memory, heard(BEN)).identities == (0, 1)


def test_a_voice_like_another_needs_more_speech():
    memory = VoiceMemory(4, ClusteringOptions(0.4, 5.0, 2.0))
    alike = np.array([[0.5, np.sqrt(0.75), 0, 0]], dtype=np.float32)
    listen(memory, heard(*[ANNA] * 20))
    assert listen(memory, alike.repeat(9, axis=0)).identities == (0,)
    assert listen(memory, alike).identities == (0, 1)


def test_a_voice_heard_apart_needs_no_more_speech_than_a_distinct_one():
    vectors = np.array([[1, 0], [0.5, np.sqrt(0.75)]])
    contacts = np.zeros((2, 2, 2))
    two = groups(vectors, np.array([10.0, 3.0]), contacts)
    assert choose_voices(two, OPTIONS).tolist() == [0]
    contacts[0] = [[0, 9], [9, 0]]  # 0.5 - 0.27 is below 0.3
    assert choose_voices(two, OPTIONS).tolist() == [0, 1]


def test_voices_of_one_channel_are_told_apart_by_who_talks_beside_whom():
    # They share 0.4, far above the cut at 0.2; each has 2.5 s, and 4 s² of contact in all.
    anna, ben = [1, 0, 0, 0], [0.4, np.sqrt(0.84), 0, 0]
    who = [ANNA] * 5 + [BEN] * 5
    voices = np.array([anna, ben], dtype=np.float32)[who]
    seconds = np.full(10, 0.5)
    assert VoiceMemory(4, OPTIONS).hear(voices, seconds, 10).identities == (0,)
    assert VoiceMemory(4, OPTIONS).hear(voices, seconds, 10, contacts_of(who)).identities == (0, 1)


def test_contact_is_remembered_and_corrected():
    ben = [0.4, np.sqrt(0.84), 0, 0]
    who = [ANNA] * 5 + [BEN] * 5
    voices = np.array([[1, 0, 0, 0], ben], dtype=np.float32)[who]
    seconds = np.full(10, 0.5)
    memory = VoiceMemory(4, OPTIONS)
    memory.hear(voices, seconds, 10, contacts_of(who))
    later = np.array([ben], dtype=np.float32)
    assert memory.hear(later, seconds[:1], 1, np.zeros((2, 1, 1))).identities == (1, 0)
    as_one = contacts_of([ANNA] * 11)
    assert memory.hear(later[:0], seconds[:0], 0, as_one).identities == (1,)


def test_condensing_keeps_seconds_and_contacts():
    owners = [ANNA, BEN] * 50
    hundred = Groups(
        heard(*owners).astype(np.float64), np.full(100, 0.5), np.array(owners), contacts_of(owners)
    )
    fewer = condensed(hundred, 90)
    assert len(fewer) == MAX_CONDENSED + 10
    assert fewer.durations.sum() == 50
    assert fewer.identities[-10:].tolist() == owners[-10:]
    is_of = np.equal.outer([ANNA, BEN], fewer.identities).astype(float)
    apart, together = is_of @ fewer.contacts @ is_of.T
    assert apart.tolist() == [[0, 2500], [2500, 0]]
    assert together.tolist() == [[2500, 0], [0, 2500]]


def test_who_overtakes_the_others_keeps_the_name(memory):
    listen(memory, heard(*[ANNA] * 6, *[BEN] * 5))
    voices = listen(memory, heard(*[BEN] * 20))
    assert voices.identities == (1, 0)
    assert voices.durations.tolist() == [12.5, 3.0]
    assert voices.centroids[0].tolist() == [0, 1, 0, 0]


def test_young_evidence_is_not_kept(memory):
    listen(memory, heard(*[ANNA] * 10))
    assert listen(memory, heard(*[BEN] * 5), num_old=0).identities == (0, 1)
    assert listen(memory, heard()).identities == (0,)
    assert len(memory) == 10


def test_a_number_that_nobody_kept_is_used_again(memory):
    listen(memory, heard(*[ANNA] * 10))
    listen(memory, heard(*[NOISE] * 5), num_old=0)
    listen(memory, heard(), num_old=0)
    assert listen(memory, heard(*[BEN] * 5)).identities == (0, 1)


def test_a_voice_that_was_young_keeps_its_number_when_it_is_remembered(memory):
    listen(memory, heard(*[ANNA] * 10))
    young = listen(memory, heard(*[BEN] * 5), num_old=0)
    assert listen(memory, heard(*[BEN] * 5)).identities == young.identities == (0, 1)


def test_voices_that_were_joined_and_part_again_get_their_old_numbers():
    memory = VoiceMemory(4, ClusteringOptions(0.6, 5.0, 1.0))
    between = np.array([[np.sqrt(0.5), np.sqrt(0.5), 0, 0]], dtype=np.float32)
    assert listen(memory, heard(*[ANNA] * 8, *[BEN] * 4)).identities == (0, 1)
    joined = listen(memory, between.repeat(12, axis=0), num_old=0)
    assert joined.identities == (0,)
    assert listen(memory, heard(BEN)).identities == (0, 1)


def test_hours_take_no_more_memory_and_change_no_name(memory):
    rng = np.random.default_rng(0)
    listen(memory, heard(*[ANNA] * 10, *[BEN] * 10))
    for _ in range(200):
        who = rng.choice([ANNA, BEN], 20)
        noisy = heard(*who) + 0.2 * rng.standard_normal((20, 4)).astype(np.float32)
        voices = listen(memory, noisy / np.linalg.norm(noisy, axis=1, keepdims=True))
        assert len(memory) <= MAX_GROUPS
        assert sorted(voices.identities) == [0, 1]
        anna = voices.centroids[voices.identities.index(0)]
        assert anna[ANNA] > 0.95
    assert voices.durations.sum() == pytest.approx(0.5 * (20 + 200 * 20))


def test_noises_of_hours_do_not_add_up_to_a_person(memory):
    listen(memory, heard(*[ANNA] * 10))
    for _ in range(30):
        voices = listen(memory, heard(*[ANNA] * MAX_GROUPS, NOISE))
        assert voices.identities == (0,)


@given(st.permutations([ANNA] * 6 + [BEN] * 5 + [NOISE] * 2))
def test_order_of_arrival_does_not_change_the_voices(who):
    voices = listen(VoiceMemory(4, OPTIONS), heard(*who))
    assert voices.durations.tolist() == [3.0, 2.5]
    assert voices.means.tolist() == [[1, 0, 0, 0], [0, 1, 0, 0]]


@given(st.lists(st.integers(0, 2), min_size=1, max_size=30), st.integers(1, 29))
def test_evidence_in_two_parts_says_what_it_says_at_once(who, cut):
    parted, whole = VoiceMemory(4, OPTIONS), VoiceMemory(4, OPTIONS)
    listen(parted, heard(*who[:cut]))
    in_parts, at_once = listen(parted, heard(*who[cut:])), listen(whole, heard(*who))
    assert np.sort(in_parts.durations).tolist() == np.sort(at_once.durations).tolist()
