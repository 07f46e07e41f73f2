"""Full-text search over turns, with SQLite's FTS5.

Each turn has one row in the index: its text, the name of its speaker and the title of its
meeting. Scripts that are written without spaces are indexed character by character, so that
a word of such a script is found as a phrase wherever it stands.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

from pyannote.core import Segment
from sqlalchemy import Row, Select, and_, select, text
from sqlalchemy.orm import Session

from meeting_app.domain import Meeting, SearchHit, Speaker, Turn, join_words
from meeting_app.domain.transcript import UNSPACED
from storage.mapping import words_of
from storage.tables import MeetingRow, SpeakerRow, TurnRow

# Control characters of the text never reach the index, so they are free to mark places in it.
_OPEN, _CLOSE, _SPLIT = "\x02", "\x03", "\x1f"
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_MOST_TERMS = 16  # of a query; more would only cost time
_LONGEST_QUERY = 300  # characters
_EXCERPT_TOKENS = 32  # words, or characters of an unspaced script; FTS5 allows 64
_EXCERPT_CHARACTERS = 160  # of a turn that was found by its speaker or meeting
# A word in the text says more than the same word in a name that stands at every turn.
_WEIGHTS = "1.0, 0.5, 0.25"  # of text, speaker, title
_SHARE_OF_NAMES = 5  # one in so many hits may be there for a name alone

_BEST_TURNS = text(
    f"""
    WITH best AS (
        SELECT rowid AS id, rank FROM turns_fts
        WHERE turns_fts MATCH :query AND rank MATCH 'bm25({_WEIGHTS})'
        ORDER BY rank LIMIT :limit
    )
    SELECT best.id, snippet(turns_fts, 0, :open, :close, '…', :tokens) AS excerpt
    FROM best JOIN turns_fts ON turns_fts.rowid = best.id
    WHERE turns_fts MATCH :query
    ORDER BY best.rank, best.id
    """  # noqa: S608 - constants only
)
_FIRST_TURNS = text(
    """
    WITH firsts AS (
        SELECT turns.meeting_id, min(turns.id) AS id
        FROM turns_fts JOIN turns ON turns.id = turns_fts.rowid
        WHERE turns_fts MATCH :query
        GROUP BY turns.meeting_id, CASE WHEN :by_speaker THEN turns.speaker END
    )
    SELECT firsts.id FROM firsts JOIN meetings ON meetings.id = firsts.meeting_id
    ORDER BY meetings.created_at DESC, firsts.id LIMIT :limit
    """
)


def search(session: Session, query: str, limit: int) -> tuple[SearchHit, ...]:
    """The turns that hold every word of ``query`` in text, speaker's name or meeting's title.

    The last word may be the beginning of a longer one. First come a few turns that were found
    by names alone, one per speaker or meeting, latest meeting first; then those with a word in
    their text, by Okapi BM25. Nothing in ``query`` has a meaning beyond its words.

    Source: Robertson and Zaragoza 2009, doi:10.1561/1500000019 (BM25).
    """
    terms = _terms(query)
    if not terms or limit < 1:
        return ()
    by_text = _by_text(session, terms, limit)
    by_name = _by_name(session, terms, max(1, limit // _SHARE_OF_NAMES))
    ids = [*(turn for turn in by_name if turn not in by_text), *by_text][:limit]
    rows = {row.id: row for row in session.execute(_details(ids))}
    return tuple(_hit(rows[turn], by_text.get(turn)) for turn in ids)


def index_meeting(session: Session, meeting: Meeting, turns: Sequence[TurnRow]) -> None:
    """Adds the turns of a meeting, whose rows have their ids already."""
    names = {speaker.label: speaker.name or "" for speaker in meeting.speakers}
    title = _searchable(meeting.title)
    values = [
        {
            "id": row.id,
            "text": _searchable(turn.text),
            "speaker": _searchable(names.get(turn.speaker or "", "")),
            "title": title,
        }
        for row, turn in zip(turns, meeting.turns, strict=True)
    ]
    if values:
        session.execute(
            text(
                "INSERT INTO turns_fts (rowid, text, speaker, title)"
                " VALUES (:id, :text, :speaker, :title)"
            ),
            values,
        )


def index_turn(session: Session, row: TurnRow, turn: Turn) -> None:
    """Makes a turn found under the words it has now."""
    session.execute(
        text("UPDATE turns_fts SET text = :text WHERE rowid = :id"),
        {"text": _searchable(turn.text), "id": row.id},
    )


def forget_turn(session: Session, row: TurnRow) -> None:
    """Removes one turn from the index."""
    session.execute(text("DELETE FROM turns_fts WHERE rowid = :id"), {"id": row.id})


def index_speaker(session: Session, meeting_id: str, label: str, name: str | None) -> None:
    """Makes a speaker's turns found under another name, or under none."""
    session.execute(
        text(
            "UPDATE turns_fts SET speaker = :name WHERE rowid IN"
            " (SELECT id FROM turns WHERE meeting_id = :meeting_id AND speaker = :label)"
        ),
        {"meeting_id": meeting_id, "label": label, "name": _searchable(name or "")},
    )


