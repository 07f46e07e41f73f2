"""Speakers, words, chapters and minutes are corrected on the page, in both languages."""

import re
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from meeting_app.domain import Meeting, Relabelling
from meeting_app.domain.corrections import NameSpeakers, RenameMeeting, RenameSpeaker
from tests.builders import a_meeting
from tests.builders import words as words_of
from tests.ui.fake_service import FakeService, stored

ENGLISH = {
    "path": "",
    "undo": "Undo",
    "edit": "Edit words",
    "save": "Save",
    "new": "New speaker",
    "begins": "Where this turn begins",
    "accept": "Accept",
    "split": "Is two people: split by voice",
    "sure": "Split anyway",
    "name": "Name the speakers",
    "history": "Corrections",
    "named": "Named speakers: Ana and Tom",
    "chapter": "Begin a chapter here",
    "same": "Is the same as Speaker 1",
}
CHINESE = {
    "path": "zh/",
    "undo": "撤销",
    "edit": "编辑文字",
    "save": "保存",
    "new": "新发言人",
    "begins": "此段发言的起点",
    "accept": "接受",
    "split": "其实是两个人：按声音拆分",
    "sure": "仍然拆分",
    "name": "命名发言人",
    "history": "修改记录",
    "named": "为发言人命名：Ana和Tom",
    "chapter": "从这里开始新章节",
    "same": "与发言人 1是同一人",
}
LANGUAGES = pytest.mark.parametrize("words", [ENGLISH, CHINESE], ids=["en", "zh"])


@pytest.fixture
def service(playback) -> FakeService:
    return FakeService([stored(a_meeting(), "m1")], playback)


def open_at(page: Page, address: str) -> None:
    """Opens a meeting and waits until it can be corrected."""
    page.goto(address)
    expect(page.locator("article .change-button").first).to_be_visible()


def texts(service: FakeService) -> list[tuple[str | None, str]]:
    return [(t.speaker, t.text) for t in service.meeting("m1").meeting.turns]


@LANGUAGES
def test_a_turn_goes_to_a_new_speaker_and_back(page: Page, service, words):
    path, undo, new = words["path"], words["undo"], words["new"]
    open_at(page, f"/{path}?meeting=m1")
    page.locator("article .change-button").first.click()
    page.get_by_role("menuitem", name=new).click()
    expect(page.locator(".toast").get_by_role("button", name=undo)).to_be_visible()
    assert texts(service)[0] == ("SPEAKER_02", "We agreed to ship on Monday.")
    expect(page.locator("article").first).to_have_class(re.compile("speaker-3"))
    page.keyboard.press("Control+z")
    expect(page.locator("article").first).to_have_class(re.compile("speaker-1"))
    assert texts(service)[0][0] == "SPEAKER_00"


@LANGUAGES
def test_a_word_is_written_anew(page: Page, service, words):
    path, edit, save = words["path"], words["edit"], words["save"]
    open_at(page, f"/{path}?meeting=m1")
    page.locator("article [data-w]").first.dblclick()
    field = page.get_by_role("textbox", name=edit)
    expect(field).to_have_value("We")
    field.fill("They")
    page.get_by_role("button", name=save).locator("visible=true").click()
    expect(page.locator("article").first).to_contain_text("They agreed")
    assert texts(service)[0][1] == "They agreed to ship on Monday."


@LANGUAGES
def test_a_turn_begins_where_its_handle_is_dragged_or_moved_to(page: Page, service, words):
    open_at(page, f"/{words['path']}?meeting=m1")
    handle = page.get_by_role("slider", name=words["begins"])
    handle.press("ArrowLeft")
    handle.press("ArrowLeft")
    moved = page.locator(".changes-sides")
    expect(moved).to_have_text(["on", "Monday."])
    handle.press("Escape")
    expect(moved).to_have_count(0)
    assert service.corrections("m1") == ()
    handle.press("ArrowLeft")
    handle.press("Enter")
    expect(page.locator("article").nth(1)).to_contain_text("Monday. I will")
    assert [text for _, text in texts(service)] == [
        "We agreed to ship on",
        "Monday. I will write the notes by Friday.",
    ]
    page.get_by_role("slider", name=words["begins"]).hover()
    page.mouse.down()
    target = page.locator("article").nth(1).locator("[data-w]", has_text="will").bounding_box()
    page.mouse.move(target["x"] + 1, target["y"] + target["height"] / 2)
    expect(moved).to_have_text(["Monday.", "I"])
    page.mouse.up()
    expect(page.locator("article").first).to_contain_text("ship on Monday. I")
    assert texts(service)[1] == ("SPEAKER_01", "will write the notes by Friday.")


