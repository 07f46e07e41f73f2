"""The frame of the page: brand, navigation, messages, and what all scripts share."""

import gradio as gr

from ui.components.assets import component, render
from ui.translation import Translate


def page(t: Translate) -> gr.HTML:
    """The bar at the top, the place for messages, and the dialog that asks before deleting."""
    return component("page", render("page", t))