def index_title(session: Session, meeting_id: str, title: str) -> None:
    """Makes a meeting's turns found under another title."""
    session.execute(
        text(
            "UPDATE turns_fts SET title = :title WHERE rowid IN"
            " (SELECT id FROM turns WHERE meeting_id = :meeting_id)"
        ),
        {"meeting_id": meeting_id, "title": _searchable(title)},
    )


def forget_meeting(session: Session, meeting_id: str) -> None:
    """Removes a meeting's turns from the index; call it before they are deleted."""
    session.execute(
        text(
            "DELETE FROM turns_fts WHERE rowid IN"
            " (SELECT id FROM turns WHERE meeting_id = :meeting_id)"
        ),
        {"meeting_id": meeting_id},
    )


def _by_text(session: Session, terms: Sequence[str], limit: int) -> dict[int, str]:
    query = f"({{text}} : ({' OR '.join(terms)})) AND ({' AND '.join(terms)})"
    values = {
        "query": query,
        "limit": limit,
        "open": _OPEN,
        "close": _CLOSE,
        "tokens": _EXCERPT_TOKENS,
    }
    return {row.id: row.excerpt for row in session.execute(_BEST_TURNS, values)}


def _by_name(session: Session, terms: Sequence[str], limit: int) -> list[int]:
    every, some = " AND ".join(terms), " OR ".join(terms)
    values: list[dict[str, object]] = [
        {"query": f"{{title}} : ({every})", "by_speaker": False, "limit": limit},
        {
            "query": f"({{speaker}} : ({some})) AND ({{speaker title}} : ({every}))",
            "by_speaker": True,
            "limit": limit,
        },
    ]
    found = [turn for each in values for turn in session.scalars(_FIRST_TURNS, each)]
    return list(dict.fromkeys(found))[:limit]


def _details(ids: Sequence[int]) -> Select[Any]:
    return (
        select(
            TurnRow.id,
            TurnRow.meeting_id,
            MeetingRow.title,
            TurnRow.number,
            TurnRow.speaker,
            SpeakerRow.name,
            TurnRow.start,
            TurnRow.end,
            TurnRow.words,
        )
        .join(MeetingRow, MeetingRow.id == TurnRow.meeting_id)
        .outerjoin(
            SpeakerRow,
            and_(SpeakerRow.meeting_id == TurnRow.meeting_id, SpeakerRow.label == TurnRow.speaker),
        )
        .where(TurnRow.id.in_(ids))
    )


def _hit(row: Row[Any], excerpt: str | None) -> SearchHit:
    speaker = "Unknown" if row.speaker is None else Speaker(row.speaker, row.name).display_name
    return SearchHit(
        meeting_id=row.meeting_id,
        meeting_title=row.title,
        turn_id=row.number,
        speaker=speaker,
        segment=Segment(row.start, row.end),
        excerpt=_pieces(_beginning(row.words) if excerpt is None else excerpt),
    )


def _beginning(words: Sequence[Sequence[Any]]) -> str:
    whole = join_words(words_of(words))
    return whole if len(whole) <= _EXCERPT_CHARACTERS else whole[:_EXCERPT_CHARACTERS] + "…"


def _pieces(excerpt: str) -> tuple[tuple[str, bool], ...]:
    """The excerpt cut at its marks; neighbours that are both matches become one piece."""
    marked = excerpt.replace(_SPLIT, "").replace(_CLOSE + _OPEN, "")
    pieces = re.split(f"({_OPEN}[^{_CLOSE}]*{_CLOSE})", marked)
    return tuple(
        (piece.strip(_OPEN + _CLOSE), piece.startswith(_OPEN)) for piece in pieces if piece
    )


def _searchable(plain: str) -> str:
    """The text as it is indexed: unspaced characters set apart, no control characters."""
    composed = unicodedata.normalize("NFC", _CONTROL.sub(" ", plain))
    return UNSPACED.sub(lambda found: f"{_SPLIT}{found[0]}{_SPLIT}", composed)


def _terms(query: str) -> list[str]:
    """The words of the query as FTS5 phrases; the last one also matches as a beginning."""
    words = _searchable_words(query[:_LONGEST_QUERY])
    phrases = ['"' + word.replace('"', '""') + '"' for word in words][:_MOST_TERMS]
    return [*phrases[:-1], phrases[-1] + " *"] if phrases else []


def _searchable_words(query: str) -> Iterator[str]:
    for word in _CONTROL.sub(" ", query).split():
        # A phrase without a single letter or digit would match nothing, and so would the query.
        if any(unicodedata.category(character)[0] in "LN" for character in word):
            yield _searchable(word)
