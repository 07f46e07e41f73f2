"""`export`, `clip`, `restore`: meetings as files, out of the library and into it."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from meeting_app.cli.context import application
from meeting_app.cli.formats import FORMAT_NAMES, known_format
from meeting_app.cli.shelves import MeetingId

if TYPE_CHECKING:
    from meeting_app.formats.document import Document
    from meeting_app.formats.options import ExportOptions

_NAMED_AFTER = "File to write; named after the meeting if not given."
Output = Annotated[Path | None, typer.Option(help=_NAMED_AFTER)]
Choice = bool | None  # None is the default, which stands in meeting_app.formats.options


def export(  # noqa: PLR0913, PLR0917 - one parameter for each option of the command
    ctx: typer.Context,
    meeting_id: MeetingId,
    format: Annotated[str, typer.Option(callback=known_format, help=f"{FORMAT_NAMES}.")],
    output: Output = None,
    part: Annotated[
        str | None, typer.Option(help="whole, minutes or transcript.", metavar="PART")
    ] = None,
    chapter: Annotated[int | None, typer.Option(min=1, help="Only this one, from 1.")] = None,
    language: Annotated[str | None, typer.Option(help="Of headings: en or zh.")] = None,
    timestamps: Annotated[Choice, typer.Option("--timestamps/--no-timestamps")] = None,
    speakers: Annotated[Choice, typer.Option("--speakers/--no-speakers", help="Who spoke.")] = None,
    chapters: Annotated[
        Choice, typer.Option("--chapters/--no-chapters", help="Headings of chapters.")
    ] = None,
    audio: Annotated[
        Choice, typer.Option("--audio/--no-audio", help="The sound, in html and zip.")
    ] = None,
    history: Annotated[
        Choice,
        typer.Option(
            "--history/--no-history",
            help="What was corrected, by whom, and what stood there before, in json and zip.",
        ),
    ] = None,
    voices: Annotated[
        Choice,
        typer.Option(
            "--voices/--no-voices",
            help="What the voices sound like, to split speakers elsewhere, in json and zip; "
            "biometric data, so left out unless asked for.",
        ),
    ] = None,
) -> None:
    """Write a meeting as a file."""
    options = _options(
        part,
        {
            "chapter": chapter,
            "language": language,
            "with_timestamps": timestamps,
            "with_speakers": speakers,
            "with_chapters": chapters,
            "with_audio": audio,
            "with_history": history,
            "with_voices": voices,
        },
    )
    _write(application(ctx).service.export(meeting_id, format, options), output)


def clip(
    ctx: typer.Context,
    meeting_id: MeetingId,
    start: Annotated[str, typer.Argument(help="Seconds, or 1:05, or 1:02:05.")],
    end: Annotated[str, typer.Argument(help="The same.")],
    kind: Annotated[str, typer.Option(help="m4a, mp3 or wav.")] = "m4a",
    output: Output = None,
) -> None:
    """Write the sound of a stretch of a meeting."""
    from pyannote.core import Segment

    from meeting_app.domain import ClipKind

    if kind not in set(ClipKind):
        raise typer.BadParameter(f"{kind!r} is not one of {', '.join(ClipKind)}")
    segment = Segment(_seconds(start), _seconds(end))
    _write(application(ctx).service.clip(meeting_id, segment, ClipKind(kind)), output)


def restore(
    ctx: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Exported as json or zip.")],
) -> None:
    """Take in meetings that were exported, each as a meeting of its own."""
    service = application(ctx).service
    for path in files:
        stored = service.restore_file(path)
        typer.echo(f"{path} → {stored.id}  {stored.meeting.title}")


def _options(part: str | None, choices: dict[str, Any]) -> "ExportOptions":
    """The defaults with what was typed; None was not."""
    from meeting_app.formats.options import DEFAULTS, Part

    if part is not None and part not in set(Part):
        raise typer.BadParameter(f"{part!r} is not one of {', '.join(Part)}", param_hint="--part")
    given = {name: value for name, value in choices.items() if value is not None}
    return replace(DEFAULTS, part=Part(part or DEFAULTS.part), **given)


def _seconds(text: str) -> float:
    """A time as a player shows it: 65, 1:05 or 0:01:05.5."""
    try:
        parts = [float(part) for part in text.split(":")]
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no time; give seconds, or 1:05") from error
    if len(parts) > 3 or any(part < 0 for part in parts):
        raise typer.BadParameter(f"{text!r} is no time; give seconds, or 1:05")
    return sum(part * 60.0**power for power, part in enumerate(reversed(parts)))


def _write(document: "Document", output: Path | None) -> None:
    from meeting_app.cli.output import write_whole

    path = Path(document.filename) if output is None else output
    write_whole(path, document.blocks)
    typer.echo(str(path))
