"""The page of people: who is named, in which meetings, and whose voice is remembered."""

from typing import TYPE_CHECKING

import gradio as gr

from ui.callbacks import Fragments, callback
from ui.components.people import people, people_markup
from ui.people_views import present_people
from ui.translation import Translate

if TYPE_CHECKING:
    from meeting_app.service import MeetingService


def people_page(service: "MeetingService", t: Translate) -> None:
    """Adds the page to the Blocks under construction."""

    def everybody() -> Fragments:
        found = service.people
        return {"list": people_markup(present_people(found.people(), found.voices(), t), t)}

    @callback
    def list_people() -> Fragments:
        return everybody()

    @callback
    def switch_voices(is_on: str) -> Fragments:
        service.people.switch_voices(is_on == "true")
        return everybody()

    @callback
    def rename_person(person_id: str, name: str) -> Fragments:
        service.people.rename(person_id, name)
        return everybody()

    @callback
    def merge_people(person_id: str, into: str) -> Fragments:
        service.people.merge(person_id, into)
        return everybody()

    @callback
    def remember_voice(meeting_id: str, label: str) -> Fragments:
        service.people.remember_voice(meeting_id, label)
        return everybody()

    @callback
    def forget_voice(person_id: str) -> Fragments:
        service.people.forget_voice(person_id)
        return everybody()

    @callback
    def forget_all_voices() -> Fragments:
        service.people.forget_all_voices()
        return everybody()

    @callback
    def delete_person(person_id: str) -> Fragments:
        service.people.delete(person_id)
        return everybody()

    functions = [list_people, switch_voices, rename_person, merge_people]
    with gr.Column(elem_id="people-page", elem_classes="view"):
        people(t, [*functions, remember_voice, forget_voice, forget_all_voices, delete_person])
