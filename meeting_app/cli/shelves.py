"""`tag`, `move`, `delete`, `undelete`: keeping the library in order."""

from typing import TYPE_CHECKING, Annotated

import typer

from meeting_app.cli.context import application

if TYPE_CHECKING:
    from meeting_app.service import MeetingService

MeetingId = Annotated[str, typer.Argument(metavar="ID", help="As `meeting-app list` shows it.")]
MeetingIds = Annotated[
    list[str], typer.Argument(metavar="ID", help="As `meeting-app list` shows it.")
]


def tag(
    ctx: typer.Context,
    meeting_ids: MeetingIds,
    add: Annotated[list[str] | None, typer.Option(help="To put on; repeatable.")] = None,
    remove: Annotated[list[str] | None, typer.Option(help="To take off; repeatable.")] = None,
) -> None:
    """Put tags on meetings and take others off."""
    if not add and not remove:
        raise typer.BadParameter("give --add or --remove")
    shelves = application(ctx).service.shelves
    if add:
        shelves.tag(meeting_ids, add)
    if remove:
        shelves.untag(meeting_ids, remove)
    typer.echo(f"tagged {_counted(len(meeting_ids))}")


def move(
    ctx: typer.Context,
    meeting_ids: MeetingIds,
    folder: Annotated[
        str, typer.Option(help='A path such as Customers/Northwind; "" for no folder.')
    ],
) -> None:
    """Put meetings into a folder, which is made by that."""
    application(ctx).service.shelves.move(meeting_ids, folder)
    typer.echo(f"moved {_counted(len(meeting_ids))}")


def undelete(ctx: typer.Context, meeting_ids: MeetingIds) -> None:
    """Take meetings out of the trash."""
    shelves = application(ctx).service.shelves
    for meeting_id in meeting_ids:
        shelves.restore(meeting_id)
    typer.echo(f"restored {_counted(len(meeting_ids))}")


def delete(
    ctx: typer.Context,
    meeting_id: MeetingId,
    for_good: Annotated[
        bool, typer.Option("--for-good", help="Not into the trash; the recording goes as well.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Put a meeting into the trash, from where it can be restored for a while."""
    service = application(ctx).service
    title = _title(service, meeting_id)
    if for_good and not yes:
        typer.confirm(f"Delete {title!r} and its recording for good?", abort=True)
    service.delete(meeting_id, for_good=for_good)
    if for_good:
        typer.echo(f"deleted {title}")
    else:
        typer.echo(f"{title} is in the trash; `meeting-app undelete {meeting_id}` brings it back")


def _title(service: "MeetingService", meeting_id: str) -> str:
    """Of a meeting that may be in the trash.

    Raises:
        NotFoundError: there is no such meeting.
    """
    from meeting_app.domain import SearchFilters

    trash = service.library(SearchFilters(is_trashed=True))
    trashed = {entry.id: entry.title for entry in trash}
    return trashed.get(meeting_id) or service.meeting(meeting_id).meeting.title


def _counted(count: int) -> str:
    return "1 meeting" if count == 1 else f"{count} meetings"
