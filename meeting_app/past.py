"""What was corrected in a meeting, between the library, which keeps texts, and the domain."""

from meeting_app.domain.corrections import History, MadeCorrection, replayed
from meeting_app.formats.corrections import correction_from_json, correction_to_json
from storage.repository import KeptCorrection, KeptHistory, Repository


def history_of(repository: Repository, meeting_id: str) -> History | None:
    """How a meeting became what it is; None while it was never corrected.

    Raises:
        NotFoundError: there is no such meeting.
    """
    kept = repository.corrections(meeting_id)
    base = repository.base(meeting_id)
    return None if base is None else History(base, tuple(map(made_of, kept)))


def kept_history(history: History) -> KeptHistory:
    """The same as the library keeps it. Raises as ``apply`` where a correction does not fit."""
    state = replayed(history.base, history.made)
    return KeptHistory(history.base, state.numbering, tuple(map(kept_of, history.made)))


def made_of(kept: KeptCorrection) -> MadeCorrection:
    """A correction that the library keeps."""
    return MadeCorrection(
        number=kept.number,
        correction=correction_from_json(kept.body),
        author=kept.author,
        made_at=kept.made_at,
        is_undone=kept.is_undone,
        is_dropped=kept.is_dropped,
        undone_by=kept.undone_by,
        problem=kept.problem,
    )


def kept_of(made: MadeCorrection) -> KeptCorrection:
    """A correction as the library keeps it."""
    return KeptCorrection(
        number=made.number,
        body=correction_to_json(made.correction),
        author=made.author,
        made_at=made.made_at,
        is_undone=made.is_undone,
        is_dropped=made.is_dropped,
        undone_by=made.undone_by,
        problem=made.problem,
    )
