"""`live`: sends a recording or a microphone to a server, as the page does, and prints the text."""

import base64
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from meeting_app.cli.context import application, config_path
from meeting_app.errors import ConfigError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from meeting_app.bootstrap import Application
    from meeting_app.domain.live_messages import ServerMessage

_START_WITHIN = 120.0  # seconds for a server that was started here
_ANSWER_WITHIN = 2.0  # seconds for a server that is there


def live(
    ctx: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="Audio or video, played in real time.")
    ] = None,
    device: Annotated[
        str | None, typer.Option(metavar="NAME", help="Microphone, as the system calls it.")
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(help="Server; else that of the settings, started here if none is running."),
    ] = None,
    language: Annotated[
        str | None, typer.Option(metavar="CODE", help="Such as en or zh; else detected.")
    ] = None,
    title: Annotated[str | None, typer.Option(help="Of the meeting.")] = None,
) -> None:
    """Record a meeting while it goes on, print its text, and seal it at the end.

    Ctrl-C ends the meeting; a second one leaves the sealing to the server.
    """
    from meeting_app.cli.live_client import BLOCK, LiveClient
    from meeting_app.domain.live_messages import RecordNew

    if (file is None) == (device is None):
        raise typer.BadParameter("give a FILE, or --device NAME")
    app = application(ctx)
    opened = app.microphone(device, BLOCK) if device else _played(app, file or Path())
    with opened as blocks, _server(app, url, config_path(ctx)) as address:
        hello = RecordNew(title or (file.stem if file else None), language)
        sealed = LiveClient(address, _authorization(app), hello, _Screen()).run(blocks)
    typer.echo(sealed.meeting_id)


@contextmanager
def _played(app: "Application", path: Path) -> "Iterator[Iterator[npt.NDArray[np.int16]]]":
    """The sound of a file at the pace at which it was spoken."""
    import numpy as np

    from meeting_app.cli.live_client import BLOCK
    from meeting_app.domain import SAMPLE_RATE

    def paced() -> "Iterator[npt.NDArray[np.int16]]":
        began = time.monotonic()
        for start in range(0, len(samples), BLOCK):
            block = samples[start : start + BLOCK]
            due = began + (start + len(block)) / SAMPLE_RATE
            time.sleep(max(0.0, due - time.monotonic()))
            yield (np.clip(block, -1.0, 1.0) * 32_767).astype(np.int16)

    with app.sound_of(path) as waveform:
        samples = waveform.samples
        yield paced()


@contextmanager
def _server(app: "Application", url: str | None, config: Path | None) -> Iterator[str]:
    """The address of a running server: a given one, the usual one, or one for the time being."""
    address = (url or app.address).rstrip("/")
    if urlsplit(address).scheme not in ("http", "https"):
        raise ConfigError(f"{address}: not an address; write it like http://127.0.0.1:7860")
    if _is_up(address, app):
        yield address
        return
    if url is not None:
        raise ConfigError(f"{address}: no server answers; start one with `meeting-app serve`")
    shared = () if config is None else ("--config", str(config.resolve()))
    command = (sys.executable, "-m", "meeting_app.cli", *shared, "serve")
    typer.echo(f"starting a server at {address} for this meeting", err=True)
    # In a group of its own, because Ctrl-C here means the end of the meeting, not of the server.
    process = subprocess.Popen(  # noqa: S603 - our own module
        command, stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        deadline = time.monotonic() + _START_WITHIN
        while not _is_up(address, app):
            if process.poll() is not None or time.monotonic() > deadline:
                raise ConfigError(f"{address}: the server did not start; try `meeting-app serve`")
            time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait()


def _is_up(address: str, app: "Application") -> bool:
    request = urllib.request.Request(  # noqa: S310 - http or https, as checked
        f"{address}/api/health", headers=_authorization(app)
    )
    try:
        with urllib.request.urlopen(request, timeout=_ANSWER_WITHIN):  # noqa: S310
            return True
    except urllib.error.HTTPError as error:
        raise ConfigError(f"{address}: refuses ({error}); check password and address") from error
    except OSError:
        return False


def _authorization(app: "Application") -> dict[str, str]:
    server = app.config.server
    if not server.password:
        return {}
    pair = f"{server.username}:{server.password}".encode()
    return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}


class _Screen:
    """Final lines for good; on a terminal also the line that is being spoken."""

    def __init__(self) -> None:
        from meeting_app.live.conversation import Conversation

        self._talk = Conversation()
        self._printed: set[int] = set()
        self._has_partial = False
        self._is_terminal = sys.stdout.isatty()

    def show(self, message: "ServerMessage") -> None:
        """Whatever of it can be seen."""
        from meeting_app.domain import (
            BetterWords,
            FinalWords,
            PartialWords,
            StableWords,
            VoiceNamed,
            VoiceRecognised,
            WordSpeakers,
        )
        from meeting_app.domain.live_messages import LiveRefused, LiveState

        match message:
            case (
                PartialWords()
                | StableWords()
                | BetterWords()
                | FinalWords()
                | WordSpeakers()
                | VoiceNamed()
                | VoiceRecognised()
            ):
                self._talk.apply(message)
                self._draw()
            case LiveState(lines=lines):
                self._talk.lines = {line.id: line for line in lines}
                self._talk.names = dict(message.names)
                self._talk.recognised = dict(message.recognised)
                self._draw()
            case LiveRefused(_, text, _, None):
                self.note(text)
            case _:
                return

    def note(self, text: str) -> None:
        """Something beside the text of the meeting."""
        self._clear()
        typer.echo(text, err=True)

    def _draw(self) -> None:
        self._clear()
        for line in self._talk.in_order():
            if line.is_final and line.id not in self._printed:
                self._printed.add(line.id)
                typer.echo(self._text(line.id))
        last = max(self._talk.lines, default=None)
        if self._is_terminal and last is not None and not self._talk.lines[last].is_final:
            sys.stdout.write(self._text(last)[-_width() :])
            sys.stdout.flush()
            self._has_partial = True

    def _text(self, number: int) -> str:
        from meeting_app.domain import Speaker, join_words
        from meeting_app.formats.outline import clock

        line = self._talk.lines[number]
        start = line.words[0].segment.start if line.words else 0.0
        label = next((label for label in line.speakers if label), None)
        who = "" if label is None else f"{Speaker(label, self._talk.name_of(label)).display_name}: "
        return f"[{clock(start)}] {who}{join_words(line.words)}"

    def _clear(self) -> None:
        if self._has_partial:
            sys.stdout.write("\r\x1b[2K")
            self._has_partial = False


def _width() -> int:
    import shutil

    return shutil.get_terminal_size().columns - 1
