"""What the live page shows of a running meeting, and what the user may change in it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.live_flows import A, B, captured, end, final, orders, start, words
from tests.browser.live_server import FakeLive
from tests.browser.meetings import EVIL


@pytest.fixture
def page(recording_context: BrowserContext) -> Page:
    """A tab that may use the microphone."""
    return recording_context.new_page()


def test_words_come_grey_become_final_and_end_in_the_library(page: Page, live: FakeLive):
    page.goto("/?show=live")
    page.locator("#setup").get_by_label("Language").select_option(label="中文")
    start_url = page.url
    page.get_by_role("button", name="Start recording").click()
    live.wait(lambda: live.meetings and live.only.frames)
    assert (live.only.title, live.only.language) == (None, "zh")
    page.wait_for_url("**/?live=live1")
    assert start_url.endswith("?show=live")

    line = page.get_by_role("region", name="Captions").locator(".line")
    live.say({"type": "partial", "line": 0, "words": words("we agree too")})
    expect(line.locator(".partial")).to_have_text("we agree too")
    live.say(
        {"type": "stable", "line": 0, "count": 2},
        {"type": "partial", "line": 0, "words": words("to ship", 1.0)},
    )
    expect(line.locator(".stable")).to_have_text("we agree")
    expect(line.locator(".partial")).to_have_text(" to ship")
    labels = {"type": "speaker", "line": 0, "labels": [A, A, A, B], "settled": False}
    live.say(labels)
    expect(line.locator(".turn.provisional")).to_have_count(2)
    expect(line.locator(".name")).to_have_text(["S1Speaker 1", "S2Speaker 2"])
    live.say(*final(0, "We agreed to ship.", A, A, A, B))
    expect(line.locator(".stable")).to_have_text(["We agreed to", "ship."])
    expect(line.locator(".partial", has_text=re.compile("."))).to_have_count(0)
    expect(line.locator(".turn.provisional")).to_have_count(0)
    expect(page.get_by_role("log")).to_have_text("Speaker 1: We agreed to ship.")

    end(page)
    live.wait(lambda: orders(live, "end"))
    assert len(live.only.sound) == captured(page)
    assert live.only.errors == []
    assert all(len(frame) == 320 for frame in live.only.frames[:-1])
    live.say({"type": "sealing", "fraction": 0.4, "eta": 90.0})
    expect(page.get_by_role("progressbar", name="Reading the whole")).to_have_attribute(
        "aria-valuenow", "40"
    )
    expect(page.locator("#seal")).to_contain_text("40 % · about 2 min left")
    live.say(
        {"type": "sealed", "meeting": "m1", "words": 812, "words_changed": 31, "labels_changed": 12}
    )
    expect(page.locator("#seal")).to_contain_text("31 of 812 words and 12 speaker labels changed.")
    page.get_by_role("link", name="Open the meeting").click()
    expect(page.locator("#heading h1")).to_have_text("Release planning")
    assert page.evaluate("window.meetingApp.live.session.unfinished()") == []


def test_marks_by_key_and_with_a_note(page: Page, live: FakeLive):
    start(page, live)
    live.say(*final(0, "We agreed.", A))
    page.keyboard.press("m")
    expect(page.locator("#outline")).to_contain_text("Marked moment")
    note = page.get_by_label("Note for the next mark")
    note.fill("the m of money")
    note.press("Enter")
    expect(page.locator("#outline")).to_contain_text("the m of money")
    live.wait(lambda: len(orders(live, "mark")) == 2)
    assert [order["note"] for order in orders(live, "mark")] == ["", "the m of money"]
    expect(page.locator("#captions .line .flag")).to_have_count(1)


def test_name_given_once_stands_everywhere(page: Page, live: FakeLive):
    start(page, live)
    live.say(*final(0, "We agreed.", A), *final(1, "Fine.", B), *final(2, "Good.", A))
    page.locator("#captions .line .name", has_text="Speaker 1").first.click()
    field = page.get_by_label("Name of Speaker 1")
    field.fill("Ana Ruiz")
    field.press("Enter")
    expect(page.locator("#captions .line .name", has_text="Ana Ruiz")).to_have_count(2)
    expect(page.locator("#captions .chip", has_text="Ana Ruiz")).to_have_count(1)
    live.wait(lambda: orders(live, "name"))
    assert orders(live, "name") == [{"type": "name", "label": A, "name": "Ana Ruiz"}]


def test_final_line_can_be_edited_and_keeps_its_speakers(page: Page, live: FakeLive):
    start(page, live)
    live.say(*final(0, "we a greed fine", A, A, A, B))
    line = page.locator("#captions .line")
    line.hover()
    line.get_by_role("button", name="Edit this text").click()
    field = line.get_by_role("textbox")
    expect(field).to_have_value("we a greed fine")
    field.fill("We all agreed. Fine.")
    field.press("Enter")
    expect(line.locator(".stable")).to_have_text(["We all agreed.", "Fine."])
    live.wait(lambda: orders(live, "edit"))
    assert orders(live, "edit") == [{"type": "edit", "line": 0, "text": "We all agreed. Fine."}]
    live.say(*final(0, "we greed", A))  # what is heard later does not undo it
    expect(line.locator(".stable").first).to_have_text("We all agreed.")


def test_line_that_was_no_speech_goes(page: Page, live: FakeLive):
    start(page, live)
    live.say({"type": "partial", "line": 0, "words": words("hm")})
    expect(page.locator("#captions .line")).to_have_count(1)
    live.say({"type": "final", "line": 0, "words": []})
    expect(page.locator("#captions .line")).to_have_count(0)


def test_late_viewer_sees_everything_and_can_change_nothing(
    page: Page, chromium: Browser, server: str, live: FakeLive
):
    start(page, live)
    spoken = words("We agreed. Fine.")
    line = {"id": 0, "words": spoken, "labels": [A, A, B], "stable": 3}
    live.only.state |= {
        "lines": [line | {"final": True, "settled": True, "edited": False}],
        "voices": [[0.0, 1.0, A], [1.0, 1.5, B]],
        "names": {A: "Ana"},
        "marks": [[0.5, "budget"]],
        "chapters": [[0.0, 1.5, "Release"]],
        "behind": 2.4,
    }
    other = chromium.new_context(base_url=server).new_page()
    other.goto("/?live=live1")
    captions = other.get_by_role("region", name="Captions")
    expect(captions.locator(".stable")).to_have_text(["We agreed.", "Fine."])
    expect(captions.locator(".name").first).to_contain_text("Ana")
    expect(other.locator("#captions")).to_contain_text("behind by 2.4 s")
    expect(other.locator("#outline")).to_contain_text("Release")
    expect(other.locator("#outline")).to_contain_text("budget")
    expect(other.get_by_role("img", name="Ana: 2 % of the last minute")).to_be_visible()
    for name in ("End meeting", "Pause", "Mark", "Edit this text"):
        expect(other.get_by_role("button", name=name, exact=True)).to_have_count(0)
    assert other.locator("#captions .name").first.is_disabled()
    live.say({"type": "partial", "line": 1, "words": words("and now", 5)})
    expect(captions.locator(".partial", has_text="and now")).to_be_visible()
    other.context.close()


def test_link_for_watching_is_copied(page: Page, live: FakeLive, server: str):
    start(page, live)
    page.get_by_role("button", name="Copy a link").click()
    expect(page.locator("#page .toasts")).to_contain_text("Link copied")
    assert page.evaluate("navigator.clipboard.readText()") == f"{server}/?live=live1"


def test_text_stays_text(page: Page, live: FakeLive):
    start(page, live, title=EVIL)
    evil = [[EVIL, 0.0, 1.0, 0.9]]
    live.say(
        {"type": "final", "line": 0, "words": evil},
        {"type": "speaker", "line": 0, "labels": [A], "settled": True},
        {"type": "named", "label": A, "name": EVIL},
        {"type": "voices", "start": 0.0, "segments": [[0.0, 1.0, A]], "settled": 1.0},
        {"type": "chapters", "chapters": [[0.0, 1.0, EVIL]]},
        {"type": "marked", "time": 0.5, "note": EVIL},
        {"type": "error", "code": "recognition", "message": EVIL, "fatal": False},
    )
    expect(page.locator("#captions h1")).to_have_text(EVIL)
    expect(page.locator("#captions .stable")).to_have_text(EVIL)
    expect(page.locator("#captions .chip")).to_have_text(EVIL)
    expect(page.locator("#outline strong")).to_have_text([EVIL, EVIL])
    expect(page.locator("#voices .lane span")).to_have_text(EVIL)
    assert page.locator("img[src=x]").count() == 0


def test_reader_who_scrolls_up_is_left_alone_until_the_button(page: Page, live: FakeLive):
    start(page, live)
    for number in range(40):
        live.say(*final(number, f"Line {number} says this.", (A, B)[number % 2]))
    last = page.locator("#captions .line").last
    expect(last).to_be_in_viewport()
    page.mouse.move(500, 500)
    page.mouse.wheel(0, -1200)
    follow = page.get_by_role("button", name="Follow again")
    expect(follow).to_be_visible()
    live.say(*final(40, "Line 40 says this.", A))
    expect(page.locator("#captions .line")).to_have_count(41)
    expect(last).not_to_be_in_viewport()
    follow.click()
    expect(last).to_be_in_viewport()
    live.say(*final(41, "Line 41 says this.", B))
    expect(page.locator("#captions [data-line='41']")).to_be_in_viewport()
    expect(follow).to_be_hidden()


def test_presentation_shows_only_words_and_text_size_is_remembered(page: Page, live: FakeLive):
    start(page, live)
    live.say(*final(0, "We agreed.", A))
    size = "getComputedStyle(document.querySelector('#captions .turn p')).fontSize"
    expect(page.locator("#captions .stable")).to_have_text("We agreed.")
    normal = page.evaluate(size)
    page.get_by_role("button", name="Larger text").click()
    assert float(page.evaluate(size)[:-2]) > float(normal[:-2])
    assert page.evaluate("localStorage.getItem('meeting-app.live-size')") == "18"
    page.get_by_role("button", name="Presentation view").click()
    expect(page.locator("#recorder .bar")).to_be_hidden()
    expect(page.locator("#captions .stable")).to_be_visible()
    assert float(page.evaluate(size)[:-2]) > 30
    page.get_by_role("button", name="End the presentation").click()
    expect(page.locator("#recorder .bar")).to_be_visible()


def test_only_the_line_that_is_spoken_is_painted_however_many_there_are(page: Page, live: FakeLive):
    start(page, live)
    for number in range(200):
        live.say(*final(number, "This is one of very many lines.", (A, B)[number % 2]))
    expect(page.locator("#captions .line")).to_have_count(200)
    page.evaluate("""() => {
      window.touched = new Set();
      const element = ({ target }) => (target.closest ? target : target.parentElement);
      const lineOf = (change) => element(change)?.closest(".line");
      new MutationObserver((changes) => {
        for (const line of changes.map(lineOf)) if (line) touched.add(line.dataset.line);
      }).observe(document.querySelector("#captions .lines"), {
        attributes: true, characterData: true, childList: true, subtree: true,
      });
    }""")
    for count in range(1, 30):
        live.say({"type": "partial", "line": 200, "words": words("word " * count)})
    expect(page.locator("#captions [data-line='200'] .partial")).to_have_text(
        " ".join(["word"] * 29)
    )
    assert page.evaluate("[...touched]") == ["200"]
    partial = "window.meetingApp.live.paints.filter(({ type }) => type === 'partial')"
    page.wait_for_function(
        f"{partial}.length === 29"
    )  # each is noted, also of those painted at once


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_narrow_window_scrolls_only_down(
    page: Page, live: FakeLive, new_page: Callable[..., Page], scheme: str
):
    start(page, live, title="x" * 120)
    live.only.state["names"] = {A: "y" * 80}
    other = new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    other.goto("/?live=live1")
    live.wait(lambda: len(live.only.sockets) == 2)
    live.say(*final(0, "z" * 90, A))
    expect(other.locator("#captions .stable")).to_have_text("z" * 90)
    assert other.evaluate("document.documentElement.scrollWidth") <= 390
    other.get_by_role("button", name="Overview").click()
    expect(other.locator("#outline")).to_be_visible()
    assert other.evaluate("document.documentElement.scrollWidth") <= 390
