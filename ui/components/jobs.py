"""Recordings under way: how far each has come, and what went wrong with it."""

from collections.abc import Callable, Sequence

import gradio as gr

from ui.components.assets import component, render, slot
from ui.translation import Translate
from ui.views import JobView


def jobs(functions: Sequence[Callable[[object], dict[str, str]]]) -> gr.HTML:
    """The list; its script asks for it again while something is under way."""
    return component("jobs", slot("jobs"), functions)


def jobs_markup(views: Sequence[JobView], t: Translate) -> str:
    """The cards."""
    return render("jobs", t, jobs=views)
