"""Which words of a changing hypothesis are shown, and which stay."""

from hypothesis import given
from hypothesis import strategies as st
from pyannote.core import Segment

from meeting_app.domain import Word
from pipelines.live.agreement import Agreement, Patience


def hypothesis(text: str) -> tuple[Word, ...]:
    return tuple(
        Word(Segment(index, index + 1), word, 1.0) for index, word in enumerate(text.split())
    )


def shown(patience: Patience, *texts: str) -> list[str]:
    agreement = Agreement(patience)
    return [
        " ".join(word.text for word in agreement.accept(hypothesis(text)).words) for text in texts
    ]


def test_a_new_word_is_shown_once_enough_hypotheses_have_it() -> None:
    assert shown(Patience(to_show=2), "so", "so we", "so we") == ["", "so", "so we"]


def test_a_shown_word_gives_way_to_what_persists_only() -> None:
    patience = Patience(to_show=1, to_change=2, to_settle=10)
    assert shown(patience, "wreck", "reckon", "wreck") == ["wreck"] * 3
    assert shown(patience, "wreck", "reckon", "reckon") == ["wreck", "wreck", "reckon"]


def test_a_shown_word_that_is_gone_for_long_is_taken_away() -> None:
    patience = Patience(to_show=1, to_change=2, to_settle=10)
    assert shown(patience, "so the", "so", "so") == ["so the", "so the", "so"]


def test_a_word_behind_a_doubtful_one_is_shown_all_the_same() -> None:
    patience = Patience(to_show=1, to_change=3, to_settle=10)
    assert shown(patience, "ice", "i scream") == ["ice", "ice scream"]


def test_a_word_stays_after_it_was_shown_for_long_enough() -> None:
    agreement = Agreement(Patience(to_show=1, to_change=1, to_settle=2))
    assert agreement.accept(hypothesis("we")).num_stable == 0
    assert agreement.accept(hypothesis("we")).num_stable == 1
    after = agreement.accept(hypothesis("he"))
    assert [word.text for word in after.words] == ["we"]


def test_the_end_shows_what_was_not_shown_and_changes_nothing() -> None:
    agreement = Agreement(Patience(to_show=2, to_change=1, to_settle=5))
    agreement.accept(hypothesis("a"))
    agreement.accept(hypothesis("a"))
    assert [w.text for w in agreement.finish(hypothesis("b c")).words] == ["a", "c"]


@given(st.lists(st.lists(st.sampled_from("abc"), max_size=6), max_size=20))
def test_stable_words_never_change(texts: list[list[str]]) -> None:
    agreement = Agreement(Patience(to_show=1, to_change=2, to_settle=2))
    stable: list[str] = []
    for text in texts:
        after = agreement.accept(hypothesis(" ".join(text)))
        words = [word.text for word in after.words]
        assert words[: len(stable)] == stable
        assert after.num_stable >= len(stable)
        stable = words[: after.num_stable]


@given(st.lists(st.sampled_from("abcde"), min_size=1, max_size=10), st.integers(1, 4))
def test_a_hypothesis_that_stays_is_shown_whole(words: list[str], to_show: int) -> None:
    agreement = Agreement(Patience(to_show=to_show))
    for _ in range(to_show):
        after = agreement.accept(hypothesis(" ".join(words)))
    assert [word.text for word in after.words] == words
