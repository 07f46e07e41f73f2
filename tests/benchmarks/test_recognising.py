"""Who counts as known, as a stranger, as right and as false."""

from pathlib import Path

import numpy as np
import pytest
from pyannote.core import Segment

from benchmarks.corpora import Recording
from benchmarks.workbench.recognising import (
    NUM_EXCERPTS,
    Counts,
    figures,
    hear,
    judge,
    part_of,
    readers_of,
    similarities,
)
from meeting_app.config import VoicesConfig
from meeting_app.domain import SpeakerSegment, VoiceEvidence
from pipelines.voices import CosineMatcher
from tests.people import MODEL, a_direction

CONFIG = VoicesConfig()
NUMBERS = {"ana": 0, "bob": 1, "cy": 2, "dee": 3}


def recording(name: str, **seconds: float) -> Recording:
    """Readers one after the other, each for so long."""
    speech, at = [], 0.0
    for reader, length in seconds.items():
        speech.append(SpeakerSegment(Segment(at, at + length), reader))
        at += length
    return Recording(name, Path(name), tuple(speech), None, None)


def listen(found: Recording, numbers=NUMBERS) -> VoiceEvidence:
    """A window every half second, sounding like the number of who reads."""
    times, rows = [], []
    for item in found.speech:
        for time in np.arange(item.segment.start + 0.25, item.segment.end, 0.5):
            times.append(time)
            rows.append(a_direction(numbers[item.speaker]))
    return VoiceEvidence(
        MODEL, np.array(times), np.stack(rows), np.full(len(times), 0.5, np.float32)
    )


def heard(found: Recording, **kwargs):
    matcher, random = CosineMatcher(CONFIG), np.random.default_rng(0)
    evidence = listen(found, **kwargs)
    voices = (hear(reader, evidence, matcher, random) for reader in readers_of(found))
    return [voice for voice in voices if voice is not None]


def test_part_is_counted_in_seconds_of_speech():
    stretches = [Segment(0, 4), Segment(10, 16), Segment(20, 21)]
    assert part_of(stretches, 2, 7) == (Segment(2, 4), Segment(10, 13))
    assert part_of(stretches, 4, 4) == ()
    assert part_of(stretches, 10, 99) == (Segment(20, 21),)


def test_who_speaks_too_little_for_two_halves_is_not_enrolled():
    voices = heard(recording("a", ana=30, bob=19, cy=9))
    assert [(v.reader.name, v.enrolled is not None) for v in voices] == [
        ("ana", True),
        ("bob", False),
    ]
    assert {len(v.excerpts) for v in voices} == {NUM_EXCERPTS}


def test_everybody_is_known_once_and_a_stranger_once():
    counts = judge(heard(recording("a", ana=30, bob=30)), (), CONFIG)
    each = 2 * NUM_EXCERPTS
    assert counts == Counts(right=each, strangers=each)
    assert (counts.share_right, counts.share_false) == (1.0, 0.0)


def test_stranger_who_sounds_like_somebody_known_is_named_falsely():
    tested = heard(recording("a", ana=30, bob=30))
    alike = heard(recording("b", cy=15), numbers={"cy": NUMBERS["ana"]})
    counts = judge(tested, alike, CONFIG)
    assert counts.named_strangers == NUM_EXCERPTS
    assert counts.share_false == pytest.approx(1 / 3)


def test_two_who_sound_alike_are_missing_because_neither_is_next_by_a_margin():
    tested = heard(recording("a", ana=30, bob=30), numbers={"ana": 0, "bob": 0})
    counts = judge(tested, (), CONFIG)
    assert (counts.right, counts.missing) == (0, 2 * NUM_EXCERPTS)


def test_shares_of_nothing_are_unknown():
    assert (Counts().share_right, Counts().share_false) == (None, None)


def test_similarities_tell_the_same_from_others():
    same, different = similarities(heard(recording("a", ana=30, bob=30)))
    np.testing.assert_allclose(same, 1, atol=1e-6)
    np.testing.assert_allclose(different, 0, atol=1e-6)
    assert len(same) == len(different) == 2 * NUM_EXCERPTS


def test_only_recordings_with_a_tested_name_are_judged():
    corpus = [recording("sim_1", ana=30, bob=30), recording("ami", cy=30, dee=30)]
    found = figures(corpus, listen, ["sim"], CONFIG)
    assert (found["voices_right"], found["voices_false"]) == (1.0, 0.0)
    assert (found["known_trials"], found["known_people"]) == (2 * NUM_EXCERPTS, 2)
    assert (found["other_stranger_trials"], found["other_people"]) == (2 * NUM_EXCERPTS, 2)
    assert found["other_same"] == [1.0] * 5
