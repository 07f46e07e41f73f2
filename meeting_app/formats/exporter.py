"""One call from a meeting to a file in any format."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from meeting_app.config import SubtitlesConfig
from meeting_app.domain import Meeting
from meeting_app.formats.document import Document, Source, filename_of, format_named
from meeting_app.formats.html import outline_to_html, sound_of
from meeting_app.formats.json import Archived, archived_to_json
from meeting_app.formats.markdown import outline_to_markdown
from meeting_app.formats.options import DEFAULTS, ExportOptions
from meeting_app.formats.outline import Outline, outline_of
from meeting_app.formats.package import package
from meeting_app.formats.rttm import meeting_to_rttm
from meeting_app.formats.seglst import meeting_to_seglst
from meeting_app.formats.selection import only_chapter
from meeting_app.formats.srt import meeting_to_srt
from meeting_app.formats.txt import outline_to_txt
from meeting_app.formats.vtt import meeting_to_vtt


class Exporter:
    """Writes meetings; the libraries for Word and PDF are loaded when first asked for."""

    def __init__(self, font: Callable[[], Path], subtitles: SubtitlesConfig) -> None:
        """``font`` finds an OpenType font that covers Chinese; called for PDF only."""
        self._font = font
        self._subtitles = subtitles

    def __call__(self, source: Source, format: str, options: ExportOptions = DEFAULTS) -> Document:
        """The meeting as a file.

        Raises:
            FormatError: there is no such format or chapter, or the format has no such part.
            MeetingAppError: whatever ``font`` raises, for PDF.
        """
        chosen = format_named(format)
        chosen.check(options)
        if options.chapter is not None:
            meeting = only_chapter(source.meeting, options.chapter)
            source = replace(source, meeting=meeting, history=None, voices=None)
        title = source.meeting.title
        if options.chapter is not None:
            title = f"{title} {options.chapter}"
        blocks = self._blocks(chosen.name, source, options)
        return Document(filename_of(title, chosen.suffix), chosen.media_type, blocks)

    def _blocks(self, format: str, source: Source, options: ExportOptions) -> Iterable[bytes]:
        if format in _DATA_WRITERS:
            return (_DATA_WRITERS[format](source, options).encode(),)
        if format in _SUBTITLE_WRITERS:
            write = _SUBTITLE_WRITERS[format]
            return (write(source.meeting, options, self._subtitles).encode(),)
        if format == "zip":
            return package(_json(source, options).encode(), source if options.with_audio else None)
        outline = outline_of(source.meeting, options, source.created_at)
        if format == "html":
            return outline_to_html(outline, sound_of(source, options))
        return (self._document(format, outline),)

    def _document(self, format: str, outline: Outline) -> bytes:
        if format == "docx":
            from meeting_app.formats.docx import outline_to_docx

            return outline_to_docx(outline)
        if format == "pdf":
            from meeting_app.formats.pdf import outline_to_pdf

            return outline_to_pdf(outline, self._font())
        return _TEXT_WRITERS[format](outline).encode()


def _json(source: Source, options: ExportOptions) -> str:
    return archived_to_json(
        Archived(
            source.meeting,
            source.recording,
            source.created_at,
            source.filing,
            history=source.history if options.with_history else None,
            voices=source.voices if options.with_voices else None,
        )
    )


def _rttm(source: Source, _: ExportOptions) -> str:
    return meeting_to_rttm(source.meeting)


def _seglst(source: Source, _: ExportOptions) -> str:
    return meeting_to_seglst(source.meeting)


_DATA_WRITERS: dict[str, Callable[[Source, ExportOptions], str]] = {
    "json": _json,
    "rttm": _rttm,
    "seglst": _seglst,
}
_SUBTITLE_WRITERS: dict[str, Callable[[Meeting, ExportOptions, SubtitlesConfig], str]] = {
    "srt": meeting_to_srt,
    "vtt": meeting_to_vtt,
}
_TEXT_WRITERS: dict[str, Callable[[Outline], str]] = {
    "md": outline_to_markdown,
    "txt": outline_to_txt,
}
