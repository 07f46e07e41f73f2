"""The components of the page, and what their scripts call."""

from typing import TYPE_CHECKING

import gradio as gr

from ui.callbacks import Fragments, callback
from ui.components.chapters import chapters
from ui.components.correcting import correcting
from ui.components.download import download
from ui.components.heading import heading
from ui.components.minutes import minutes
from ui.components.reading import lanes, player, statistics, transcript
from ui.components.shelf import shelf
from ui.meeting.shelf import shelf_functions
from ui.translation import Translate

if TYPE_CHECKING:
    from meeting_app.service import MeetingService


def meeting_page(service: "MeetingService", t: Translate) -> None:
    """Adds the page to the Blocks under construction."""

    @callback
    def delete_meeting(meeting_id: str) -> Fragments:
        service.delete(meeting_id)
        return {}

    with gr.Column(elem_id="meeting-page", elem_classes="view"):
        heading([delete_meeting])
        shelf(t, shelf_functions(service, t))
        lanes(t)
        chapters()
        transcript(t)
        minutes()
        statistics()
        player(t)
        correcting(t)
        download(t)
