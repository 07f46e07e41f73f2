"""What the page shows, worked out from domain objects; pure, and free of any markup."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from meeting_app.domain import (
    STAGES,
    ActionItem,
    Chapter,
    Decision,
    Job,
    JobState,
    LibraryEntry,
    Meeting,
    SearchHit,
    Stage,
    Statement,
    StoredMeeting,
    Turn,
    join_words,
)
from ui.languages import language_name
from ui.views import (
    NUM_SPEAKER_COLORS,
    ChapterView,
    HitView,
    JobView,
    LibraryRow,
    LineView,
    MeetingView,
    ProofView,
    SpeakerView,
    TurnView,
    WordView,
)

RECENT = timedelta(days=1)  # how long a finished job stays listed
STAGE_LABELS: dict[Stage, str] = {
    Stage.DECODE: "Reading the sound",
    Stage.SPEECH: "Finding speech",
    Stage.SPEAKERS: "Telling speakers apart",
    Stage.WORDS: "Recognising words",
    Stage.TURNS: "Matching words and speakers",
    Stage.CHAPTERS: "Finding chapters",
    Stage.MINUTES: "Writing minutes",
}


_NOBODY = SpeakerView(None, "Unknown", "?", 0)
_FORMAT_LABELS = {
    "docx": "Word document",
    "pdf": "PDF",
    "md": "Markdown",
    "txt": "Plain text",
    "srt": "Subtitles (SRT)",
    "vtt": "Subtitles (WebVTT)",
    "json": "Everything (JSON)",
    "rttm": "Who spoke when (RTTM)",
    "seglst": "Scoring (SegLST)",
}


def present_meeting(stored: StoredMeeting, formats: Sequence[str]) -> MeetingView:
    """The meeting page; documents for people stand first among the formats."""
    meeting = stored.meeting
    speakers = _speakers(meeting)
    ordered = sorted(formats, key=[*_FORMAT_LABELS, *formats].index)
    return MeetingView(
        id=stored.id,
        title=meeting.title,
        filename=stored.recording.filename,
        duration=meeting.duration,
        length=length(meeting.duration),
        language=language_name(meeting.language),
        created_at=stored.created_at.isoformat(),
        speakers=speakers,
        chapters=tuple(
            _chapter(meeting, speakers, number, chapter)
            for number, chapter in enumerate(meeting.chapters, start=1)
        ),
        decisions=tuple(_line(meeting, decision) for decision in meeting.minutes.decisions),
        action_items=tuple(_line(meeting, item) for item in meeting.minutes.action_items),
        formats=tuple((name, _FORMAT_LABELS.get(name, name.upper())) for name in ordered),
    )


def present_library(entries: Sequence[LibraryEntry]) -> tuple[LibraryRow, ...]:
    """The library, in the order given."""
    return tuple(
        LibraryRow(
            id=entry.id,
            title=entry.title,
            length=length(entry.duration),
            language=language_name(entry.language),
            speakers=tuple(
                SpeakerView(None, name, initials(name), _color(index))
                for index, name in enumerate(entry.speakers)
            ),
            created_at=entry.created_at.isoformat(),
        )
        for entry in entries
    )


def present_hits(hits: Sequence[SearchHit]) -> tuple[HitView, ...]:
    """What a search found, best first."""
    return tuple(
        HitView(
            meeting_id=hit.meeting_id,
            meeting_title=hit.meeting_title,
            speaker=hit.speaker,
            start=hit.segment.start,
            clock=clock(hit.segment.start),
            excerpt=hit.excerpt,
        )
        for hit in hits
    )


def present_jobs(jobs: Sequence[Job], now: datetime) -> tuple[JobView, ...]:
    """Jobs under way, then those that ended within the last day; newest first in both."""
    listed = [job for job in jobs if job.finished_at is None or now - job.finished_at < RECENT]
    newest_first = sorted(listed, key=lambda job: job.created_at, reverse=True)
    return tuple(_job(job) for job in sorted(newest_first, key=lambda job: job.state.is_final))


def clock(seconds: float) -> str:
    """A place in a recording: 1:05, or 1:02:05 from the first hour on."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def length(seconds: float) -> str:
    """A duration in words: 45 s, 12 min, 1 h 5 min."""
    if seconds < 59.5:
        return f"{round(seconds)} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def initials(name: str) -> str:
    """Up to two characters to recognise a name by: "Ana Ruiz" is AR, "Speaker 3" is S3."""
    words = name.split()
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def _color(index: int) -> int:
    return index % NUM_SPEAKER_COLORS + 1


