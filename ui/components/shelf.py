"""Folder and tags of the meeting that is open, at the end of its facts."""

from collections.abc import Callable, Sequence

import gradio as gr

from ui.components.assets import component, render
from ui.translation import Translate


def shelf(t: Translate, functions: Sequence[Callable[[object], dict[str, str]]]) -> gr.HTML:
    """The dialog in which they are changed; its script shows them in the heading."""
    return component("shelf", render("shelf", t), functions)


def shelf_markup(folder: str | None, tags: Sequence[str], t: Translate) -> str:
    """Where the meeting is kept, and the button to change it."""
    return render("shelf_place", t, folder=folder, tags=tags)
