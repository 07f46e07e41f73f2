"""The same through the page: Chromium, a microphone that plays a file, and the painted text.

The clock is the page's own: the sample n was spoken ``n`` sample lengths after the moment from
which, at the latest, the microphone must have run to have given so many samples so early. What
the page recorded begins somewhere in the file; where is found by correlation.
"""

import os
import tempfile
import time
import wave
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from playwright.sync_api import Page, sync_playwright
from pyannote.core import Segment

from benchmarks.streaming.captions import Arrival, read_captions
from benchmarks.streaming.client import SILENCE, Samples
from benchmarks.streaming.figures import Played
from benchmarks.streaming.playing import Track, fetch_meeting
from benchmarks.streaming.server import ServerProcess
from meeting_app.domain import SAMPLE_RATE, Meeting, SpeakerSegment
from meeting_app.errors import MeetingAppError

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)
_PATIENCE_MS = 900_000.0  # for the seal
_COMPARED = 20.0  # seconds of sound that are enough to find their place
# Events of which the page says when it painted them.
_PAINTED = ("partial", "stable", "better", "final")
# Notes every event, and how early so many samples had come.
_LISTEN = """(rate) => {
  const { session } = window.meetingApp.live;
  const now = () => performance.timeOrigin + performance.now();
  const log = window.liveLog = { events: [], began: Infinity };
  session.on("event", ({ event, time }) =>
    log.events.push({ event, received: performance.timeOrigin + time }));
  session.on("level", () => {
    log.began = Math.min(log.began, now() - (1000 * session.numCaptured) / rate);
  });
}"""


@dataclass(frozen=True, slots=True)
class PageLog:
    """What the page noted; times are milliseconds since 1970."""

    began: float  # the first sample was spoken
    events: tuple[Mapping[str, Any], ...]  # {event, received}
    paints: tuple[Mapping[str, Any], ...]  # {painted} of each event that is text, in order


def play_in_browser(
    server: ServerProcess, tracks: Sequence[Track], when_played: Callable[[], None]
) -> tuple[Played]:
    """A `Player` that is the page; it records one track and waits for the seal.

    Raises:
        ValueError: several tracks; one browser has one microphone.
        MeetingAppError: the page did not record, or the meeting was not sealed.
    """
    (track,) = tracks
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        sound = Path(folder) / "sound.wav"
        _write_wav(sound, track.samples)
        microphone = f"--use-file-for-fake-audio-capture={sound}%noloop"
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=[*_FLAGS, microphone]
        )
        try:
            page = browser.new_page(base_url=server.address)
            log, recorded, sealed = _record(page, track, server.home, when_played)
        finally:
            browser.close()
    offset = place_of(recorded, track.samples)
    played = Played(
        captions=read_captions(arrivals_of(log, offset)),
        acks=(),
        duration=track.duration,
        sealed=shifted(fetch_meeting(server.address, sealed), offset),
    )
    return (played,)


def _record(
    page: Page, track: Track, home: Path, when_played: Callable[[], None]
) -> tuple[PageLog, Samples, str]:
    page.goto("/?show=live")
    page.wait_for_function("window.meetingApp?.live?.session")
    page.evaluate(_LISTEN, SAMPLE_RATE)
    page.locator("#setup [data-language]").select_option("en")
    page.locator("#setup [data-start]").click()
    page.wait_for_function("window.meetingApp.live.session.id !== null")
    meeting = page.evaluate("window.meetingApp.live.session.id")
    time.sleep(track.duration + SILENCE)
    when_played()
    recorded = _recorded(home / "live" / meeting / "sound.au")
    page.evaluate("window.meetingApp.live.session.end()")
    page.wait_for_function(
        "['sealed', 'stopped'].includes(window.meetingApp.live.session.status)",
        timeout=_PATIENCE_MS,
    )
    found = page.evaluate(
        "({ ...window.liveLog, paints: window.meetingApp.live.paints, "
        "sealed: window.meetingApp.live.session.meeting.sealed })"
    )
    if found["sealed"] is None:
        raise MeetingAppError(f"{track.recording.name}: the page says that it was not sealed")
    log = PageLog(found["began"], tuple(found["events"]), tuple(found["paints"]))
    return log, recorded, found["sealed"]["meeting"]


def arrivals_of(log: PageLog, offset: float) -> tuple[Arrival, ...]:
    """The events with the times at which they were painted, on the clock of the file.

    Args:
        log: what the page noted.
        offset: where in the file the recording begins, seconds.
    """
    paints = iter(log.paints)
    arrivals = []
    for entry in log.events:
        event, at = entry["event"], float(entry["received"])
        if event["type"] in _PAINTED:
            painted = next(paints, None)
            at = at if painted is None else float(painted["painted"])
        arrivals.append(Arrival((at - log.began) / 1000.0 + offset, _later(event, offset)))
    return tuple(arrivals)


def _later(event: Mapping[str, Any], offset: float) -> Mapping[str, Any]:
    match event["type"]:
        case "partial" | "better" | "final":
            words = [[text, s + offset, e + offset, *rest] for text, s, e, *rest in event["words"]]
            return {**event, "words": words}
        case "voices":
            segments = [[s + offset, e + offset, label] for s, e, label in event["segments"]]
            return {**event, "start": event["start"] + offset, "segments": segments}
        case _:
            return event


def shifted(meeting: Meeting, offset: float) -> Meeting:
    """The meeting when its recording begins ``offset`` seconds into the file."""
    return replace(
        meeting,
        speaker_segments=tuple(
            SpeakerSegment(_moved(item.segment, offset), item.speaker)
            for item in meeting.speaker_segments
        ),
        turns=tuple(
            replace(
                turn,
                words=tuple(replace(w, segment=_moved(w.segment, offset)) for w in turn.words),
            )
            for turn in meeting.turns
        ),
    )


def _moved(segment: Segment, offset: float) -> Segment:
    return Segment(segment.start + offset, segment.end + offset)


def place_of(recorded: Samples, played: Samples) -> float:
    """Where in ``played`` the recording begins, seconds; negative when it began before.

    Args:
        recorded: (num_samples,) int16.
        played: (num_samples,) int16.
    """
    window = round(_COMPARED * SAMPLE_RATE)
    # The loudest part tells most; the beginning may be silent.
    start = _loudest(recorded, window)
    part = recorded[start : start + window].astype(np.float32)
    size = 1 << int(np.ceil(np.log2(len(played) + len(part))))
    spectrum = np.fft.rfft(played.astype(np.float32), size) * np.conj(np.fft.rfft(part, size))
    # (size,): the last len(part) entries are negative lags.
    lag = int(np.fft.irfft(spectrum, size).argmax())
    return ((lag if lag < len(played) else lag - size) - start) / SAMPLE_RATE


def _loudest(samples: Samples, window: int) -> int:
    if len(samples) <= window:
        return 0
    energy = np.concatenate([[0.0], np.cumsum(samples.astype(np.float64) ** 2)])
    return int((energy[window:] - energy[:-window]).argmax())


def _recorded(path: Path) -> Samples:
    """The samples of an AU file that is still growing."""
    content = path.read_bytes()
    start = int.from_bytes(content[4:8], "big")
    whole = len(content) - (len(content) - start) % 2
    samples: npt.NDArray[np.int16] = np.frombuffer(content[start:whole], ">i2").astype(np.int16)
    return samples


def _write_wav(path: Path, samples: Sequence[int] | Samples) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(np.asarray(samples).astype("<i2").tobytes())
