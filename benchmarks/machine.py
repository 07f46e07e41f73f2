"""Where a figure comes from: machine, version, memory."""

import os
import platform
import shutil
import subprocess
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil  # type: ignore[import-untyped]  # ships no types

_SAMPLE_EVERY = 0.05  # seconds
_ROOT = Path(__file__).resolve().parents[1]


def describe_machine() -> str:
    """Processor, cores that may be used, memory, GPU, system; for people."""
    memory = psutil.virtual_memory().total / 2**30
    facts = [_processor(), f"{_num_cores()} cores", f"{memory:.0f} GiB", _gpu(), platform.system()]
    return ", ".join(fact for fact in facts if fact)


def git_commit() -> str:
    """The short hash of what is checked out, with ``+`` when files differ; "" outside git."""
    commit = _said_by("git", "-C", str(_ROOT), "rev-parse", "--short", "HEAD")
    # A file of results that grows while it is written does not change the program.
    changed = _said_by(
        *("git", "-C", str(_ROOT), "status", "--porcelain", "--", ".", ":!benchmarks/results")
    )
    return f"{commit}+" if commit and changed else commit


class PeakMemory:
    """The most memory that a process and those it started held while inside ``with``."""

    def __init__(self, pid: int | None = None) -> None:
        """None watches this process."""
        self.num_bytes = 0  # resident, summed over the tree
        self._pid = pid
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._look()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()
        self._look()

    def _watch(self) -> None:
        while not self._stop.wait(_SAMPLE_EVERY):
            self._look()

    def _look(self) -> None:
        total = 0
        with suppress(psutil.NoSuchProcess):  # it may end while it is looked at
            process = psutil.Process(self._pid)
            for member in (process, *process.children(recursive=True)):
                with suppress(psutil.NoSuchProcess):
                    total += member.memory_info().rss
        self.num_bytes = max(self.num_bytes, total)


def _processor() -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _num_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _gpu() -> str:
    names = _said_by("nvidia-smi", "--query-gpu=name", "--format=csv,noheader").splitlines()
    return names[0] if names else ""


def _said_by(program: str, *arguments: str) -> str:
    path = shutil.which(program)
    if path is None:
        return ""
    ended = subprocess.run([path, *arguments], capture_output=True, text=True, check=False)
    return ended.stdout.strip() if ended.returncode == 0 else ""
