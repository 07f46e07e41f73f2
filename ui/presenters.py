"""What the page shows, worked out from domain objects; pure, and free of any markup."""

import re
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
from ui.translation import Translate
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
_UNNAMED = re.compile(r"Speaker (\d+)")  # as the domain calls a voice that nobody has named
_FORMAT_ORDER = ("docx", "pdf", "md", "txt", "srt", "vtt", "json", "rttm", "seglst")


def present_meeting(stored: StoredMeeting, formats: Sequence[str], t: Translate) -> MeetingView:
    """The meeting page; documents for people stand first among the formats."""
    meeting = stored.meeting
    speakers = _speakers(meeting, t)
    labels = format_labels(t)
    ordered = sorted(formats, key=[*_FORMAT_ORDER, *formats].index)
    return MeetingView(
        id=stored.id,
        title=meeting.title,
        filename=stored.recording.filename,
        duration=meeting.duration,
        length=length(meeting.duration, t),
        language=language_name(meeting.language, t),
        created_at=stored.created_at.isoformat(),
        speakers=speakers,
        chapters=tuple(
            _chapter(meeting, speakers, number, chapter, t)
            for number, chapter in enumerate(meeting.chapters, start=1)
        ),
        decisions=tuple(_line(meeting, decision, t) for decision in meeting.minutes.decisions),
        action_items=tuple(_line(meeting, item, t) for item in meeting.minutes.action_items),
        formats=tuple((name, labels.get(name, name.upper())) for name in ordered),
    )


def present_library(entries: Sequence[LibraryEntry], t: Translate) -> tuple[LibraryRow, ...]:
    """The library, in the order given."""
    return tuple(
        LibraryRow(
            id=entry.id,
            title=entry.title,
            length=length(entry.duration, t),
            language=language_name(entry.language, t),
            speakers=tuple(
                SpeakerView(None, name, initials(name), _color(index))
                for index, name in enumerate(shown_name(name, t) for name in entry.speakers)
            ),
            created_at=entry.created_at.isoformat(),
        )
        for entry in entries
    )


def present_hits(hits: Sequence[SearchHit], t: Translate) -> tuple[HitView, ...]:
    """What a search found, best first."""
    return tuple(
        HitView(
            meeting_id=hit.meeting_id,
            meeting_title=hit.meeting_title,
            speaker=shown_name(hit.speaker, t),
            start=hit.segment.start,
            clock=clock(hit.segment.start),
            excerpt=hit.excerpt,
        )
        for hit in hits
    )


def present_jobs(jobs: Sequence[Job], now: datetime, t: Translate) -> tuple[JobView, ...]:
    """Jobs under way, then those that ended within the last day; newest first in both."""
    listed = [job for job in jobs if job.finished_at is None or now - job.finished_at < RECENT]
    newest_first = sorted(listed, key=lambda job: job.created_at, reverse=True)
    return tuple(_job(job, t) for job in sorted(newest_first, key=lambda job: job.state.is_final))


