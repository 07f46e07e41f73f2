"""The web application: REST, recordings served in ranges, and the gate before all of it."""

from meeting_app.api.app import create_app

__all__ = ["create_app"]
