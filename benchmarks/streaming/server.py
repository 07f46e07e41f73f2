"""The real server in a process of its own, with an empty library."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil  # type: ignore[import-untyped]  # ships no types

from meeting_app.errors import MeetingAppError

_ADDRESS = re.compile(r"http://\S+")
_PATIENCE = 300.0  # seconds to start; a first start may fetch models
_GOODBYE = 30.0  # seconds to end
_KEPT_LINES = 40


class ServerProcess:
    """`meeting-app serve` on a free port, until the end of ``with``."""

    def __init__(
        self,
        home: Path,
        arguments: Sequence[str] = (),
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        """``arguments`` go before the command, as ``--config FILE`` does."""
        self.home = home
        self._command = (
            *(sys.executable, "-m", "meeting_app.cli", *arguments),
            *("serve", "--port", "0"),
        )
        self._environ = {**environ, "MEETING_APP_HOME": str(home), "PYTHONUNBUFFERED": "1"}
        self._said: deque[str] = deque(maxlen=_KEPT_LINES)
        self._has_address = threading.Event()
        self.address = ""  # http://…
        self.process: subprocess.Popen[str]

    @property
    def pid(self) -> int:
        """Of the server; the worker and the engine are its children."""
        return self.process.pid

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            self._command,
            env=self._environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._listen, daemon=True).start()
        if not self._has_address.wait(_PATIENCE) or not self.address:
            self.stop()
            raise MeetingAppError(
                f"the server did not start; it said: {self.said[-2000:]!r}; "
                "try `meeting-app serve` by hand"
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def said(self) -> str:
        """The last lines of its output."""
        return "".join(self._said)

    def stop(self) -> None:
        """As Ctrl-C does; what does not end in time is killed, its children too."""
        family = self._family()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(_GOODBYE)
        for member in family:
            with suppress(psutil.NoSuchProcess):
                member.kill()
        self.process.wait()

    def cpu_seconds(self) -> dict[str, float]:
        """Processor time so far of each process, by what it does."""
        spent: dict[str, float] = {}
        for member in self._family():
            with suppress(psutil.NoSuchProcess):
                times, name = member.cpu_times(), _role(member.cmdline())
                spent[name] = spent.get(name, 0.0) + times.user + times.system
        return spent

    def _family(self) -> list[psutil.Process]:
        with suppress(psutil.NoSuchProcess):
            parent = psutil.Process(self.process.pid)
            return [parent, *parent.children(recursive=True)]
        return []

    def _listen(self) -> None:
        if self.process.stdout is not None:
            with self.process.stdout as output:
                for line in output:
                    self._note(line)
        self._has_address.set()

    def _note(self, line: str) -> None:
        self._said.append(line)
        found = _ADDRESS.search(line)
        if found is not None and not self._has_address.is_set():
            self.address = found.group().rstrip("/")
            self._has_address.set()


def _role(command: Sequence[str]) -> str:
    for name in ("live-engine", "worker", "serve"):
        if name in command:
            return name
    return "other"
