"""Reading a long meeting: what is mounted, found and said by keys."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.meetings import endless_meeting
from tests.ui.fake_service import FakeService, stored


def open_endless(page: Page, service: FakeService, address: str = "/") -> None:
    service.meetings["m2"] = stored(endless_meeting(), "m2")
    page.goto(f"{address}?meeting=m2")
    expect(page.locator("#transcript article").first).to_contain_text("line number 0 ")
    # The last to come.
    expect(page.locator("#transcript [data-controls] button").first).to_be_visible()


def test_only_what_is_near_the_window_is_mounted_and_a_search_leads_on(
    page: Page, service: FakeService
):
    open_endless(page, service)
    assert page.locator("#transcript article").count() < 60
    page.keyboard.press("/")
    page.keyboard.type("number 250 ")
    found = page.locator("#transcript article", has_text="line number 250 ")
    expect(found).to_be_in_viewport()
    expect(found.locator(".hit.now")).to_have_text(["number", "250"])
    expect(page.locator("#transcript .count")).to_have_text("1 of 1")
    assert page.locator("#transcript article").count() < 60


def test_place_stays_when_the_meeting_is_fetched_anew(page: Page, service: FakeService):
    open_endless(page, service)
    page.evaluate("meetingApp.send('seek', { time: 1500, scroll: true })")
    turn = page.locator("#transcript article", has_text="line number 150 ")
    expect(turn).to_be_in_viewport()
    before = turn.bounding_box()["y"]
    service.rename_speaker("m2", "SPEAKER_06", "Zoe")
    page.evaluate("meetingApp.send('refresh-meeting', null)")
    expect(turn).to_contain_text("Zoe")
    assert abs(turn.bounding_box()["y"] - before) < 2


def test_selection_and_cursor_are_told_and_a_digit_names_the_speaker(
    page: Page, service: FakeService
):
    open_endless(page, service)
    page.evaluate(
        """() => {
          [window.told, window.selection] = [[], null];
          meetingApp.on("selection", (words) => (selection = words));
          meetingApp.on("assign-speaker", (detail) => told.push(detail));
          const [from, to] = [2, 4].map((w) => document.querySelector(`[data-w="${w}"]`));
          getSelection().setBaseAndExtent(from.firstChild, 0, to.firstChild, 1);
        }"""
    )
    page.wait_for_function("selection !== null")  # browsers tell of it a moment later
    page.keyboard.press("3")
    (told,) = page.evaluate("told")
    assert (told["label"], told["selection"]["first"], told["selection"]["last"]) == (
        "SPEAKER_02",
        2,
        5,
    )


def test_keys_are_listed_in_the_language_of_the_page(page: Page, service: FakeService):
    open_endless(page, service, "/zh/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("下一处存疑")
    expect(page.get_by_role("dialog")).to_contain_text("重做")
    page.keyboard.press("Escape")
    expect(page.locator("#lanes [role=slider]")).to_have_attribute(
        "aria-valuetext", re.compile("发言人 1")
    )
    # The page is Chinese, what was said is not.
    expect(page.locator("#transcript article p").first).to_have_attribute("lang", "en")


@pytest.mark.parametrize(("address", "speaker"), [("/", "Speaker 1"), ("/zh/", "发言人 1")])
def test_first_lines_are_shown_before_the_parts_and_give_way_to_them(
    page: Page, service: FakeService, address: str, speaker: str
):
    service.meetings["m2"] = stored(endless_meeting(), "m2")
    held: list[Route] = []
    page.route("**/assets/HTML-*.js", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks what it is given
    page.goto(f"{address}?meeting=m2", wait_until="commit")
    look = page.locator(".first-look")
    expect(look.locator("article").first).to_contain_text(speaker)
    expect(look.locator("h1")).to_have_text(service.meetings["m2"].meeting.title)
    assert look.locator("canvas").evaluate("canvas => canvas.width") > 300
    assert page.locator("#transcript").count() == 0
    place = look.locator("article").nth(2).bounding_box()
    buttons = look.locator(".corrections button").all_text_contents()
    for route in held:
        route.continue_()
    expect(look).to_have_count(0)
    expect(page.locator("#transcript [data-controls] button").first).to_be_visible()
    then = page.locator("#transcript article").nth(2).bounding_box()
    assert then == pytest.approx(place, abs=3)  # px
    assert page.locator("#heading .corrections button").all_text_contents() == buttons
    assert len(buttons) == 4


def test_who_comes_to_a_moment_is_led_there_without_a_first_look(page: Page, service: FakeService):
    service.meetings["m2"] = stored(endless_meeting(), "m2")
    page.add_init_script(
        """new MutationObserver(() => (window.looked ||= document.querySelector(".first-look")))
          .observe(document, { childList: true, subtree: true });"""
    )
    page.goto("/?meeting=m2&t=1500")
    expect(page.locator("#transcript article", has_text="line number 150 ")).to_be_in_viewport()
    assert page.evaluate("window.looked") is None
