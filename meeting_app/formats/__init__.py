"""Meetings as files: one file per format; nothing else in the program knows them."""

from meeting_app.formats.document import FORMATS, Document, Format, format_named
from meeting_app.formats.exporter import Exporter

__all__ = ["FORMATS", "Document", "Exporter", "Format", "format_named"]
