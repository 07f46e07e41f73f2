"""Whose voice is it: samples from clean stretches, and names only where all is sure."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyannote.core import Segment

from meeting_app.config import VoicesConfig
from meeting_app.domain import SpeakerSegment, VoiceEvidence
from meeting_app.domain.people import Person, Voiceprint, VoiceSample
from pipelines.voices import CosineMatcher, centroid, confidence, stretches_alone
from tests.people import MODEL, a_direction, a_sample

MATCHER = CosineMatcher(VoicesConfig(min_similarity=0.5, min_margin=0.1, min_speech=10.0))
LAURA, DAVID = Person("p1", "Laura"), Person("p2", "David")


def recognise(samples, voiceprints, min_speech=MATCHER.config.min_speech):
    return MATCHER.recognise(samples, voiceprints, min_speech)


def spoken(*items: tuple[float, float, str]) -> list[SpeakerSegment]:
    return [SpeakerSegment(Segment(start, end), label) for start, end, label in items]


def heard(*items: tuple[float, int]) -> VoiceEvidence:
    """A window at each time, sounding like the direction of its number."""
    return VoiceEvidence(
        MODEL,
        np.array([time for time, _ in items]),
        np.stack([a_direction(number) for _, number in items]),
        np.full(len(items), 1.5, np.float32),
    )


def print_of(person: Person, *numbers: int) -> Voiceprint:
    return Voiceprint(person, tuple(a_sample(number) for number in numbers))


def between(cosine: float, seconds: float = 20.0) -> VoiceSample:
    """A voice with this similarity to voice 0, and what is left of it to voice 1."""
    mixed = cosine * a_direction(0) + math.sqrt(1 - cosine**2) * a_direction(1)
    return VoiceSample(MODEL, mixed.astype(np.float32), seconds)


# Where somebody speaks alone.


def test_stretch_in_which_two_speak_is_nobodys():
    alone = stretches_alone(spoken((0, 10, "A"), (4, 6, "B")))
    assert alone == {"A": (Segment(0, 4), Segment(6, 10)), "B": ()}


def test_segments_of_one_speaker_that_touch_or_overlap_are_one_stretch():
    alone = stretches_alone(spoken((0, 3, "A"), (2, 5, "A"), (5, 7, "A")))
    assert alone == {"A": (Segment(0, 7),)}


def test_nobody_speaks_in_silence():
    assert stretches_alone([]) == {}


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 20), st.sampled_from("ABC")), max_size=12)
)
def test_every_moment_alone_has_one_speaker_and_every_such_moment_is_found(items):
    segments = spoken(*((start, start + length, label) for start, length, label in items))
    alone = stretches_alone(segments)
    for moment in np.arange(0.5, 61):
        speaking = {s.speaker for s in segments if s.segment.start <= moment < s.segment.end}
        found = {
            label
            for label, stretches in alone.items()
            if any(stretch.start <= moment < stretch.end for stretch in stretches)
        }
        assert found == (speaking if len(speaking) == 1 else set())


# Samples.


def test_sample_is_the_mean_of_windows_inside_the_speakers_own_stretches():
    evidence = heard((1.0, 0), (2.0, 1), (5.0, 2), (8.0, 3))  # 5.0 is in the overlap
    samples = MATCHER.samples(evidence, spoken((0, 6, "A"), (4, 9, "B")))
    both = (a_direction(0) + a_direction(1)) / math.sqrt(2)
    np.testing.assert_allclose(samples["A"].embedding, both, atol=1e-6)
    np.testing.assert_allclose(samples["B"].embedding, a_direction(3), atol=1e-6)
    assert (samples["A"].seconds, samples["B"].seconds) == (4.0, 3.0)
    assert samples["A"].model == MODEL


def test_window_at_the_edge_of_a_stretch_does_not_count():
    evidence = heard((0.1, 1), (1.0, 0), (1.9, 1))
    samples = MATCHER.samples(evidence, spoken((0, 2, "A")))
    np.testing.assert_allclose(samples["A"].embedding, a_direction(0), atol=1e-6)


def test_speaker_who_is_never_alone_has_no_sample():
    samples = MATCHER.samples(heard((1.0, 0)), spoken((0, 2, "A"), (0, 2, "B")))
    assert samples == {}


def test_voiceprint_weighs_meetings_by_their_speech_up_to_two_minutes():
    samples = [a_sample(0, seconds=40.0), a_sample(1, seconds=30.0)]
    np.testing.assert_allclose(centroid(samples)[:2], [0.8, 0.6], atol=1e-6)
    samples = [a_sample(0, seconds=160.0), a_sample(1, seconds=90.0)]
    np.testing.assert_allclose(centroid(samples)[:2], [0.8, 0.6], atol=1e-6)  # 120 : 90


# Recognition.


def test_voice_of_a_known_person_is_recognised():
    found = recognise({"A": a_sample(0)}, [print_of(LAURA, 0), print_of(DAVID, 1)])
    assert found["A"].person == LAURA
    assert (found["A"].similarity, found["A"].margin) == pytest.approx((1.0, 1.0))


def test_stranger_is_nobody():
    known = [print_of(LAURA, 0), print_of(DAVID, 1)]
    assert recognise({"A": a_sample(5)}, known) == {}


@pytest.mark.parametrize(("cosine", "is_laura"), [(0.51, True), (0.49, False)])
def test_similarity_decides(cosine, is_laura):
    found = recognise({"A": between(cosine)}, [print_of(LAURA, 0)])
    assert bool(found) is is_laura


@pytest.mark.parametrize(("cosine", "is_laura"), [(0.78, True), (0.74, False)])
def test_margin_to_the_next_person_decides(cosine, is_laura):
    # 0.78 against 0.626 and 0.74 against 0.673
    known = [print_of(LAURA, 0), print_of(DAVID, 1)]
    assert bool(recognise({"A": between(cosine)}, known)) is is_laura


@pytest.mark.parametrize(("seconds", "is_laura"), [(10.0, True), (9.9, False)])
def test_who_says_too_little_is_nobody(seconds, is_laura):
    found = recognise({"A": a_sample(0, seconds)}, [print_of(LAURA, 0)])
    assert bool(found) is is_laura


def test_nobody_is_two_speakers_of_one_meeting():
    samples = {"A": between(0.8), "B": between(0.9), "C": a_sample(5)}
    found = recognise(samples, [print_of(LAURA, 0)])
    assert {label: item.person for label, item in found.items()} == {"B": LAURA}


def test_nobody_is_recognised_where_nobody_is_known_or_heard():
    assert recognise({"A": a_sample(0)}, []) == {}
    assert recognise({}, [print_of(LAURA, 0)]) == {}


@given(st.floats(-1, 1), st.floats(-1, 1))
def test_more_similar_is_never_less_sure(one, other):
    low, high = sorted((one, other))
    assert 0 < confidence(low) <= confidence(high) < 1
