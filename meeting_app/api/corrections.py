"""Corrections over REST: one command at a time, refused when the meeting has changed since."""

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from meeting_app.api.schemas import (
    CorrectedSchema,
    CorrectionsSchema,
    JobSchema,
    OptionsSchema,
    QuoteSchema,
    RevisionSchema,
)
from meeting_app.domain import StoredMeeting
from meeting_app.domain.quotes import quotes_of
from meeting_app.errors import FormatError
from meeting_app.formats.corrections import CORRECTION_SCHEMA, correction_from_node
from meeting_app.formats.node import Node

if TYPE_CHECKING:
    from meeting_app.service import MeetingService

_MOST_BYTES = 2 << 20  # of one correction; twenty thousand passages take less
_ADVICE = "see /api/openapi.json for what a request holds"
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "A correction, and the revision of the meeting that it was made for",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["revision", "correction"],
                    "properties": {
                        "revision": {"type": "integer"},
                        "correction": CORRECTION_SCHEMA,
                    },
                }
            }
        },
    }
}


def corrections_router(service: "MeetingService", author: str | None) -> APIRouter:
    """Where meetings are corrected.

    Args:
        service: what can be done with meetings.
        author: who has logged in; None stands for the user of this machine.
    """
    router = APIRouter(tags=["corrections"])

    @router.get("/meetings/{meeting_id}/corrections", summary="Who corrected what, and when")
    def list_corrections(meeting_id: str) -> CorrectionsSchema:
        revision = service.meeting(meeting_id).revision
        return CorrectionsSchema.of(revision, service.corrections(meeting_id))

    @router.post(
        "/meetings/{meeting_id}/corrections", openapi_extra=_BODY, summary="Correct a meeting"
    )
    async def correct(request: Request, meeting_id: str) -> CorrectedSchema:
        root = Node.parse((await _body(request)).decode("utf-8", "replace"), _ADVICE)
        revision, correction = root.fields("revision", "correction")
        wanted, seen = correction_from_node(correction), revision.integer()
        stored = await run_in_threadpool(service.correct, meeting_id, wanted, seen, author)
        return await run_in_threadpool(_corrected, stored)

    @router.get("/meetings/{meeting_id}/quotes", summary="Sentences to know each speaker by")
    def quotes(meeting_id: str) -> tuple[QuoteSchema, ...]:
        found = quotes_of(service.meeting(meeting_id).meeting)
        return tuple(QuoteSchema.of(quote) for quote in found)

    @router.post("/meetings/{meeting_id}/undo", summary="Take the last correction back")
    def undo(meeting_id: str, seen: RevisionSchema) -> CorrectedSchema:
        return _corrected(service.undo(meeting_id, seen.revision, author))

    @router.post("/meetings/{meeting_id}/redo", summary="Make it again")
    def redo(meeting_id: str, seen: RevisionSchema) -> CorrectedSchema:
        return _corrected(service.redo(meeting_id, seen.revision))

    @router.post(
        "/meetings/{meeting_id}/rerun",
        status_code=202,
        summary="Read the recording again; corrections are kept",
    )
    def rerun(meeting_id: str, wishes: OptionsSchema) -> JobSchema:
        return JobSchema.of(service.rerun(meeting_id, wishes.options()))

    def _corrected(stored: StoredMeeting) -> CorrectedSchema:
        return CorrectedSchema.of(stored.revision, service.corrections(stored.id))

    return router


async def _body(request: Request) -> bytes:
    """The body of the request.

    Raises:
        FormatError: it is too long.
    """
    whole = bytearray()
    async for chunk in request.stream():
        whole += chunk
        if len(whole) > _MOST_BYTES:
            raise FormatError(
                f"a correction of more than {_MOST_BYTES} bytes; make several smaller ones"
            )
    return bytes(whole)
