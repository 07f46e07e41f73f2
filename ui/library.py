"""The page that lists, finds and keeps all meetings in order."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import gradio as gr

from meeting_app.domain import SearchFilters
from meeting_app.formats.document import FORMATS
from ui.callbacks import Fragments, callback
from ui.components.library import (
    alike_markup,
    filters_markup,
    hits_markup,
    library,
    rows_markup,
)
from ui.filters import filters_of, listed, place_of
from ui.library_presenters import is_narrowed, present_filters, present_hits, present_library
from ui.presenters import present_formats
from ui.translation import Translate

if TYPE_CHECKING:
    from meeting_app.service import MeetingService

PAGE = 50  # meetings listed at a time
_MOST_HITS = 50  # found by words
_MOST_ALIKE = 10  # found by meaning


def library_page(service: "MeetingService", t: Translate) -> None:
    """Adds the page to the Blocks under construction."""

    @callback
    def list_filters() -> Fragments:
        view = present_filters(service.shelves.facets(), t)
        return {
            "filters": filters_markup(view, t),
            "tags": "\n".join(view.tags),
            "folders": "\n".join(view.folders),
        }

    @callback
    def list_meetings(filters: str, after: str) -> Fragments:
        chosen = filters_of(filters)
        entries = service.library(chosen, PAGE + 1, place_of(after))
        rows = present_library(entries[:PAGE], t)
        more = rows[-1].place if len(entries) > PAGE else ""
        why = "trash" if chosen.is_trashed else "narrowed" if is_narrowed(chosen) else "new"
        return {"list": rows_markup(rows, why, t), "more": more}

    @callback
    def search(query: str, filters: str) -> Fragments:
        hits = service.search(query, _MOST_HITS, filters_of(filters))
        return {"list": hits_markup(query, present_hits(hits, t), t)}

    @callback
    def search_alike(query: str, filters: str) -> Fragments:
        hits = service.shelves.search_alike(query, _MOST_ALIKE, filters_of(filters))
        return {"alike": alike_markup(present_hits(hits, t), t)}

    with gr.Column(elem_id="library-page", elem_classes="view"):
        functions = [list_filters, list_meetings, search, search_alike]
        library(t, present_formats(FORMATS, t), [*functions, *_changes(service), *_trash(service)])


def _trash(service: "MeetingService") -> list[Callable[[object], dict[str, str]]]:
    """What is asked of the trash as a whole."""

    @callback
    def count_trash() -> Fragments:
        return {"count": str(len(service.library(SearchFilters(is_trashed=True))))}

    @callback
    def empty_trash() -> Fragments:
        return {"count": str(service.shelves.empty_trash())}

    return [count_trash, empty_trash]


def _changes(service: "MeetingService") -> list[Callable[[object], dict[str, str]]]:
    """What can be done with chosen meetings: their ids with spaces, tags with commas between."""

    @callback
    def change_tags(meeting_ids: str, add: str, remove: str) -> Fragments:
        if add := add.strip(" ,"):
            service.shelves.tag(meeting_ids.split(), listed(add))
        if remove := remove.strip(" ,"):
            service.shelves.untag(meeting_ids.split(), listed(remove))
        return {}

    @callback
    def move_meetings(meeting_ids: str, folder: str) -> Fragments:
        service.shelves.move(meeting_ids.split(), folder)
        return {}

    @callback
    def delete_meetings(meeting_ids: str, for_good: str) -> Fragments:
        for meeting_id in meeting_ids.split():
            service.delete(meeting_id, for_good=bool(for_good))
        return {}

    @callback
    def restore_meetings(meeting_ids: str) -> Fragments:
        for meeting_id in meeting_ids.split():
            service.shelves.restore(meeting_id)
        return {}

    return [change_tags, move_meetings, delete_meetings, restore_meetings]
