"""`list`, `show`, `search`: what is in the library."""

from dataclasses import replace
from typing import Annotated

import typer

from meeting_app.cli.choosing import (
    Folder,
    Language,
    Since,
    Speaker,
    Tag,
    Until,
    filters_of,
)
from meeting_app.cli.context import application
from meeting_app.cli.formats import SCREEN_FORMAT
from meeting_app.cli.shelves import MeetingId


def list_meetings(  # noqa: PLR0913, PLR0917 - one parameter for each option of the command
    ctx: typer.Context,
    speaker: Speaker = None,
    since: Since = None,
    until: Until = None,
    language: Language = None,
    tag: Tag = None,
    folder: Folder = None,
    trash: Annotated[bool, typer.Option("--trash", help="The trash instead.")] = False,
) -> None:
    """List the meetings of the library, newest first."""
    from meeting_app.cli.tables import print_table
    from meeting_app.domain import EVERYTHING
    from meeting_app.formats.outline import clock

    filters = replace(filters_of(speaker, since, until, language, tag, folder), is_trashed=trash)
    entries = application(ctx).service.library(filters)
    if not entries:
        typer.echo(
            "The library is empty; `meeting-app transcribe FILE` adds a meeting."
            if filters == EVERYTHING
            else "No such meeting."
        )
        return
    rows = [
        (
            entry.id,
            f"{entry.created_at.astimezone():%Y-%m-%d %H:%M}",
            clock(entry.duration),
            entry.language or "–",
            entry.title,
            ", ".join(entry.speakers),
            entry.folder or "–",
            ", ".join(entry.tags) or "–",
        )
        for entry in entries
    ]
    header = ("id", "added", "length", "language", "title", "speakers", "folder", "tags")
    print_table(header, rows)


def show(ctx: typer.Context, meeting_id: MeetingId) -> None:
    """Print a meeting: minutes, chapters, and the transcript by speaker."""
    document = application(ctx).service.export(meeting_id, SCREEN_FORMAT)
    typer.echo(document.content.decode(), nl=False)


def search(  # noqa: PLR0913, PLR0917 - one parameter for each option of the command
    ctx: typer.Context,
    words: Annotated[list[str], typer.Argument(metavar="WORD", help="All must occur.")],
    limit: Annotated[int, typer.Option(min=1, help="At most so many turns.")] = 20,
    meaning: Annotated[
        bool, typer.Option("--meaning", help="What means the like in other words; English only.")
    ] = False,
    speaker: Speaker = None,
    since: Since = None,
    until: Until = None,
    language: Language = None,
    tag: Tag = None,
    folder: Folder = None,
) -> None:
    """Find turns of all meetings that contain the words."""
    from meeting_app.formats.outline import clock

    service = application(ctx).service
    filters = filters_of(speaker, since, until, language, tag, folder)
    find = service.shelves.search_alike if meaning else service.search
    hits = find(" ".join(words), limit, filters)
    for hit in hits:
        excerpt = "".join(typer.style(text, bold=True) if m else text for text, m in hit.excerpt)
        moment = clock(hit.segment.start)
        typer.echo(f"{hit.meeting_id}  {hit.meeting_title}  [{moment}] {hit.speaker}: {excerpt}")
    if not hits:
        typer.echo("Nothing found.")
