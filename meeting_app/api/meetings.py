"""Meetings over REST."""

from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query
from fastapi.responses import Response

from meeting_app.api.schemas import (
    LibraryEntrySchema,
    RenameMeetingSchema,
    RenameSpeakerSchema,
    SearchHitSchema,
)

if TYPE_CHECKING:
    from meeting_app.formats.document import Document
    from meeting_app.service import MeetingService


def meetings_router(service: "MeetingService", author: str | None) -> APIRouter:
    """Where meetings are listed, read, found, named, handed out and deleted.

    Args:
        service: what can be done with meetings.
        author: who has logged in; None stands for the user of this machine.
    """
    router = APIRouter(tags=["meetings"])
    _add_reading(router, service)
    _add_changing(router, service, author)
    return router


def _add_reading(router: APIRouter, service: "MeetingService") -> None:
    @router.get("/meetings", summary="The library, newest first")
    def library() -> tuple[LibraryEntrySchema, ...]:
        return tuple(LibraryEntrySchema.of(entry) for entry in service.library())

    @router.get("/search", summary="Turns that contain the words")
    def search(
        q: Annotated[str, Query(max_length=500)], limit: Annotated[int, Query(ge=1, le=500)] = 50
    ) -> tuple[SearchHitSchema, ...]:
        return tuple(SearchHitSchema.of(hit) for hit in service.search(q, limit))

    @router.get("/meetings/{meeting_id}", summary="A whole meeting, in the JSON format")
    def meeting(meeting_id: str) -> Response:
        return Response(service.export(meeting_id, "json").content, media_type="application/json")

    @router.get("/meetings/{meeting_id}/export/{format}", summary="A meeting as a file")
    def export(meeting_id: str, format: str) -> Response:
        return attachment(service.export(meeting_id, format))


def _add_changing(router: APIRouter, service: "MeetingService", author: str | None) -> None:
    @router.patch("/meetings/{meeting_id}", summary="Give a meeting another title")
    def rename_meeting(meeting_id: str, change: RenameMeetingSchema) -> Response:
        service.rename_meeting(meeting_id, change.title, author)
        return Response(status_code=204)

    @router.patch("/meetings/{meeting_id}/speakers/{label}", summary="Name a speaker")
    def rename_speaker(meeting_id: str, label: str, change: RenameSpeakerSchema) -> Response:
        service.rename_speaker(meeting_id, label, change.name, author)
        return Response(status_code=204)

    @router.delete("/meetings/{meeting_id}", status_code=204, summary="Delete a meeting for good")
    def delete(meeting_id: str) -> Response:
        service.delete(meeting_id)
        return Response(status_code=204)


def attachment(document: "Document") -> Response:
    """A file to save, under its own name in any script.

    Source: RFC 6266 and RFC 5987; the plain name is for clients that know only ASCII.
    """
    plain = "".join(c if " " <= c <= "~" and c not in '"\\%' else "_" for c in document.filename)
    encoded = quote(document.filename, safe="")
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}"
    return Response(
        document.content,
        media_type=document.media_type,
        headers={"Content-Disposition": disposition, "Cache-Control": "no-store"},
    )
