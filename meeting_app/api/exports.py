"""Meetings as files over REST: handed out, cut into clips, taken in again."""

import io
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

import anyio.to_thread
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response, StreamingResponse
from pyannote.core import Segment

from meeting_app.api.recordings import BODY, BUFFER, RequestReader
from meeting_app.api.schemas import ExportManySchema, ExportSchema, RestoredSchema
from meeting_app.domain import ClipKind, StoredMeeting
from meeting_app.errors import MeetingAppError

if TYPE_CHECKING:
    from meeting_app.formats.document import Document
    from meeting_app.service import MeetingService


def exports_router(service: "MeetingService") -> APIRouter:
    """Where files with meetings in them go out and come in."""
    router = APIRouter(tags=["files"])

    @router.get("/meetings/{meeting_id}/export/{format}", summary="A meeting as a file")
    def export(meeting_id: str, format: str, choices: Annotated[ExportSchema, Query()]) -> Response:
        return attachment(service.export(meeting_id, format, choices.options()))

    @router.get("/export/{format}", summary="Several meetings as files, in one archive")
    def export_many(format: str, choices: Annotated[ExportManySchema, Query()]) -> Response:
        return attachment(service.export_many(choices.id, format, choices.options()))

    @router.get("/meetings/{meeting_id}/clip", summary="The sound of a stretch, in seconds")
    def clip(meeting_id: str, start: float, end: float, kind: ClipKind = ClipKind.M4A) -> Response:
        return attachment(service.clip(meeting_id, Segment(start, end), kind))

    @router.post(
        "/meetings",
        status_code=201,
        openapi_extra=BODY,
        summary="Take in a meeting that was exported as json or zip",
    )
    async def restore(
        request: Request, filename: Annotated[str, Query(min_length=1, max_length=500)]
    ) -> RestoredSchema:
        body = RequestReader(request.stream())

        def work() -> StoredMeeting:
            with io.BufferedReader(body, BUFFER) as source:
                return service.restore(source, filename)

        try:
            return RestoredSchema.of(await anyio.to_thread.run_sync(work))
        except MeetingAppError:
            await body.drain()  # as for a recording: the sender is to see the message
            raise

    return router


def attachment(document: "Document") -> Response:
    """A file to save, under its own name in any script; sent while it is made.

    Source: RFC 6266 and RFC 5987; the plain name is for clients that know only ASCII.
    """
    plain = "".join(c if " " <= c <= "~" and c not in '"\\%' else "_" for c in document.filename)
    encoded = quote(document.filename, safe="")
    headers = {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}",
        "Cache-Control": "no-store",
    }
    if isinstance(document.blocks, tuple):  # all there, so that its length can be told
        return Response(document.content, media_type=document.media_type, headers=headers)
    return StreamingResponse(iter(document.blocks), media_type=document.media_type, headers=headers)
