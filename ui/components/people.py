"""Everybody who is named, and the switch for voices."""

from collections.abc import Callable, Sequence

import gradio as gr

from ui.components.assets import component, render
from ui.people_views import PeopleView
from ui.translation import Translate


def people(t: Translate, functions: Sequence[Callable[[object], dict[str, str]]]) -> gr.HTML:
    """Heading, dialog for merging, and the place of the list."""
    return component("people", render("people", t), functions)


def people_markup(view: PeopleView, t: Translate) -> str:
    """The switch and everybody's card."""
    return render("people_list", t, view=view)
