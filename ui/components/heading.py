"""The top of a meeting: title, facts, speakers, and what can be done with it as a whole."""

from collections.abc import Callable, Sequence

import gradio as gr

from ui.components.assets import component, render, slot
from ui.meeting.views import MeetingView
from ui.translation import Translate


def heading(functions: Sequence[Callable[[object], dict[str, str]]]) -> gr.HTML:
    """The part that opens the meeting for all others."""
    return component("heading", slot("heading"), functions)


def heading_markup(view: MeetingView, t: Translate) -> str:
    """Title, facts, speakers and actions."""
    return render("heading", t, meeting=view)
