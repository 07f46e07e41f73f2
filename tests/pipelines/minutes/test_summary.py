"""Which sentences stand for a chapter."""

import numpy as np
import pytest

from meeting_app.domain import sentences_of
from pipelines.minutes.summary import centrality, summarise
from tests.pipelines.bag_of_words import embed, talk

CENTRAL = "The rubber case keeps the remote control safe when it falls."
NEAR = "A rubber case around the remote control costs two Euro more."
ALSO_NEAR = "Customers like a remote control that has a rubber case."
FAR = "My uncle bought seven green bicycles in Amsterdam during winter holidays."


def lines(*texts: str, num_lines: int = 1) -> list[str]:
    turns = talk(*(("A", text) for text in texts))
    return [s.text for s in summarise(sentences_of(turns), embed, num_lines)]


def test_centrality_is_degree_among_neighbours() -> None:
    # 0.2 is below the neighbour threshold: degrees 1.5, 1.5 and 1.
    likeness = np.array([[1.0, 0.5, 0.2], [0.5, 1.0, 0.0], [0.2, 0.0, 1.0]])
    assert centrality(likeness) == pytest.approx(np.array([1.0, 1.0, 1 / 1.5]))


def test_sentence_like_the_others_is_chosen_before_a_lone_one() -> None:
    assert FAR not in lines(FAR, CENTRAL, NEAR, ALSO_NEAR)


def test_second_line_is_unlike_the_first() -> None:
    texts = [CENTRAL, CENTRAL + " ", NEAR, ALSO_NEAR, FAR]
    found = lines(*texts, num_lines=2)
    assert len(found) == len(set(found)) == 2


def test_lines_are_in_the_order_they_were_said() -> None:
    texts = [NEAR, FAR, CENTRAL, ALSO_NEAR, FAR + " Really.", NEAR]
    found = lines(*texts, num_lines=3)
    assert found == sorted(found, key=texts.index)


def test_fillers_and_short_sentences_cannot_stand_alone() -> None:
    assert lines("Yeah okay um right so well like yeah.", "Rubber is good.") == []


def test_question_gives_way_to_a_statement() -> None:
    question = CENTRAL.replace(".", "?")
    assert lines(question, CENTRAL, NEAR, ALSO_NEAR)[0] != question


def test_few_sentences_give_few_lines() -> None:
    assert len(lines(CENTRAL, NEAR, ALSO_NEAR, FAR, num_lines=3)) == 1
