"""The program as it is shipped, killed while it listens with its real models."""

import shutil
from pathlib import Path

import psutil
import pytest

from benchmarks.streaming.server import ServerProcess
from tests.integration.live_recorder import FRAME, RATE, Recorder, decoded, sound, until

pytestmark = [pytest.mark.model, pytest.mark.slow]


def test_a_killed_program_leaves_a_playable_recording_and_no_process(tmp_path: Path) -> None:
    with ServerProcess(tmp_path) as server:
        recorder = Recorder(server.address)
        recorder.send_until(4 * RATE // FRAME)
        # The networks have listened; on a busy machine loading them takes long.
        until(lambda: recorder.all("voices"), "voices", patience=240)
        family = psutil.Process(server.pid).children(recursive=True)
        server.process.kill()
        server.process.wait()
        kept = decoded(tmp_path / "live" / recorder.meeting / "sound.au")
        assert len(kept) >= recorder.num_safe * FRAME
        assert (kept == sound(0, len(kept))).all()
        # What had the models ends when nobody gives it orders any more.
        engines = [each for each in family if is_engine(each)]
        assert engines
        assert not psutil.wait_procs(engines, timeout=60)[1]
    shutil.rmtree(tmp_path, ignore_errors=True)


def is_engine(process: psutil.Process) -> bool:
    """Whether it recognises running meetings; one that is gone was."""
    try:
        return "live-engine" in process.cmdline()
    except psutil.NoSuchProcess:
        return True
