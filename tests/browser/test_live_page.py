"""A meeting recorded in the browser: nothing that the microphone gave is lost."""

import numpy as np
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.live_flows import captured, end, orders, start, wait_for_more
from tests.browser.live_server import FakeLive

LOUD = """navigator.mediaDevices.getUserMedia = async () => {
  const context = new AudioContext();
  const tone = new OscillatorNode(context);
  const gain = new GainNode(context, { gain: 4 });
  const target = new MediaStreamAudioDestinationNode(context);
  tone.connect(gain).connect(target);
  tone.start();
  return target.stream;
};"""


@pytest.fixture
def page(recording_context: BrowserContext) -> Page:
    """A tab that may use the microphone."""
    return recording_context.new_page()


def test_sound_arrives_as_the_microphone_gave_it(page: Page, live: FakeLive):
    start(page, live)
    wait_for_more(live, 50)
    end(page)
    live.wait(lambda: orders(live, "end"))
    sound = live.only.sound.astype(float) / 32_768
    steady = sound[4_000:]
    assert np.abs(steady).max() == pytest.approx(0.5, abs=0.05)
    spectrum = np.abs(np.fft.rfft(steady * np.hanning(len(steady))))
    assert np.argmax(spectrum) * 16_000 / len(steady) == pytest.approx(200, abs=2)


def test_reload_goes_on_with_the_same_meeting(page: Page, live: FakeLive):
    start(page, live)
    wait_for_more(live)
    page.reload()
    page.get_by_role("button", name="Go on recording").click()
    wait_for_more(live)
    expect(page.locator("#captions h1")).to_have_text("Weekly")
    assert list(live.meetings) == ["live1"]
    assert live.only.errors == []
    end(page)
    live.wait(lambda: orders(live, "end"))


def test_reload_can_finish_the_meeting_instead(page: Page, live: FakeLive):
    start(page, live)
    page.goto("/?show=live")
    offer = page.get_by_role("list", name="Meetings that are not finished")
    expect(offer).to_contain_text("Weekly")
    offer.get_by_role("button", name="Finish").click()
    live.wait(lambda: orders(live, "end"))
    expect(page.locator("#seal")).to_contain_text("The whole recording is read again")
    assert page.evaluate("window.meetingApp.live.session.unfinished()") == []


def test_cut_network_loses_nothing(page: Page, live: FakeLive):
    start(page, live)
    live.cut()
    expect(page.get_by_role("alert")).to_contain_text("No connection to the server.")
    page.get_by_role("button", name="Mark").click()
    before = captured(page)
    page.wait_for_function(f"window.meetingApp.live.numCaptured > {before + 48_000}")
    assert len(live.only.sound) < before + 16_000
    live.is_away = False
    live.wait(lambda: len(live.only.sound) > before + 48_000)
    expect(page.locator("#recorder .notice")).to_have_count(0)
    end(page)
    live.wait(lambda: orders(live, "end"))
    assert len(live.only.sound) == captured(page)
    assert live.only.errors == []
    assert len(orders(live, "mark")) == 1


def test_cut_network_and_reload_lose_no_more_than_the_reload_takes(page: Page, live: FakeLive):
    start(page, live)
    live.cut()
    before = captured(page)
    page.wait_for_function(f"window.meetingApp.live.numCaptured > {before + 32_000}")
    at_reload = captured(page)
    page.reload()
    live.is_away = False
    page.get_by_role("button", name="Go on recording").click()
    live.wait(lambda: len(live.only.sound) > at_reload)
    end(page)
    live.wait(lambda: orders(live, "end"))
    lost = at_reload - (len(live.only.sound) - captured(page))
    assert lost <= 0.4 * 16_000
    assert live.only.errors == []


def test_second_tab_takes_over_after_asking(
    page: Page, recording_context: BrowserContext, live: FakeLive
):
    start(page, live)
    other = recording_context.new_page()
    other.goto("/?live=live1")
    other.get_by_role("button", name="Record here instead").click()
    other.get_by_role("dialog").get_by_role("button", name="Record here instead").click()
    expect(page.locator("#recorder .state")).to_have_text("Recorded in another tab")
    expect(page.get_by_role("button", name="Take it back")).to_be_visible()
    expect(other.locator("#recorder .state")).to_have_text("Recording")
    wait_for_more(live)
    end(other)
    live.wait(lambda: orders(live, "end"))
    assert len(live.only.sound) == captured(page) + captured(other)
    assert live.only.errors == []


