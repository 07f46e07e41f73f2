"""All meetings, and the search over them."""

from collections.abc import Callable, Sequence

import gradio as gr

from ui.components.assets import component, render
from ui.translation import Translate
from ui.views import HitView, LibraryRow


def library(t: Translate, functions: Sequence[Callable[[object], dict[str, str]]]) -> gr.HTML:
    """Search field and list."""
    return component("library", render("library", t), functions)


def rows_markup(rows: Sequence[LibraryRow], t: Translate) -> str:
    """The meetings."""
    return render("library_rows", t, rows=rows)


def hits_markup(query: str, hits: Sequence[HitView], t: Translate) -> str:
    """What was found."""
    return render("library_hits", t, query=query, hits=hits)
