"""Recordings played through a running server, several at once."""

import asyncio
import itertools
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.corpora import Recording
from benchmarks.machine import PeakMemory
from benchmarks.streaming.captions import read_captions
from benchmarks.streaming.client import SILENCE, Heard, Recorder, Samples
from benchmarks.streaming.figures import LiveScore, Load, Played, score_live
from benchmarks.streaming.reference import cropped, quiet_moment
from benchmarks.streaming.server import ServerProcess
from meeting_app.domain import SAMPLE_RATE, Meeting
from meeting_app.errors import MeetingAppError
from meeting_app.formats.json import meeting_from_json
from pipelines.audio import decode_media

_WARM_UP = 12.0  # seconds of the first recording
_WARM_UPS = 10  # at most, until there is text
_STAGGER = 0.31  # seconds between the beginnings of sessions
_FULL_SCALE = 32768.0


# Plays all tracks at once; calls its last argument when the last sample was played.
Player = Callable[["ServerProcess", Sequence["Track"], Callable[[], None]], Sequence[Played]]


@dataclass(frozen=True, slots=True)
class Track:
    """A recording ready to be played, and what is right about the part that is."""

    recording: Recording
    samples: Samples  # (num_samples,) int16, 16 kHz, without the silence after it

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.samples) / SAMPLE_RATE


def load_track(recording: Recording, limit: float | None = None) -> Track:
    """The recording, or what of it ends before ``limit`` without cutting speech.

    Raises:
        MediaError: it cannot be decoded.
    """
    with tempfile.TemporaryDirectory() as folder:
        sound = decode_media(recording.audio, Path(folder) / "sound", recording.audio.name)
        scaled = np.round(np.asarray(sound.samples) * _FULL_SCALE)
    samples = np.clip(scaled, -_FULL_SCALE, _FULL_SCALE - 1).astype(np.int16)
    duration = len(samples) / SAMPLE_RATE
    if limit is None or duration <= limit:
        return Track(recording, samples)
    end = quiet_moment(recording.speech, limit)
    return Track(cropped(recording, end), samples[: round(end * SAMPLE_RATE)])


def rounds(tracks: Sequence[Track], num_sessions: int) -> Iterator[tuple[Track, ...]]:
    """So many at a time until each was played; the last round is filled up from the front."""
    num_rounds = -(-len(tracks) // num_sessions)
    endless = itertools.cycle(tracks)
    for _ in range(num_rounds):
        yield tuple(itertools.islice(endless, num_sessions))


def warm_up(server: ServerProcess, track: Track) -> None:
    """Play a little until there is text and a seal: models are loaded, code is in memory.

    Raises:
        MeetingAppError: there is never any text.
    """
    start = int(min((item.segment.start for item in track.recording.speech), default=0.0))
    begin = start * SAMPLE_RATE
    little = track.samples[begin : begin + round(_WARM_UP * SAMPLE_RATE)]
    for _ in range(_WARM_UPS):
        (heard,) = asyncio.run(_play(server.address, [Track(track.recording, little)], _ignore))
        if read_captions(heard.arrivals).displays:
            return
    raise MeetingAppError(
        f"{track.recording.name}: no text after {_WARM_UPS} tries; the server said: "
        f"{server.said[-2000:]!r}"
    )


def play_round(
    server: ServerProcess, tracks: Sequence[Track], play: Player
) -> tuple[tuple[LiveScore, ...], Load]:
    """All tracks at once, each in a session of its own; scores in their order.

    Raises:
        MeetingAppError: a session failed.
    """
    with PeakMemory(server.pid) as memory:
        load = Load(len(tracks))
        before, began = server.cpu_seconds(), time.perf_counter()

        def note_load() -> None:
            nonlocal load
            wall, after = time.perf_counter() - began, server.cpu_seconds()
            cores = {name: (spent - before.get(name, 0.0)) / wall for name, spent in after.items()}
            load = replace(load, live_memory=memory.num_bytes, cores=cores)

        played = play(server, tracks, note_load)
    scores = tuple(
        score_live(track.recording, one) for track, one in zip(tracks, played, strict=True)
    )
    return scores, replace(load, peak_memory=memory.num_bytes)


def play_over_socket(
    server: ServerProcess, tracks: Sequence[Track], when_played: Callable[[], None]
) -> tuple[Played, ...]:
    """A `Player` that is a program of its own.

    Raises:
        MeetingAppError: a session failed.
    """
    heard = asyncio.run(_play(server.address, tracks, when_played))
    return tuple(
        _played(server.address, track, one) for track, one in zip(tracks, heard, strict=True)
    )


async def _play(
    address: str, tracks: Sequence[Track], when_played: Callable[[], None]
) -> list[Heard]:
    barrier = asyncio.Barrier(len(tracks))

    async def until_all_played() -> None:
        if await barrier.wait() == 0:
            when_played()
        await barrier.wait()

    async def record(number: int, track: Track) -> Heard:
        # People do not begin in the same millisecond.
        await asyncio.sleep(number * _STAGGER)
        silence = np.zeros(round(SILENCE * SAMPLE_RATE), dtype=np.int16)
        recorder = Recorder(address, f"{track.recording.name} {number}")
        return await recorder.record(np.concatenate([track.samples, silence]), until_all_played)

    return await asyncio.gather(*(record(n, track) for n, track in enumerate(tracks)))


def _ignore() -> None:
    """Nobody wants to know how much the warm-up takes."""


def _played(address: str, track: Track, heard: Heard) -> Played:
    return Played(
        captions=read_captions(heard.arrivals),
        acks=tuple(heard.acks),
        duration=track.duration,
        sealed=fetch_meeting(address, heard.sealed),
    )


def fetch_meeting(address: str, meeting: str) -> Meeting:
    """A meeting of the library.

    Raises:
        OSError: the server does not answer or has no such meeting.
    """
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(f"{address}/api/meetings/{meeting}", timeout=60) as answer:
        return meeting_from_json(answer.read().decode())
