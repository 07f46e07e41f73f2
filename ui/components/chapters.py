"""The chapters of a meeting as a list to jump from."""

import gradio as gr

from ui.components.assets import component, render, slot
from ui.meeting.views import MeetingView
from ui.translation import Translate


def chapters() -> gr.HTML:
    """The sidebar."""
    return component("chapters", slot("chapters"))


def chapters_markup(view: MeetingView, t: Translate) -> str:
    """One link per chapter."""
    return render("chapters", t, chapters=view.chapters, language=view.language_code)
