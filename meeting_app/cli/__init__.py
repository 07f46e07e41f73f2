"""The command line: read the arguments, make one call, print."""

from meeting_app.cli.app import main

__all__ = ["main"]
