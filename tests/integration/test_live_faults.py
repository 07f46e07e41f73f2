"""Crashes around a running meeting: nothing that was acknowledged is lost, and it goes on."""

import logging
import os
import random
import shutil
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed

from tests.integration.live_recorder import (
    FRAME,
    PATIENCE,
    RATE,
    Client,
    Recorder,
    decoded,
    sound,
    until,
)
from tests.integration.live_server import LiveServer

pytestmark = pytest.mark.slow

LOGGER = logging.getLogger(__name__)
PER_SECOND = RATE // FRAME  # frames
# Runs a program whose home is a disk of a few megabytes of its own.
SMALL_DISK = ("unshare", "-Urm", "sh", "-c", 'mount -t tmpfs -o size=3m none "$0" && exec "$@"')


def check_sound(path: Path, num_frames: int) -> int:
    """Everything in the file is what was sent, and so many frames are there; samples in it."""
    samples = decoded(path)
    assert len(samples) >= num_frames * FRAME
    assert np.array_equal(samples, sound(0, len(samples)))
    return len(samples)


def words(num_seconds: int) -> list[str]:
    """What the fake recognition hears in so much sound."""
    return [f"w{second}" for second in range(num_seconds)]


def record_until_killed(server: LiveServer, recorder: Recorder, seconds: float) -> None:
    """Four times as fast as people speak, until `kill -9`.

    Never is more than a second on its way: how much a busy machine leaves in the buffers of the
    system says nothing of what the server loses.
    """

    def send() -> None:
        with suppress(ConnectionClosed, OSError):
            while not recorder.is_closed.is_set():
                is_close = recorder.num_sent - recorder.num_safe < PER_SECOND
                recorder.send(int(is_close))
                time.sleep(0.01)

    sender = threading.Thread(target=send)
    sender.start()
    time.sleep(seconds)
    server.kill()
    sender.join()