def clock(seconds: float) -> str:
    """A place in a recording: 1:05, or 1:02:05 from the first hour on."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def length(seconds: float, t: Translate) -> str:
    """A duration in words: 45 s, 12 min, 1 h 5 min."""
    if seconds < 59.5:
        return t("{seconds} s", seconds=round(seconds))
    hours, minutes = divmod(round(seconds / 60), 60)
    if not hours:
        return t("{minutes} min", minutes=minutes)
    if not minutes:
        return t("{hours} h", hours=hours)
    return t("{hours} h {minutes} min", hours=hours, minutes=minutes)


def shown_name(name: str, t: Translate) -> str:
    """A display name; what a voice is called that nobody has named depends on the language."""
    if found := _UNNAMED.fullmatch(name):
        return t("Speaker {number}", number=found[1])
    return t("Unknown") if name == "Unknown" else name


def format_labels(t: Translate) -> dict[str, str]:
    """What each document format is, by its name."""
    return {
        "docx": t("Word document"),
        "pdf": "PDF",
        "md": "Markdown",
        "txt": t("Plain text"),
        "srt": t("Subtitles (SRT)"),
        "vtt": t("Subtitles (WebVTT)"),
        "json": t("Everything (JSON)"),
        "rttm": t("Who spoke when (RTTM)"),
        "seglst": t("Scoring (SegLST)"),
    }


def stage_labels(t: Translate) -> dict[Stage, str]:
    """What is being done in each stage."""
    return {
        Stage.DECODE: t("Reading the sound"),
        Stage.SPEECH: t("Finding speech"),
        Stage.SPEAKERS: t("Telling speakers apart"),
        Stage.WORDS: t("Recognising words"),
        Stage.TURNS: t("Matching words and speakers"),
        Stage.CHAPTERS: t("Finding chapters"),
        Stage.MINUTES: t("Writing minutes"),
    }


def initials(name: str) -> str:
    """Up to two characters to recognise a name by: "Ana Ruiz" is AR, "Speaker 3" is S3."""
    words = name.split()
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def _color(index: int) -> int:
    return index % NUM_SPEAKER_COLORS + 1


def _speakers(meeting: Meeting, t: Translate) -> tuple[SpeakerView, ...]:
    times = [meeting.speaking_time(speaker.label) for speaker in meeting.speakers]
    names = [shown_name(speaker.display_name, t) for speaker in meeting.speakers]
    total = sum(times)
    return tuple(
        SpeakerView(
            label=speaker.label,
            name=name,
            initials=initials(name),
            color=_color(index),
            share=round(100 * time / total) if total else None,
        )
        for index, (speaker, name, time) in enumerate(
            zip(meeting.speakers, names, times, strict=True)
        )
    )


def _chapter(
    meeting: Meeting, speakers: Sequence[SpeakerView], number: int, chapter: Chapter, t: Translate
) -> ChapterView:
    known = {speaker.label: speaker for speaker in speakers}
    nobody = SpeakerView(None, t("Unknown"), "?", 0)
    return ChapterView(
        number=number,
        start=chapter.segment.start,
        clock=clock(chapter.segment.start),
        length=length(chapter.segment.duration, t),
        title=chapter.title,
        keywords=chapter.keywords,
        summary=tuple(_line(meeting, statement, t) for statement in meeting.summary_of(chapter)),
        turns=tuple(
            _turn(turn, known.get(turn.speaker, nobody)) for turn in meeting.turns_in(chapter)
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


def _line(meeting: Meeting, line: Statement | Decision | ActionItem, t: Translate) -> LineView:
    turns = [meeting.turn_by_id[key] for key in line.evidence if key in meeting.turn_by_id]
    return LineView(
        text=line.text,
        proofs=tuple(
            ProofView(
                turn_id=turn.id,
                start=turn.segment.start,
                clock=clock(turn.segment.start),
                speaker=shown_name(meeting.display_name(turn.speaker), t),
            )
            for turn in turns
        ),
        owner=shown_name(meeting.display_name(line.owner), t)
        if isinstance(line, ActionItem) and line.owner
        else None,
        due=line.due if isinstance(line, ActionItem) else None,
    )


def _job(job: Job, t: Translate) -> JobView:
    return JobView(
        id=job.id,
        meeting_id=job.meeting_id,
        filename=job.filename,
        state=job.state,
        status=_status(job, t),
        percent=100 if job.state is JobState.DONE else _percent(job),
        remaining=_remaining(job, t),
        error=job.error,
        created_at=job.created_at.isoformat(),
    )


def _status(job: Job, t: Translate) -> str:
    if job.state is JobState.RUNNING and job.progress is not None:
        return t(
            "{stage} · step {number} of {count}",
            stage=stage_labels(t)[job.progress.stage],
            number=STAGES.index(job.progress.stage) + 1,
            count=len(STAGES),
        )
    return {
        JobState.QUEUED: t("Waiting for its turn"),
        JobState.RUNNING: t("Starting"),
        JobState.DONE: t("Ready"),
        JobState.FAILED: t("Failed"),
        JobState.CANCELLED: t("Cancelled"),
    }[job.state]


def _percent(job: Job) -> int:
    return 0 if job.progress is None else round(100 * min(max(job.progress.fraction, 0.0), 1.0))


def _remaining(job: Job, t: Translate) -> str | None:
    if job.state is not JobState.RUNNING or job.progress is None or job.progress.eta is None:
        return None
    return t("about {length} left", length=length(max(job.progress.eta, 1.0), t))
