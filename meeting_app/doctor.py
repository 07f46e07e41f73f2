"""Is this machine ready? Each check is a finding and, where something is wrong, what to do."""

import shutil
import socket
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from meeting_app.bootstrap import Application
from meeting_app.config import ServerConfig
from meeting_app.errors import MeetingAppError

_LEAST_FREE = 2 << 30  # bytes; a four-hour recording, its decoded sound and the database
_PATIENCE = 3.0  # seconds to wait for the page


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, what was seen, and what to do about it."""

    name: str
    is_ok: bool
    finding: str
    advice: str | None = None  # None when there is nothing to do


def examine(app: Application) -> tuple[Check, ...]:
    """All checks; one that fails does not keep the others from being made."""
    checks: tuple[tuple[str, Callable[[Application], Check]], ...] = (
        ("device", check_device),
        ("models", check_models),
        ("disk", check_disk),
        ("database", check_database),
        ("page", check_page),
    )
    return tuple(_made(name, check, app) for name, check in checks)


def check_device(app: Application) -> Check:
    """What the models run on."""
    device = app.device
    return Check(
        "device", True, f"{device.name} in {device.dtype}, {device.num_threads} CPU threads"
    )


def check_models(app: Application) -> Check:
    """Whether a recording can be processed without the network."""
    needed = {*app.models_for(None)}
    listed = [status for status in app.weights.status() if status.entry.name in needed]
    unknown = needed - {status.entry.name for status in listed}
    absent = [status.entry.name for status in listed if not status.is_present]
    if unknown:
        return Check(
            "models",
            False,
            f"{', '.join(sorted(unknown))}: not in the catalogue",
            "set asr.model to a name of `meeting-app models list` or to a folder",
        )
    if absent:
        return Check(
            "models",
            False,
            f"not in {app.models_folder}: {', '.join(absent)}",
            f"run `meeting-app models pull {' '.join(absent)}`",
        )
    return Check("models", True, f"{len(listed)} in {app.models_folder}")


def check_disk(app: Application) -> Check:
    """Whether there is room for recordings."""
    free = shutil.disk_usage(_existing(app.home)).free
    finding = f"{free / 1e9:.1f} GB free for {app.home}"
    if free < _LEAST_FREE:
        advice = "make room, or set MEETING_APP_HOME to a folder on a larger disk"
        return Check("disk", False, finding, advice)
    return Check("disk", True, finding)


def check_database(app: Application) -> Check:
    """Whether the library opens."""
    num_meetings = len(app.service.library())
    num_jobs = len(app.service.jobs(only_active=True))
    return Check("database", True, f"{num_meetings} meetings, {num_jobs} jobs waiting or running")


def check_page(app: Application) -> Check:
    """Whether the page answers, or could be opened."""
    server = app.config.server
    if _is_free(server):
        return Check("page", True, f"{app.address} is free", "`meeting-app serve` opens it")
    if _answers(app.address.removeprefix("http://")):
        return Check("page", True, f"{app.address} answers; open it in your browser")
    return Check(
        "page",
        False,
        f"{app.address} is taken by another program",
        "end that program, or choose another port: `meeting-app serve --port 7861`",
    )


def _made(name: str, check: Callable[[Application], Check], app: Application) -> Check:
    try:
        return check(app)
    except MeetingAppError as error:
        return Check(name, False, str(error))
    except OSError as error:
        return Check(name, False, str(error), f"check the rights of {app.home}")


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    return next(path for path in (folder, *folder.parents) if path.exists())


def _is_free(server: ServerConfig) -> bool:
    family = socket.AF_INET6 if ":" in server.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # Without it a port that was in use a minute ago would look taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((server.host, server.port))
        except OSError:
            return False
    return True


def _answers(address: str) -> bool:
    connection = HTTPConnection(address, timeout=_PATIENCE)
    try:
        connection.request("GET", "/api/health")
        # A server with a password says so, and that is an answer too.
        return connection.getresponse().status in (HTTPStatus.OK, HTTPStatus.UNAUTHORIZED)
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
