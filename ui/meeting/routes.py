"""Where the scripts of the page fetch the meeting."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from meeting_app.domain import StoredMeeting
from meeting_app.errors import MeetingAppError, NotFoundError
from meeting_app.formats.document import FORMATS
from ui.components.chapters import chapters_markup
from ui.components.heading import heading_markup
from ui.components.minutes import minutes_markup
from ui.components.reading import statistics_markup
from ui.meeting.document import PageState, meeting_document
from ui.meeting.presenter import present_meeting
from ui.packed import Packed
from ui.told import told
from ui.translation import Language, Translate, translator

if TYPE_CHECKING:
    from meeting_app.service import MeetingService

_GZIP_LEVEL = 1  # higher ones cost more time than they save on the way
_MOST = 4  # documents that are kept; one of four hours takes one and a half megabytes


def serve_meetings(app: FastAPI, service: "MeetingService") -> None:
    """Adds the document of each meeting; a copy that the browser has is not sent again."""
    documents = Documents(service)

    @app.get("/pages/meetings/{meeting_id}", include_in_schema=False)
    def document(meeting_id: str, request: Request, language: Language = "en") -> Response:
        try:
            return documents.of(meeting_id, language).answer(request)
        except NotFoundError as error:
            return JSONResponse({"error": told(str(error)), "missing": "true"})
        except MeetingAppError as error:
            return JSONResponse({"error": told(str(error))})


@dataclass(frozen=True, slots=True)
class _Made:
    """A document and what it was made of."""

    stored: StoredMeeting
    state: PageState
    document: Packed

    def shows(self, stored: StoredMeeting, state: PageState) -> bool:
        """Whether another one would be the same; meetings are frozen, so identity is enough."""
        return (
            self.stored.meeting is stored.meeting
            and self.stored.recording == stored.recording
            and (self.stored.revision, self.state) == (stored.revision, state)
        )


class Documents:
    """The documents that were asked for last; one of four hours takes a while to make."""

    def __init__(self, service: "MeetingService") -> None:
        self._service = service
        self._lock = threading.Lock()
        self._made: OrderedDict[tuple[str, Language], _Made] = OrderedDict()

    def of(self, meeting_id: str, language: Language) -> Packed:
        """The meeting as it is now. Raises NotFoundError where there is none."""
        stored = self._service.meeting(meeting_id)
        history = self._service.corrections(meeting_id)
        state = PageState.of(history, self._service.has_evidence(meeting_id))
        key = (meeting_id, language)
        with self._lock:
            made = self._made.get(key)
        if made is None or not made.shows(stored, state):
            made = _Made(stored, state, _document(stored, state, translator(language)))
        with self._lock:
            self._made[key] = made
            self._made.move_to_end(key)
            while len(self._made) > _MOST:
                self._made.popitem(last=False)
        return made.document


def _document(stored: StoredMeeting, state: PageState, t: Translate) -> Packed:
    view = present_meeting(stored, FORMATS, t)
    parts = {
        "heading": heading_markup(view, t),
        "chapters": chapters_markup(view, t),
        "minutes": minutes_markup(view, t),
        "statistics": statistics_markup(view, t),
    }
    content = meeting_document(stored, state, view, parts)
    return Packed.of(content, "application/json", _GZIP_LEVEL)
