"""The live page against the real server side: what both say on the wire fits together."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pyannote.core import Segment

from meeting_app.api import create_app
from meeting_app.bootstrap import Application
from meeting_app.config import load_config, override
from meeting_app.domain import FinalWords, PartialWords, SpeakerSegment, VoicesHeard, Word
from meeting_app.domain.live import WordSpeakers
from meeting_app.domain.live_messages import EngineOrder, ListenTo, LivePhase
from meeting_app.live.service import LiveService
from storage.repository import LiveStore
from tests.browser.live_flows import A, B, captured, end
from tests.ui.serving import serving
from ui.app import mount


class Told:
    """A recognition that says what the test tells it."""

    def __init__(self) -> None:
        self.listener: LiveService | None = None
        self.opened: list[str] = []

    def start(self, listener: LiveService) -> None:
        self.listener = listener
        listener.recognition_ready(4)

    def stop(self) -> None:
        self.listener = None

    def order(self, order: EngineOrder) -> None:
        if isinstance(order, ListenTo):
            self.opened.append(order.meeting_id)

    def say(self, *updates) -> None:
        for update in updates:
            self.listener.heard(self.opened[0], update)


@pytest.fixture
def recognition() -> Told:
    return Told()


@pytest.fixture
def real(tmp_path: Path, recognition: Told) -> Iterator[tuple[str, LiveService]]:
    """Address, and the service behind it."""
    app = Application(override(load_config(), "storage.home", str(tmp_path)))
    service = LiveService(LiveStore(app.home), app.service, recognition, app.config.live)

    async def build():
        return mount(create_app(app.service, app.config.server, service), app.service)

    with service, ThreadPoolExecutor(1) as thread:
        web = thread.submit(lambda: asyncio.run(build())).result()
        with serving(web) as address:
            yield address, service


@pytest.fixture
def server(real: tuple[str, LiveService]) -> str:
    return real[0]


@pytest.fixture
def page(recording_context: BrowserContext) -> Page:
    return recording_context.new_page()


def spoken(text: str) -> tuple[Word, ...]:
    return tuple(Word(Segment(i, i + 1), word, 0.9) for i, word in enumerate(text.split()))


def test_meeting_is_recorded_changed_reloaded_and_ended(
    page: Page, real: tuple[str, LiveService], recognition: Told
):
    _, service = real
    page.goto("/?show=live")
    page.locator("#setup").get_by_label("Title").fill("Weekly")
    page.get_by_role("button", name="Start recording").click()
    page.wait_for_url("**/?live=*")
    page.wait_for_function("window.meetingApp.live.numCaptured > 16000")
    recognition.say(PartialWords(0, spoken("we a greed fine")))
    expect(page.locator("#captions .partial")).to_have_text("we a greed fine")
    recognition.say(
        FinalWords(0, spoken("we a greed fine")),
        WordSpeakers(0, (A, A, A, B), is_settled=True),
        VoicesHeard(0.0, (SpeakerSegment(Segment(0, 3), A), SpeakerSegment(Segment(3, 4), B)), 3.0),
    )
    expect(page.locator("#voices .lane")).to_have_count(2)
    line = page.locator("#captions .line")
    line.hover()
    line.get_by_role("button", name="Edit this text").click()
    line.get_by_role("textbox").fill("We all agreed. Fine.")
    page.keyboard.press("Enter")
    shown = ["We all agreed.", "Fine."]
    expect(line.locator(".stable")).to_have_text(shown)
    page.locator("#captions .chip", has_text="Speaker 1").click()
    page.get_by_label("Name of Speaker 1").fill("Ana")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Mark").click()
    expect(page.locator("#outline")).to_contain_text("Marked moment")
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("#recorder .state")).to_have_text("Paused")
    before = captured(page)

    page.reload()
    expect(line.locator(".stable")).to_have_text(shown)  # as the server counts the words
    expect(page.locator("#captions .chip", has_text="Ana")).to_be_visible()
    expect(page.locator("#outline")).to_contain_text("Marked moment")
    page.get_by_role("button", name="Go on recording").click()
    page.wait_for_function("window.meetingApp.live.numCaptured > 16000")
    end(page)
    expect(page.locator("#seal")).to_contain_text("The whole recording is read again")
    (entry,) = service.entries()
    assert entry.phase is LivePhase.SEALING
    assert entry.position * 16_000 == before + captured(page)
