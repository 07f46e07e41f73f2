"""What was said, by whom, and the place that is playing."""

import gradio as gr

from ui.components.assets import component, render, slot
from ui.translation import Translate
from ui.views import MeetingView


def transcript() -> gr.HTML:
    """The turns under their chapters."""
    return component("transcript", slot("transcript"))


def transcript_markup(view: MeetingView, t: Translate) -> str:
    """Every turn with its words."""
    return render("transcript", t, chapters=view.chapters)
