"""A person's name in what meetings were before they were corrected, and in the corrections.

Without this a name that was taken away everywhere would be back with the next undo.
The caller owns the transaction.
"""

import json
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from storage.bases import with_name
from storage.tables import BaseRow, CorrectionRow, MeetingRow, SpeakerRow

_FIELDS = frozenset({"name", "owner"})  # of a correction, that may hold a person's name


def replace_kept_name(session: Session, old: str, new: str | None) -> None:
    """Puts ``new`` in the place of a name wherever corrections or bases have it.

    Their meetings are other ones now, so that no state from before is gone back to.
    """
    bodies = {json.dumps(old), json.dumps(old, ensure_ascii=False)}
    changed: set[str] = set()
    for body in bodies:
        for row in session.scalars(
            select(CorrectionRow).where(CorrectionRow.body.contains(body, autoescape=True))
        ):
            row.body = _with_name(row.body, old, new)
            changed.add(row.meeting_id)
        for base in session.scalars(
            select(BaseRow).where(BaseRow.body.contains(body, autoescape=True))
        ):
            base.body = with_name(base.body, old, new)
            changed.add(base.meeting_id)
    session.flush()
    _note_change(session, MeetingRow.id.in_(changed))


def note_change(session: Session, name: str) -> None:
    """Makes it known that the meetings with a speaker of that name are other ones now."""
    with_it = select(SpeakerRow.meeting_id).where(SpeakerRow.name == name)
    _note_change(session, MeetingRow.id.in_(with_it))


def _note_change(session: Session, which: ColumnElement[bool]) -> None:
    session.execute(
        update(MeetingRow)
        .where(which)
        .values(revision=MeetingRow.revision + 1)
        .execution_options(synchronize_session=False)
    )


def _with_name(body: str, old: str, new: str | None) -> str:
    def changed(part: dict[str, Any]) -> dict[str, Any]:
        return {k: new if k in _FIELDS and v == old else v for k, v in part.items()}

    return json.dumps(json.loads(body, object_hook=changed), ensure_ascii=False)
