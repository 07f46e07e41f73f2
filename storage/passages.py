"""What passages of meetings mean, and which of them come closest to a query.

The vector of a passage is kept as int8, a quarter of float32; cosines then differ by less than
a hundredth. Every query is compared with all of them, straight from the database: the
product of a matrix and a vector is bound by memory and takes some 50 ms for five million
words. That needs no index to be built, tuned and kept in step, and its answer is exact.
The caller owns the transaction.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt
from pyannote.core import Segment
from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from meeting_app.domain import (
    Passage,
    SearchFilters,
    SearchHit,
    Speaker,
    Turn,
    join_words,
    passages_of,
)
from meeting_app.domain.library import UNDERSTOOD_LANGUAGES
from storage.filters import chosen_meetings
from storage.mapping import words_of
from storage.searchable import folded, words_in
from storage.tables import JobRow, MeetingRow, PassagesRow, SpeakerRow, TurnRow

Vectors = npt.NDArray[np.float32]
Embed = Callable[[Sequence[str]], Vectors]
"""Texts → (num_texts, dimension) float32, rows of norm one."""

_LARGEST = 127  # of int8
_DIGEST_BYTES = 8
_LAST = 2**31  # behind every position
_MOST_LOOKED_AT = 4  # times the number of hits wanted, until enough hold other words


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for by meaning."""

    text: str
    vector: Vectors  # (dimension,) float32 of norm one
    min_likeness: float  # cosine from which a passage counts as alike


@dataclass(frozen=True, slots=True)
class _Found:
    """A passage that is like the question."""

    meeting_id: str
    row: int  # among the passages of its meeting
    likeness: float  # cosine


@dataclass(frozen=True, slots=True)
class _Places:
    """Where the passages of a meeting are; a value for each."""

    starts: Sequence[float]  # seconds
    ends: Sequence[float]  # seconds
    turns: Sequence[int]  # numbers of the first ones
    last_turns: Sequence[int]  # numbers of the last ones
    speakers: Sequence[str | None]  # labels
    digests: Sequence[str]  # of the texts


def outdate(session: Session, meeting_id: str) -> None:
    """Notes that words of a meeting were changed."""
    session.execute(
        update(PassagesRow).where(PassagesRow.meeting_id == meeting_id).values(is_stale=True)
    )


def waiting(session: Session) -> str | None:
    """The latest meeting whose passages are to be read, or read again."""
    return session.scalar(
        select(MeetingRow.id)
        .join(JobRow, JobRow.meeting_id == MeetingRow.id)
        .outerjoin(PassagesRow, PassagesRow.meeting_id == MeetingRow.id)
        .where(
            JobRow.trashed_at.is_(None),
            or_(PassagesRow.meeting_id.is_(None), PassagesRow.is_stale),
            or_(MeetingRow.language.is_(None), MeetingRow.language.in_(UNDERSTOOD_LANGUAGES)),
        )
        .order_by(MeetingRow.created_at.desc())
        .limit(1)
    )


def texts_of(session: Session, meeting_id: str) -> tuple[Passage, ...]:
    """The passages of a meeting as its words are now."""
    rows = session.scalars(
        select(TurnRow).filter_by(meeting_id=meeting_id).order_by(TurnRow.position)
    )
    return passages_of([Turn(row.number, row.speaker, words_of(row.words)) for row in rows])


def known_vectors(session: Session, meeting_id: str) -> Mapping[str, npt.NDArray[np.int8]]:
    """What is kept of a meeting: digest of a text → (dimension,) int8."""
    row = session.get(PassagesRow, meeting_id)
    if row is None:
        return {}
    places = _Places(*row.places)
    return dict(zip(places.digests, _matrix(row.vectors, len(places.digests)), strict=True))


def embedded(
    passages: Sequence[Passage], known: Mapping[str, npt.NDArray[np.int8]], embed: Embed
) -> npt.NDArray[np.int8]:
    """The vectors of passages, embedded where no text like theirs is known.

    Returns:
        (num_passages, dimension) int8; (0, 0) where there are no passages.
    """
    texts = {digest(passage.text): passage.text for passage in passages}
    new = [key for key in texts if key not in known]
    vectors = dict(known)
    if new:
        vectors.update(zip(new, quantised(embed([texts[key] for key in new])), strict=True))
    rows = [vectors[digest(passage.text)] for passage in passages]
    return np.stack(rows) if rows else np.zeros((0, 0), dtype=np.int8)


def write(
    session: Session,
    meeting_id: str,
    passages: Sequence[Passage],
    vectors: npt.NDArray[np.int8],
) -> None:
    """Keeps what the passages of a meeting mean.

    Args:
        session: of a writing transaction.
        meeting_id: a meeting that may be gone by now; then nothing is written.
        passages: of which the vectors were made; words may have changed since.
        vectors: (num_passages, dimension) int8, as ``quantised`` makes them.
    """
    if session.get(MeetingRow, meeting_id) is None:
        return
    places = [
        [p.segment.start for p in passages],
        [p.segment.end for p in passages],
        [p.turn_id for p in passages],
        [p.last_turn_id for p in passages],
        [p.speaker for p in passages],
        [digest(p.text) for p in passages],
    ]
    session.merge(
        PassagesRow(
            meeting_id=meeting_id,
            is_stale=texts_of(session, meeting_id) != tuple(passages),
            places=places,
            vectors=vectors.tobytes(),
        )
    )


