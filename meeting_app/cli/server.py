"""`serve` and `worker`: the web page, and the process beside it that does the work."""

import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from meeting_app.cli.context import application, config_path
from meeting_app.cli.models import pull_models
from meeting_app.errors import ConfigError
from meeting_app.processes import ChildProcess

if TYPE_CHECKING:
    from meeting_app.bootstrap import Application
    from meeting_app.config import ServerConfig
    from meeting_app.live.service import LiveService

_LONGEST_MESSAGE = 262_144  # bytes on a socket; up to here a program is told what is wrong


def serve(
    ctx: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address to listen on; see settings.")] = None,
    port: Annotated[int | None, typer.Option(help="TCP port; 0 takes a free one.")] = None,
    no_live: Annotated[
        bool, typer.Option("--no-live", help="Do not record meetings that are going on.")
    ] = False,
) -> None:
    """Open the library in the browser and work through its queue, until Ctrl-C."""
    from meeting_app.bootstrap import Application
    from meeting_app.config import override

    config = application(ctx).config
    for key, value in (("server.host", host), ("server.port", port)):
        config = config if value is None else override(config, key, value)
    # Before the models: nobody should wait for them to hear that the port is taken.
    with listening(config.server) as listener:
        app = Application(override(config, "server.port", listener.getsockname()[1]))
        pull_models(app, app.models_for(None) + (() if no_live else app.live_models))
        own = config_path(ctx)
        with ExitStack() as running:
            running.enter_context(workers(_worker_command(own), app.worker_environments))
            live = None
            if not no_live:
                live = running.enter_context(app.live(_command(own, "live-engine")))
            _run_server(app, live, listener)


def worker(
    ctx: typer.Context,
    until_stdin_closes: Annotated[
        bool, typer.Option(hidden=True, help="Stop when the process that started it is gone.")
    ] = False,
) -> None:
    """Work through the queue without a page, on every chosen GPU, until SIGTERM or Ctrl-C."""
    should_stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: should_stop.set())
    if until_stdin_closes:
        # Ctrl-C reaches every process of a terminal; the server decides when its worker ends.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        threading.Thread(target=_await_end_of_input, args=(should_stop.set,), daemon=True).start()
    app = application(ctx)
    pull_models(app, app.models_for(None))
    # One that was started for a device leaves the others alone.
    environments = ({},) if until_stdin_closes else app.worker_environments
    if any(environments):
        with workers(_worker_command(config_path(ctx)), environments):
            should_stop.wait()
    else:
        app.worker().run_forever(should_stop.is_set)


def _await_end_of_input(then: Callable[[], None]) -> None:
    while sys.stdin.buffer.read(1):
        pass
    then()


def _worker_command(config: Path | None) -> tuple[str, ...]:
    return _command(config, "worker", "--until-stdin-closes")


def _command(config: Path | None, *arguments: str) -> tuple[str, ...]:
    """How to run another command of this program beside this one."""
    shared = () if config is None else ("--config", str(config.resolve()))
    return (sys.executable, "-m", "meeting_app.cli", *shared, *arguments)


def listening(server: "ServerConfig") -> socket.socket:
    """A socket that takes connections for the server.

    Raises:
        ConfigError: the address is taken, or not this machine's.
    """
    family = socket.AF_INET6 if ":" in server.host else socket.AF_INET
    try:
        listener = socket.create_server((server.host, server.port), family=family)
    except OSError as error:
        raise ConfigError(
            f"{server.host}:{server.port}: cannot listen there ({error.strerror}); another "
            "program may use it; choose another --port"
        ) from error
    # Connections have it from here. Without it each word waits until the next sound has come,
    # because the receiver does not confirm the word before (Nagle's algorithm, RFC 896).
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _run_server(app: "Application", live: "LiveService | None", listener: socket.socket) -> None:
    import uvicorn

    from meeting_app.api.app import create_app
    from ui.app import mount

    web = mount(create_app(app.service, app.config.server, live), app.service)
    typer.echo(f"Open {app.address} in your browser; Ctrl-C ends the server.")
    config = uvicorn.Config(
        web,
        log_level="warning",
        ws_max_size=_LONGEST_MESSAGE,
        ws_per_message_deflate=False,  # sound does not shrink, and events are small
    )
    uvicorn.Server(config).run(sockets=[listener])


@contextmanager
def workers(
    command: Sequence[str], environments: Sequence[Mapping[str, str]]
) -> Iterator[tuple[ChildProcess, ...]]:
    """A worker for each environment; the queue gives each the next job when it is free."""
    with ExitStack() as stack:
        yield tuple(
            stack.enter_context(ChildProcess(command, environment=environment))
            for environment in environments
        )