def long_turns(service: FakeService) -> None:
    """Two turns of 900 words, which no window shows at once; each word is its number."""
    lines = ((f"SPEAKER_{n:02}", " ".join(f"w{n}{k}" for k in range(900))) for n in range(2))
    service.meetings["m1"] = stored(spread(a_meeting(*lines)), "m1")


def spread(meeting: Meeting) -> Meeting:
    """The second turn begins where the first one ends: words are half a second apart."""
    first, second = meeting.turns
    start = first.segment.end + 0.1
    moved = replace(second, words=words_of(second.text, start))
    return replace(meeting, turns=(first, moved), duration=moved.segment.end, chapters=())


def first_moved(page: Page) -> int:
    """Which word of the first turn the second one would begin with."""
    value = page.locator(".boundary-handle[data-keep]").get_attribute("aria-valuenow")
    return int(value or 0)


def test_words_scroll_under_a_handle_that_is_held_at_an_edge(page: Page, service):
    long_turns(service)
    page.goto("/?meeting=m1&t=450")
    handle = page.locator(".boundary-handle")
    handle.scroll_into_view_if_needed()
    shown = page.locator("#transcript [data-w='899']").bounding_box()
    handle.hover()
    page.mouse.down()
    page.mouse.move(shown["x"], 1)
    page.wait_for_function(
        "document.querySelector('.boundary-handle[data-keep]').ariaValueNow < 300"
    )
    page.mouse.move(shown["x"], 400)
    word = first_moved(page)
    page.mouse.up()
    expect(page.locator(".boundary-handle[data-keep]")).to_have_count(0)
    first, second = (text.split() for _, text in texts(service))
    assert (len(first), second[-1]) == (word, "w1899")


def test_a_handle_is_dragged_with_a_finger(new_page, service):
    page = new_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    open_at(page, "/?meeting=m1")
    handle = page.locator(".boundary-handle")
    handle.scroll_into_view_if_needed()
    target = page.locator("#transcript [data-w]", has_text="write").bounding_box()
    start = handle.bounding_box()
    finger = page.context.new_cdp_session(page)

    def touch(kind: str, box: dict[str, float] | None) -> None:
        points = [] if box is None else [{"x": box["x"] + 2, "y": box["y"] + box["height"] / 2}]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", start)
    touch("touchMove", target)
    expect(page.locator(".changes-sides")).to_have_text(["I", "will"])
    touch("touchEnd", None)
    expect(page.locator("article").first).to_contain_text("Monday. I will")
    assert texts(service)[1] == ("SPEAKER_01", "write the notes by Friday.")


