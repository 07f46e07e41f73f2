"""Where recordings are handed in: dropped or chosen, then streamed to the server."""

import gradio as gr

from meeting_app.domain.jobs import MOST_SPEAKERS
from ui.components.assets import component, render
from ui.languages import LANGUAGES


def upload() -> gr.HTML:
    """Drop zone, options, and a line with progress for each file under way."""
    languages = sorted(LANGUAGES.items(), key=lambda item: item[1])
    return component("upload", render("upload", languages=languages, most_speakers=MOST_SPEAKERS))
