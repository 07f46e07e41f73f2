"""The names of the formats, where an option needs them."""

import typer

# Repeated here because asking `meeting_app.formats` costs a second that --help does not have.
FORMAT_NAMES = "json, rttm, seglst, srt, vtt, md, txt, docx, pdf, html, zip"
FILE_FORMATS = ("json", "rttm", "seglst")  # what scorers and programs read
SCREEN_FORMAT = "txt"
NO_TEXT = ("docx", "pdf", "zip")  # not to be printed on a screen


def known_format(name: str | None) -> str | None:
    """``name``, if there is such a format; else the usage error that lists them all."""
    from meeting_app.formats import FORMATS

    if name is not None and name not in FORMATS:
        raise typer.BadParameter(f"{name!r} is not one of {', '.join(FORMATS)}")
    return name


def known_formats(names: list[str] | None) -> list[str] | None:
    """``names``, if there are such formats."""
    for name in names or ():
        known_format(name)
    return names
