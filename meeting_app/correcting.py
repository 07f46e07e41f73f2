"""Meetings are corrected: each change is a command that is kept and can be undone."""

import getpass
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from meeting_app.checks import LONGEST_NAME, LONGEST_PASSAGE, LONGEST_TITLE, checked_text
from meeting_app.domain import Job, Meeting, StoredMeeting
from meeting_app.domain.corrections import (
    AddChapter,
    AddLine,
    Corrected,
    Correction,
    EditLine,
    MadeCorrection,
    NameSpeakers,
    ReassignWords,
    Relabel,
    RemoveWords,
    RenameChapter,
    RenameMeeting,
    RenameSpeaker,
    ReplaceWords,
    SplitSpeaker,
    carried,
    replayed,
    to_redo,
    to_undo,
)
from meeting_app.earlier import EarlierStates, States
from meeting_app.errors import ConflictError, NotFoundError, StaleError
from meeting_app.past import kept_of, made_of
from storage.repository import Change, Claim, Editable, KeptCorrection, Repository

_NOBODY = "local"
_MOST_PARTS = 20_000  # of one correction; a meeting of four hours has some thousand turns
_LONGEST_LINE = 2_000  # characters of a line of the minutes
_MOST_TRIES = 50  # when others change the same meeting again and again


def local_author() -> str:
    """Who uses this machine, for corrections that no login stands behind."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # such as a container whose user has no name
        return _NOBODY


class Corrector:
    """Applies, undoes and repeats corrections of the meetings of a library."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._earlier = EarlierStates()

    def correct(
        self, meeting_id: str, correction: Correction, revision: int | None, author: str
    ) -> StoredMeeting:
        """The corrected meeting. A correction that changes nothing is not kept.

        Args:
            meeting_id: of the meeting.
            correction: checked.
            revision: of the meeting that the user saw; None stands for whichever it is.
            author: who asks for it.

        Raises:
            NotFoundError: there is no such meeting or speaker.
            ConflictError: the correction does not fit, or the meeting was changed since.
        """
        for _ in range(_MOST_TRIES - 1):
            try:
                return self._correct(meeting_id, correction, revision, author)
            except StaleError:
                if revision is not None:
                    raise
        return self._correct(meeting_id, correction, revision, author)

    def undo(self, meeting_id: str, revision: int | None, author: str) -> StoredMeeting:
        """The meeting without its last correction.

        Raises:
            NotFoundError: there is no such meeting.
            ConflictError: there is nothing to undo, or the meeting was changed since.
        """
        editable = self._editable(meeting_id, revision)
        history = self.history(meeting_id)
        last = to_undo(history)
        if last is None:
            raise ConflictError("there is nothing to undo; the meeting is as it was made")
        undone = replace(last, is_undone=True, undone_by=author)
        earlier = self._earlier.before(meeting_id, editable.stored.revision)
        if earlier:
            state = earlier[-1]
        else:
            base = self._base(meeting_id)
            state = replayed(base, (undone if made is last else made for made in history))
        return self._write(editable, state, [kept_of(undone)], earlier[:-1])

    def redo(self, meeting_id: str, revision: int | None) -> StoredMeeting:
        """The meeting with the correction that was undone last.

        Raises:
            NotFoundError: there is no such meeting.
            ConflictError: there is nothing to repeat, or the meeting was changed since.
        """
        editable = self._editable(meeting_id, revision)
        first = to_redo(self.history(meeting_id))
        if first is None:
            raise ConflictError("there is nothing to repeat; undo something first")
        state = _state_of(editable).then(first.correction)
        again = kept_of(replace(first, is_undone=False, undone_by=None))
        return self._write(editable, state, [again], self._with(editable))

    def history(self, meeting_id: str) -> tuple[MadeCorrection, ...]:
        """All corrections of a meeting, in order. Raises NotFoundError if there is none."""
        return tuple(made_of(kept) for kept in self._repository.corrections(meeting_id))

    def settle(self, claim: Claim, result: Meeting) -> Job:
        """Ends a job with what the pipeline made; of a meeting that is there keeps corrections.

        Raises:
            LeaseLostError: another worker has the job.
        """
        meeting_id = claim.job.meeting_id
        for _ in range(_MOST_TRIES):
            try:
                editable = self._repository.editable(meeting_id)
            except NotFoundError:
                return self._repository.finish(claim, result)
            try:
                return self._repository.finish(claim, result, self._renewal(editable, result))
            except StaleError:
                continue
        raise ConflictError(f"{claim.title}: is changed again and again; try again later")

    def _renewal(self, editable: Editable, result: Meeting) -> Change:
        stored = editable.stored
        history = self.history(stored.id)
        base = self._repository.base(stored.id) or stored.meeting
        new = carried(base, history, replace(result, title=base.title))
        return Change(
            before=stored.meeting,
            after=new.now.meeting,
            revision=stored.revision,
            # Ids of the old result are free again: nothing of it is left.
            numbering=new.now.numbering,
            kept=tuple(map(kept_of, new.history)),
            base=new.base,
        )

    def _correct(
        self, meeting_id: str, correction: Correction, revision: int | None, author: str
    ) -> StoredMeeting:
        editable = self._editable(meeting_id, revision)
        state = _state_of(editable).then(correction)
        if state.meeting == editable.stored.meeting:
            return editable.stored
        known = self._repository.corrections(meeting_id)
        dropped = [
            replace(kept, is_dropped=True)
            for kept in known
            if kept.is_undone and not kept.is_dropped
        ]
        made = MadeCorrection(len(known) + 1, correction, author, datetime.now(UTC))
        return self._write(editable, state, [*dropped, kept_of(made)], self._with(editable))

    def _editable(self, meeting_id: str, revision: int | None) -> Editable:
        editable = self._repository.editable(meeting_id)
        found = editable.stored.revision
        if revision is not None and found != revision:
            raise StaleError(
                f"{editable.stored.meeting.title}: was changed elsewhere (revision {found}, yours "
                f"is {revision}); look at it as it is now, then try again"
            )
        return editable

    def _with(self, editable: Editable) -> States:
        """The states before the corrections that count, when the present one is among them."""
        stored = editable.stored
        return (*self._earlier.before(stored.id, stored.revision), _state_of(editable))

    def _write(
        self,
        editable: Editable,
        state: Corrected,
        kept: Sequence[KeptCorrection],
        earlier: States,
    ) -> StoredMeeting:
        stored = editable.stored
        change = Change(
            before=stored.meeting,
            after=state.meeting,
            revision=stored.revision,
            numbering=state.numbering,
            kept=tuple(kept),
        )
        now = self._repository.change(stored.id, change)
        self._earlier.keep(stored.id, now.revision, earlier)
        return now

    def _base(self, meeting_id: str) -> Meeting:
        base = self._repository.base(meeting_id)
        if base is None:
            raise NotFoundError(f"{meeting_id}: what the pipeline made is gone; run it again")
        return base


