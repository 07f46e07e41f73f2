"""Full-text search over turns, with SQLite's FTS5.

Each turn has one row in the index: its text, the name of its speaker and the title of its
meeting. A second, small index has a row for each speaker of a meeting, so that a name that
stands at every turn is found once. Scripts that are written without spaces are indexed
character by character, so that a word of such a script is found as a phrase wherever it
stands. What is in the trash is in neither index.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pyannote.core import Segment
from sqlalchemy import ColumnElement, Row, Select, and_, func, literal_column, select, table, text
from sqlalchemy.orm import Session

from meeting_app.domain import (
    EVERYTHING,
    Meeting,
    SearchFilters,
    SearchHit,
    Speaker,
    join_words,
)
from storage import passages
from storage.filters import chosen_meetings
from storage.mapping import words_of
from storage.searchable import CLOSE, OPEN, density, excerpt, pieces_of, searchable, terms_of
from storage.tables import MeetingRow, SpeakerRow, TurnRow

_SHARE_OF_NAMES = 5  # one in so many hits may be there for a name alone
# Of the turns that hold the words, the latest so many are ranked. FTS5's own bm25() would first
# walk through every place of every word, which takes the longer the more meetings there are.
_MOST_RANKED = 1000
_MOST_NAMES = 1000

# The plus sign keeps FTS5 from looking each of the chosen ids up by itself.
_ROW: ColumnElement[int] = literal_column("turns_fts.rowid")
_EVERY_ROW: ColumnElement[int] = literal_column("+turns_fts.rowid")
_SAID_BY = and_(SpeakerRow.meeting_id == TurnRow.meeting_id, SpeakerRow.label == TurnRow.speaker)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A query and what narrows it down."""

    terms: Sequence[str]  # FTS5 phrases
    filters: SearchFilters
    limit: int


