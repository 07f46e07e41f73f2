"""What turns are about."""

import numpy as np
import pytest

from pipelines.chapters.similarity import topic_vectors, without_common
from tests.pipelines.bag_of_words import DIMENSION, embed, talk


def test_turn_of_fillers_is_about_nothing() -> None:
    turns = talk(("A", "Rubber buttons feel soft."), ("B", "Yeah, okay. Mm-hmm, right."))
    vectors = topic_vectors(turns, embed)
    assert vectors.shape == (2, DIMENSION)
    assert np.linalg.norm(vectors[0]) > 0
    assert not vectors[1].any()


def test_turns_that_share_words_are_alike() -> None:
    turns = talk(
        ("A", "Rubber buttons feel soft."),
        ("B", "Soft rubber buttons sell."),
        ("A", "Budgets shrank again yesterday."),
    )
    likeness = (vectors := topic_vectors(turns, embed)) @ vectors.T
    assert likeness[0, 1] > 0.5 > likeness[0, 2]


def test_longer_talk_has_a_longer_vector() -> None:
    # Two sentences of four telling words against one: 2 × √4 against √4 before the mean goes.
    turns = talk(
        ("A", "Rubber buttons feel soft. Rubber buttons feel soft."),
        ("B", "Glass cracks too easily."),
    )
    vectors = topic_vectors(turns, embed)
    assert np.linalg.norm(vectors[0]) > np.linalg.norm(vectors[1])


def test_half_of_the_common_mean_is_taken_out() -> None:
    # Mean of the unit vectors: (4, 2) / 4 = (1, 0.5); half of it, times each weight.
    found = without_common(np.array([[3.0, 0.0], [1.0, 2.0]]), np.array([1.0, 3.0]))
    assert found == pytest.approx(np.array([[2.5, -0.25], [-0.5, 1.25]]))
