"""`list`, `show`, `search`, `delete`: what is in the library."""

from typing import Annotated

import typer

from meeting_app.cli.context import application
from meeting_app.cli.formats import SCREEN_FORMAT

MeetingId = Annotated[str, typer.Argument(metavar="ID", help="As `meeting-app list` shows it.")]


def list_meetings(ctx: typer.Context) -> None:
    """List the meetings of the library, newest first."""
    from meeting_app.cli.tables import print_table
    from meeting_app.formats.outline import clock

    entries = application(ctx).service.library()
    if not entries:
        typer.echo("The library is empty; `meeting-app transcribe FILE` adds a meeting.")
        return
    rows = [
        (
            entry.id,
            f"{entry.created_at.astimezone():%Y-%m-%d %H:%M}",
            clock(entry.duration),
            entry.language or "–",
            entry.title,
            ", ".join(entry.speakers),
        )
        for entry in entries
    ]
    print_table(("id", "added", "length", "language", "title", "speakers"), rows)


def show(ctx: typer.Context, meeting_id: MeetingId) -> None:
    """Print a meeting: minutes, chapters, and the transcript by speaker."""
    document = application(ctx).service.export(meeting_id, SCREEN_FORMAT)
    typer.echo(document.content.decode(), nl=False)


def search(
    ctx: typer.Context,
    words: Annotated[list[str], typer.Argument(metavar="WORD", help="All must occur.")],
    limit: Annotated[int, typer.Option(min=1, help="At most so many turns.")] = 20,
) -> None:
    """Find turns of all meetings that contain the words."""
    from meeting_app.formats.outline import clock

    hits = application(ctx).service.search(" ".join(words), limit)
    for hit in hits:
        excerpt = "".join(typer.style(text, bold=True) if m else text for text, m in hit.excerpt)
        moment = clock(hit.segment.start)
        typer.echo(f"{hit.meeting_id}  {hit.meeting_title}  [{moment}] {hit.speaker}: {excerpt}")
    if not hits:
        typer.echo("Nothing found.")


def delete(
    ctx: typer.Context,
    meeting_id: MeetingId,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete a meeting, and its recording unless another meeting uses it."""
    service = application(ctx).service
    title = service.meeting(meeting_id).meeting.title
    if not yes:
        typer.confirm(f"Delete {title!r} and its recording?", abort=True)
    service.delete(meeting_id)
    typer.echo(f"deleted {title}")
