"""What a user does with the page in English and in Chinese, and the way from one to the other."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from meeting_app.errors import ConflictError
from tests.browser.live_flows import A, captured, final, orders, wait_for_more
from tests.browser.live_server import FakeLive
from tests.ui.fake_service import FakeService
from ui.told import said_in
from ui.translation import Translate, translator

ROOTS = {"en": "/", "zh": "/zh/"}


@pytest.fixture(params=ROOTS)
def t(request: pytest.FixtureRequest) -> Translate:
    """The wording of the page; each test runs once in each language."""
    return translator(request.param)


@pytest.fixture
def go(page: Page, t: Translate) -> Callable[[str], None]:
    """Opens an address of the page in the language."""
    return lambda query="": page.goto(ROOTS[t.language] + query)


def upload(page: Page, name: str) -> None:
    file = {"name": name, "mimeType": "audio/wav", "buffer": b"sound"}
    page.locator("#upload [data-files]").set_input_files(file)


def test_recording_is_added_stopped_tried_again_and_opened(
    page: Page, go, t: Translate, service: FakeService
):
    go("?show=new")
    expect(page).to_have_title(f"{t('Add recording')} · Meeting App")
    form = page.locator("#upload")
    form.get_by_label(t("Language")).select_option(label=t("German"))
    form.get_by_label(t("Speakers"), exact=True).select_option(label=t("Exactly"))
    form.get_by_label(t("Number")).fill("3")
    form.get_by_label(t("Names and terms to listen for")).fill("Okafor，三季度")
    upload(page, "kick-off.wav")
    card = page.locator("#jobs .job")
    expect(card).to_contain_text(t("Waiting for its turn"))
    options = service.received[0].options
    assert (options.language, options.speakers.maximum) == ("de", 3)
    assert options.hotwords == ("Okafor", "三季度")
    card.get_by_role("button", name=t("Cancel")).click()
    expect(card).to_contain_text(t("Cancelled"))
    card.get_by_role("button", name=t("Try again")).click()
    expect(card).to_contain_text(t("Waiting for its turn"))
    service.advance("j1", 0.5, eta=130)
    stage = t("{stage} · step {number} of {count}", stage=t("Recognising words"), number=4, count=7)
    expect(card).to_contain_text(stage)
    left = t("about {length} left", length=t("{minutes} min", minutes=2))
    expect(card).to_contain_text(left)
    service.finish("j1")
    page.wait_for_url(f"**{ROOTS[t.language]}?meeting=mj1*")
    expect(page.locator("#heading h1")).to_have_text("kick-off")


def test_what_the_server_refuses_is_said_in_the_language_of_the_page(
    page: Page, go, t: Translate, service: FakeService
):
    def told(message: str) -> str:
        return said_in(t.language, message)

    def busy(job_id: str) -> None:
        raise ConflictError(f"{job_id}: the job is done; there is nothing to cancel")

    go("?show=new")
    upload(page, "silent.wav")
    refused = "silent.wav: no audio stream; choose a file with sound"
    expect(page.locator("#upload .failed")).to_contain_text(told(refused))
    upload(page, "kick-off.wav")
    card = page.locator("#jobs .job")
    service.cancel = busy
    card.get_by_role("button", name=t("Cancel")).click()
    toast = told("j1: the job is done; there is nothing to cancel")
    expect(page.locator("#page .toast.failed")).to_have_text(toast)
    notice = "no memory for the model as float16 on cuda:0; continuing as int8 on cuda:0"
    service.advance("j1", 0.5, notices=(notice,))
    expect(card.locator(".notice")).to_have_text(told(notice))
    failure = "kick-off.wav: no sound in it; choose a file with sound"
    service.fail("j1", failure)
    expect(card.get_by_role("alert")).to_have_text(told(failure))
    refusal = "the server responded with a status of 422"
    page.complaints[:] = [text for text in page.complaints if refusal not in text]


def test_meeting_is_recorded_and_sealed(
    recording_context, t: Translate, live: FakeLive, service: FakeService
):
    page = recording_context.new_page()
    page.goto(f"{ROOTS[t.language]}?show=live")
    page.locator("#setup").get_by_label(t("Title")).fill("Weekly")
    page.get_by_role("button", name=t("Start recording")).click()
    live.wait(lambda: live.meetings and live.only.frames)
    expect(page.locator("#recorder .state")).to_have_text(t("Recording"))
    wait_for_more(live)
    live.say(*final(0, "We agreed to ship.", A))
    speaker = t("Speaker {number}", number=1)
    expect(page.locator("#captions .line .name")).to_contain_text(speaker)
    page.locator("#captions .chip").click()
    page.get_by_label(t("Name of {name}", name=speaker)).fill("王芳")
    page.keyboard.press("Enter")
    expect(page.locator("#captions .line .name")).to_contain_text("王芳")
    page.get_by_role("button", name=t("Mark"), exact=True).click()
    expect(page.locator("#outline")).to_contain_text(t("Marked moment"))
    page.get_by_role("button", name=t("End meeting")).click()
    page.get_by_role("dialog").get_by_role("button", name=t("End meeting")).click()
    live.wait(lambda: orders(live, "end"))
    assert len(live.only.sound) == captured(page)
    live.say(
        {"type": "sealed", "meeting": "m1", "words": 4, "words_changed": 0, "labels_changed": 0}
    )
    unchanged = t("All {words} words and their speakers stayed as you saw them.", words=4)
    expect(page.locator("#seal")).to_contain_text(unchanged)
    page.get_by_role("link", name=t("Open the meeting")).click()
    expect(page.locator("#heading h1")).to_have_text("Release planning")


def test_scripts_say_texts_as_python_does(page: Page, go, t: Translate):
    go()
    expect(page.locator("h1:visible")).to_have_count(1)
    said = page.evaluate(
        """() => [meetingApp.t("{seconds} s", { seconds: "{x}" }), meetingApp.t("never translated"),
        document.documentElement.lang, meetingApp.url("api/jobs")]"""
    )
    name = {"en": "en", "zh": "zh-Hans"}[t.language]
    assert said == [t("{seconds} s", seconds="{x}"), "never translated", name, t.url("api/jobs")]
    for values in ("{}", "{ second: 1 }", "{ seconds: 1, more: 2 }"):
        with pytest.raises(Exception, match="has places for"):
            page.evaluate(f"meetingApp.t('{{seconds}} s', {values})")


def test_switch_leads_to_the_same_place_and_is_remembered(page: Page):
    page.goto("/?meeting=m1&t=20.0")
    expect(page.locator("#heading h1")).to_have_text("Release planning")
    page.get_by_role("link", name="中文").click()
    page.wait_for_url("**/zh/?meeting=m1&t=20.0")
    expect(page.locator("#page nav")).to_contain_text("会议库")
    page.goto("/?q=budget")  # a link that somebody sent
    page.wait_for_url("**/zh/?q=budget")
    page.get_by_role("link", name="English").click()
    page.wait_for_url("**/?q=budget")
    assert "/zh/" not in page.url
    page.goto("/zh/")
    page.wait_for_function("location.pathname === '/'")
    expect(page.locator("#page nav")).to_contain_text("Library")


def test_front_door_follows_the_browser_and_other_addresses_stay(new_page):
    page = new_page(locale="zh-CN")
    page.goto("/")
    page.wait_for_url("**/zh/")
    expect(page.locator("#page nav")).to_contain_text("会议库")
    page.goto("/?show=new")
    expect(page.locator("#page nav")).to_contain_text("Add recording")
    assert page.url.endswith("/?show=new")


def test_dates_are_those_of_the_readers_own_variant(new_page):
    options = {"timezone_id": "Europe/London"}
    for locale, root, date in (
        ("en-GB", "/", "4 Mar 2026, 09:30"),
        ("de-DE", "/", "Mar 4, 2026, 9:30"),
        ("zh-CN", "/zh/", "2026年3月4日 09:30"),
    ):
        page = new_page(locale=locale, **options)
        page.goto(f"{root}?q=")
        expect(page.locator("#library time").first).to_contain_text(date)
