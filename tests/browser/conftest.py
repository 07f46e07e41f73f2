"""A real Chromium, a real server, and pages that may not complain or call elsewhere."""

import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from meeting_app.config import ServerConfig
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
)
DESKTOP = {"width": 1280, "height": 860}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser with an empty profile; each page has a context of its own."""
    if not CHROMIUM.exists():
        pytest.fail(f"{CHROMIUM}: no browser; install Debian's package chromium or set CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(FLAGS))
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
        page.set_default_timeout(15_000)
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
def server(service: FakeService) -> Iterator[str]:
    """Address of the whole application around ``service``."""
    with serving(application(service, ServerConfig())) as address:
        yield address


def tone(seconds: int, rate: int = 16_000) -> bytes:
    """An .m4a of a 220 Hz tone."""
    file = io.BytesIO()
    samples = 0.1 * np.sin(2 * np.pi * 220 * np.arange(seconds * rate) / rate)
    with av.open(file, "w", format="ipod") as container:
        stream = container.add_stream("aac", rate=rate, layout="mono")
        for start in range(0, len(samples), 1024):
            block = samples[None, start : start + 1024].astype(np.float32)
            frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = rate, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()
