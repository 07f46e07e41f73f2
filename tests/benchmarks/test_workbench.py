"""The parts of the workbench benchmark, put together."""

import json
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest

from benchmarks.workbench.__main__ import FIGURES, measure, parts

DATA = Path("recordings")
SAID = {
    "page": {
        "first_paint_ms": 1.0,
        "interaction_p95_ms": 2.0,
        "click_to_sound_p95_ms": 3.0,
        "tab_memory_mb": 4.0,
    },
    "searching": {"search_words_p95_ms": 5.0, "search_meaning_p95_ms": 6.0, "build_seconds": 9.0},
    "correcting": {"correction_actions": 7.0, "correction_error": 8.0},
    "recognising": {"voices_right": 9.0, "voices_false": 10.0},
}


def said(part: Sequence[str]) -> str:
    """What a part would print, a line of talk included."""
    return "measuring\n" + json.dumps(SAID[part[0].rpartition(".")[2]]) + "\n"


def test_the_figures_of_all_parts_stand_in_one_object_in_a_fixed_order() -> None:
    found = measure(DATA, said)
    assert tuple(found) == FIGURES
    assert list(found.values()) == [float(number) for number in range(1, 11)]


def test_a_figure_that_no_part_says_is_named() -> None:
    def forgetful(part: Sequence[str]) -> str:
        return "{}" if part[0].endswith("page") else said(part)

    with pytest.raises(ValueError, match="first_paint_ms, interaction_p95_ms"):
        measure(DATA, forgetful)


def test_every_part_is_a_module_that_exists() -> None:
    assert all(find_spec(part[0]) for part in parts(DATA))
