"""All meetings, and the search over them."""

from collections.abc import Callable, Sequence

import gradio as gr

from ui.components.assets import component, render
from ui.views import HitView, LibraryRow


def library(functions: Sequence[Callable[[object], dict[str, str]]]) -> gr.HTML:
    """Search field and list."""
    return component("library", render("library"), functions)


def rows_markup(rows: Sequence[LibraryRow]) -> str:
    """The meetings."""
    return render("library_rows", rows=rows)


def hits_markup(query: str, hits: Sequence[HitView]) -> str:
    """What was found."""
    return render("library_hits", query=query, hits=hits)
