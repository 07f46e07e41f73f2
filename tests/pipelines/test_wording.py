"""Spoken language as text."""

import pytest

from pipelines.wording import telling_words, tidy, words_of


@pytest.mark.parametrize(
    ("spoken", "written"),
    [
        ("Um so we we need, uh, a budget.", "We need a budget."),
        ("yeah okay, the the remote is cheap", "The remote is cheap"),
        ("I'll type up mi- minutes.", "I'll type up minutes."),
        ("we decided against solar cells so", "We decided against solar cells"),
        ("Summer is hot.", "Summer is hot."),
        ("我们决定采用方案二。", "我们决定采用方案二。"),
    ],
)
def test_tidy_leaves_out_what_nobody_writes(spoken: str, written: str) -> None:
    assert tidy(spoken) == written


def test_tidy_keeps_a_well_known_number_spoken_twice_apart() -> None:
    assert tidy("Soso is a name.") == "Soso is a name."


def test_words_keep_apostrophes_and_hyphens() -> None:
    assert words_of("We’re mm-hmm e-mailing!") == ("we're", "mm-hmm", "e-mailing")


def test_script_without_spaces_gives_pairs_of_characters() -> None:
    assert words_of("做预算 ok") == ("做预", "预算", "ok")


def test_fillers_tell_nothing() -> None:
    assert telling_words("Um, yeah, the budget, right") == ("the", "budget")
