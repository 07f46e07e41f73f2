"""A meeting of hours on a clock that runs faster than the wall's: does it get slower or bigger?

Client, socket, server and recognition are the same as always; only the sound comes so much faster.
Latencies are those of the wall. A constant delay is no matter here: what counts is whether it,
or the memory, grows with the meeting. The meeting is not sealed.
"""

import asyncio
import itertools
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import psutil  # type: ignore[import-untyped]  # ships no types
from pyannote.core import Segment, Timeline

from benchmarks.corpora import Passage, Recording, ReferenceWords, Timing
from benchmarks.machine import PeakMemory
from benchmarks.streaming.captions import read_captions
from benchmarks.streaming.client import FRAME, SILENCE, Recorder, Samples
from benchmarks.streaming.figures import LiveScore, Load, Played, score_live
from benchmarks.streaming.latencies import median_slope
from benchmarks.streaming.playing import Track
from benchmarks.streaming.server import ServerProcess
from meeting_app.domain import SAMPLE_RATE
from meeting_app.errors import FormatError

_EVERY = 60.0  # seconds of sound between looks at the memory
_SETTLING = 600.0  # seconds of sound after which the memory should not grow any more
_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class MemorySample:
    """What the server and its processes held at some moment."""

    at: float  # seconds of sound
    num_bytes: int


def joined(tracks: Sequence[Track], duration: float) -> Track:
    """The tracks one after the other, from the first again after the last; words only.

    Raises:
        FormatError: none of them has a time for each word.
    """
    timed = [
        track
        for track in tracks
        if track.recording.words is not None and track.recording.words.timing is Timing.WORD
    ]
    if not timed:
        raise FormatError("no recording has a time for each word; choose one with .words.tsv")
    silence = np.zeros(round(SILENCE * SAMPLE_RATE), np.int16)
    pieces: list[Samples] = []
    passages: list[Passage] = []
    at = 0.0
    for track in itertools.cycle(timed):
        if at >= duration:
            break
        if track.recording.words is not None:
            passages += [_moved(passage, at) for passage in track.recording.words.passages]
        pieces += [track.samples, silence]
        at += (len(track.samples) + len(silence)) / SAMPLE_RATE
    words = ReferenceWords(Timing.WORD, tuple(passages))
    scored = Timeline([Segment(0.0, at)])
    return Track(Recording("joined", Path("joined"), (), scored, words), np.concatenate(pieces))


def _moved(passage: Passage, offset: float) -> Passage:
    segment = Segment(passage.segment.start + offset, passage.segment.end + offset)
    return replace(passage, segment=segment)


def memory_slope(samples: Sequence[MemorySample]) -> float | None:
    """Bytes per hour of sound, the beginning left out; None when too little is left."""
    late = [sample for sample in samples if sample.at >= _SETTLING]
    if len(late) < 2:
        return None
    return median_slope([s.at for s in late], [float(s.num_bytes) for s in late]) * _HOUR


def play_long(server: ServerProcess, track: Track, speed: float) -> tuple[LiveScore, Load]:
    """Plays the track so much faster than it is; what it showed, and what it took.

    Raises:
        MeetingAppError: the session failed.
    """
    memory: list[MemorySample] = []
    is_over = threading.Event()
    began = time.perf_counter()

    def watch() -> None:
        while not is_over.wait(_EVERY / speed):
            at = (time.perf_counter() - began) * speed
            memory.append(MemorySample(at, _held_by(server.pid)))

    watching = threading.Thread(target=watch, daemon=True)
    before = server.cpu_seconds()
    with PeakMemory(server.pid) as peak:
        watching.start()
        recorder = Recorder(server.address, track.recording.name, speed)
        # Nobody who waits for the last line here: its silence is played, too.
        heard = asyncio.run(recorder.play(_whole_frames(track.samples)))
        is_over.set()
        watching.join()
    wall, after = time.perf_counter() - began, server.cpu_seconds()
    played = Played(read_captions(heard.arrivals), tuple(heard.acks), track.duration, None, speed)
    cores = {name: (spent - before.get(name, 0.0)) / wall for name, spent in after.items()}
    load = Load(1, peak.num_bytes, peak.num_bytes, memory_slope(memory), cores)
    return score_live(track.recording, played), load


def _whole_frames(samples: Samples) -> Samples:
    return samples[: len(samples) // FRAME * FRAME]


def _held_by(pid: int) -> int:
    total = 0
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        for member in (process, *process.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                total += member.memory_info().rss
    return total
