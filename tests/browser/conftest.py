"""A real Chromium, a real server, and pages that may not complain or call elsewhere."""

import io
import os
import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from meeting_app.config import ServerConfig
from tests.browser.live_server import FakeLive
from tests.browser.meetings import long_meeting
from tests.ui.fake_service import FakeService, stored
from tests.ui.serving import application, serving

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--mute-audio",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)
# What tests need to pull the plug.
KEEP_STREAMS = """if (navigator.mediaDevices) {
  window.streams = [];
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const stream = await open(wanted);
    window.streams.push(stream);
    return stream;
  };
}"""
DESKTOP = {"width": 1280, "height": 860}
PATIENCE_MS = 30_000  # for whatever a page is to do; an idle machine needs a hundredth of it
expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One browser with an empty profile; each page has a context of its own."""
    if not CHROMIUM.exists():
        pytest.fail(f"{CHROMIUM}: no browser; install Debian's package chromium or set CHROMIUM")
    said = tmp_path_factory.mktemp("microphone") / "said.wav"
    said.write_bytes(spoken(10))
    flags = [*FLAGS, f"--use-file-for-fake-audio-capture={said}"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=flags)
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium: Browser, server: str) -> Iterator[Callable[..., Page]]:
    """Opens pages; at the end none may have complained or asked another host for anything."""
    complaints: list[str] = []
    contexts: list[BrowserContext] = []

    def open_page(**options: object) -> Page:
        context = chromium.new_context(
            **{"base_url": server, "viewport": DESKTOP, "accept_downloads": True} | options
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(f"uncaught: {error}"))
        page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
        own = (f"{server}/", "data:", f"blob:{server}/")
        page.on(
            "request",
            lambda r: None if r.url.startswith(own) else complaints.append(f"asked for {r.url}"),
        )
        page.complaints = complaints
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def recording_context(chromium: Browser, server: str) -> Iterator[BrowserContext]:
    """Tabs of one browser; at the end none may have complained."""
    complaints: list[str] = []
    context = chromium.new_context(
        base_url=server,
        viewport=DESKTOP,
        permissions=["microphone", "clipboard-read", "clipboard-write"],
    )

    def listen(page: Page) -> None:
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(f"uncaught: {error}"))
        page.on("dialog", lambda dialog: dialog.accept())  # leaving a page that records

    context.on("page", listen)
    context.complaints = complaints
    context.add_init_script(KEEP_STREAMS)
    yield context
    context.close()
    assert [text for text in complaints if "WebSocket connection" not in text] == []


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """A page in a window of a desktop."""
    return new_page()


@pytest.fixture(scope="session")
def playback(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A minute of a quiet tone, as the library keeps recordings for the player."""
    path = tmp_path_factory.mktemp("sound") / "playback.m4a"
    path.write_bytes(tone(60))
    return path


@pytest.fixture
def service(playback: Path) -> FakeService:
    """One meeting in the library."""
    return FakeService([stored(long_meeting(), "m1", "planning.m4a")], playback)


@pytest.fixture
def live() -> FakeLive:
    """Running meetings, told by the test what to say."""
    return FakeLive()


@pytest.fixture
def server(service: FakeService, live: FakeLive) -> Iterator[str]:
    """Address of the whole application around ``service``."""
    with serving(application(service, ServerConfig(), live.router.routes)) as address:
        yield address


def tone(seconds: int, rate: int = 16_000) -> bytes:
    """An .m4a of a 220 Hz tone."""
    return m4a(0.1 * np.sin(2 * np.pi * 220 * np.arange(seconds * rate) / rate), rate)


def m4a(samples: np.ndarray, rate: int = 16_000) -> bytes:
    """(num_samples,) as the library keeps recordings for the player."""
    file = io.BytesIO()
    with av.open(file, "w", format="ipod") as container:
        stream = container.add_stream("aac", rate=rate, layout="mono")
        for start in range(0, len(samples), 1024):
            block = samples[None, start : start + 1024].astype(np.float32)
            frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = rate, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


def spoken(seconds: int, rate: int = 48_000) -> bytes:
    """A .wav of a 200 Hz tone that can be repeated without a click: the microphone's sound."""
    file = io.BytesIO()
    samples = 0.5 * np.sin(2 * np.pi * 200 * np.arange(seconds * rate) / rate)
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes((samples * 32_767).astype("<i2").tobytes())
    return file.getvalue()
