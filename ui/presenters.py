"""What the page shows, worked out from domain objects; pure, and free of any markup."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from meeting_app.domain import (
    STAGES,
    Job,
    JobState,
    Stage,
)
from ui.told import said_in
from ui.translation import Translate
from ui.views import (
    NUM_SPEAKER_COLORS,
    JobView,
)

RECENT = timedelta(days=1)  # how long a finished job stays listed
_UNNAMED = re.compile(r"Speaker (\d+)")  # as the domain calls a voice that nobody has named


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
        "html": t("Page with sound (HTML)"),
        "md": "Markdown",
        "txt": t("Plain text"),
        "srt": t("Subtitles (SRT)"),
        "vtt": t("Subtitles (WebVTT)"),
        "zip": t("Everything with sound (ZIP)"),
        "json": t("Everything (JSON)"),
        "rttm": t("Who spoke when (RTTM)"),
        "seglst": t("Scoring (SegLST)"),
    }


def present_formats(formats: Sequence[str], t: Translate) -> tuple[tuple[str, str], ...]:
    """(name, what it is) of document formats; those for people stand first."""
    labels = format_labels(t)
    ordered = sorted(formats, key=[*labels, *formats].index)
    return tuple((name, labels.get(name, name.upper())) for name in ordered)


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


def color_of(index: int) -> int:
    """The colour of the speaker at a place in order of label: 1..NUM_SPEAKER_COLORS."""
    return index % NUM_SPEAKER_COLORS + 1


def _job(job: Job, t: Translate) -> JobView:
    return JobView(
        id=job.id,
        meeting_id=job.meeting_id,
        filename=job.filename,
        state=job.state,
        status=_status(job, t),
        percent=100 if job.state is JobState.DONE else _percent(job),
        remaining=_remaining(job, t),
        notices=()
        if job.progress is None
        else tuple(said_in(t.language, n) for n in job.progress.notices),
        error=None if job.error is None else said_in(t.language, job.error),
        created_at=job.created_at.isoformat(),
    )


def _notices(job: Job) -> tuple[str, ...]:
    return () if job.progress is None else job.progress.notices


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
