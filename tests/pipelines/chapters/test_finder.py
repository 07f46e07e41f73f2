"""Turns become chapters."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meeting_app.config import ChaptersConfig
from meeting_app.domain import Turn
from pipelines.chapters import titles
from pipelines.chapters.finder import TopicChapterFinder
from pipelines.chapters.keyphrases import rank_phrases
from pipelines.chapters.titles import headings_of
from tests.pipelines.bag_of_words import embed, spoken, talk

BUDGET = (
    "The budget pays for plastic parts.",
    "Plastic parts cost the budget a lot.",
    "A bigger budget buys better plastic parts.",
)
GARDEN = (
    "Roses grow in the sunny garden.",
    "The garden needs water for roses.",
    "Sunny roses need garden water daily.",
)


def two_topic_talk() -> tuple[Turn, ...]:
    first = [("AB"[i % 2], BUDGET[i % 3]) for i in range(30)]
    second = [("CD"[i % 2], GARDEN[i % 3]) for i in range(30)]
    second[0] = ("C", "Okay, next item. Roses grow in the sunny garden.")
    return talk(*first, *second)


def first_phrases(
    embed: Any, texts: np.ndarray, phrases: Sequence[Sequence[str]], top_n: int
) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(found[:top_n]) for found in phrases)


@pytest.fixture
def without_keybert(monkeypatch: pytest.MonkeyPatch) -> None:
    """KeyBERT takes seconds to import; its order is not what these tests are about."""
    monkeypatch.setattr(titles, "rank_phrases", first_phrases)


@pytest.mark.usefixtures("without_keybert")
def test_two_topics_are_two_chapters_with_their_names() -> None:
    chapters = TopicChapterFinder(embed)(two_topic_talk(), 600.0)
    assert [chapter.segment.start for chapter in chapters] == [0.0, 300.0]
    assert "plastic" in " ".join(chapters[0].keywords).lower()
    assert "roses" in " ".join(chapters[1].keywords).lower()


@pytest.mark.usefixtures("without_keybert")
def test_meeting_of_half_a_minute_is_one_chapter() -> None:
    turns = talk(("A", BUDGET[0]), ("B", "Okay, next item. " + GARDEN[0]), ("C", GARDEN[1]))
    (chapter,) = TopicChapterFinder(embed)(turns, 30.0)
    assert (chapter.segment.start, chapter.segment.end) == (0.0, 30.0)


def test_no_turns_make_no_chapters() -> None:
    assert TopicChapterFinder(embed)((), 100.0) == ()


def test_chapter_without_telling_words_is_called_by_its_number() -> None:
    (chapter,) = TopicChapterFinder(embed)(talk(("A", "Yeah okay um right.")), 10.0)
    assert chapter.title == "Chapter 1"
    assert chapter.keywords == ()


@pytest.mark.usefixtures("without_keybert")
def test_number_of_keywords_is_configurable() -> None:
    finder = TopicChapterFinder(embed, ChaptersConfig(num_keywords=2))
    assert all(len(chapter.keywords) <= 2 for chapter in finder(two_topic_talk(), 600.0))


@pytest.mark.usefixtures("without_keybert")
def test_progress_rises_to_one() -> None:
    seen: list[float] = []
    TopicChapterFinder(embed)(two_topic_talk(), 600.0, seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


@pytest.mark.usefixtures("without_keybert")
def test_title_begins_with_a_capital_and_repeats_no_word() -> None:
    text = "remote control design. remote control design. remote controls. remote controls"
    (heading,) = headings_of([text], embed([text]), embed, 5)
    assert heading.title == "Remote control design"
    assert sum("remote" in keyword for keyword in heading.keywords) == 1


@pytest.mark.usefixtures("without_keybert")
def test_names_keep_their_capitals() -> None:
    text = "LCD. LCD. LCD."
    (heading,) = headings_of([text], embed([text]), embed, 5)
    assert heading.title == "LCD"


@settings(max_examples=30)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 100),
            st.integers(1, 40),
            st.sampled_from([*BUDGET, *GARDEN, "Okay, next item is the budget."]),
            st.sampled_from(["A", "B", None]),
        ),
        min_size=1,
        max_size=40,
    )
)
def test_chapters_cover_the_meeting_and_cut_no_turn(drawn: list) -> None:
    clock, turns = 0.0, []
    for number, (gap, duration, text, speaker) in enumerate(drawn):
        clock += gap
        turns.append(spoken(number, text, clock, float(duration), speaker))
    end = max(turn.segment.end for turn in turns) + 1.0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(titles, "rank_phrases", first_phrases)
        chapters = TopicChapterFinder(embed)(turns, end)
    assert (chapters[0].segment.start, chapters[-1].segment.end) == (0.0, end)
    assert all(a.segment.end == b.segment.start for a, b in pairwise(chapters))
    for boundary in (chapter.segment.start for chapter in chapters[1:]):
        assert not any(t.segment.start < boundary < t.segment.end for t in turns)
    assert all(chapter.title for chapter in chapters)


@pytest.mark.model
def test_keybert_prefers_the_phrase_that_is_like_the_text() -> None:
    texts = embed(["plastic parts plastic parts budget", "roses garden"])
    ranked = rank_phrases(embed, texts, [["weather", "plastic parts"], []], 2)
    assert ranked[0][0] == "plastic parts"
    assert ranked[1] == ()


@pytest.mark.model
def test_keybert_ranks_a_single_text_like_one_of_several() -> None:
    texts = embed(["plastic parts plastic parts budget"])
    assert rank_phrases(embed, texts, [["plastic parts", "weather"]], 1) == (("plastic parts",),)


@pytest.mark.model
def test_real_sentence_embeddings_find_and_name_two_topics(models: Any) -> None:
    from pipelines.text_embedding import MiniLmEmbedder

    folder: Path = models("minilm-l6-v2")
    chapters = TopicChapterFinder(MiniLmEmbedder(folder))(two_topic_talk(), 600.0)
    assert [chapter.segment.start for chapter in chapters] == [0.0, 300.0]
    assert "plastic" in chapters[0].title.lower() or "budget" in chapters[0].title.lower()
    assert "rose" in chapters[1].title.lower() or "garden" in chapters[1].title.lower()
