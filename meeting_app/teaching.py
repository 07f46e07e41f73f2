"""Corrections teach: what else should change its speaker, and which of two voices said what."""

from dataclasses import dataclass

from meeting_app.correcting import Corrector, local_author
from meeting_app.domain import Relabelling, StoredMeeting, VoiceEvidence
from meeting_app.domain.corrections import SplitSpeaker
from meeting_app.domain.teaching import constraints_of
from meeting_app.errors import ConflictError
from pipelines.protocols import Reclusterer
from storage.repository import Media, Repository


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a user may accept, as one correction."""

    revision: int  # of the meeting that it is about
    changes: tuple[Relabelling, ...]  # in time order; none when nothing is clearly better


class Teacher:
    """Decides who spoke anew, from what users have said and what the voices sounded like."""

    def __init__(self, repository: Repository, media: Media, reclusterer: Reclusterer) -> None:
        self._repository = repository
        self._media = media
        self._reclusterer = reclusterer
        self._corrector = Corrector(repository)

    def propose(self, meeting_id: str) -> Proposal:
        """What else should change in a meeting, given its corrections; it is not changed yet.

        Raises:
            NotFoundError: there is no such meeting.
            ConflictError: it is not known what its voices sounded like.
        """
        stored = self._repository.meeting(meeting_id)
        evidence = self._evidence(stored)
        base = self._repository.base(meeting_id) or stored.meeting
        history = self._corrector.history(meeting_id)
        active = (made.correction for made in history if made.is_active)
        changes = self._reclusterer.propose(evidence, stored.meeting, constraints_of(base, active))
        return Proposal(stored.revision, changes)

    def split(
        self,
        meeting_id: str,
        label: str,
        revision: int | None = None,
        author: str | None = None,
        *,
        insist: bool = False,
    ) -> StoredMeeting:
        """Gives what one of two voices under a label said, the one that says less, to a new one.

        Args:
            meeting_id: of the meeting.
            label: of the speaker who is two people.
            revision: of the meeting as the user saw it; None means as it is now.
            author: who asks for it; None means the user of this machine.
            insist: cut even what sounds like one person.

        Raises:
            NotFoundError: there is no such meeting, or nobody in it has that label.
            OneVoiceError: it sounds like one person, and nobody insists.
            StaleError: the meeting was changed since.
            ConflictError: there is too little speech to tell voices apart, or it is not known
                what they sounded like.
        """
        stored = self._repository.meeting(meeting_id)
        segments = self._reclusterer.split(
            self._evidence(stored), stored.meeting, label, insist=insist
        )
        seen = stored.revision if revision is None else revision
        wanted = SplitSpeaker(label, segments)
        return self._corrector.correct(meeting_id, wanted, seen, author or local_author())

    def _evidence(self, stored: StoredMeeting) -> VoiceEvidence:
        evidence = self._media.evidence(stored.id)
        if evidence is None:
            raise ConflictError(
                f"{stored.meeting.title}: it is not known what its voices sounded like; have the "
                "recording read again, then repeat this"
            )
        return evidence
