"""A line that goes on, written anew by the better model as far as it is sure."""

from hypothesis import given
from hypothesis import strategies as st
from pyannote.core import Segment

from meeting_app.domain import Word
from pipelines.live.agreement import Shown
from pipelines.live.rewriting import Rewriting


def words(text: str, start: float = 0.0) -> tuple[Word, ...]:
    """A second each."""
    return tuple(
        Word(Segment(start + index, start + index + 1), word, 1.0)
        for index, word in enumerate(text.split())
    )


def shown(text: str, num_stable: int | None = None, start: float = 0.0) -> Shown:
    found = words(text, start)
    return Shown(found, len(found) if num_stable is None else num_stable)


def text(found: Shown) -> str:
    return " ".join(word.text for word in found.words)


def rewritten(first: Shown, *decodings: str) -> Rewriting:
    found = Rewriting()
    for decoding in decodings:
        found = found.heard(words(decoding), first)
    return found


def test_one_decoding_changes_nothing() -> None:
    first = shown("wreck a nice beach")
    assert text(rewritten(first, "recognise speech").over(first)) == "wreck a nice beach"


def test_what_two_decodings_agree_on_takes_the_place_of_the_first_words() -> None:
    first = shown("wreck a nice beach")
    found = rewritten(first, "Recognise a nicer", "recognise a nice speech")
    # "a" ends at 2 s: the first pass's "wreck" and "a" were before it.
    assert (text(found.over(first)), found.num_replaced) == ("recognise a nice beach", 2)
    assert found.over(first).num_stable == 4


def test_agreed_words_stay_whatever_is_decoded_later() -> None:
    first = shown("so we chip it")
    found = rewritten(first, "so we ship", "so we ship", "so he ships it", "so he ships it")
    assert text(found.over(first)) == "so we ship it"


def test_only_stable_words_of_the_first_pass_are_replaced() -> None:
    first = shown("wreck a nice", num_stable=1)
    found = rewritten(first, "recognise speech", "recognise speech")
    assert text(found.over(first)) == "recognise speech a nice"
    assert found.over(first).num_stable == 2


def test_a_word_whose_time_the_first_pass_misses_comes_neither_twice_nor_never() -> None:
    late = shown("wreck we ship", start=0.8)  # "we" has its middle at 2.3, not 1.5
    assert text(rewritten(late, "so we", "so we").over(late)) == "so we ship"
    early = shown("so we ship now", start=-1.2)  # "we" has its middle at 0.3
    assert text(rewritten(early, "so we", "so we").over(early)) == "so we ship now"


texts = st.lists(st.sampled_from("abc"), max_size=6).map(" ".join)


@given(texts, st.lists(texts, max_size=12))
def test_what_stands_never_changes_and_only_grows(first: str, decodings: list[str]) -> None:
    before, found = "", Rewriting()
    for decoding in decodings:
        found = found.heard(words(decoding), shown(first))
        now = " ".join(word.text for word in found.words)
        assert now.startswith(before)
        assert found.num_replaced <= len(first.split())
        before = now


@given(texts, st.lists(texts, max_size=12))
def test_words_the_second_pass_has_not_reached_are_those_of_the_first(
    first: str, decodings: list[str]
) -> None:
    found = rewritten(shown(first), *decodings)
    rest = first.split()[found.num_replaced :]
    assert text(found.over(shown(first))).split() == [w.text for w in found.words] + rest
