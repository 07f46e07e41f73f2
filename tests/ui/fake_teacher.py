"""Stands in for what voices can tell about a meeting."""

from typing import TYPE_CHECKING

from meeting_app.domain import Relabelling, StoredMeeting
from meeting_app.domain.corrections import SplitSpeaker
from meeting_app.errors import OneVoiceError
from meeting_app.teaching import Proposal

if TYPE_CHECKING:
    from tests.ui.fake_service import FakeService


class FakeTeacher:
    """Proposes ``changes``; whoever is split gives the last turn to the new speaker."""

    def __init__(self, service: "FakeService") -> None:
        self._service = service
        self.has_voices = False
        self.changes: tuple[Relabelling, ...] = ()

    def propose(self, meeting_id: str) -> Proposal:
        return Proposal(self._service.meeting(meeting_id).revision, self.changes)

    def split(
        self,
        meeting_id: str,
        label: str,
        revision: int | None = None,
        author: str | None = None,
        *,
        insist: bool = False,
    ) -> StoredMeeting:
        if not insist:
            raise OneVoiceError(f"{label}: sounds like one voice")
        meeting = self._service.meeting(meeting_id).meeting
        last = [turn for turn in meeting.turns if turn.speaker == label][-1]
        correction = SplitSpeaker(label, (last.segment,))
        return self._service.correct(meeting_id, correction, revision, author)