def search(
    session: Session, query: str, limit: int, filters: SearchFilters = EVERYTHING
) -> tuple[SearchHit, ...]:
    """The turns that hold every word of ``query`` in text, speaker's name or meeting's title.

    The last word may be the beginning of a longer one. First come a few turns that were found
    by names alone, one per speaker or meeting, latest meeting first; then those with a word in
    their text, the latest thousand of them by how densely they hold the words. Nothing in
    ``query`` has a meaning beyond its words.
    """
    terms = terms_of(query)
    if not terms or limit < 1:
        return ()
    asked = _Asked(terms, filters, limit)
    by_text = _by_text(session, asked)
    by_name = list(islice(_by_name(session, asked), max(1, limit // _SHARE_OF_NAMES)))
    ids = [*(turn for turn in by_name if turn not in by_text), *by_text][:limit]
    rows = {row.id: row for row in session.execute(_details(ids))}
    return tuple(_hit(rows[turn], by_text.get(turn)) for turn in ids)


def index_meeting(session: Session, meeting: Meeting, turns: Sequence[TurnRow]) -> None:
    """Adds turns of a meeting, whose rows have their ids already, and the names it has now."""
    if not turns:
        return
    names = {speaker.label: searchable(speaker.name or "") for speaker in meeting.speakers}
    title = searchable(meeting.title)
    values = [
        {
            "id": row.id,
            "text": searchable(turn.text),
            "speaker": names.get(turn.speaker or "", ""),
            "title": title,
        }
        for row, turn in zip(turns, meeting.turns, strict=True)
    ]
    session.execute(
        text(
            "INSERT INTO turns_fts (rowid, text, speaker, title)"
            " VALUES (:id, :text, :speaker, :title)"
        ),
        values,
    )
    session.execute(
        text("DELETE FROM names_fts WHERE meeting_id = :meeting_id"),
        {"meeting_id": turns[0].meeting_id},
    )
    _index_names(session, turns[0].meeting_id, title, names or {"": ""})
    passages.outdate(session, turns[0].meeting_id)


def forget_turn(session: Session, row: TurnRow) -> None:
    """Removes one turn from the index."""
    session.execute(text("DELETE FROM turns_fts WHERE rowid = :id"), {"id": row.id})
    passages.outdate(session, row.meeting_id)


def index_speaker(session: Session, meeting_id: str, label: str, name: str | None) -> None:
    """Makes a speaker's turns found under another name, or under none."""
    values = {"meeting_id": meeting_id, "label": label, "name": searchable(name or "")}
    session.execute(
        text(
            "UPDATE turns_fts SET speaker = :name WHERE rowid IN"
            " (SELECT id FROM turns WHERE meeting_id = :meeting_id AND speaker = :label)"
        ),
        values,
    )
    session.execute(
        text("DELETE FROM names_fts WHERE meeting_id = :meeting_id AND label = :label"), values
    )
    title = session.scalar(select(MeetingRow.title).where(MeetingRow.id == meeting_id)) or ""
    _index_names(session, meeting_id, searchable(title), {label: searchable(name or "")})


def index_title(session: Session, meeting_id: str, title: str) -> None:
    """Makes a meeting's turns found under another title."""
    values = {"meeting_id": meeting_id, "title": searchable(title)}
    session.execute(
        text(
            "UPDATE turns_fts SET title = :title WHERE rowid IN"
            " (SELECT id FROM turns WHERE meeting_id = :meeting_id)"
        ),
        values,
    )
    session.execute(
        text("UPDATE names_fts SET title = :title WHERE meeting_id = :meeting_id"), values
    )


def forget_meeting(session: Session, meeting_id: str) -> None:
    """Removes a meeting's turns from the index; call it before they are deleted."""
    values = {"meeting_id": meeting_id}
    session.execute(
        text(
            "DELETE FROM turns_fts WHERE rowid IN"
            " (SELECT id FROM turns WHERE meeting_id = :meeting_id)"
        ),
        values,
    )
    session.execute(text("DELETE FROM names_fts WHERE meeting_id = :meeting_id"), values)


def _index_names(session: Session, meeting_id: str, title: str, names: dict[str, str]) -> None:
    session.execute(
        text(
            "INSERT INTO names_fts (speaker, title, meeting_id, label)"
            " VALUES (:speaker, :title, :meeting_id, :label)"
        ),
        [
            {"speaker": name, "title": title, "meeting_id": meeting_id, "label": label}
            for label, name in names.items()
        ],
    )


def _by_text(session: Session, asked: _Asked) -> dict[int, str]:
    """Turns with a word in their text, best first, and their texts with the matches marked."""
    marked = {row.id: row.marked for row in session.execute(_latest_turns(asked))}
    mean = sum(map(len, marked.values())) / max(1, len(marked))
    best = sorted(marked, key=lambda turn: (-density(marked[turn], mean), -turn))
    return {turn: marked[turn] for turn in best[: asked.limit]}


def _latest_turns(asked: _Asked) -> Select[Any]:
    every, some = " AND ".join(asked.terms), " OR ".join(asked.terms)
    query = f"({{text}} : ({some})) AND ({every})"
    latest = (
        select(
            _ROW.label("id"),
            func.highlight(literal_column("turns_fts"), 0, OPEN, CLOSE).label("marked"),
        )
        .select_from(table("turns_fts"))
        .where(text("turns_fts MATCH :query").bindparams(query=query))
        .order_by(_ROW.desc())
        .limit(_MOST_RANKED)
    )
    if asked.filters == EVERYTHING:  # what is in the trash is not in the index
        return latest
    chosen = _turns_in(asked.filters).cte("chosen")
    return latest.where(
        select(func.max(chosen.c.id)).scalar_subquery() >= _ROW,
        _EVERY_ROW.in_(select(chosen.c.id)),
    )


def _turns_in(filters: SearchFilters) -> Select[int]:
    """The ids of the turns of chosen meetings, and of the chosen speaker if there is one."""
    turns = select(TurnRow.id).where(TurnRow.meeting_id.in_(chosen_meetings(filters)))
    if filters.speaker is None:
        return turns
    return turns.join(SpeakerRow, _SAID_BY).where(SpeakerRow.name == filters.speaker)


def _by_name(session: Session, asked: _Asked) -> Iterator[int]:
    """The first turns of meetings and speakers that have the words as their names."""
    every, some = " AND ".join(asked.terms), " OR ".join(asked.terms)
    by_title = _named(session, f"{{title}} : ({every})")
    by_speaker = _named(session, f"({{speaker}} : ({some})) AND ({{speaker title}} : ({every}))")
    groups = dict.fromkeys([*((row.meeting_id, None) for row in by_title), *map(tuple, by_speaker)])
    chosen = set(session.scalars(chosen_meetings(asked.filters)))
    turns = (
        session.scalar(_first_turn(meeting_id, label, asked.filters.speaker))
        for meeting_id, label in groups
        if meeting_id in chosen
    )
    yield from dict.fromkeys(turn for turn in turns if turn is not None)


def _named(session: Session, query: str) -> Sequence[Row[Any]]:
    found = text(
        "SELECT names_fts.meeting_id, names_fts.label"
        " FROM names_fts JOIN meetings ON meetings.id = names_fts.meeting_id"
        " WHERE names_fts MATCH :query"
        " ORDER BY meetings.created_at DESC, names_fts.rowid LIMIT :most"
    )
    return session.execute(found, {"query": query, "most": _MOST_NAMES}).all()


def _first_turn(meeting_id: str, label: str | None, name: str | None) -> Select[int]:
    """The first turn of a meeting, or of one voice of it; where ``name`` is given, of that."""
    first = select(func.min(TurnRow.id)).where(TurnRow.meeting_id == meeting_id)
    if label is not None:
        first = first.where(TurnRow.speaker == label)
    if name is not None:
        first = first.join(SpeakerRow, _SAID_BY).where(SpeakerRow.name == name)
    return first


def _details(ids: Sequence[int]) -> Select[Any]:
    return (
        select(
            TurnRow.id,
            TurnRow.meeting_id,
            MeetingRow.title,
            MeetingRow.created_at,
            TurnRow.number,
            TurnRow.speaker,
            SpeakerRow.name,
            TurnRow.start,
            TurnRow.end,
            TurnRow.words,
        )
        .join(MeetingRow, MeetingRow.id == TurnRow.meeting_id)
        .outerjoin(SpeakerRow, _SAID_BY)
        .where(TurnRow.id.in_(ids))
    )


def _hit(row: Row[Any], marked: str | None) -> SearchHit:
    speaker = "Unknown" if row.speaker is None else Speaker(row.speaker, row.name).display_name
    text = join_words(words_of(row.words)) if marked is None else marked
    return SearchHit(
        meeting_id=row.meeting_id,
        meeting_title=row.title,
        turn_id=row.number,
        speaker=speaker,
        segment=Segment(row.start, row.end),
        excerpt=excerpt(pieces_of(text)),
        created_at=row.created_at,
    )
