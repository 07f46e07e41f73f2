"""A recording becomes a meeting: speakers, chapters and minutes, on the user's own machine."""

__version__ = "0.1.0"
