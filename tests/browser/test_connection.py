"""The server goes away and comes back: one banner says so, and nothing that was typed is lost."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect

from meeting_app.config import ServerConfig
from tests.browser.conftest import PATIENCE_MS
from tests.ui.fake_service import FakeService
from tests.ui.serving import application, serving


@dataclass
class Plug:
    """A server that can be pulled and plugged in again at the same address."""

    app: FastAPI
    address: str = ""
    _running: ExitStack = field(default_factory=ExitStack)

    def push(self) -> None:
        port = int(self.address.rpartition(":")[2]) if self.address else 0
        self.address = self._running.enter_context(serving(self.app, port))

    def pull(self) -> None:
        self._running.close()


@pytest.fixture
def plug(service: FakeService) -> Iterator[Plug]:
    """Plugged in."""
    plug = Plug(application(service, ServerConfig()))
    plug.push()
    yield plug
    plug.pull()


@pytest.fixture
def page(chromium: Browser, plug: Plug) -> Iterator[Page]:
    """A tab that may complain of the connection, and of nothing else."""
    complaints: list[str] = []
    context = chromium.new_context(base_url=plug.address)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(f"uncaught: {error}"))
    yield page
    context.close()
    assert [text for text in complaints if "Failed to load resource" not in text] == []


def banner(page: Page):
    return page.locator("#page .offline")


@pytest.fixture
def away(page: Page, plug: Plug) -> Callable[..., None]:
    """Pulls the plug and waits until the page has noticed; ``is_told`` by the system at once."""

    def pull(is_told: bool = True) -> None:
        page.wait_for_load_state("networkidle")
        plug.pull()
        if is_told:
            page.evaluate("window.dispatchEvent(new Event('offline'))")
        expect(banner(page)).to_contain_text("The server does not answer.")

    return pull


def test_page_says_so_once_keeps_what_was_typed_and_goes_on_by_itself(
    page: Page, plug: Plug, away, service: FakeService
):
    page.goto("/?show=new")
    words = page.get_by_label("Names and terms")
    words.fill("Okafor")
    away(is_told=False)
    expect(page.get_by_role("alert").filter(has_text="does not answer")).to_have_count(1)
    page.evaluate("window.before = 1")
    file = {"name": "late.wav", "mimeType": "audio/wav", "buffer": b"sound"}
    page.locator("#upload [data-files]").set_input_files(file)
    expect(page.locator("#upload .upload")).to_contain_text("Waiting")
    plug.push()
    expect(page.locator("#jobs .job", has_text="late.wav")).to_be_visible()
    expect(banner(page)).to_be_hidden()
    assert service.received[0].options.hotwords == ("Okafor",)
    expect(words).to_have_value("Okafor")
    assert page.evaluate("window.before") == 1, "the page was loaded anew"


def test_upload_that_broke_off_starts_again(page: Page, plug: Plug, service: FakeService):
    page.goto("/?show=new")
    page.wait_for_load_state("networkidle")
    page.route("**/api/recordings*", lambda route: (plug.pull(), route.abort()), times=1)
    file = {"name": "long.wav", "mimeType": "audio/wav", "buffer": b"sound"}
    page.locator("#upload [data-files]").set_input_files(file)
    expect(page.locator("#upload .upload")).to_contain_text("Starts again when the server is back")
    plug.push()
    expect(page.locator("#jobs .job", has_text="long.wav")).to_be_visible()
    assert [received.content for received in service.received] == [b"sound"]


def test_name_that_could_not_be_kept_stays_in_its_field(
    page: Page, plug: Plug, away, service: FakeService
):
    page.goto("/?meeting=m1")
    page.locator("#heading .chip").first.click()
    field = page.get_by_label("Name of Speaker 1")
    field.fill("Ana Ruiz")
    away()
    field.press("Enter")
    expect(page.locator("#page .toast")).to_contain_text("does not answer")
    expect(field).to_have_value("Ana Ruiz")
    plug.push()
    expect(banner(page)).to_be_hidden()
    field.press("Enter")
    expect(page.locator("#heading .chip").first).to_contain_text("Ana Ruiz")
    assert service.meetings["m1"].meeting.display_name("SPEAKER_00") == "Ana Ruiz"


@pytest.mark.parametrize("query", ["?q=budget", "?meeting=m1"])
def test_what_could_not_be_shown_is_shown_when_the_server_is_back(
    page: Page, plug: Plug, away, query: str
):
    page.goto("/?show=new")
    expect(page.locator("#upload .drop")).to_be_visible()
    away()
    page.evaluate("query => window.meetingApp.go(query)", query)
    expect(page.locator(".empty.failed:visible")).to_have_count(1)
    plug.push()
    expect(page.get_by_text("Release planning").first).to_be_visible()
    expect(page.locator(".empty.failed:visible")).to_have_count(0)


def test_live_page_comes_when_its_scripts_could_not_be_fetched_at_first(page: Page):
    page.route("**/scripts/session.js", lambda route: route.abort(), times=1)
    page.route("**/api/health", lambda route: route.abort(), times=6)  # each part asks
    page.goto("/?show=live")
    expect(page.get_by_role("button", name="Start recording")).to_be_visible()
