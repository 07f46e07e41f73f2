"""`people list|rename|merge|forget|delete|voices`: who is named in the library."""

from typing import TYPE_CHECKING, Annotated

import typer

from meeting_app.cli.context import application
from meeting_app.errors import NotFoundError

if TYPE_CHECKING:
    from meeting_app.domain.people import PersonEntry
    from meeting_app.service import MeetingService

app = typer.Typer(help="See, rename and forget the people of your meetings.", no_args_is_help=True)

PersonName = Annotated[
    str, typer.Argument(metavar="PERSON", help="Name or id, as `meeting-app people list` shows.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


@app.command(name="list")
def list_people(ctx: typer.Context) -> None:
    """List everybody who is named in a meeting, latest heard first."""
    from meeting_app.cli.tables import print_table
    from meeting_app.formats.outline import clock

    entries = application(ctx).service.people.people()
    if not entries:
        typer.echo("Nobody is named yet; name a speaker on the page of a meeting.")
        return
    rows = [
        (
            entry.person.id,
            entry.person.name,
            str(len(entry.appearances)),
            clock(entry.seconds),
            f"{entry.last_heard.astimezone():%Y-%m-%d}" if entry.last_heard else "–",
            f"{entry.voice_seconds:.0f} s" if entry.voice_seconds else "–",
        )
        for entry in entries
    ]
    print_table(("id", "name", "meetings", "speech", "last heard", "voice"), rows)


@app.command()
def rename(
    ctx: typer.Context,
    person: PersonName,
    name: Annotated[str, typer.Argument(help="The new name.")],
) -> None:
    """Give a person another name in every meeting."""
    service = application(ctx).service
    found = _person(service, person)
    service.people.rename(found.person.id, name)
    typer.echo(f"{found.person.name} is now {name.strip()} in {_meetings(found)}")


@app.command()
def merge(
    ctx: typer.Context,
    person: PersonName,
    into: Annotated[str, typer.Argument(metavar="INTO", help="Name or id of who they are.")],
) -> None:
    """Make two people one: INTO keeps the name and gets all meetings and voices."""
    service = application(ctx).service
    found, kept = _person(service, person), _person(service, into)
    service.people.merge(found.person.id, kept.person.id)
    typer.echo(f"{found.person.name} is now {kept.person.name} in {_meetings(found)}")


@app.command()
def forget(ctx: typer.Context, person: PersonName) -> None:
    """Forget a person's voice; the name stays."""
    service = application(ctx).service
    found = _person(service, person)
    service.people.forget_voice(found.person.id)
    typer.echo(f"forgot the voice of {found.person.name}")


@app.command()
def delete(ctx: typer.Context, person: PersonName, yes: Yes = False) -> None:
    """Delete a person's voice and name, in every meeting."""
    service = application(ctx).service
    found = _person(service, person)
    if not yes:
        question = f"Delete {found.person.name!r}, with the voice and the name in "
        typer.confirm(f"{question}{_meetings(found)}?", abort=True)
    service.people.delete(found.person.id)
    typer.echo(f"deleted {found.person.name}")


@app.command()
def voices(
    ctx: typer.Context,
    on: Annotated[
        bool | None, typer.Option("--on/--off", help="Whether voices are remembered.")
    ] = None,
    forget_all: Annotated[
        bool, typer.Option("--forget-all", help="Remove every voice; the names stay.")
    ] = False,
) -> None:
    """Show or switch whether voices are remembered and recognised."""
    service = application(ctx).service
    if forget_all:
        service.people.forget_all_voices()
    if on is not None:
        service.people.switch_voices(on)
    state = service.people.voices()
    typer.echo(f"voices are {'on' if state.is_on else 'off'}; {state.num_people} remembered")
    if state.problem:
        typer.echo(f"problem: {state.problem}", err=True)


def _person(service: "MeetingService", given: str) -> "PersonEntry":
    """Raises NotFoundError when nobody has that name or id."""
    for entry in service.people.people():
        if given in (entry.person.id, entry.person.name):
            return entry
    raise NotFoundError(f"{given}: nobody has that name or id; see `meeting-app people list`")


def _meetings(entry: "PersonEntry") -> str:
    count = len(entry.appearances)
    return f"{count} meeting{'' if count == 1 else 's'}"
