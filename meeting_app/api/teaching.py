"""Speakers decided anew over REST: what corrections teach, and splits by voice."""

from typing import TYPE_CHECKING

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from meeting_app.api.schemas import CorrectedSchema

if TYPE_CHECKING:
    from meeting_app.service import MeetingService
    from meeting_app.teaching import Proposal


class _Schema(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RelabellingSchema(_Schema):
    """A stretch that is to go from one speaker to another."""

    start: float  # seconds
    end: float
    before: str | None
    after: str


class ProposalSchema(_Schema):
    """What may be accepted as one correction of the kind ``relabel``."""

    revision: int
    changes: tuple[RelabellingSchema, ...]

    @classmethod
    def of(cls, proposal: "Proposal") -> "ProposalSchema":
        """The same in JSON."""
        changes = tuple(
            RelabellingSchema(
                start=change.segment.start,
                end=change.segment.end,
                before=change.before,
                after=change.after,
            )
            for change in proposal.changes
        )
        return cls(revision=proposal.revision, changes=changes)


class SplitSchema(_Schema):
    """For which revision; ``insist`` cuts even what sounds like one person."""

    revision: int
    insist: bool = False


def teaching_router(service: "MeetingService", author: str | None) -> APIRouter:
    """Where corrections teach.

    Args:
        service: what can be done with meetings.
        author: who has logged in; None stands for the user of this machine.
    """
    router = APIRouter(tags=["corrections"])

    @router.get(
        "/meetings/{meeting_id}/proposal",
        summary="What else should change its speaker, given the corrections so far",
    )
    def propose(meeting_id: str) -> ProposalSchema:
        return ProposalSchema.of(service.teacher.propose(meeting_id))

    @router.post(
        "/meetings/{meeting_id}/speakers/{label}/split",
        summary="Make two speakers of one, by their voices",
    )
    def split(meeting_id: str, label: str, wanted: SplitSchema) -> CorrectedSchema:
        stored = service.teacher.split(
            meeting_id, label, wanted.revision, author, insist=wanted.insist
        )
        return CorrectedSchema.of(stored.revision, service.corrections(meeting_id))

    return router
