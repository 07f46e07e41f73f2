"""One call from a meeting to a file in any format."""

from collections.abc import Callable
from pathlib import Path

from meeting_app.domain import Meeting
from meeting_app.formats.document import Document, filename_of, format_named
from meeting_app.formats.json import meeting_to_json
from meeting_app.formats.markdown import meeting_to_markdown
from meeting_app.formats.rttm import meeting_to_rttm
from meeting_app.formats.seglst import meeting_to_seglst
from meeting_app.formats.srt import meeting_to_srt
from meeting_app.formats.txt import meeting_to_txt
from meeting_app.formats.vtt import meeting_to_vtt

_TEXT_WRITERS: dict[str, Callable[[Meeting], str]] = {
    "json": meeting_to_json,
    "rttm": meeting_to_rttm,
    "seglst": meeting_to_seglst,
    "srt": meeting_to_srt,
    "vtt": meeting_to_vtt,
    "md": meeting_to_markdown,
    "txt": meeting_to_txt,
}


class Exporter:
    """Writes meetings; the libraries for Word and PDF are loaded when first asked for."""

    def __init__(self, font: Callable[[], Path]) -> None:
        """``font`` finds an OpenType font that covers Chinese; called for PDF only."""
        self._font = font

    def __call__(self, meeting: Meeting, format: str) -> Document:
        """The meeting as a file.

        Raises:
            FormatError: there is no such format.
            MeetingAppError: whatever ``font`` raises, for PDF.
        """
        chosen = format_named(format)
        content = self._content(meeting, chosen.name)
        return Document(filename_of(meeting.title, chosen), chosen.media_type, content)

    def _content(self, meeting: Meeting, format: str) -> bytes:
        if format == "docx":
            from meeting_app.formats.docx import meeting_to_docx

            return meeting_to_docx(meeting)
        if format == "pdf":
            from meeting_app.formats.pdf import meeting_to_pdf

            return meeting_to_pdf(meeting, self._font())
        return _TEXT_WRITERS[format](meeting).encode()
