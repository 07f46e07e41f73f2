"""`transcribe` and `demo`: recordings become meetings in this very process."""

import os
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from meeting_app.cli.context import application
from meeting_app.cli.formats import (
    FILE_FORMATS,
    FORMAT_NAMES,
    NO_TEXT,
    SCREEN_FORMAT,
    known_formats,
)
from meeting_app.cli.models import pull_models
from meeting_app.cli.shelves import MeetingId
from meeting_app.errors import DuplicateError, JobCancelledError, MeetingAppError

if TYPE_CHECKING:
    from meeting_app.bootstrap import Application
    from meeting_app.cli.output import Plan
    from meeting_app.domain import Job, ProcessingOptions, SpeakerCount

Speakers = Annotated[
    str | None,
    typer.Option(
        metavar="N", help='Number of speakers: 3, or "about 3" ("~3") if you are not sure.'
    ),
]
LeastSpeakers = Annotated[int | None, typer.Option(min=1, help="At least so many.")]
MostSpeakers = Annotated[int | None, typer.Option(min=1, help="At most so many.")]
Language = Annotated[
    str | None, typer.Option(help="Two letters such as en; detected if not given.")
]
Asr = Annotated[
    str | None,
    typer.Option(metavar="MODEL", help="A name of `models list`, or a model's folder."),
]
Hotword = Annotated[
    list[str] | None, typer.Option(help="A name or term to listen for; repeatable.")
]


def transcribe(  # noqa: PLR0913, PLR0917 - one parameter for each option of the command
    ctx: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Audio or video files.")],
    speakers: Speakers = None,
    min_speakers: LeastSpeakers = None,
    max_speakers: MostSpeakers = None,
    language: Language = None,
    asr: Asr = None,
    hotword: Hotword = None,
    format: Annotated[
        list[str] | None,
        typer.Option(
            callback=known_formats,
            help=f"{FORMAT_NAMES}; repeatable. With --output-dir: {', '.join(FILE_FORMATS)}.",
        ),
    ] = None,
    allow_duplicate: Annotated[
        bool, typer.Option("--allow-duplicate", help="Even what the library has already.")
    ] = False,
    output_dir: Annotated[
        Path | None, typer.Option(help="Write NAME.json, NAME.rttm … there instead of printing.")
    ] = None,
) -> None:
    """Turn recordings into meetings; they are kept in the library as well."""
    from meeting_app.cli.output import plan_outputs

    if output_dir is None and format and (binary := {*NO_TEXT} & {*format}):
        raise typer.BadParameter(f"{binary.pop()} is no text to print; add --output-dir")
    options = _options(
        _Wishes(speakers, min_speakers, max_speakers, language, asr, tuple(hotword or ()))
    )
    wanted = _Wanted(options, allow_duplicate)
    plans = plan_outputs(files, format or FILE_FORMATS, output_dir)
    app = application(ctx)
    if any(plan.recording.is_file() for plan in plans):  # a mistyped name needs no models
        pull_models(app, app.models_for(options.asr_model))
    finish = _printer(app, format or [SCREEN_FORMAT]) if output_dir is None else _writer(app)
    failed = [plan for plan in plans if not _is_done(app, plan, wanted, finish)]
    if failed:
        typer.echo(f"{len(failed)} of {len(plans)} files failed", err=True)
        raise typer.Exit(1)


def rerun(  # noqa: PLR0913, PLR0917 - one parameter for each option of the command
    ctx: typer.Context,
    meeting_id: MeetingId,
    speakers: Speakers = None,
    min_speakers: LeastSpeakers = None,
    max_speakers: MostSpeakers = None,
    language: Language = None,
    asr: Asr = None,
    hotword: Hotword = None,
) -> None:
    """Read the recording of a meeting again, say with other options; corrections are kept."""
    from meeting_app.formats.corrections import kind_of

    options = _options(
        _Wishes(speakers, min_speakers, max_speakers, language, asr, tuple(hotword or ()))
    )
    app = application(ctx)
    pull_models(app, app.models_for(options.asr_model))
    job = app.service.rerun(meeting_id, options)
    _run(app, job)
    typer.echo(app.service.export(meeting_id, SCREEN_FORMAT).content.decode(), nl=False)
    for made in app.service.corrections(meeting_id):
        if made.problem is not None:
            kind = kind_of(made.correction)
            typer.echo(
                f"not applied: {made.number} {kind} by {made.author}: {made.problem}", err=True
            )


def demo(ctx: typer.Context) -> None:
    """Process the sample recording, a phone call of two people, and print what became of it."""
    from meeting_app.bootstrap import SAMPLE_MODEL

    app = application(ctx)
    pull_models(app, (*app.models_for(None), SAMPLE_MODEL))
    wanted = _Wanted(_options(_Wishes()), True, "Sample phone call")
    job = _processed(app, app.sample_recording(), wanted)
    typer.echo(app.service.export(job.meeting_id, SCREEN_FORMAT).content.decode(), nl=False)
    typer.echo(f"\nStored in {app.home}\n")
    program = _program()
    typer.echo(f"  {program} show {job.meeting_id}   prints it again")
    typer.echo(f"  {program} export {job.meeting_id} --format docx   writes a document")
    typer.echo(f"  {program} serve   opens the library at {app.address}")


