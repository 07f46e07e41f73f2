"""The commands together, the options they share, and what an error turns into."""

import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

import meeting_app
from meeting_app.cli import (
    exporting,
    importing,
    library,
    live,
    live_engine,
    models,
    people,
    processing,
    server,
    shelves,
    system,
)
from meeting_app.cli.context import EXIT_CODES
from meeting_app.errors import ConfigError, MeetingAppError, WeightsError

_EPILOG = "Exit codes: " + ", ".join(f"{code} {what}" for code, what in EXIT_CODES.items()) + "."
_OK, _FAILED, _USAGE, _NO_MODEL, _INTERRUPTED = EXIT_CODES

app = typer.Typer(
    name="meeting-app",
    help="A recording becomes a meeting: who said what, in chapters, with minutes you can verify, "
    "on your own machine.",
    epilog=_EPILOG,
    no_args_is_help=True,
    rich_markup_mode=None,  # decorated help takes twice as long to appear
    # A bug should show Python's own traceback, the one people can search for.
    pretty_exceptions_enable=False,
)
app.command()(processing.transcribe)
app.command()(processing.rerun)
app.command()(processing.demo)
app.command()(live.live)
app.command(name="live-engine", hidden=True)(live_engine.live_engine)
app.command()(server.serve)
app.command()(server.worker)
app.command(name="list")(library.list_meetings)
app.command()(library.show)
app.command()(library.search)
app.command()(exporting.export)
app.command()(exporting.clip)
app.command()(exporting.restore)
app.command(name="import")(importing.import_folder)
app.command()(shelves.tag)
app.command()(shelves.move)
app.command()(shelves.delete)
app.command()(shelves.undelete)
app.add_typer(people.app, name="people")
app.add_typer(models.app, name="models")
app.command()(system.doctor)
app.command()(system.settings)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs one command; ends the process with its exit code."""
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    try:
        app(arguments, prog_name="meeting-app")
    except MeetingAppError as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(_exit_code(error))


def _exit_code(error: MeetingAppError) -> int:
    match error:
        case ConfigError():
            return _USAGE
        case WeightsError():
            return _NO_MODEL
        case _:
            return _FAILED


def _print_version(is_wanted: bool) -> None:
    if is_wanted:
        typer.echo(f"meeting-app {meeting_app.__version__}")
        raise typer.Exit


@app.callback()
def _shared(
    ctx: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(help="YAML file that overrides settings; `meeting-app settings` lists them."),
    ] = None,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print and exit."),
    ] = False,
) -> None:
    ctx.obj = config
