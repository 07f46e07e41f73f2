"""What a document is to hold: the dialog behind the list of downloads."""

from dataclasses import dataclass

import gradio as gr

from meeting_app.formats.document import FORMATS, format_named
from meeting_app.formats.options import DEFAULTS, Part
from ui.components.assets import component, render
from ui.presenters import format_labels
from ui.translation import Translate


@dataclass(frozen=True, slots=True)
class FormatView:
    """A format and which choices mean something in it."""

    name: str
    label: str
    choices: str  # names of check boxes, parted by spaces
    parts: str  # the same of parts
    has_chapter: bool


def download(t: Translate) -> gr.HTML:
    """The dialog; it opens when the heading asks for it."""
    markup = render(
        "download",
        t,
        formats=format_views(t),
        parts=_parts(t),
        checks=_checks(t),
        defaults=DEFAULTS,
    )
    return component("download", markup)


def format_views(t: Translate) -> tuple[FormatView, ...]:
    """Every format, documents for people first."""
    labels = format_labels(t)
    ordered = [*labels, *(name for name in FORMATS if name not in labels)]
    return tuple(
        FormatView(
            name=known.name,
            label=labels.get(known.name, known.name.upper()),
            choices=" ".join(choice.removeprefix("with_") for choice in known.choices),
            parts=" ".join(known.parts),
            has_chapter=known.has_chapter,
        )
        for known in map(format_named, ordered)
    )


def _parts(t: Translate) -> dict[str, str]:
    return {
        Part.WHOLE: t("Minutes and transcript"),
        Part.MINUTES: t("Only the minutes"),
        Part.TRANSCRIPT: t("Only the transcript"),
    }


def _checks(t: Translate) -> dict[str, str]:
    return {
        "timestamps": t("Times"),
        "speakers": t("Who spoke"),
        "chapters": t("Headings of chapters"),
        "audio": t("The sound"),
        "history": t("What was corrected, and by whom"),
        "voices": t("What the voices sound like (biometric data)"),
    }
