"""The page that lists and searches all meetings."""

from typing import TYPE_CHECKING

import gradio as gr

from ui.callbacks import Fragments, callback
from ui.components.library import hits_markup, library, rows_markup
from ui.presenters import present_hits, present_library
from ui.translation import Translate

if TYPE_CHECKING:
    from meeting_app.service import MeetingService


def library_page(service: "MeetingService", t: Translate) -> None:
    """Adds the page to the Blocks under construction."""

    @callback
    def list_meetings() -> Fragments:
        return {"list": rows_markup(present_library(service.library(), t), t)}

    @callback
    def search(query: str) -> Fragments:
        return {"list": hits_markup(query, present_hits(service.search(query), t), t)}

    @callback
    def delete_meeting(meeting_id: str) -> Fragments:
        service.delete(meeting_id)
        return {}

    with gr.Column(elem_id="library-page", elem_classes="view"):
        library(t, [list_meetings, search, delete_meeting])
