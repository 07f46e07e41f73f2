"""The minutes of a meeting; every line can be checked by ear."""

import gradio as gr

from ui.components.assets import component, render, slot
from ui.meeting.views import MeetingView
from ui.translation import Translate


def minutes() -> gr.HTML:
    """Action items, decisions and the summary by chapter."""
    return component("minutes", slot("minutes"))


def minutes_markup(view: MeetingView, t: Translate) -> str:
    """The lines, each with links to the turns that prove it."""
    return render("minutes", t, meeting=view)