def _program() -> str:
    """How to call this program from here: it need not be on the search path."""
    if shutil.which("meeting-app"):
        return "meeting-app"
    return os.path.relpath(Path(sys.executable).with_name("meeting-app"))


@dataclass(frozen=True, slots=True)
class _Wishes:
    """The options as they were typed."""

    speakers: str | None = None
    min_speakers: int | None = None
    max_speakers: int | None = None
    language: str | None = None
    asr: str | None = None
    hotwords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is to become of a recording."""

    options: "ProcessingOptions"
    allows_duplicate: bool
    title: str | None = None  # None takes the file's name


def _options(wishes: _Wishes) -> "ProcessingOptions":
    from meeting_app.domain import ProcessingOptions

    bounds = (wishes.min_speakers, wishes.max_speakers)
    if wishes.speakers is None:
        speakers = _bounded(*bounds)
    elif bounds == (None, None):
        speakers = _counted(wishes.speakers)
    else:
        raise typer.BadParameter("give --speakers, or --min-speakers and --max-speakers")
    return ProcessingOptions(wishes.language, speakers, _model(wishes.asr), wishes.hotwords)


def _bounded(least: int | None, most: int | None) -> "SpeakerCount":
    from meeting_app.domain import SpeakerCount

    unknown = SpeakerCount()
    minimum = least or unknown.minimum
    try:
        return SpeakerCount(minimum, most or max(unknown.maximum, minimum))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _counted(text: str) -> "SpeakerCount":
    """What ``3``, ``about 3`` or ``~3`` says."""
    from meeting_app.domain import SpeakerCount
    from meeting_app.domain.jobs import MOST_SPEAKERS

    found = re.fullmatch(r"(about|~)?\s*([0-9]{1,2})", text.strip(), re.IGNORECASE)
    number = int(found[2]) if found else 0
    if found is None or not 1 <= number <= MOST_SPEAKERS:
        raise typer.BadParameter(
            f'{text!r}: give a number from 1 to {MOST_SPEAKERS}, or "about 3" if you are not sure',
            param_hint="--speakers",
        )
    return SpeakerCount.about(number) if found[1] else SpeakerCount.exactly(number)


def _model(name: str | None) -> str | None:
    """A folder is noted with its whole path: a later worker may run elsewhere."""
    if name is None or not Path(name).is_dir():
        return name
    return str(Path(name).resolve())


def _is_done(
    app: "Application",
    plan: "Plan",
    wanted: _Wanted,
    finish: Callable[["Job", "Plan"], None],
) -> bool:
    try:
        finish(_processed(app, plan.recording, wanted), plan)
    except DuplicateError as error:
        typer.echo(f"error: {error} with --allow-duplicate", err=True)
        return False
    except MeetingAppError as error:
        typer.echo(f"error: {error}", err=True)
        return False
    return True


def _processed(app: "Application", recording: Path, wanted: _Wanted) -> "Job":
    """The job of ``recording``, done.

    Raises:
        MeetingAppError: why it failed; the library keeps the failed job.
    """
    from meeting_app.domain import Filing

    filing = Filing(allows_duplicate=wanted.allows_duplicate)
    return _run(app, app.service.submit_file(recording, wanted.options, wanted.title, filing))


def _run(app: "Application", job: "Job") -> "Job":
    """The job, done in this process. Raises as ``_processed`` does."""
    from meeting_app.cli.progress import progress_of

    def on_progress(job: "Job") -> None:
        if job.progress is not None and not job.state.is_final:
            show(job.progress.stage.value, job.progress.fraction, job.progress.eta)

    try:
        with progress_of(job.filename) as show:
            job = app.worker(on_progress).run(job.id)
    except KeyboardInterrupt:
        # The worker gave it back to the queue, but who presses Ctrl-C does not want it there.
        app.service.cancel(job.id)
        raise
    return _successful(job)


def _successful(job: "Job") -> "Job":
    from meeting_app.domain import JobState

    if job.state is JobState.CANCELLED:
        raise JobCancelledError(f"{job.filename}: the job was cancelled; start it again")
    if job.state is JobState.FAILED:
        raise MeetingAppError(job.error or f"{job.filename}: failed; see the log of the worker")
    return job


def _printer(app: "Application", formats: list[str]) -> Callable[["Job", "Plan"], None]:
    def show(job: "Job", plan: "Plan") -> None:
        for name in formats:
            typer.echo(app.service.export(job.meeting_id, name).content.decode(), nl=False)

    return show


def _writer(app: "Application") -> Callable[["Job", "Plan"], None]:
    from meeting_app.cli.output import write_whole

    def write(job: "Job", plan: "Plan") -> None:
        for target in plan.targets:
            write_whole(target.path, app.service.export(job.meeting_id, target.format).blocks)
        typer.echo(f"{plan.recording} → {', '.join(str(t.path) for t in plan.targets)}")

    return write
