"""The page of one meeting."""

from typing import TYPE_CHECKING

import gradio as gr

from meeting_app.domain import StoredMeeting
from meeting_app.formats.document import FORMATS
from ui.callbacks import Fragments, callback
from ui.components.chapters import chapters, chapters_markup
from ui.components.heading import heading, heading_markup
from ui.components.minutes import minutes, minutes_markup
from ui.components.player import player
from ui.components.transcript import transcript, transcript_markup
from ui.presenters import present_meeting
from ui.translation import Translate

if TYPE_CHECKING:
    from meeting_app.service import MeetingService


def meeting_page(service: "MeetingService", t: Translate) -> None:
    """Adds the page to the Blocks under construction."""

    @callback
    def open_meeting(meeting_id: str) -> Fragments:
        return _fragments(service.meeting(meeting_id), t)

    @callback
    def rename_meeting(meeting_id: str, title: str) -> Fragments:
        return _fragments(service.rename_meeting(meeting_id, title), t)

    @callback
    def rename_speaker(meeting_id: str, label: str, name: str) -> Fragments:
        return _fragments(service.rename_speaker(meeting_id, label, name or None), t)

    @callback
    def delete_meeting(meeting_id: str) -> Fragments:
        service.delete(meeting_id)
        return {}

    with gr.Column(elem_id="meeting-page", elem_classes="view"):
        heading([open_meeting, rename_meeting, rename_speaker, delete_meeting])
        chapters()
        transcript()
        minutes()
        player(t)


def _fragments(stored: StoredMeeting, t: Translate) -> Fragments:
    view = present_meeting(stored, FORMATS, t)
    return {
        "title": view.title,
        "duration": str(view.duration),
        "heading": heading_markup(view, t),
        "chapters": chapters_markup(view, t),
        "transcript": transcript_markup(view, t),
        "minutes": minutes_markup(view, t),
    }