def _speakers(meeting: Meeting) -> tuple[SpeakerView, ...]:
    times = [meeting.speaking_time(speaker.label) for speaker in meeting.speakers]
    total = sum(times)
    return tuple(
        SpeakerView(
            label=speaker.label,
            name=speaker.display_name,
            initials=initials(speaker.display_name),
            color=_color(index),
            share=round(100 * time / total) if total else None,
        )
        for index, (speaker, time) in enumerate(zip(meeting.speakers, times, strict=True))
    )


def _chapter(
    meeting: Meeting, speakers: Sequence[SpeakerView], number: int, chapter: Chapter
) -> ChapterView:
    known = {speaker.label: speaker for speaker in speakers}
    return ChapterView(
        number=number,
        start=chapter.segment.start,
        clock=clock(chapter.segment.start),
        length=length(chapter.segment.duration),
        title=chapter.title,
        keywords=chapter.keywords,
        summary=tuple(_line(meeting, statement) for statement in meeting.summary_of(chapter)),
        turns=tuple(
            _turn(turn, known.get(turn.speaker, _NOBODY)) for turn in meeting.turns_in(chapter)
        ),
    )


def _turn(turn: Turn, speaker: SpeakerView) -> TurnView:
    pairs = zip((None, *turn.words), turn.words, strict=False)
    return TurnView(
        id=turn.id,
        start=turn.segment.start,
        end=turn.segment.end,
        clock=clock(turn.segment.start),
        speaker=speaker,
        words=tuple(
            WordView(
                text=word.text,
                start=word.segment.start,
                has_space=before is not None
                and len(join_words((before, word))) > len(before.text) + len(word.text),
            )
            for before, word in pairs
        ),
    )


def _line(meeting: Meeting, line: Statement | Decision | ActionItem) -> LineView:
    turns = [meeting.turn_by_id[key] for key in line.evidence if key in meeting.turn_by_id]
    return LineView(
        text=line.text,
        proofs=tuple(
            ProofView(
                turn_id=turn.id,
                start=turn.segment.start,
                clock=clock(turn.segment.start),
                speaker=meeting.display_name(turn.speaker),
            )
            for turn in turns
        ),
        owner=meeting.display_name(line.owner)
        if isinstance(line, ActionItem) and line.owner
        else None,
        due=line.due if isinstance(line, ActionItem) else None,
    )


def _job(job: Job) -> JobView:
    return JobView(
        id=job.id,
        meeting_id=job.meeting_id,
        filename=job.filename,
        state=job.state,
        status=_status(job),
        percent=100 if job.state is JobState.DONE else _percent(job),
        remaining=_remaining(job),
        error=job.error,
        created_at=job.created_at.isoformat(),
    )


def _status(job: Job) -> str:
    if job.state is JobState.RUNNING and job.progress is not None:
        number = STAGES.index(job.progress.stage) + 1
        return f"{STAGE_LABELS[job.progress.stage]} · step {number} of {len(STAGES)}"
    return {
        JobState.QUEUED: "Waiting for its turn",
        JobState.RUNNING: "Starting",
        JobState.DONE: "Ready",
        JobState.FAILED: "Failed",
        JobState.CANCELLED: "Cancelled",
    }[job.state]


def _percent(job: Job) -> int:
    return 0 if job.progress is None else round(100 * min(max(job.progress.fraction, 0.0), 1.0))


def _remaining(job: Job) -> str | None:
    if job.state is not JobState.RUNNING or job.progress is None or job.progress.eta is None:
        return None
    return f"about {length(max(job.progress.eta, 1.0))} left"
