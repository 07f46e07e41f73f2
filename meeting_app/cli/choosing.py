"""The options with which `list` and `search` are narrowed down."""

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from meeting_app.domain import SearchFilters

Speaker = Annotated[str | None, typer.Option(metavar="NAME", help="Only with this person.")]
Since = Annotated[
    str | None, typer.Option(metavar="DAY", help="Added on that day or later: 2026-03-01.")
]
Until = Annotated[str | None, typer.Option(metavar="DAY", help="Added on that day or before.")]
Language = Annotated[str | None, typer.Option(help="Only in this language: two letters.")]
Tag = Annotated[list[str] | None, typer.Option(help="Only with this tag; repeatable.")]
Folder = Annotated[str | None, typer.Option(help="Only in this folder and those in it.")]


def filters_of(
    speaker: str | None,
    since: str | None,
    until: str | None,
    language: str | None,
    tags: list[str] | None,
    folder: str | None,
) -> "SearchFilters":
    """What the options say; a day is one of this machine's calendar."""
    from meeting_app.domain import SearchFilters

    return SearchFilters(
        speaker=speaker,
        since=_midnight("--since", since, 0),
        until=_midnight("--until", until, 1),
        language=language,
        tags=tuple(tags or ()),
        folder=folder,
    )


def _midnight(option: str, text: str | None, days_later: int) -> datetime | None:
    if text is None:
        return None
    try:
        day = date.fromisoformat(text) + timedelta(days=days_later)
    except ValueError as error:
        raise typer.BadParameter(
            f"{text!r}: no day; write it as 2026-03-01", param_hint=option
        ) from error
    return datetime.combine(day, time()).astimezone()
