"""The live page: its parts, whose scripts are modules that the browser fetches by name.

The modules are plain JavaScript: ``worklet`` hears, ``outbox`` keeps what was not acknowledged in
``store``, ``connection`` carries it, ``model`` knows what was said, ``session`` ties them together,
and the modules with the names of the parts show it.
"""

import gradio as gr

from ui.components.assets import module_component, render
from ui.languages import language_names
from ui.translation import Translate

_FIRST = {"en": "English", "zh": "中文"}
"""Languages that are followed word by word stand first, under their own names."""


def setup(t: Translate) -> gr.HTML:
    """Title, language and microphone of a new meeting, and the meetings that are not finished."""
    others = tuple(item for item in language_names(t) if item[0] not in _FIRST)
    languages = (tuple(_FIRST.items()), others)
    return module_component("setup", render("live/setup", t, languages=languages))


def recorder(t: Translate) -> gr.HTML:
    """The bar with time, level and buttons."""
    return module_component("recorder", render("live/recorder", t))


def captions(t: Translate) -> gr.HTML:
    """Heading, speakers and the words as they come."""
    return module_component("captions", render("live/captions", t))


def voices(t: Translate) -> gr.HTML:
    """Who spoke when within the last minute."""
    return module_component("voices", render("live/voices", t))


def outline(t: Translate) -> gr.HTML:
    """Chapters and marks so far."""
    return module_component("outline", render("live/outline", t))


def seal(t: Translate) -> gr.HTML:
    """How far the whole recording has been read again, and what that changed."""
    return module_component("seal", render("live/seal", t))
