"""Processes beside the server: started again when they die, ended with it."""

import os
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0  # seconds before one that died is started again
_LONG_LIFE = 60.0  # seconds; one that lived longer did not die of its start
_PATIENCE = 10.0  # seconds that one has to end by itself


def ignore(process: "subprocess.Popen[bytes]") -> None:
    """For children with whom nobody talks."""


class ChildProcess:
    """A process that lives as long as this one; it must end when its standard input closes."""

    def __init__(
        self,
        command: Sequence[str],
        first_pause: float = _FIRST_PAUSE,
        clock: Callable[[], float] = time.monotonic,
        on_start: Callable[["subprocess.Popen[bytes]"], None] = ignore,
        *,
        environment: Mapping[str, str] | None = None,
        reads_output: bool = False,
    ) -> None:
        """Starts nothing yet.

        Args:
            command: program and arguments.
            first_pause: seconds before it is started again; later ones grow.
            clock: seconds, monotonic.
            on_start: called with every new process; it must not wait.
            environment: set beside what this process has.
            reads_output: whether ``on_start`` wants its standard output.
        """
        self._command = tuple(command)
        self._first_pause = first_pause
        self._clock = clock
        self._on_start = on_start
        self._environment = {**os.environ, **(environment or {})}
        self._output = subprocess.PIPE if reads_output else None
        self._is_over = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._supervise, name="supervisor", daemon=True)

    @property
    def pid(self) -> int | None:
        """Of the present process; None before the first."""
        return None if self._process is None else self._process.pid

    def __enter__(self) -> "ChildProcess":
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def start(self) -> None:
        """Starts the process and begins to watch over it."""
        self._process = self._born()
        self._thread.start()

    def stop(self) -> None:
        """Lets the process end; kills one that does not."""
        self._is_over.set()
        if self._process is None:
            return
        self._thread.join()
        _close(self._process)
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _born(self) -> "subprocess.Popen[bytes]":
        # Its standard input is closed with this process, however that ends.
        process = subprocess.Popen(  # noqa: S603 - our own module
            self._command, stdin=subprocess.PIPE, stdout=self._output, env=self._environment
        )
        self._on_start(process)
        return process

    def _supervise(self) -> None:
        pause, started = self._first_pause, self._clock()
        while not self._is_over.wait(min(self._first_pause, 0.5)):
            if self._process is None or self._process.poll() is None:
                continue
            if self._clock() - started > _LONG_LIFE:
                pause = self._first_pause
            if self._is_over.wait(pause):
                return
            pause = min(2 * pause, _LONGEST_PAUSE)
            _close(self._process)
            self._process, started = self._born(), self._clock()


def _close(process: "subprocess.Popen[bytes]") -> None:
    """Closes the standard input, even when what was written to it has no reader any more."""
    if process.stdin is not None:
        try:
            process.stdin.close()
        except OSError:
            process.stdin = None
