"""The sound of a meeting, in the ranges a player asks for."""

from typing import TYPE_CHECKING

from fastapi import APIRouter
from fastapi.responses import FileResponse

if TYPE_CHECKING:
    from meeting_app.service import MeetingService


def playback_router(service: "MeetingService") -> APIRouter:
    """Where the player reads; seeking in hours of sound fetches only what is heard."""
    router = APIRouter(tags=["meetings"])

    @router.head("/meetings/{meeting_id}/audio", include_in_schema=False)
    @router.get(
        "/meetings/{meeting_id}/audio",
        summary="The sound, whole or a Range of it",
        response_class=FileResponse,
    )
    def audio(meeting_id: str) -> FileResponse:
        return FileResponse(
            service.playback_path(meeting_id),
            media_type="audio/mp4",
            # Ranges of one file must not be mixed with those of a later one of the same meeting.
            headers={"Cache-Control": "private, no-cache"},
        )

    @router.get(
        "/meetings/{meeting_id}/peaks",
        summary="The outline of the sound: peak and loudness, a byte each, 20 times a second",
        response_class=FileResponse,
    )
    def peaks(meeting_id: str) -> FileResponse:
        # A recording does not change while its meeting lives.
        headers = {"Cache-Control": "private, max-age=86400"}
        return FileResponse(
            service.peaks_path(meeting_id), media_type="application/octet-stream", headers=headers
        )

    return router
