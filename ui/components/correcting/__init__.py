"""What is corrected on the meeting page; its scripts are modules that the browser fetches.

``asking`` sends corrections, ``menu`` and ``speakers`` offer them, ``words``, ``outline`` and
``names`` are sheets to type in, ``history`` tells what was done, ``teaching`` what else may follow.
"""

import gradio as gr

from ui.components.assets import module_component, render
from ui.translation import Translate


def correcting(t: Translate) -> gr.HTML:
    """Menus and sheets that show when they are asked for."""
    return module_component("correcting", render("correcting/correcting", t), "correcting/")
