"""Time and memory on long recordings: do they grow with the length, and how?

    python -m benchmarks.long DATA [--hours 0.25 1 4] [--only NAME …] [--plot FILE.svg]

The recordings of DATA are joined, again and again, until the sound is as long as asked. Speech and
speakers of each length are looked for in a process of its own. The last line on stdout is a
JSON list of {hours, seconds, decide_seconds, rtfx, peak_memory_mb, speakers}; ``decide_seconds``
is the part without networks: clustering, assignment and the decision per frame.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from benchmarks.corpora import Recording, read_corpus
from benchmarks.machine import PeakMemory, describe_machine, git_commit
from benchmarks.networks import networks_of
from benchmarks.run import chosen
from meeting_app.bootstrap import Application
from meeting_app.config import load_config
from meeting_app.domain import SAMPLE_RATE, SpeakerCount, Waveform
from meeting_app.errors import MeetingAppError
from pipelines.audio import decode_media
from pipelines.diarization.decision import decide


@dataclass(frozen=True, slots=True)
class Measured:
    """What one length took."""

    hours: float
    seconds: float  # of work, decoding left out
    decide_seconds: float
    rtfx: float
    peak_memory_mb: int  # of the process, 10⁶ bytes
    speakers: int


def joined(corpus: Sequence[Recording], seconds: float, path: Path) -> Waveform:
    """The recordings one after the other, from the first again after the last, in a file.

    Raises:
        MediaError: a recording cannot be decoded.
    """
    missing = round(seconds * SAMPLE_RATE)
    with path.open("wb") as file:
        while missing > 0:
            for recording in corpus:
                part = path.with_suffix(".part")
                sound = decode_media(recording.audio, part, recording.audio.name).samples[:missing]
                file.write(np.asarray(sound, dtype=np.float32).tobytes())
                missing -= len(sound)
    return Waveform(np.memmap(path, dtype=np.float32, mode="r"))


def measure(data: Path, names: Sequence[str], hours: float) -> Measured:
    """Speech and speakers of recordings joined to one; for a process of its own.

    Memory that an earlier length has left behind would count for a later one.

    Raises:
        MeetingAppError: a recording or a model cannot be had.
    """
    app = Application(load_config(None))
    detector, diarizer = networks_of(app)
    with tempfile.TemporaryDirectory() as folder:
        corpus = chosen(read_corpus(data), names)
        waveform = joined(corpus, hours * 3600, Path(folder) / "sound")
        with PeakMemory() as memory:
            began = time.perf_counter()
            speech = detector(waveform, lambda _: waveform.release())
            heard = diarizer.listen(waveform, lambda _: waveform.release())
            listened = time.perf_counter()
            found = decide(heard, speech, SpeakerCount(), app.config.diarization)
            ended = time.perf_counter()
    return Measured(
        hours=round(waveform.duration / 3600, 3),
        seconds=round(ended - began, 1),
        decide_seconds=round(ended - listened, 2),
        rtfx=round(waveform.duration / (ended - began), 1),
        peak_memory_mb=round(memory.num_bytes / 1e6),
        speakers=len(found.labels()),
    )


def plot(measured: Sequence[Measured], path: Path) -> None:
    """Minutes of work and peak memory against hours of sound."""
    figure = Figure(figsize=(8, 3.2), layout="constrained")
    time_axes, memory_axes = figure.subplots(1, 2)
    hours = [one.hours for one in measured]
    time_axes.plot(hours, [one.seconds / 60 for one in measured], marker="o")
    time_axes.set(xlabel="hours of sound", ylabel="minutes of work", ylim=(0, None))
    memory_axes.plot(hours, [one.peak_memory_mb / 1000 for one in measured], marker="o")
    memory_axes.set(xlabel="hours of sound", ylabel="peak memory (GB)", ylim=(0, None))
    for axes in (time_axes, memory_axes):
        axes.grid(visible=True, alpha=0.3)
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path, help="folder of recordings and references")
    parser.add_argument("--hours", type=float, nargs="+", default=[0.25, 1.0, 4.0])
    parser.add_argument(
        "--only", action="append", default=[], help="recordings with this in their name; repeatable"
    )
    parser.add_argument("--plot", type=Path, default=None, help="where to draw it")
    options = parser.parse_args()
    if min(options.hours) <= 0:
        parser.error(f"--hours {min(options.hours):g}: give more than 0")
    return options


def main() -> int:
    """Measure the lengths of the command line."""
    options = _options()
    try:
        measured = []
        for hours in sorted(options.hours):
            with ProcessPoolExecutor(1, get_context("spawn")) as pool:
                task = pool.submit(measure, options.data, options.only, hours)
                measured.append(task.result())
            print(json.dumps(asdict(measured[-1])), file=sys.stderr, flush=True)
        if options.plot is not None:
            plot(measured, options.plot)
    except (MeetingAppError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{describe_machine()}; commit {git_commit()}", file=sys.stderr)
    print(json.dumps([asdict(one) for one in measured]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
