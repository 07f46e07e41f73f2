"""All meetings, and the search over them."""

from collections.abc import Callable, Sequence

import gradio as gr

from ui.components.assets import component, render
from ui.translation import Translate
from ui.views import FilterView, HitView, LibraryRow


def library(
    t: Translate,
    formats: Sequence[tuple[str, str]],
    functions: Sequence[Callable[[object], dict[str, str]]],
) -> gr.HTML:
    """Search field and list; ``formats`` are (name, what it is) of what can be downloaded."""
    return component("library", render("library", t, formats=formats), functions)


def filters_markup(view: FilterView, t: Translate) -> str:
    """By what the meetings can be chosen."""
    return render("library_filters", t, view=view)


def rows_markup(rows: Sequence[LibraryRow], why: str, t: Translate) -> str:
    """The meetings; ``why`` says what it means that there are none: new, narrowed or trash."""
    return render("library_rows", t, rows=rows, why=why)


def hits_markup(query: str, hits: Sequence[HitView], t: Translate) -> str:
    """What was found by words."""
    return render("library_hits", t, query=query, hits=hits)


def alike_markup(hits: Sequence[HitView], t: Translate) -> str:
    """What was found by meaning."""
    return render("library_alike", t, hits=hits)
