"""Meetings over REST."""

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from meeting_app.api.schemas import RenameMeetingSchema, RenameSpeakerSchema

if TYPE_CHECKING:
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
    @router.get("/meetings/{meeting_id}", summary="A whole meeting, in the JSON format")
    def meeting(meeting_id: str) -> Response:
        return Response(service.export(meeting_id, "json").content, media_type="application/json")


def _add_changing(router: APIRouter, service: "MeetingService", author: str | None) -> None:
    @router.patch("/meetings/{meeting_id}", summary="Give a meeting another title")
    def rename_meeting(meeting_id: str, change: RenameMeetingSchema) -> Response:
        service.rename_meeting(meeting_id, change.title, author)
        return Response(status_code=204)

    @router.patch("/meetings/{meeting_id}/speakers/{label}", summary="Name a speaker")
    def rename_speaker(meeting_id: str, label: str, change: RenameSpeakerSchema) -> Response:
        service.rename_speaker(meeting_id, label, change.name, author)
        return Response(status_code=204)

    @router.delete(
        "/meetings/{meeting_id}", status_code=204, summary="Put a meeting into the trash"
    )
    def delete(
        meeting_id: str,
        for_good: Annotated[bool, Query(description="Remove it instead")] = False,
    ) -> Response:
        service.delete(meeting_id, for_good=for_good)
        return Response(status_code=204)