@LANGUAGES
def test_what_voices_say_after_a_correction_is_shown_and_accepted_or_not(
    page: Page, service, words
):
    meeting = a_meeting(*((f"SPEAKER_{n % 2:02}", f"Line {n} ends.") for n in range(4)))
    service.meetings["m1"] = stored(meeting, "m1")
    service.teacher.has_voices = True
    service.teacher.changes = (Relabelling(meeting.turns[3].segment, "SPEAKER_02", "SPEAKER_00"),)
    open_at(page, f"/{words['path']}?meeting=m1")
    page.evaluate("meetingApp.on('proposal', (changes) => (window.proposal = changes.length))")
    page.locator("article .change-button").nth(1).click()
    page.get_by_role("menuitem", name=words["split"]).click()
    page.complaints.clear()
    page.get_by_role("dialog").get_by_role("button", name=words["sure"]).click()
    banner = page.locator("[data-teach]")
    expect(banner).to_contain_text("1")
    page.complaints[:] = [text for text in page.complaints if "409" not in text]
    expect(page.locator("article").nth(3).locator(".proposed")).to_have_count(3)
    assert page.evaluate("proposal") == 1
    banner.get_by_role("button", name=words["accept"]).click()
    expect(banner).to_be_hidden()
    expect(page.locator("article").nth(3)).to_have_class(re.compile("speaker-1"))
    kinds = [type(made.correction).__name__ for made in service.corrections("m1")]
    assert kinds == ["SplitSpeaker", "Relabel"]
    expect(page.locator(".proposed")).to_have_count(0)


def test_what_was_typed_stays_when_somebody_else_was_faster(page: Page, service):
    open_at(page, "/?meeting=m1")
    page.locator("article [data-w]").first.dblclick()
    service.correct("m1", RenameMeeting("Board"), author="tom")
    field = page.get_by_role("textbox", name="Edit words")
    field.fill("They")
    save = page.get_by_role("button", name="Save").locator("visible=true")
    page.complaints.clear()
    save.click()
    expect(page.locator("[data-dialog=words] .problem")).to_contain_text("Somebody else")
    expect(field).to_have_value("They")
    expect(page.locator("#heading h1")).to_have_text("Board")
    save.click()
    expect(page.locator("article").first).to_contain_text("They agreed")
    page.complaints[:] = [text for text in page.complaints if "409" not in text]


@LANGUAGES
def test_speakers_are_named_in_one_sheet_and_the_history_tells_it(page: Page, service, words):
    open_at(page, f"/{words['path']}?meeting=m1")
    page.get_by_role("button", name=words["name"]).click()
    sheet = page.locator("[data-dialog=names]")
    expect(sheet.locator(".quote")).to_have_count(2)
    sheet.get_by_role("textbox").nth(0).fill("Ana")
    sheet.get_by_role("textbox").nth(1).fill("Tom")
    sheet.get_by_role("button", name=words["save"]).click()
    expect(page.locator("article").nth(1)).to_contain_text("Tom")
    (made,) = service.corrections("m1")
    both = (RenameSpeaker("SPEAKER_00", "Ana"), RenameSpeaker("SPEAKER_01", "Tom"))
    assert made.correction == NameSpeakers(both)
    expect(sheet).to_be_hidden()
    page.keyboard.press("Control+z")
    expect(page.locator("article").nth(1)).not_to_contain_text("Tom")
    assert [s.name for s in service.meeting("m1").meeting.speakers] == [None, None]
    page.get_by_role("button", name=words["history"], exact=True).click()
    expect(page.locator("[data-history] li").first).to_contain_text(words["named"])


@LANGUAGES
def test_speakers_are_merged_and_a_chapter_and_a_line_change_at_390_px(new_page, service, words):
    page = new_page(viewport={"width": 390, "height": 780})
    open_at(page, f"/{words['path']}?meeting=m1")
    page.locator("article .change-button").nth(1).click()
    page.get_by_role("menuitem", name=words["chapter"]).click()
    expect(page.locator("h2.chapter")).to_have_count(2)
    page.locator("article .change-button").nth(1).click()
    page.get_by_role("menuitem", name=words["same"]).click()
    expect(page.locator("article").nth(1)).to_have_class(re.compile("speaker-1"))
    page.locator("[data-part=minutes]").first.click()
    page.locator("#minutes .change-button").first.click()
    dialog = page.locator("[data-dialog=line]")
    dialog.get_by_role("textbox").first.fill("Ana writes the notes.")
    dialog.get_by_role("button", name=words["save"]).click()
    expect(page.locator("#minutes")).to_contain_text("Ana writes the notes.")
    kinds = [type(made.correction).__name__ for made in service.corrections("m1")]
    assert kinds == ["AddChapter", "MergeSpeakers", "EditLine"]
