"""Where recordings are handed in: dropped or chosen, then streamed to the server."""

import gradio as gr

from meeting_app.domain.jobs import MOST_SPEAKERS
from ui.components.assets import component, render
from ui.languages import language_names
from ui.translation import Translate


def upload(t: Translate) -> gr.HTML:
    """Drop zone, options, and a line with progress for each file under way."""
    markup = render("upload", t, languages=language_names(t), most_speakers=MOST_SPEAKERS)
    return component("upload", markup)
