"""The server of running meetings as a process that tests kill, starve and look into."""

import json
import os
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("live_server_to_kill.py")


class LiveServer:
    """Starts, kills and starts again."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.process: subprocess.Popen[str] | None = None
        self.address = ""
        self.said: list[str] = []

    def start(self, *options: str, wrapper: Sequence[str] = ()) -> None:
        """Until it listens; ``wrapper`` is a program that runs it."""
        self.process = subprocess.Popen(
            [*wrapper, sys.executable, str(SCRIPT), str(self.home), *options],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        threading.Thread(target=self._listen, args=(self.process,), daemon=True).start()
        assert self.process.stdout is not None
        with self.process.stdout as output:
            self.address = output.readline().strip()
        assert self.address, "".join(self.said)

    def _listen(self, process: "subprocess.Popen[str]") -> None:
        assert process.stderr is not None
        with process.stderr as output:
            self.said.extend(output)

    @property
    def facts(self) -> psutil.Process:
        """What the system knows of the process."""
        assert self.process is not None
        return psutil.Process(self.process.pid)

    def engine(self) -> psutil.Process | None:
        """The recognition, when there is one."""
        with suppress(psutil.NoSuchProcess):
            return next(iter(self.facts.children()), None)
        return None

    def kill(self) -> None:
        """`kill -9`; what it had started must end by itself."""
        if self.process is not None and self.process.poll() is None:
            children = self.facts.children(recursive=True)
            self.process.kill()
            self.process.wait()
            _, alive = psutil.wait_procs(children, timeout=60)
            for child in alive:
                child.kill()
            assert not alive, "the recognition outlives the server"

    def ask(self, path: str, method: str = "GET") -> Any:
        """REST."""
        request = urllib.request.Request(f"{self.address}/api{path}", method=method)
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(request, timeout=60) as answer:
            content = answer.read()
        return json.loads(content) if content else None

    def sound(self, meeting: str) -> Path:
        """The file of a running recording."""
        return self.home / "live" / meeting / "sound.au"
