"""One call from a meeting to a file; heavy libraries only when they are needed."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meeting_app.config import SubtitlesConfig
from meeting_app.errors import FormatError, OfflineError
from meeting_app.formats import FORMATS, Document, Exporter, format_named
from meeting_app.formats.document import Source, filename_of
from tests.builders import a_meeting

STARTS = {
    "json": b"{",
    "rttm": b"SPEAKER ",
    "seglst": b"[",
    "srt": b"1\n",
    "vtt": b"WEBVTT",
    "md": b"# ",
    "txt": b"Stand",
    "docx": b"PK\x03\x04",
    "pdf": b"%PDF-",
    "html": b"<!doctype html>",
    "zip": b"PK\x03\x04",
}


def _exporter(font: Path | None = None) -> Exporter:
    return Exporter(_no_font if font is None else lambda: font, SubtitlesConfig())


def _no_font() -> Path:
    raise OfflineError("noto-sans-cjk-sc: not here, and fetching is off; pull it")


def test_every_format_is_known() -> None:
    assert tuple(STARTS) == FORMATS


@pytest.mark.parametrize("format", FORMATS)
def test_each_format_makes_a_file_that_begins_as_it_should(format: str, tiny_font: Path) -> None:
    document = _exporter(tiny_font)(Source(a_meeting()), format)
    assert document.content.startswith(STARTS[format])
    assert document.filename == f"Standup{format_named(format).suffix}"
    assert document.media_type == format_named(format).media_type


@pytest.mark.parametrize("format", [name for name in FORMATS if name != "pdf"])
def test_font_is_asked_for_by_pdf_only(format: str) -> None:
    assert _exporter()(Source(a_meeting()), format).content


def test_missing_font_is_told_as_it_is() -> None:
    with pytest.raises(OfflineError, match="pull it"):
        _exporter()(Source(a_meeting()), "pdf")


def test_undecodable_title_can_be_written_in_every_text_format() -> None:
    meeting = a_meeting(title="caf\udce9")
    for name in ("json", "rttm", "seglst", "srt", "vtt", "md", "txt", "docx", "html"):
        document = _exporter()(Source(meeting), name)
        assert document.filename.startswith("caf.")


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("PDF", "PDF: not a format; did you mean pdf? choose one of json, rttm"),
        ("doc", "doc: not a format; did you mean docx? choose"),
        (
            "",
            ": not a format; choose one of json, rttm, seglst, srt, vtt, md, txt, docx, "
            "pdf, html, zip",
        ),
    ],
)
def test_unknown_format_names_the_nearest_and_all(name: str, complaint: str) -> None:
    with pytest.raises(FormatError) as caught:
        _exporter()(Source(a_meeting()), name)
    assert str(caught.value).startswith(complaint)


@pytest.mark.parametrize(
    ("title", "filename"),
    [
        ("Weekly stand-up: 周会", "Weekly stand-up_ 周会.md"),
        ("../../etc/passwd", "_.._etc_passwd.md"),
        ("", "meeting.md"),
        (" ... ", "meeting.md"),
        ("CON", "CON_.md"),
        ("a\nb\x00", "a b.md"),
        ("会" * 300, "会" * 60 + ".md"),
    ],
)
def test_title_becomes_a_file_name_for_every_system(title: str, filename: str) -> None:
    assert filename_of(title, ".md") == filename


@given(st.text(), st.sampled_from(FORMATS))
def test_any_title_can_be_saved(title: str, format: str) -> None:
    filename = filename_of(title, format_named(format).suffix)
    assert 0 < len(filename.encode()) <= 255
    assert not set(filename) & set('<>:"/\\|?*\x00\n')
    assert not filename.startswith((".", " "))


def test_document_cannot_be_changed() -> None:
    document = Document("a.txt", "text/plain", (b"",))
    with pytest.raises(AttributeError):
        document.blocks = b"x"  # type: ignore[misc]


def test_libraries_for_word_and_pdf_are_loaded_on_demand() -> None:
    code = (
        "import sys; import meeting_app.formats; "
        "print(sorted({'docx', 'fpdf', 'uharfbuzz', 'torch'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