def test_a_server_killed_at_twenty_moments_loses_less_than_a_second_each_time(
    server: LiveServer,
) -> None:
    moments = random.Random(7)
    recorder = Recorder(server.address)
    meeting, token = recorder.meeting, recorder.token
    lost: list[int] = []
    for _ in range(20):
        record_until_killed(server, recorder, moments.uniform(0.05, 0.6))
        num_there = check_sound(server.sound(meeting), recorder.num_safe)
        lost.append(recorder.num_sent * FRAME - num_there)
        server.start()
        (offer,) = server.ask("/live")
        assert (offer["id"], offer["phase"]) == (meeting, "interrupted")
        before, recorder = recorder, Recorder(server.address, meeting, token)
        # Nothing that was acknowledged is asked for again.
        assert before.num_safe <= recorder.num_safe <= before.num_sent
    times = sorted(samples * 1000 // RATE for samples in lost)
    LOGGER.info("sound that was sent and is not in the file: %s ms", times)
    assert max(times) <= 1000
    recorder.send_until(recorder.num_sent + 3 * PER_SECOND)
    check_sound(server.sound(meeting), recorder.num_safe)
    recorder.end()
    recorder.first("sealed")
    # Words that the recognition had not finished when it died were heard again, none twice.
    assert recorder.final_words() == words(recorder.num_sent // PER_SECOND)
    assert len(server.ask("/meetings")) == 1
    assert server.ask("/live") == []


def test_a_network_cut_of_half_a_minute_loses_nothing(server: LiveServer) -> None:
    recorder = Recorder(server.address)
    viewer = Client(server.address, {"role": "view", "meeting": recorder.meeting})
    recorder.send_until(4 * PER_SECOND)
    recorder.send(20)  # may arrive or not
    recorder.cut()
    viewer.first("recorder", is_connected=False)
    back = Recorder(server.address, recorder.meeting, recorder.token)
    viewer.first("recorder", is_connected=True)
    # Half a minute was recorded meanwhile; it comes at once.
    back.send_until((4 + 30) * PER_SECOND)
    check_sound(server.sound(back.meeting), back.num_safe)
    until(lambda: viewer.final_words() == words(33), "all text")
    assert not viewer.is_closed.is_set()


def test_a_recorder_comes_back_before_the_server_knows_that_it_was_gone(
    server: LiveServer,
) -> None:
    # No packet arrives any more: the old connection stays open without a word.
    silent = Recorder(server.address)
    silent.send_until(PER_SECOND)
    back = Recorder(server.address, silent.meeting, silent.token)
    assert back.num_safe == PER_SECOND
    back.send_until(2 * PER_SECOND)
    check_sound(server.sound(back.meeting), 2 * PER_SECOND)


def test_a_recognition_that_is_killed_stops_no_recording_and_its_text_catches_up(
    server: LiveServer,
) -> None:
    recorder = Recorder(server.address)
    until(server.engine, "the recognition")
    recorder.send_until(5 * PER_SECOND)
    until(lambda: recorder.final_words() == words(3), "text before")
    for _ in range(2):
        engine = server.engine()
        assert engine is not None
        engine.kill()
        recorder.send_until(recorder.num_sent + 4 * PER_SECOND)  # acknowledged all the same
        recorder.first("error", code="recognition", fatal=False)
        until(lambda old=engine: server.engine() not in (None, old), "another recognition")
        seconds = recorder.num_sent // PER_SECOND
        until(lambda s=seconds: recorder.final_words() == words((s - 1) // 3 * 3), "text after")
    recorder.end()
    recorder.first("sealed")
    assert recorder.final_words() == words(13)


def test_a_full_disk_is_told_at_once_and_what_was_written_can_be_read(tmp_path: Path) -> None:
    server = LiveServer(tmp_path / "home")
    server.home.mkdir()
    wrapper = (*SMALL_DISK, str(server.home))
    if (
        shutil.which("unshare") is None
        or subprocess.run([*wrapper, "true"], check=False).returncode
    ):
        pytest.skip("this system makes no small disks for its users")
    server.start(wrapper=wrapper)
    try:
        inside = Path(f"/proc/{server.facts.pid}/root{server.home}")
        ballast = inside / "ballast"
        ballast.write_bytes(bytes(1_000_000))
        recorder = Recorder(server.address)
        with suppress(ConnectionClosed):
            recorder.send(3_000, pause=0.0005)
        error = recorder.first("error", code="disk")
        assert error["fatal"] and "full" in error["message"]
        assert recorder.is_closed.wait(PATIENCE)
        path = inside / "live" / recorder.meeting / "sound.au"
        assert recorder.num_safe > 100
        check_sound(path, recorder.num_safe)
        assert server.ask("/health")["status"] == "ok"
        ballast.unlink()
        back = Recorder(server.address, recorder.meeting, recorder.token)
        assert back.num_safe >= recorder.num_safe
        back.send_until(back.num_sent + 2 * PER_SECOND)
        check_sound(path, back.num_safe)
    finally:
        server.kill()


def test_a_clock_that_jumps_by_a_day_changes_nothing(tmp_path: Path) -> None:
    server = LiveServer(tmp_path / "home")
    server.start("--mad-clock")
    try:
        recorder = Recorder(server.address)
        recorder.send_until(7 * PER_SECOND)
        until(lambda: recorder.final_words() == words(6), "text")
        time.sleep(1.0)  # a few rounds of whatever is done by the clock
        (entry,) = server.ask("/live")
        assert (entry["phase"], entry["position"]) == ("recording", 7.0)
        recorder.tell({"type": "mark", "note": "here"})
        assert recorder.first("marked")["time"] == 7.0
        recorder.end()
        recorder.first("sealed")
        assert recorder.final_words() == words(7)
    finally:
        server.kill()


@pytest.mark.parametrize("seed", range(3))
def test_a_server_killed_while_it_seals_seals_the_meeting_once(
    server: LiveServer, seed: int
) -> None:
    moments = random.Random(seed)
    recorder = Recorder(server.address)
    recorder.send_until(4 * PER_SECOND)
    recorder.tell({"type": "name", "label": "SPEAKER_00", "name": "Ada"})
    recorder.first("named")
    recorder.end()
    recorder.first("sealing")
    for _ in range(2):
        time.sleep(moments.uniform(0.0, 0.5))
        server.kill()
        server.start()
    viewer = Client(server.address, {"role": "view", "meeting": recorder.meeting})
    state = viewer.first("state")
    if state["phase"] != "sealed":
        viewer.first("sealed")
    (found,) = server.ask("/meetings")
    assert found["duration"] == 3.0  # as the fake pipeline has it
    assert server.ask("/live") == []
    assert not server.sound(recorder.meeting).exists()


def test_an_end_that_was_said_is_not_forgotten_by_a_crash(server: LiveServer) -> None:
    recorder = Recorder(server.address)
    recorder.send_until(PER_SECOND)
    recorder.end()
    recorder.first("sealing")
    server.kill()
    server.start()
    late = Client(
        server.address, {"role": "record", "meeting": recorder.meeting, "token": recorder.token}
    )
    assert late.first("error", fatal=True)["code"] == "ended"
    assert late.is_closed.wait(PATIENCE)


def test_half_a_frame_at_the_end_of_the_file_is_cut_off(server: LiveServer) -> None:
    recorder = Recorder(server.address)
    recorder.send_until(PER_SECOND)
    server.kill()
    with server.sound(recorder.meeting).open("ab") as file:
        file.write(os.urandom(777))
    server.start()
    back = Recorder(server.address, recorder.meeting, recorder.token)
    assert back.num_safe == PER_SECOND
    back.send_until(2 * PER_SECOND)
    assert check_sound(server.sound(back.meeting), 2 * PER_SECOND) == 2 * RATE


def test_a_torn_line_of_the_journal_is_ignored(server: LiveServer) -> None:
    recorder = Recorder(server.address)
    recorder.send_until(4 * PER_SECOND)
    recorder.tell({"type": "mark", "note": "kept"})
    recorder.first("marked")
    until(lambda: recorder.final_words() == words(3), "text")
    server.kill()
    journal = server.sound(recorder.meeting).with_name("journal.jsonl")
    with journal.open("a") as file:
        file.write('{"type": "marked", "ti')
    server.start()
    back = Recorder(server.address, recorder.meeting, recorder.token)
    state = back.first("state")
    assert [note for _, note in state["marks"]] == ["kept"]
    assert back.final_words() == words(3)
