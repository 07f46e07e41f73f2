"""The meeting page's parts whose scripts are modules that the browser fetches by name.

``model`` holds the words and answers for them, ``search`` finds, ``offsets`` and ``virtual``
show a list of any length, ``axis``, ``peaks`` and ``drawing`` picture the time, ``keys`` is the
table of all keys, ``corrections`` are the heading's buttons; the modules with the names of the
parts show it.
"""

import gradio as gr

from ui.components.assets import module_component, render, slot
from ui.meeting.views import MeetingView
from ui.translation import Translate

FOLDER = "reading/"


def lanes(t: Translate) -> gr.HTML:
    """Who speaks when, chapters and sound on one axis of time."""
    return module_component("lanes", render("reading/lanes", t), FOLDER)


def transcript(t: Translate) -> gr.HTML:
    """What was said, by whom, the place that is playing, and a search in it."""
    return module_component("transcript", render("reading/transcript", t), FOLDER)


def player(t: Translate) -> gr.HTML:
    """Play, seek, speed, and the keys for everything."""
    return module_component("player", render("reading/player", t), FOLDER)


def statistics() -> gr.HTML:
    """The meeting in numbers."""
    return module_component("statistics", slot("statistics"), FOLDER)


def statistics_markup(view: MeetingView, t: Translate) -> str:
    """The totals, and a row for each speaker."""
    return render("reading/statistics", t, figures=view.statistics)