def checked_correction(  # noqa: PLR0911 - one for each kind
    correction: Correction,
) -> Correction:
    """The correction with its texts as they are kept.

    Raises:
        ConflictError: a text is blank, too long or not printable, or there are too many passages.
    """
    match correction:
        case RenameMeeting(title):
            return RenameMeeting(checked_text("title", title, LONGEST_TITLE))
        case RenameSpeaker(label, name):
            return RenameSpeaker(label, _optional("name", name, LONGEST_NAME))
        case NameSpeakers(names):
            if len(names) > _MOST_PARTS:
                raise ConflictError(f"{len(names)} names at once; give {_MOST_PARTS} at most")
            pairs = ((item.label, _optional("name", item.name, LONGEST_NAME)) for item in names)
            return NameSpeakers(tuple(RenameSpeaker(label, name) for label, name in pairs))
        case ReplaceWords():
            return replace(correction, text=checked_text("text", correction.text, LONGEST_PASSAGE))
        case AddChapter() | RenameChapter():
            return replace(correction, title=checked_text("title", correction.title, LONGEST_TITLE))
        case AddLine() | EditLine():
            return replace(
                correction,
                text=checked_text("line", correction.text, _LONGEST_LINE),
                owner=_optional("owner", correction.owner, LONGEST_NAME),
                due=_optional("due", correction.due, LONGEST_NAME),
            )
        case ReassignWords(items) | RemoveWords(items) | SplitSpeaker(_, items) | Relabel(items):
            if len(items) > _MOST_PARTS:
                raise ConflictError(f"{len(items)} passages at once; give {_MOST_PARTS} at most")
    return correction


def _optional(what: str, text: str | None, longest: int) -> str | None:
    return checked_text(what, text, longest) if text is not None and text.strip() else None


def _state_of(editable: Editable) -> Corrected:
    return Corrected(editable.stored.meeting, editable.numbering)