def test_unplugged_microphone_is_replaced_and_nothing_is_lost(page: Page, live: FakeLive):
    start(page, live)
    page.evaluate("window.streams.at(-1).getAudioTracks()[0].dispatchEvent(new Event('ended'))")
    expect(page.locator("#page .toasts")).to_contain_text("The microphone was unplugged.")
    expect(page.locator("#page .toasts")).to_contain_text("Recording with")
    wait_for_more(live)
    end(page)
    live.wait(lambda: orders(live, "end"))
    assert len(live.only.sound) == captured(page)


def test_without_any_microphone_it_waits_and_goes_on_by_itself(page: Page, live: FakeLive):
    start(page, live)
    page.evaluate("""() => {
      window.list = navigator.mediaDevices.enumerateDevices.bind(navigator.mediaDevices);
      navigator.mediaDevices.enumerateDevices = async () => [];
      window.streams.at(-1).getAudioTracks()[0].dispatchEvent(new Event("ended"));
    }""")
    expect(page.get_by_role("alert")).to_contain_text("No microphone is left.")
    page.evaluate("""() => {
      navigator.mediaDevices.enumerateDevices = window.list;
      navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
    }""")
    expect(page.locator("#recorder .notice")).to_have_count(0)
    wait_for_more(live)


def test_pause_takes_no_time(page: Page, live: FakeLive):
    start(page, live)
    page.get_by_role("button", name="Pause").click()
    live.wait(lambda: orders(live, "pause"))
    there = len(live.only.sound)
    expect(page.locator("#recorder .state")).to_have_text("Paused")
    page.wait_for_timeout(400)
    assert len(live.only.sound) == there == captured(page)
    page.get_by_role("button", name="Go on").click()
    wait_for_more(live)
    assert [order["type"] for order in live.only.orders] == ["pause", "resume"]


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        ("NotAllowedError", "does not let this page use the microphone"),
        ("NotFoundError", "No microphone was found"),
        ("NotReadableError", "another program may use it"),
    ],
)
def test_microphone_that_cannot_be_had_says_why(page: Page, failure: str, reason: str):
    page.add_init_script(
        "if (navigator.mediaDevices) navigator.mediaDevices.getUserMedia = async () => "
        f"{{ throw new DOMException('no', '{failure}'); }};"
    )
    page.goto("/?show=live")
    page.get_by_role("button", name="Start recording").click()
    expect(page.get_by_role("alert")).to_contain_text(reason)
    expect(page.get_by_role("button", name="Start recording")).to_be_enabled()


def test_insecure_page_says_where_to_go(page: Page):
    page.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false });")
    page.goto("/?show=live")
    expect(page.get_by_role("alert")).to_contain_text("127.0.0.1")
    expect(page.get_by_role("button", name="Start recording")).to_be_disabled()


@pytest.mark.parametrize(("code", "reason"), [("full", "can follow"), ("disk", "disk is full")])
def test_server_that_refuses_says_why(page: Page, live: FakeLive, code: str, reason: str):
    live.refusal = {"code": code, "message": "no"}
    page.goto("/?show=live")
    page.get_by_role("button", name="Start recording").click()
    expect(page.get_by_role("alert")).to_contain_text(reason)
    expect(page.locator("#recorder .state")).to_have_text("Stopped")


def test_silence_and_clipping_are_noticed(page: Page, live: FakeLive):
    start(page, live)
    page.evaluate("window.meetingApp.live.session.silentAfter = 0.5")
    page.evaluate("window.streams.at(-1).getAudioTracks()[0].enabled = false")
    expect(page.locator("#recorder .notice")).to_contain_text("is the microphone muted?")
    page.evaluate("window.streams.at(-1).getAudioTracks()[0].enabled = true")
    expect(page.locator("#recorder .notice")).to_have_count(0)
    page.evaluate(LOUD)
    page.evaluate("window.meetingApp.live.session.chooseMicrophone('')")
    expect(page.locator("#recorder .notice")).to_contain_text("Too loud")
    expect(page.locator("#recorder .meter.hot")).to_be_visible()


def test_meeting_goes_on_while_other_pages_are_shown(page: Page, live: FakeLive):
    start(page, live)
    page.get_by_role("link", name="Library", exact=True).click()
    expect(page.get_by_role("img", name="recording")).to_be_visible()
    wait_for_more(live)
    page.get_by_role("link", name="Live").click()
    expect(page.locator("#recorder .state")).to_have_text("Recording")
    page.wait_for_url("**/?live=live1")
