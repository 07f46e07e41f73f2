"""`import`: the recordings of a folder go into the queue, each once."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from meeting_app.cli.context import application
from meeting_app.errors import DuplicateError, MediaError, MediaNotFoundError

if TYPE_CHECKING:
    from meeting_app.domain import Filing, ProcessingOptions
    from meeting_app.service import MeetingService

_QUEUED, _KNOWN, _IGNORED = "queued", "there already", "ignored"


def import_folder(
    ctx: typer.Context,
    source: Annotated[Path, typer.Argument(metavar="FOLDER", help="With recordings in it.")],
    recursive: Annotated[
        bool, typer.Option("--recursive", "-r", help="The folders in it as well.")
    ] = False,
    tag: Annotated[list[str] | None, typer.Option(help="For each meeting; repeatable.")] = None,
    folder: Annotated[
        str | None, typer.Option(help="To keep the meetings in, such as Customers/Northwind.")
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="Two letters such as en; detected if not given.")
    ] = None,
) -> None:
    """Queue all recordings of a folder; `serve` or `worker` works through them.

    What the library has already is left out, so an import that was interrupted goes on where it
    was when it is started again.
    """
    from meeting_app.domain import Filing, ProcessingOptions

    files = _files_in(source, recursive=recursive)
    service = application(ctx).service
    filing, options = Filing(folder, tuple(tag or ())), ProcessingOptions(language=language)
    outcomes = Counter(_imported(service, path, options, filing) for path in files)
    counts = ", ".join(f"{outcomes[what]} {what}" for what in (_QUEUED, _KNOWN, _IGNORED))
    typer.echo(f"{len(files)} files: {counts}")


def _files_in(folder: Path, *, recursive: bool) -> list[Path]:
    """Files by name; hidden ones and those in hidden folders are no recordings of anybody.

    Raises:
        MediaNotFoundError: there is no such folder.
    """
    if not folder.is_dir():
        raise MediaNotFoundError(f"{folder}: no such folder; check the name")
    found = folder.rglob("*") if recursive else folder.glob("*")
    return sorted(
        path
        for path in found
        if path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def _imported(
    service: "MeetingService", path: Path, options: "ProcessingOptions", filing: "Filing"
) -> str:
    try:
        job = service.submit_file(path, options, filing=filing)
    except DuplicateError as error:
        typer.echo(f"{path}: there already as meeting {error.meeting_id}")
        return _KNOWN
    except MediaError as error:
        typer.echo(f"{path}: ignored ({error})", err=True)
        return _IGNORED
    typer.echo(f"{path}: queued as meeting {job.meeting_id}")
    return _QUEUED
