"""The made-up library, and what is measured on it."""

import gzip
import json
from pathlib import Path

import numpy as np

from benchmarks.workbench.made_library import NAMES, TOPICS, meetings, vocabulary
from benchmarks.workbench.searching import (
    fill,
    index_bytes,
    latencies_ms,
    meaning_queries,
    partly,
    share_found,
    word_queries,
)
from meeting_app.domain import EVERYTHING
from storage.repository import Repository

QUERIES = (("the", EVERYTHING),)


def test_the_same_seed_makes_the_same_meetings_of_the_length_asked_for() -> None:
    first, second = list(meetings(2, 400)), list(meetings(2, 400))
    assert first == second
    assert first[0].turns != first[1].turns
    for meeting in first:
        assert 400 <= sum(len(turn.words) for turn in meeting.turns) < 1500
        assert {speaker.name for speaker in meeting.speakers} <= {*NAMES}


def test_frequent_words_are_said_as_zipf_says() -> None:
    known = vocabulary(6)
    shares = np.diff(known.cumulated, prepend=0.0)
    assert abs(known.cumulated[-1] - 1.0) < 1e-9
    assert abs(shares[0] / shares[3] - 4**1.05) < 1e-9  # the fourth word, exponent 1.05


def test_queries_are_as_many_as_asked_for_and_half_of_them_filtered() -> None:
    for made in (word_queries(200), meaning_queries(240)):
        filtered = sum(filters != EVERYTHING for _, filters in made)
        assert len({query for query, _ in made}) > 40
        assert 0.4 < filtered / len(made) < 0.6


def test_only_passages_with_a_topic_are_embedded() -> None:
    seen: list[str] = []

    def embed(texts):  # type: ignore[no-untyped-def]
        seen.extend(texts)
        return np.zeros((len(texts), 384), dtype=np.float32)

    topic = TOPICS[0][0]
    vectors = partly(embed)(["so so", f"well. {topic}"])
    assert seen == [f"well. {topic}"]
    assert abs(float(np.linalg.norm(vectors[0])) - 1.0) < 1e-5


def test_a_filled_library_is_indexed_and_can_be_asked(tmp_path: Path) -> None:
    repository = Repository.open(tmp_path)
    told: list[int] = []
    embed = partly(lambda texts: np.ones((len(texts), 384), dtype=np.float32))
    fill(repository, 2, 200, embed, told.append)
    times = latencies_ms(
        lambda query, filters: repository.search(query, 5, filters), [("the", EVERYTHING)]
    )
    repository.close()
    assert told == [1, 2]
    assert index_bytes(tmp_path) > 10_000
    assert times["p95"] >= times["p50"] > 0


def test_a_summary_finds_its_meeting_by_its_most_alike_passage(tmp_path: Path) -> None:
    path = tmp_path / "m.jsonl.gz"
    known = [
        {"turns": [{"speaker": "A", "text": text}], "general_summary": [f"{about}. {wrong}."]}
        for text, about, wrong in (("rent", "rent", "rent"), ("staff", "staff", "rent"))
    ]
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(item) + "\n" for item in known)

    def embed(texts):  # type: ignore[no-untyped-def]
        return np.array([[1.0, 0.0] if "rent" in t else [0.0, 1.0] for t in texts])

    found = share_found(embed, path, top=(1, 2))
    assert found == {"top1": 0.75, "top2": 1.0, "num_sentences": 4, "num_meetings": 2}
