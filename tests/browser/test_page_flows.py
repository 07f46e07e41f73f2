"""What a user does with the page, against a service in memory."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from meeting_app.domain import SpeakerCount
from meeting_app.formats.options import ExportOptions, Part
from tests.browser.meetings import EVIL, hostile_meeting
from tests.browser.playing import heard_from
from tests.builders import an_empty_meeting
from tests.ui.fake_service import FakeService, stored


def open_meeting(page: Page, query: str = "") -> None:
    page.goto(f"/?meeting=m1{query}")
    expect(page.locator("#transcript article")).to_have_count(6)
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()  # keys work now


def sound_time(page: Page) -> float:
    return page.eval_on_selector("#player audio", "audio => audio.currentTime")


def is_playing(page: Page) -> bool:
    return not page.eval_on_selector("#player audio", "audio => audio.paused")


def upload(page: Page, name: str, content: bytes = b"sound" * 1000) -> None:
    file = {"name": name, "mimeType": "audio/wav", "buffer": content}
    page.locator("#upload [data-files]").set_input_files(file)


def test_upload_with_options_reaches_the_service_and_opens_when_done(
    page: Page, service: FakeService
):
    page.goto("/?show=new")
    page.locator("#upload").get_by_label("Language").select_option(label="German")
    page.get_by_label("Speakers", exact=True).select_option("exact")
    page.get_by_label("Number").fill("3")
    page.get_by_label("Names and terms").fill("Okafor, Q3 roadmap")
    upload(page, "kick-off.wav")
    card = page.locator("#jobs .job", has_text="kick-off.wav")
    expect(card).to_contain_text("Waiting for its turn")
    (received,) = service.received
    assert received.content == b"sound" * 1000
    assert received.options.language == "de"
    assert (received.options.speakers.minimum, received.options.speakers.maximum) == (3, 3)
    assert received.options.hotwords == ("Okafor", "Q3 roadmap")

    service.advance("j1", 0.5, eta=130)
    expect(card).to_contain_text("Recognising words · step 4 of 7")
    expect(card).to_contain_text("50 % · about 2 min left")
    service.finish("j1")
    page.wait_for_url("**/?meeting=mj1*")
    expect(page.locator("#heading h1")).to_have_text("kick-off")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("Find out how many", SpeakerCount()),
        ("Exactly", SpeakerCount(6, 6)),
        ("About", SpeakerCount(1, 8, expected=6)),
        ("At least", SpeakerCount(6, 8)),
        ("At most", SpeakerCount(1, 6)),
    ],
)
def test_what_is_known_of_the_speakers_reaches_the_service(
    page: Page, service: FakeService, kind: str, expected: SpeakerCount
):
    page.goto("/?show=new")
    page.get_by_label("Speakers", exact=True).select_option(label=kind)
    number = page.get_by_label("Number")
    if number.is_visible():
        number.fill("6")
    upload(page, "a.wav")
    expect(page.locator("#jobs .job", has_text="a.wav")).to_be_visible()
    assert service.received[0].options.speakers == expected


def test_progress_survives_a_refresh_and_can_be_cancelled_and_retried(
    page: Page, service: FakeService
):
    page.goto("/?show=new")
    upload(page, "a.wav")
    service_card = page.locator("#jobs .job", has_text="a.wav")
    expect(service_card).to_be_visible()
    service.advance("j1", 0.25)
    page.reload()
    expect(service_card.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "25")
    expect(page.locator("#page .badge")).to_have_text("1")
    service_card.get_by_role("button", name="Cancel").click()
    expect(service_card).to_contain_text("Cancelled")
    service_card.get_by_role("button", name="Try again").click()
    expect(service_card).to_contain_text("Waiting for its turn")
    service.fail("j1", "a.wav: no audio stream; choose a file with sound")
    expect(service_card.get_by_role("alert")).to_have_text(
        "a.wav: no audio stream; choose a file with sound"
    )


@pytest.mark.parametrize(
    ("name", "reason"), [("full.wav", "free some space"), ("broken.wav", "not a media file")]
)
def test_refused_upload_says_why(page: Page, name: str, reason: str):
    page.goto("/?show=new")
    upload(page, name, b"x" * 5_000_000)
    line = page.locator("#upload .upload")
    expect(line.get_by_role("alert")).to_contain_text(reason)
    # Chromium itself reports every answer that is not a success.
    assert all("Failed to load resource" in text for text in page.complaints)
    page.complaints.clear()
    line.get_by_role("button", name="Dismiss").click()
    expect(line).to_have_count(0)


def test_upload_can_be_stopped(page: Page, service: FakeService):
    page.goto("/?show=new")
    page.route("**/api/recordings*", lambda route: None)  # never answered
    upload(page, "slow.wav")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#upload .upload")).to_have_count(0)
    assert service.received == []


def test_file_can_be_dropped(page: Page, service: FakeService):
    page.goto("/?show=new")
    page.locator("#upload .drop").evaluate(
        """drop => { const data = new DataTransfer();
        data.items.add(new File(["dropped"], "dropped.ogg"));
        const options = { dataTransfer: data, bubbles: true, cancelable: true };
        drop.dispatchEvent(new DragEvent("drop", options)); }"""
    )
    expect(page.locator("#jobs .job", has_text="dropped.ogg")).to_be_visible()
    assert service.received[0].content == b"dropped"


def test_library_opens_a_meeting_and_back_returns(page: Page):
    page.goto("/")
    page.get_by_role("link", name="Release planning").click()
    expect(page.locator("#transcript article")).to_have_count(6)
    expect(page).to_have_title("Release planning · Meeting App")
    page.go_back()
    expect(page.locator("#library .rows")).to_be_visible()
    expect(page.locator("#meeting-page")).to_be_hidden()
    page.go_forward()
    expect(page.locator("#heading h1")).to_have_text("Release planning")


def test_click_on_a_turn_plays_it_and_marks_it(page: Page):
    open_meeting(page)
    turn = page.locator("#transcript article").nth(2)
    with heard_from(page, 20, is_stopped=True):
        turn.locator("header .clock").click()
    expect(turn).to_have_class(re.compile("playing"))
    expect(turn.locator(".spoken")).to_have_count(1)
    expect(page).to_have_url(re.compile("t=2"))
    page.get_by_role("button", name="Play", exact=True).click()
    page.get_by_role("button", name="Pause").click()
    assert not is_playing(page)


def test_click_on_a_word_plays_from_the_word(page: Page):
    open_meeting(page)
    with heard_from(page, 12.5):  # the sixth word of the turn at 10 s
        page.locator("#transcript article").nth(1).get_by_text("systems,").click()


def test_chapter_and_proof_links_jump_and_play(page: Page):
    open_meeting(page)
    with heard_from(page, 40, is_stopped=True):
        page.locator("#chapters a", has_text="Budget").click()
    expect(page.locator("#chapters a[aria-current]")).to_contain_text("Budget")
    with heard_from(page, 30, is_stopped=True):
        page.locator("#minutes .items li", has_text="release notes").locator("a").click()
    expect(page.locator("#transcript .playing")).to_contain_text("release notes")


def test_address_brings_back_the_place(page: Page):
    open_meeting(page, "&t=41.5")
    expect(page.locator("#transcript .playing")).to_contain_text("About the budget")
    assert sound_time(page) == pytest.approx(41.5)
    page.reload()
    expect(page.locator("#transcript .playing")).to_contain_text("About the budget")


def test_keys_play_step_and_skip(page: Page):
    open_meeting(page)
    page.locator("#transcript h2.chapter").first.click()
    with heard_from(page, 0):
        page.keyboard.press("Space")
    page.keyboard.press("Space")
    page.wait_for_function("document.querySelector('#player audio').paused")
    page.evaluate("meetingApp.send('seek', { time: 0, scroll: true })")
    page.keyboard.press("j")
    assert sound_time(page) == pytest.approx(10)
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert sound_time(page) == pytest.approx(10)
    page.keyboard.press("ArrowRight")
    assert sound_time(page) == pytest.approx(13)


def test_speaker_is_renamed_everywhere_and_the_place_is_kept(page: Page, service: FakeService):
    open_meeting(page, "&t=41.5")
    page.locator("#transcript .playing .name").click()
    field = page.get_by_label("Name of Speaker 1")
    field.fill("Ana Ruiz")
    field.press("Enter")
    expect(page.locator("#heading .chip", has_text="Ana Ruiz")).to_be_visible()
    expect(page.locator("#transcript .name", has_text="Ana Ruiz")).to_have_count(3)
    expect(page.locator("#transcript .playing")).to_contain_text("About the budget")
    assert sound_time(page) == pytest.approx(41.5)
    assert service.meetings["m1"].meeting.display_name("SPEAKER_00") == "Ana Ruiz"


def test_escape_leaves_the_name_and_space_types_a_space(page: Page, service: FakeService):
    open_meeting(page)
    page.locator("#heading .chip").first.click()
    field = page.get_by_label("Name of Speaker 1")
    field.press_sequentially("A b")
    expect(field).to_have_value("A b")
    field.press("Escape")
    expect(page.locator("#heading .chip").first).to_contain_text("Speaker 1")
    assert service.meetings["m1"].meeting.display_name("SPEAKER_00") == "Speaker 1"


def test_title_is_renamed(page: Page, service: FakeService):
    open_meeting(page)
    page.locator("#heading h1 button").click()
    page.get_by_label("Title of the meeting").fill("Planning 12")
    page.keyboard.press("Enter")
    expect(page).to_have_title("Planning 12 · Meeting App")
    assert service.meetings["m1"].meeting.title == "Planning 12"


def test_search_finds_and_opens_at_the_turn(page: Page):
    page.goto("/")
    page.get_by_label("Search all meetings").fill("budget")
    hit = page.locator("#library .hit")
    expect(hit.locator("mark")).to_have_text("budget")
    expect(page).to_have_url(re.compile(r"\?q=budget$"))
    hit.get_by_role("link").click()
    expect(page.locator("#transcript .playing")).to_contain_text("About the budget")
    page.go_back()
    expect(page.get_by_label("Search all meetings")).to_have_value("budget")
    page.get_by_label("Search all meetings").fill("zebra")
    expect(page.locator("#library .empty")).to_contain_text("Nobody said “zebra”")


def test_every_format_downloads_under_its_name(page: Page):
    open_meeting(page)
    for name, suffix in (("docx", ".docx"), ("seglst", ".seglst.json"), ("txt", ".txt")):
        page.locator("#heading summary").click()
        with page.expect_download() as caught:
            page.locator(f"#heading [data-format={name}]").click()
        assert caught.value.suggested_filename == f"Release planning{suffix}"
        assert Path(caught.value.path()).read_text() == f"{name} of Release planning"


def test_what_a_file_holds_can_be_chosen(page: Page, service: FakeService):
    open_meeting(page)
    page.locator("#heading summary").click()
    page.get_by_role("button", name="Choose what it holds…").click()
    dialog = page.get_by_role("dialog", name="What the file is to hold")
    dialog.get_by_label("Format").select_option("srt")
    expect(dialog.get_by_label("The sound")).to_be_hidden()
    dialog.get_by_label("Format").select_option("html")
    dialog.locator("[name=part]").select_option("transcript")
    dialog.locator("[name=chapter]").select_option("2. Budget")
    dialog.get_by_label("Language of the headings").select_option("zh")
    dialog.get_by_label("Times").uncheck()
    with page.expect_download() as caught:
        dialog.get_by_role("link", name="Download").click()
    assert Path(caught.value.path()).read_text() == "html of Release planning"
    assert service.exported == [
        ExportOptions(with_timestamps=False, part=Part.TRANSCRIPT, chapter=2, language="zh")
    ]
    expect(dialog).to_be_hidden()


def test_delete_asks_first(page: Page, service: FakeService):
    open_meeting(page)
    page.get_by_role("button", name="Delete this meeting").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    assert "m1" in service.meetings
    page.get_by_role("button", name="Delete this meeting").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.locator("#library .empty")).to_contain_text("No meetings yet")
    assert service.meetings == {}


def test_meeting_that_is_not_there_says_so_and_leads_back(page: Page):
    page.goto("/?meeting=gone")
    expect(page.get_by_role("alert")).to_contain_text("This meeting is not here")
    expect(page.locator("#player .player")).to_be_hidden()
    page.get_by_role("link", name="Back to the library").click()
    expect(page.locator("#library .rows")).to_be_visible()


def test_silent_recording_can_still_be_played(page: Page, service: FakeService):
    service.meetings["m2"] = stored(an_empty_meeting(), "m2")
    page.goto("/?meeting=m2")
    expect(page.locator("#transcript")).to_contain_text("Nothing was said")
    with heard_from(page, 0):
        page.get_by_role("button", name="Play", exact=True).click()


def test_markup_of_users_stays_text(page: Page, service: FakeService):
    service.meetings = {"m2": stored(hostile_meeting(), "m2", EVIL)}
    page.goto("/")
    expect(page.locator("#library .cover")).to_have_text(EVIL)
    page.get_by_label("Search all meetings").fill("<img")
    expect(page.locator("#library mark")).to_have_text("<img")
    page.goto("/?show=new")
    upload(page, "<img src=x onerror=alert(1)>.wav")
    expect(page.locator("#jobs .job strong")).to_have_text("<img src=x onerror=alert(1)>.wav")
    service.fail("j1", EVIL)
    expect(page.locator("#jobs .problem")).to_have_text(EVIL)
    page.goto("/?meeting=m2")
    expect(page.locator("#heading h1")).to_have_text(EVIL)
    expect(page.locator("#chapters strong")).to_have_text(EVIL)
    expect(page.locator("#minutes .who b")).to_have_text(EVIL)
    page.locator("#heading .chip").click()
    page.get_by_label(f"Name of {EVIL}").fill(f"{EVIL}2")
    page.keyboard.press("Enter")
    expect(page.locator("#heading .chip span")).to_have_text(f"{EVIL}2")
    page.get_by_role("button", name="Delete this meeting").click()
    expect(page.get_by_role("dialog")).to_contain_text(EVIL)
    assert page.locator("img[src=x]").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", ["/", "/?show=new", "/?meeting=m1"])
def test_narrow_window_scrolls_only_down(new_page, service: FakeService, scheme: str, address: str):
    service.meetings["m2"] = stored(hostile_meeting(), "m2", "x" * 120)
    page = new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    page.goto(address)
    expect(page.locator("h1:visible")).to_have_count(1)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    is_dark = page.evaluate("document.body.classList.contains('dark')")
    assert is_dark is (scheme == "dark")


def test_narrow_window_shows_one_part_of_the_meeting_at_a_time(new_page):
    page = new_page(viewport={"width": 390, "height": 844})
    open_meeting(page)
    page.get_by_role("button", name="Minutes").click()
    expect(page.locator("#transcript")).to_be_hidden()
    page.locator("#minutes .items a").first.click()
    expect(page.locator("#transcript .playing")).to_be_visible()
    expect(page.locator("#minutes")).to_be_hidden()


def test_mode_can_be_switched_and_is_remembered(page: Page):
    page.goto("/")
    page.get_by_role("button", name="Switch between light and dark").click()
    expect(page.locator("body")).to_have_class(re.compile("dark"))
    page.reload()
    expect(page.locator("#library .rows")).to_be_visible()
    expect(page.locator("body")).to_have_class(re.compile("dark"))
