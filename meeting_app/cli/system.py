"""`doctor` and `settings`: is the machine ready, and what can be set."""

import typer

from meeting_app.cli.context import application


def doctor(ctx: typer.Context) -> None:
    """Check device, models, disk, database and page, and say what to do."""
    from meeting_app.doctor import examine

    checks = examine(application(ctx))
    for check in checks:
        typer.echo(f"{'ok  ' if check.is_ok else 'FAIL'}  {check.name}: {check.finding}")
        if check.advice:
            typer.echo(f"      {check.advice}")
    if not all(check.is_ok for check in checks):
        raise typer.Exit(1)


def settings() -> None:
    """Print every setting with default, unit, range and source, as a Markdown table."""
    typer.echo(settings_table(), nl=False)


def settings_table() -> str:
    """All settings as a Markdown table; `configs/README.md` holds the same."""
    from meeting_app.config import describe_settings

    rows = [("key", "default", "meaning"), ("---", "---", "---")]
    rows += [
        (f"`{key}`", f"`{default}`" if default else "", meaning.replace("|", "\\|"))
        for key, default, meaning in describe_settings()
    ]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)
