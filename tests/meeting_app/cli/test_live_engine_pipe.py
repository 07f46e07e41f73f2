"""The recognition of running meetings as the server runs it: a process with two pipes."""

import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest

from meeting_app.domain import FinalWords, PartialWords, WordSpeakers
from meeting_app.domain.live_messages import (
    EngineReady,
    Flushed,
    Heard,
    ListenTo,
    SoundGrew,
    StopListening,
)
from meeting_app.formats.live_engine import order_to_line, report_from_line

JFK = Path("../shared/eval/audio/jfk.flac")


def recording(path: Path) -> int:
    """JFK as a server records it; how many samples that are."""
    with av.open(str(JFK)) as container:
        resampler = av.AudioResampler("s16", "mono", 16_000)
        pieces = [
            piece.to_ndarray()[0]
            for frame in container.decode(audio=0)
            for piece in resampler.resample(frame)
        ]
    samples = np.concatenate(pieces)
    header = b".snd" + np.array([24, 0xFFFFFFFF, 3, 16_000, 1], ">u4").tobytes()
    path.write_bytes(header + samples.astype(">i2").tobytes())
    return len(samples)


@pytest.mark.model
@pytest.mark.skipif(not JFK.exists(), reason="no evaluation data")
def test_a_recording_is_followed_to_its_end_and_the_process_ends_with_its_input(
    tmp_path: Path,
) -> None:
    path = tmp_path / "sound.au"
    num_samples = recording(path)
    command = [sys.executable, "-m", "meeting_app.cli", "live-engine"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as engine:
        assert engine.stdin is not None
        assert engine.stdout is not None
        assert isinstance(report_from_line(engine.stdout.readline()), EngineReady)
        for order in (
            "nonsense",
            order_to_line(ListenTo("m", str(path), "en", 0, 4)),
            order_to_line(SoundGrew("m", num_samples)),
            order_to_line(StopListening("m")),
        ):
            engine.stdin.write(order + "\n")
        engine.stdin.flush()
        updates = []
        while (report := report_from_line(engine.stdout.readline())) != Flushed("m"):
            assert isinstance(report, Heard)
            updates.append(report.update)
        engine.stdin.close()
        assert engine.wait(timeout=60) == 0
    finals = [each for each in updates if isinstance(each, FinalWords)]
    assert finals[0].line == 4
    text = " ".join(word.text for final in finals for word in final.words).lower()
    assert "what you can do for your country" in text
    assert any(isinstance(each, PartialWords) for each in updates)
    assert any(isinstance(each, WordSpeakers) for each in updates)
