"""Rows become domain values and back; nothing here touches a database."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from pyannote.core import Segment

from meeting_app.domain import (
    ActionItem,
    Chapter,
    Decision,
    Job,
    JobState,
    Meeting,
    Minutes,
    ProcessingOptions,
    Progress,
    Recording,
    Speaker,
    SpeakerCount,
    SpeakerSegment,
    Stage,
    Statement,
    Turn,
    Word,
)
from storage.tables import (
    ChapterRow,
    EvidenceRow,
    JobRow,
    MeetingRow,
    RecordingRow,
    SpeakerRow,
    SpeakerSegmentRow,
    StatementRow,
    TurnRow,
)

_SUMMARY, _DECISION, _ACTION = "summary", "decision", "action"
_Line = Statement | Decision | ActionItem


@dataclass(frozen=True, slots=True)
class MeetingParts:
    """The rows of one meeting besides its own, each kind in order of position."""

    speakers: Sequence[SpeakerRow]
    speaker_segments: Sequence[SpeakerSegmentRow]
    turns: Sequence[TurnRow]
    chapters: Sequence[ChapterRow]
    statements: Sequence[StatementRow]
    evidence: Sequence[EvidenceRow]  # by statement, then position


def parts_of(meeting_id: str, meeting: Meeting) -> MeetingParts:
    """The rows that hold ``meeting``, to be stored under ``meeting_id``."""
    minutes = meeting.minutes
    lines: tuple[_Line, ...] = (*minutes.summary, *minutes.decisions, *minutes.action_items)
    return MeetingParts(
        speakers=[
            SpeakerRow(meeting_id=meeting_id, position=i, label=s.label, name=s.name)
            for i, s in enumerate(meeting.speakers)
        ],
        speaker_segments=[
            SpeakerSegmentRow(
                meeting_id=meeting_id, position=i, speaker=s.speaker, **span_of(s.segment)
            )
            for i, s in enumerate(meeting.speaker_segments)
        ],
        turns=[turn_row(meeting_id, i, turn) for i, turn in enumerate(meeting.turns)],
        chapters=[
            ChapterRow(
                meeting_id=meeting_id,
                position=i,
                title=c.title,
                keywords=list(c.keywords),
                **span_of(c.segment),
            )
            for i, c in enumerate(meeting.chapters)
        ],
        statements=[_statement_row(meeting_id, i, line) for i, line in enumerate(lines)],
        evidence=[
            EvidenceRow(meeting_id=meeting_id, statement=i, position=j, turn=turn)
            for i, line in enumerate(lines)
            for j, turn in enumerate(line.evidence)
        ],
    )


def meeting_of(row: MeetingRow, parts: MeetingParts) -> Meeting:
    """The meeting that the rows hold."""
    return Meeting(
        title=row.title,
        duration=row.duration,
        language=row.language,
        speakers=tuple(Speaker(s.label, s.name) for s in parts.speakers),
        speaker_segments=tuple(
            SpeakerSegment(Segment(s.start, s.end), s.speaker) for s in parts.speaker_segments
        ),
        turns=tuple(Turn(t.number, t.speaker, words_of(t.words)) for t in parts.turns),
        chapters=tuple(
            Chapter(Segment(c.start, c.end), c.title, tuple(c.keywords)) for c in parts.chapters
        ),
        minutes=_minutes_of(parts.statements, parts.evidence),
    )


def recording_of(row: RecordingRow, filename: str) -> Recording:
    """The recording, under the name it had in one submission."""
    return Recording(
        sha256=row.sha256,
        filename=filename,
        num_bytes=row.num_bytes,
        container=row.container,
        codec=row.codec,
        duration=row.duration,
    )


def job_of(row: JobRow) -> Job:
    """The job as users see it."""
    return Job(
        id=row.id,
        meeting_id=row.meeting_id,
        filename=row.filename,
        options=ProcessingOptions(
            language=row.language,
            speakers=SpeakerCount(row.min_speakers, row.max_speakers, row.expected_speakers),
            asr_model=row.asr_model,
            hotwords=tuple(row.hotwords),
        ),
        state=JobState(row.state),
        progress=_progress_of(row),
        error=row.error,
        num_attempts=row.num_attempts,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )


def _progress_of(row: JobRow) -> Progress | None:
    if row.stage is None or row.stage_fraction is None or row.fraction is None:
        return None
    notices = tuple(row.notices or ())
    return Progress(Stage(row.stage), row.stage_fraction, row.fraction, row.eta, notices)


def words_of(columns: Sequence[Sequence[Any]]) -> tuple[Word, ...]:
    """The words of a turn's row."""
    return tuple(
        Word(Segment(start, end), text, probability)
        for start, end, probability, text in zip(*columns, strict=True)
    )


def fill_turn(row: TurnRow, turn: Turn) -> None:
    """Writes speaker, words and times of the turn into its row."""
    row.speaker = turn.speaker
    row.start, row.end = float(turn.segment.start), float(turn.segment.end)
    row.words = columns_of(turn.words)


def columns_of(words: Sequence[Word]) -> list[list[Any]]:
    """Words as ``words_of`` reads them."""
    return [
        [float(w.segment.start) for w in words],
        [float(w.segment.end) for w in words],
        [float(w.probability) for w in words],
        [w.text for w in words],
    ]


def turn_row(meeting_id: str, position: int, turn: Turn) -> TurnRow:
    """The row of a turn at a place in the order."""
    row = TurnRow(meeting_id=meeting_id, position=position, number=turn.id)
    fill_turn(row, turn)
    return row


def span_of(segment: Segment) -> dict[str, float]:
    """The columns of a stretch of time."""
    # float() because models compute in numpy's types, which the driver would store as bytes.
    return {"start": float(segment.start), "end": float(segment.end)}


def _statement_row(meeting_id: str, position: int, line: _Line) -> StatementRow:
    row = StatementRow(meeting_id=meeting_id, position=position, kind=_SUMMARY, text=line.text)
    if isinstance(line, Decision):
        row.kind = _DECISION
    elif isinstance(line, ActionItem):
        row.kind, row.owner, row.due = _ACTION, line.owner, line.due
    return row


def _minutes_of(statements: Sequence[StatementRow], evidence: Sequence[EvidenceRow]) -> Minutes:
    proofs = {
        number: tuple(row.turn for row in rows)
        for number, rows in groupby(evidence, key=lambda row: row.statement)
    }

    def lines(kind: str) -> list[tuple[StatementRow, tuple[int, ...]]]:
        return [(row, proofs.get(row.position, ())) for row in statements if row.kind == kind]

    return Minutes(
        summary=tuple(Statement(row.text, proof) for row, proof in lines(_SUMMARY)),
        decisions=tuple(Decision(row.text, proof) for row, proof in lines(_DECISION)),
        action_items=tuple(
            ActionItem(row.text, proof, row.owner, row.due) for row, proof in lines(_ACTION)
        ),
    )
