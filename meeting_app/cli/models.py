"""`models`: what the catalogue holds, and fetching it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from meeting_app.cli.context import application
from meeting_app.errors import HashMismatchError

if TYPE_CHECKING:
    from meeting_app.bootstrap import Application, PullProgress
    from meeting_app.cli.progress import Show

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="List, fetch and check models.")

Names = Annotated[list[str] | None, typer.Argument(metavar="NAME")]


@app.command(name="list")
def list_models(ctx: typer.Context) -> None:
    """Show every model, its licence and whether it is on this machine."""
    from meeting_app.cli.tables import print_table

    rows = []
    for status in application(ctx).weights.status():
        entry = status.entry
        here = "yes" if status.is_present else "damaged" if status.damaged else "no"
        size = f"{entry.size / 1e6:.0f}"
        rows.append((entry.name, entry.title, entry.licence, size, here))
    print_table(("name", "what", "licence", "MB", "here"), rows)


@app.command()
def pull(ctx: typer.Context, names: Names = None) -> None:
    """Fetch models; without a name, the ones that the application needs by default."""
    application_ = application(ctx)
    pull_models(application_, names or application_.weights.embedded())
    typer.echo(f"models are in {application_.models_folder}")


@app.command()
def verify(ctx: typer.Context, names: Names = None) -> None:
    """Hash every file of the models on this machine; a damaged one is fetched again when used."""
    weights = application(ctx).weights
    here = [s.entry.name for s in weights.status() if len(s.missing) < len(s.entry.files)]
    damaged = []
    for name in names or here:
        status = weights.verify(name)
        wrong = ", ".join((*status.missing, *status.damaged))
        typer.echo(f"{name}: {f'missing or damaged: {wrong}' if wrong else 'ok'}")
        damaged += [name] if wrong else []
    if damaged:
        raise HashMismatchError(
            f"{', '.join(damaged)}: not as the catalogue promises; "
            f"run `meeting-app models pull {' '.join(damaged)}`"
        )


def pull_models(app: "Application", names: Sequence[str]) -> None:
    """Makes sure that models are here, with a progress bar for each that has to be fetched.

    Raises:
        WeightsError: one cannot be had.
    """
    from meeting_app.cli.progress import progress_of

    for name in names:
        with progress_of(name) as show:

            def report(progress: "PullProgress", show: "Show" = show) -> None:
                share = progress.num_bytes / max(1, progress.total_bytes)
                show(f"fetching {progress.total_bytes / 1e6:.0f} MB", share)

            app.weights.get(name, report)
