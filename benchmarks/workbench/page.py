"""How long the page of a long meeting keeps its reader waiting, in Chromium.

    python -m benchmarks.workbench.page [--home FOLDER]

Prints one JSON object: first_paint_ms, interaction_p95_ms, click_to_sound_p95_ms, tab_memory_mb,
and parts_ms, when the parts that answer have taken the place of the first look.
Interactions are scrolling, clicking a word, opening a chapter, searching and keys, each from the
event to the frame after it.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import psutil  # type: ignore[import-untyped]  # ships no types
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.streaming.server import ServerProcess
from benchmarks.workbench.data import Size, made_up_meeting, write_playback, write_waveform
from meeting_app.bootstrap import Application
from meeting_app.config import load_config
from meeting_app.domain import Draft, Meeting, Waveform
from pipelines.audio import open_waveform
from pipelines.protocols import ReportFraction, report_nothing

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--mute-audio"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
_USUAL = Size()
_WINDOW = {"width": 1440, "height": 900}
_OPENINGS, _SCROLLS, _CLICKS, _KEYS = 5, 60, 20, 30
_PAUSE = 120.0  # ms between two interactions, longer than any may take
# Notes when the words are painted, how long events take to the next frame, and when sound comes.
_WATCH = """
window.measured = { paint: null, parts: null, waits: [], sounds: [] };
const afterFrame = (then) => requestAnimationFrame(() => {
  const channel = new MessageChannel();
  channel.port1.onmessage = () => then(performance.now());
  channel.port2.postMessage(null);
});
const look = () => {
  const canvas = document.querySelector(`:is(#lanes, [data-as="lanes"]) canvas`);
  const word = document.querySelector(`:is(#transcript, [data-as="transcript"]) [data-w]`);
  const isThere = word && canvas?.width > 300;
  if (isThere && measured.paint === null) afterFrame((now) => (measured.paint ??= now));
  const hasLook = document.querySelector(".first-look");
  const hasParts = !hasLook && document.querySelector("#transcript [data-w]");
  if (isThere && hasParts) afterFrame((now) => (measured.parts = now));
  else requestAnimationFrame(look);
};
requestAnimationFrame(look);
for (const type of ["wheel", "click", "keydown", "input"]) {
  window.addEventListener(type, ({ timeStamp }) => {
    afterFrame((now) => measured.waits.push(now - timeStamp));
  }, { capture: true, passive: true });
}
window.addEventListener("click", ({ timeStamp, target }) => {
  const audio = document.querySelector("#player audio");
  if (!audio || !target.closest?.("[data-w]")) return;
  const heard = () => {
    if (audio.paused || audio.seeking || audio.readyState < 3) return;
    for (const name of ["playing", "seeked", "timeupdate"]) audio.removeEventListener(name, heard);
    measured.sounds.push(performance.now() - timeStamp);
  };
  for (const name of ["playing", "seeked", "timeupdate"]) audio.addEventListener(name, heard);
}, { capture: true });
"""
# The middle of the first word below the search field.
_WORD = """() => {
  const words = [...document.querySelectorAll("#transcript [data-w]")];
  const word = words.map((each) => each.getBoundingClientRect()).find(({ top }) => top > 250);
  return { x: word.x + word.width / 2, y: word.y + word.height / 2 };
}"""


@dataclass(frozen=True, slots=True)
class PageFigures:
    """What was measured on one machine."""

    first_paint_ms: float  # median of several openings with an empty cache
    interaction_p95_ms: float
    click_to_sound_p95_ms: float
    tab_memory_mb: float  # 10⁶ bytes that are the tab's alone
    parts_ms: float  # median


def measure_page(home: Path, size: Size = _USUAL) -> PageFigures:
    """Puts a made-up meeting into the library in ``home``, if none is there, and measures it."""
    meeting_id = add_meeting(home, size)
    with ServerProcess(home) as server, _browser() as browser:
        address = f"{server.address}/?meeting={meeting_id}"
        paints, parts = zip(
            *[_first_paint(browser, address) for _ in range(_OPENINGS + 1)][1:], strict=True
        )
        page = _opened(browser, address)
        _read(page)
        waits, sounds = page.evaluate("[measured.waits, measured.sounds]")
        memory = _tab_memory()
    return PageFigures(
        first_paint_ms=round(float(np.median(paints)), 1),
        interaction_p95_ms=round(float(np.percentile(waits, 95)), 1),
        click_to_sound_p95_ms=round(float(np.percentile(sounds, 95)), 1),
        tab_memory_mb=round(memory / 1e6, 1),
        parts_ms=round(float(np.median(parts)), 1),
    )


def add_meeting(home: Path, size: Size = _USUAL) -> str:
    """The id of a made-up meeting in the library; it goes the way of every recording."""
    config = load_config()
    app = Application(replace(config, storage=replace(config.storage, home=home)))
    for entry in app.service.library():
        return entry.id
    sound = home / "sound.m4a"
    home.mkdir(parents=True, exist_ok=True)
    write_playback(sound, size.duration)
    job = app.service.submit_file(sound)

    def decode(
        path: Path, scratch: Path, filename: str, report: ReportFraction = report_nothing
    ) -> Waveform:
        write_waveform(scratch, size.duration)
        return open_waveform(scratch)

    def encode(waveform: Waveform, path: Path, report: ReportFraction = report_nothing) -> None:
        sound.replace(path)

    def make_up(
        waveform: Waveform, title: str, options: object, draft: Draft, save: object, report: object
    ) -> Meeting:
        return made_up_meeting(size)

    worker = replace(app.worker(), decode=decode, encode_playback=encode, pipeline=make_up)
    return worker.run(job.id).meeting_id


@contextmanager
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def _first_paint(browser: Browser, address: str) -> tuple[float, float]:
    """Milliseconds from the start of a navigation to painted words and lanes, and to the parts."""
    page = _opened(browser, address)
    paint, parts = page.evaluate("[measured.paint, measured.parts]")
    page.context.close()
    return float(paint), float(parts)


def _opened(browser: Browser, address: str) -> Page:
    page = browser.new_context(viewport=_WINDOW).new_page()  # type: ignore[arg-type]
    page.add_init_script(_WATCH)
    page.goto(address)
    page.wait_for_function("measured.parts !== null")
    return page


def _read(page: Page) -> None:
    """What a reader does, one thing after another."""
    page.wait_for_timeout(1000)
    page.mouse.move(720, 600)
    for number in range(_SCROLLS):
        page.mouse.wheel(0, 300 if number % 10 else 30_000)
        page.wait_for_timeout(_PAUSE)
    for number in range(_CLICKS):
        page.mouse.wheel(0, 1_500)
        page.wait_for_timeout(4 * _PAUSE)
        place = page.evaluate(_WORD)
        page.mouse.click(place["x"], place["y"])
        page.wait_for_function(f"measured.sounds.length > {number}")
        page.evaluate("document.querySelector('#player audio').pause()")
    for key in ("j", "k", "d", "ArrowRight", "n", "+", "0") * (_KEYS // 7 + 1):
        page.keyboard.press(key)
        page.wait_for_timeout(_PAUSE)
    for link in page.locator("#chapters a").all()[::6]:
        link.click()
        page.wait_for_timeout(_PAUSE)
    page.locator("[data-find]").click()
    page.keyboard.type("budget release", delay=_PAUSE)
    for _ in range(5):
        page.keyboard.press("Enter")
        page.wait_for_timeout(_PAUSE)


def _tab_memory() -> int:
    """Bytes of the largest tab that it shares with no other process."""
    children = psutil.Process().children(recursive=True)
    tabs = [child for child in children if "--type=renderer" in child.cmdline()]
    return max(int(tab.memory_full_info().uss) for tab in tabs)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, help="library to keep; a temporary one if not given")
    chosen = parser.parse_args().home
    with tempfile.TemporaryDirectory() as folder:
        figures = measure_page(chosen or Path(folder))
    sys.stdout.write(json.dumps(asdict(figures)) + "\n")


if __name__ == "__main__":
    main()
