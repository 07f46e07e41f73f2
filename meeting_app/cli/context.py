"""What every command needs: exit codes and the application that the options describe."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from meeting_app.bootstrap import Application

EXIT_CODES = {
    0: "all went well",
    1: "a file or the operation failed",
    2: "wrong usage or configuration",
    3: "a model cannot be had",
    130: "interrupted",
}


def config_path(ctx: typer.Context) -> Path | None:
    """The file given with ``--config``."""
    path: Path | None = ctx.obj
    return path


def application(ctx: typer.Context) -> "Application":
    """The application with the settings of file and environment; nothing is opened yet.

    Raises:
        ConfigError: a setting is wrong.
    """
    from meeting_app.bootstrap import Application
    from meeting_app.config import load_config

    return Application(load_config(config_path(ctx)))
