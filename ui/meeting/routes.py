"""Where the scripts of the page fetch the meeting."""

import gzip
from hashlib import sha256
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from meeting_app.errors import MeetingAppError, NotFoundError
from meeting_app.formats.document import FORMATS
from ui.components.chapters import chapters_markup
from ui.components.heading import heading_markup
from ui.components.minutes import minutes_markup
from ui.components.reading import statistics_markup
from ui.meeting.document import PageState, meeting_document
from ui.meeting.presenter import present_meeting
from ui.translation import Language, Translate, translator

if TYPE_CHECKING:
    from meeting_app.service import MeetingService

_GZIP_LEVEL = 1  # higher ones cost more time than they save on the way


def serve_meetings(app: FastAPI, service: "MeetingService") -> None:
    """Adds the document of each meeting; a copy that the browser has is not sent again."""

    @app.get("/pages/meetings/{meeting_id}", include_in_schema=False)
    def document(meeting_id: str, request: Request, language: Language = "en") -> Response:
        try:
            content = _content(service, meeting_id, translator(language))
        except NotFoundError as error:
            return JSONResponse({"error": str(error), "missing": "true"})
        except MeetingAppError as error:
            return JSONResponse({"error": str(error)})
        return _answer(request, content)


def _content(service: "MeetingService", meeting_id: str, t: Translate) -> bytes:
    stored = service.meeting(meeting_id)
    view = present_meeting(stored, FORMATS, t)
    parts = {
        "heading": heading_markup(view, t),
        "chapters": chapters_markup(view, t),
        "minutes": minutes_markup(view, t),
        "statistics": statistics_markup(view, t),
    }
    state = PageState.of(service.corrections(meeting_id), service.has_evidence(meeting_id))
    return meeting_document(stored, state, view, parts)


def _answer(request: Request, content: bytes) -> Response:
    tag = f'"{sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Accept-Encoding"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        content = gzip.compress(content, _GZIP_LEVEL)
        headers["Content-Encoding"] = "gzip"
    return Response(content, media_type="application/json", headers=headers)
