"""The player at the bottom of a meeting."""

import gradio as gr

from ui.components.assets import component, render
from ui.translation import Translate


def player(t: Translate) -> gr.HTML:
    """Play, seek, speed; the browser fetches only the parts of the sound it plays."""
    return component("player", render("player", t))
