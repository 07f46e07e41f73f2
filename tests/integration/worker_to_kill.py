"""A worker process with slow fake stages: `python worker_to_kill.py HOME NOTES [STAGE]`.

Runs jobs until none is left, and appends what it does to NOTES. In STAGE it gets stuck.
"""

import os
import sys
import time
from pathlib import Path

from meeting_app.config import JobsConfig
from meeting_app.jobs import Worker
from storage.repository import Media, Repository
from tests.fakes_jobs import Stages

CONFIG = JobsConfig(lease=0.5, poll=0.05, max_attempts=100)
PAUSE = 0.02  # seconds per step; five steps a stage
FOREVER = 3600.0  # seconds


def main(home: Path, notes: Path, stuck_in: str | None) -> None:
    """Sees every job of the library through."""
    descriptor = os.open(notes, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    stages = Stages(PAUSE)

    def note(line: str) -> None:
        os.write(descriptor, f"{line}\n".encode())
        stages.pause = FOREVER if line == f"begin {stuck_in}" else PAUSE

    stages.note = note
    repository = Repository.open(home)
    worker = Worker(
        repository,
        Media(home),
        stages.decode,
        stages.encode_playback,
        stages.write_peaks,
        stages.pipeline,
        CONFIG,
    )
    worker.sweep()
    while repository.jobs(only_active=True):
        if worker.run_next() is None:
            time.sleep(CONFIG.poll)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else None)
