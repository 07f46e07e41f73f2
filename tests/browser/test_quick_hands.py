"""Nothing that a quick user clicks or types is thrown away by what arrives meanwhile."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.live_flows import A, B, final, orders, start, words
from tests.browser.live_server import FakeLive
from tests.browser.playing import heard_from
from tests.builders import a_meeting
from tests.ui.fake_service import FakeService, stored


@pytest.fixture
def late(page: Page) -> Callable[..., Callable[[], None]]:
    """Holds scripts of a page back; what it returns lets them come."""

    def hold(*names: str) -> Callable[[], None]:
        held: list[Route] = []
        for name in names:
            page.route(f"**/scripts/{name}.js", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks what it is given

        def let_come() -> None:
            for route in held:
                route.continue_()
            page.unroute_all()

        return let_come

    return hold


def test_name_stays_in_its_field_when_what_corrects_comes_late(
    page: Page, late, service: FakeService
):
    let_come = late("correcting/correcting")
    page.goto("/?meeting=m1&t=41.5")
    page.locator("#transcript .playing .name").click()
    field = page.get_by_label("Name of Speaker 1")
    field.fill("Ana")
    let_come()
    expect(page.locator("#transcript .change-button")).to_have_count(6)
    expect(field).to_have_value("Ana")
    field.press_sequentially(" Ruiz")
    field.press("Enter")
    expect(page.locator("#transcript .name", has_text="Ana Ruiz")).to_have_count(3)
    assert service.meeting("m1").meeting.display_name("SPEAKER_00") == "Ana Ruiz"


def test_name_stays_in_its_field_when_the_meeting_is_fetched_anew(page: Page, service: FakeService):
    page.goto("/?meeting=m1")
    for place, name in (("#transcript article .name", "Ana"), ("#heading .chip", "Eva")):
        page.locator(place).first.click()
        field = page.locator(".in-place")
        field.fill(name)
        service.rename_speaker("m1", "SPEAKER_01", f"Not {name}")
        with page.expect_response("**/pages/meetings/m1*"):
            page.evaluate("meetingApp.send('refresh-meeting')")
        field.press_sequentially(" Ruiz")
        field.press("Enter")
        for heading in (f"{name} Ruiz", f"Not {name}"):
            expect(page.locator("#heading .chip", has_text=heading)).to_be_visible()


def test_what_is_clicked_before_its_module_is_there_is_done_when_it_comes(page: Page, late):
    let_come = late("reading/player", "correcting/correcting")
    page.goto("/?meeting=m1")
    turn = page.locator("#transcript article").nth(2)
    expect(turn).to_be_visible()
    with heard_from(page, 20):
        turn.locator("header .clock").click()
        page.get_by_role("button", name="Corrections", exact=True).click()
        let_come()
    expect(page.locator("[data-dialog=history]")).to_be_visible()


def test_button_that_is_held_down_works_although_its_list_is_drawn_anew(
    page: Page, service: FakeService
):
    page.goto("/?show=new")
    file = {"name": "a.wav", "mimeType": "audio/wav", "buffer": b"sound"}
    page.locator("#upload [data-files]").set_input_files(file)
    card = page.locator("#jobs .job", has_text="a.wav")
    card.get_by_role("button", name="Cancel").hover()
    page.mouse.down()
    service.advance("j1", 0.5)
    for _ in range(2):  # the first may have been on its way
        page.wait_for_event("requestfinished", lambda request: "component_server" in request.url)
    page.mouse.up()
    expect(card).to_contain_text("Cancelled")


def test_chosen_meetings_stay_chosen_when_another_one_is_ready(page: Page, service: FakeService):
    page.goto("/")
    rows = page.locator("#library li.row-card")
    rows.locator("[data-pick]").check()
    service.meetings["m2"] = stored(a_meeting(), "m2")
    page.evaluate("meetingApp.send('library-changed')")
    expect(rows).to_have_count(2)
    expect(page.locator("[data-picked-count]")).to_have_text("1 chosen")
    expect(rows.filter(has_text="Release planning").locator("[data-pick]")).to_be_checked()


def test_name_in_a_caption_stays_when_its_words_turn_out_to_be_somebody_elses(
    recording_context, live: FakeLive
):
    page = recording_context.new_page()
    start(page, live)
    live.say(
        {"type": "partial", "line": 0, "words": words("we agree fine")},
        {"type": "speaker", "line": 0, "labels": [A, A, B], "settled": False},
    )
    line = page.locator("#captions .line")
    line.locator(".name", has_text="Speaker 2").click()
    field = page.get_by_label("Name of Speaker 2")
    field.fill("Ben")
    live.say(*final(0, "We agree. Fine.", A))
    expect(line.locator(".stable").first).to_have_text("We agree. Fine.")
    expect(field).to_have_value("Ben")
    field.press("Enter")
    expect(line.locator(".turn")).to_have_count(1)
    live.wait(lambda: orders(live, "name"))
    assert orders(live, "name") == [{"type": "name", "label": B, "name": "Ben"}]
