"""Steps that tests of the live page have in common."""

from playwright.sync_api import Page, expect

from tests.browser.live_server import FakeLive

A, B = "SPEAKER_00", "SPEAKER_01"


def words(text: str, start: float = 0.0) -> list[list]:
    return [[word, start + i / 2, start + (i + 1) / 2, 0.9] for i, word in enumerate(text.split())]


def final(line: int, text: str, *labels: str) -> tuple[dict, dict]:
    spoken = words(text, 10 * line)
    filled = [*labels, *[labels[-1]] * (len(spoken) - len(labels))]
    return (
        {"type": "final", "line": line, "words": spoken},
        {"type": "speaker", "line": line, "labels": filled, "settled": True},
    )


def captured(page: Page) -> int:
    return page.evaluate("window.meetingApp.live.numCaptured")


def start(page: Page, live: FakeLive, title: str = "Weekly") -> None:
    page.goto("/?show=live")
    page.locator("#setup").get_by_label("Title").fill(title)
    page.get_by_role("button", name="Start recording").click()
    live.wait(lambda: live.meetings and len(live.only.frames) > 10)
    expect(page.locator("#recorder")).to_contain_text("Recording")


def end(page: Page) -> None:
    page.get_by_role("button", name="End meeting").click()
    page.get_by_role("dialog").get_by_role("button", name="End meeting").click()


def wait_for_more(live: FakeLive, num_frames: int = 25) -> None:
    there = len(live.only.frames)
    live.wait(lambda: len(live.only.frames) >= there + num_frames)


def orders(live: FakeLive, kind: str) -> list[dict]:
    return [order for order in live.only.orders if order["type"] == kind]