def digest(text: str) -> str:
    """By which a text that was embedded before is known again."""
    return hashlib.blake2b(text.encode(), digest_size=_DIGEST_BYTES).hexdigest()


def quantised(vectors: Vectors) -> npt.NDArray[np.int8]:
    """The directions of vectors in a byte per dimension.

    Args:
        vectors: (num_vectors, dimension), no zero row.

    Returns:
        (num_vectors, dimension) int8; a row's largest component is 127 or -127.
    """
    largest = np.abs(vectors).max(axis=-1, keepdims=True)
    rounded: npt.NDArray[np.int8] = np.rint(vectors / largest * _LARGEST).astype(np.int8)
    return rounded


def alike(
    session: Session, question: Question, limit: int, filters: SearchFilters
) -> tuple[SearchHit, ...]:
    """The passages that mean most nearly what is asked, best first.

    Those that hold all words of the question are left out: a search for words finds them.
    """
    found = sorted(_compared(session, question, limit, filters), key=lambda f: -f.likeness)
    words = words_in(question.text)
    hits = (_hit(session, each) for each in found[: _MOST_LOOKED_AT * limit])
    other = (hit for hit in hits if not _holds(hit, words))
    return tuple(islice(other, limit))


def _compared(
    session: Session, question: Question, limit: int, filters: SearchFilters
) -> Iterator[_Found]:
    """Of each meeting the passages that are alike, at most as many as could be shown."""
    columns = [PassagesRow.meeting_id, PassagesRow.vectors]
    if filters.speaker is not None:
        columns.append(PassagesRow.places)
    chosen = select(*columns).where(PassagesRow.meeting_id.in_(chosen_meetings(filters)))
    for row in session.execute(chosen):
        likeness = _cosines(row.vectors, question.vector)
        if filters.speaker is not None:
            likeness[~_said_by(session, row.meeting_id, row.places, filters.speaker)] = -1.0
        best = np.argsort(-likeness)[: 2 * limit]
        for number in best[likeness[best] >= question.min_likeness]:
            yield _Found(row.meeting_id, int(number), float(likeness[number]))


def _cosines(vectors: bytes, query: Vectors) -> Vectors:
    """(num_passages,) float32 in [-1, 1]."""
    matrix = np.frombuffer(vectors, dtype=np.int8).reshape(-1, len(query)).astype(np.float32)
    norms = np.sqrt(np.einsum("ij,ij->i", matrix, matrix))
    # Not "@": for matrices of one meeting its threads cost more than they save.
    return np.asarray(np.einsum("ij,j->i", matrix, query) / norms, dtype=np.float32)


def _matrix(vectors: bytes, num_rows: int) -> npt.NDArray[np.int8]:
    flat: npt.NDArray[np.int8] = np.frombuffer(vectors, dtype=np.int8)
    matrix: npt.NDArray[np.int8] = flat.reshape(num_rows, -1 if num_rows else 0)
    return matrix


def _said_by(
    session: Session, meeting_id: str, places: Sequence[Any], name: str
) -> npt.NDArray[np.bool_]:
    labels = set(
        session.scalars(select(SpeakerRow.label).filter_by(meeting_id=meeting_id, name=name))
    )
    return np.array([speaker in labels for speaker in _Places(*places).speakers], dtype=np.bool_)


def _hit(session: Session, found: _Found) -> SearchHit:
    meeting = session.get_one(MeetingRow, found.meeting_id)
    places = _Places(*session.get_one(PassagesRow, found.meeting_id).places)
    segment = Segment(places.starts[found.row], places.ends[found.row])
    turns = (places.turns[found.row], places.last_turns[found.row])
    label = places.speakers[found.row]
    return SearchHit(
        meeting_id=meeting.id,
        meeting_title=meeting.title,
        turn_id=places.turns[found.row],
        speaker=_display_name(session, meeting.id, label),
        segment=segment,
        excerpt=((_text_in(session, meeting.id, turns, segment), False),),
        created_at=meeting.created_at,
    )


def _display_name(session: Session, meeting_id: str, label: str | None) -> str:
    row = None if label is None else session.get(SpeakerRow, (meeting_id, label))
    return "Unknown" if row is None else Speaker(row.label, row.name).display_name


def _text_in(session: Session, meeting_id: str, numbers: tuple[int, int], segment: Segment) -> str:
    """What is written there now, from one turn to another."""
    first, last = (
        select(TurnRow.position).filter_by(meeting_id=meeting_id, number=number).scalar_subquery()
        for number in numbers
    )
    turns = session.scalars(
        select(TurnRow)
        .where(
            TurnRow.meeting_id == meeting_id,
            # A turn that was taken away since leaves the time alone to go by.
            TurnRow.position.between(func.coalesce(first, 0), func.coalesce(last, _LAST)),
            TurnRow.start < segment.end,
            TurnRow.end > segment.start,
        )
        .order_by(TurnRow.position)
    )
    words = (word for turn in turns for word in words_of(turn.words))
    return join_words(
        [word for word in words if segment.start <= word.segment.middle < segment.end]
    )


def _holds(hit: SearchHit, words: Sequence[str]) -> bool:
    said = folded("".join(text for text, _ in hit.excerpt))
    return all(word in said for word in words)
