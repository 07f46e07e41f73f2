"""`serve` and `worker`: the web page, and the process beside it that does the work."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from meeting_app.cli.context import application, config_path
from meeting_app.cli.models import pull_models
from meeting_app.errors import ConfigError

if TYPE_CHECKING:
    from meeting_app.bootstrap import Application
    from meeting_app.config import ServerConfig

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0  # seconds before a worker that died is started again
_LONG_LIFE = 60.0  # seconds; one that lived longer did not die of its start
_PATIENCE = 10.0  # seconds that a worker has to give its job back


def serve(
    ctx: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address to listen on; see settings.")] = None,
    port: Annotated[int | None, typer.Option(help="TCP port; 0 takes a free one.")] = None,
) -> None:
    """Open the library in the browser and work through its queue, until Ctrl-C."""
    from meeting_app.bootstrap import Application
    from meeting_app.config import override

    config = application(ctx).config
    for key, value in (("server.host", host), ("server.port", port)):
        config = config if value is None else override(config, key, value)
    # Before the models: nobody should wait for them to hear that the port is taken.
    with _listener(config.server) as listener:
        app = Application(override(config, "server.port", listener.getsockname()[1]))
        pull_models(app, app.models_for(None))
        with workers(_worker_command(config_path(ctx)), app.worker_environments):
            _run_server(app, listener)


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
    shared = () if config is None else ("--config", str(config.resolve()))
    return (sys.executable, "-m", "meeting_app.cli", *shared, "worker", "--until-stdin-closes")


def _listener(server: "ServerConfig") -> socket.socket:
    family = socket.AF_INET6 if ":" in server.host else socket.AF_INET
    try:
        return socket.create_server((server.host, server.port), family=family)
    except OSError as error:
        raise ConfigError(
            f"{server.host}:{server.port}: cannot listen there ({error.strerror}); another "
            "program may use it; choose another --port"
        ) from error


def _run_server(app: "Application", listener: socket.socket) -> None:
    import uvicorn

    from meeting_app.api.app import create_app
    from ui.app import mount

    web = mount(create_app(app.service, app.config.server), app.service)
    typer.echo(f"Open {app.address} in your browser; Ctrl-C ends the server.")
    uvicorn.Server(uvicorn.Config(web, log_level="warning")).run(sockets=[listener])


@contextmanager
def workers(
    command: Sequence[str], environments: Sequence[Mapping[str, str]]
) -> Iterator[tuple["WorkerProcess", ...]]:
    """A worker for each environment; the queue gives each the next job when it is free."""
    with ExitStack() as stack:
        yield tuple(
            stack.enter_context(WorkerProcess(command, environment=environment))
            for environment in environments
        )


class WorkerProcess:
    """A worker beside the server: started again when it dies, ended with the server."""

    def __init__(
        self,
        command: Sequence[str],
        first_pause: float = _FIRST_PAUSE,
        clock: Callable[[], float] = time.monotonic,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Starts the worker; ``environment`` is set beside what this process has."""
        self._command = tuple(command)
        self._environment = {**os.environ, **(environment or {})}
        self._first_pause = first_pause
        self._clock = clock
        self._is_over = threading.Event()
        self._process = self._start()
        self._thread = threading.Thread(target=self._supervise, name="supervisor", daemon=True)

    @property
    def pid(self) -> int:
        """Of the present worker."""
        return self._process.pid

    def __enter__(self) -> "WorkerProcess":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        """Asks the worker to give its job back and end; kills one that does not."""
        self._is_over.set()
        self._thread.join()
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        # Its standard input is closed with this process, however that ends.
        return subprocess.Popen(  # noqa: S603 - our own module
            self._command, stdin=subprocess.PIPE, env=self._environment
        )

    def _supervise(self) -> None:
        pause, started = self._first_pause, self._clock()
        while not self._is_over.wait(min(self._first_pause, 0.5)):
            if self._process.poll() is None:
                continue
            if self._clock() - started > _LONG_LIFE:
                pause = self._first_pause
            if self._is_over.wait(pause):
                return
            pause = min(2 * pause, _LONGEST_PAUSE)
            if self._process.stdin is not None:
                self._process.stdin.close()
            self._process, started = self._start(), self._clock()
