"""Signs of a new topic apart from its words."""

import numpy as np
import pytest

from pipelines.chapters.cues import boundary_evidence
from tests.pipelines.bag_of_words import spoken, talk

# A turn by the same speaker without any cue: nothing changes hands, 2.0 × (0 - 0.3).
PLAIN = -0.6


def second_turn(text: str) -> float:
    turns = talk(("A", "plain words here"), ("A", text))
    return float(boundary_evidence(turns)[1]) - 1.2 * np.log1p(0.5)  # the pause between turns


def test_plain_turn_speaks_against_a_boundary() -> None:
    assert second_turn("plain words here") == pytest.approx(PLAIN)


@pytest.mark.parametrize("text", ["Okay, colours", "Um so colours", "好的，颜色"])
def test_opening_word_counts(text: str) -> None:
    assert second_turn(text) == pytest.approx(PLAIN + 1.1)


@pytest.mark.parametrize("text", ["Colours are next", "We move on", "接下来讨论颜色"])
def test_announcement_counts(text: str) -> None:
    assert second_turn(text) == pytest.approx(PLAIN + 1.6)


def test_long_turn_counts() -> None:
    assert second_turn("word " * 21) == pytest.approx(PLAIN + 0.5)


def test_pause_counts_by_its_logarithm() -> None:
    turns = (spoken(0, "one two", 0.0, 1.0, "A"), spoken(1, "three four", 8.0, 1.0, "A"))
    assert boundary_evidence(turns)[1] == pytest.approx(PLAIN + 1.2 * np.log(8.0))


def test_floor_that_changes_hands_wholly_counts_most() -> None:
    turns = (spoken(0, "one two", 0.0, 1.0, "A"), spoken(1, "three four", 1.0, 1.0, "B"))
    assert boundary_evidence(turns)[1] == pytest.approx(2.0 * (1.0 - 0.3))
