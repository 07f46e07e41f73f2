"""A program at work in its own environment: recordings in, documents out."""

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from benchmarks.machine import PeakMemory
from benchmarks.peers.errors import PeerFailedError, PeerUnavailableError

# serve.py refuses connections; with these the libraries do not even try.
OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "PYANNOTE_METRICS_ENABLED": "0",
}
_TIME_TO_END = 10.0  # seconds, after which a worker that has no more input is killed
_SHOWN = 200  # characters of a complaint


class Worker:
    """One process that has its models loaded and hears one recording after another."""

    def __init__(self, name: str, command: Sequence[str | Path]) -> None:
        """Nothing is started yet.

        Args:
            name: of the program, for messages.
            command: speaks the protocol of ``workers/serve.py``.
        """
        self._name = name
        self._command = [str(part) for part in command]
        self._process: subprocess.Popen[str] | None = None
        self._at_exit = ExitStack()

    def __enter__(self) -> Self:
        """Start, and wait until the models are loaded.

        Raises:
            PeerUnavailableError: it ends, or says something else.
        """
        complaints = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")
        self._complaints = self._at_exit.enter_context(complaints)
        self._process = subprocess.Popen(
            self._command,
            env={**os.environ, **OFFLINE},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            encoding="utf-8",
        )
        try:
            greeting = self._read()
            if greeting != {"ready": True}:
                raise PeerFailedError(f"{self._name}: said {greeting} and not that it is ready")
        except PeerFailedError as error:
            self.__exit__(None, None, None)
            raise PeerUnavailableError(f"{error}; it cannot be compared") from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
        self._at_exit.close()

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked."""
        return self._process is not None and self._process.poll() is None

    def hear(self, audio: Path) -> tuple[Mapping[str, Any], int]:
        """What it heard, and the most memory it held meanwhile, in bytes.

        Raises:
            PeerFailedError: it could not; whether it may be asked again, ``is_alive`` says.
        """
        process = self._process
        if process is None or process.stdin is None or not self.is_alive:
            raise PeerFailedError(f"{self._name}: not running; start it first")
        with PeakMemory(process.pid) as memory:
            try:
                process.stdin.write(json.dumps({"audio": str(audio)}) + "\n")
                process.stdin.flush()
            except BrokenPipeError:
                pass  # it has ended, as the missing answer will tell
            document = self._read()
        if "error" in document:
            raise PeerFailedError(f"{self._name}: {audio.name}: {document['error']}")
        return document, memory.num_bytes

    def close(self) -> None:
        """Let it end, or end it."""
        process = self._process
        if process is None:
            return
        try:
            process.communicate(timeout=_TIME_TO_END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()

    def _read(self) -> dict[str, Any]:
        process = self._process
        line = process.stdout.readline() if process is not None and process.stdout else ""
        if not line:
            self.close()
            code = process.returncode if process is not None else None
            raise PeerFailedError(f"{self._name}: ended with code {code}: {self._last_words()}")
        try:
            document = json.loads(line)
        except ValueError:
            document = None
        if not isinstance(document, dict):
            self._kill()  # nobody knows to what its next line will belong
            raise PeerFailedError(f"{self._name}: said {line[:_SHOWN]!r}, which is no answer")
        return document

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()
        self.close()

    def _last_words(self) -> str:
        self._complaints.seek(0)
        lines = self._complaints.read().strip().splitlines()
        return lines[-1][:_SHOWN] if lines else "it did not say why"
