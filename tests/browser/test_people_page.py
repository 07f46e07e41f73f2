"""What a user does on the page of people, against a service in memory."""

import pytest
from playwright.sync_api import Page, expect

from tests.people import an_entry
from tests.ui.fake_service import FakeService


@pytest.fixture
def people(service: FakeService):
    entries = (
        an_entry("Laura", "Standup", "Review", voice_seconds=42.0),
        an_entry("Lara", "Kick-off", id="p2"),
    )
    service.people.entries = {entry.person.id: entry for entry in entries}
    return service.people


def card(page: Page, name: str):
    return page.locator("#people .person").filter(has=page.get_by_role("heading", name=name))


def test_people_are_renamed_merged_forgotten_and_deleted(page: Page, people) -> None:
    page.goto("/")
    page.get_by_role("link", name="People").click()
    switch = page.get_by_role("switch", name="Recognise voices")
    expect(switch).not_to_be_checked()
    switch.click()
    expect(switch).to_be_checked()
    assert people.is_on

    laura = card(page, "Laura")
    expect(laura).to_contain_text("2 meetings")
    laura.get_by_role("button", name="Remember the voice from Review").click()
    expect(page.locator("[data-toasts]")).to_contain_text("The voice is remembered.")
    assert people.remembered == [("m2", "SPEAKER_00")]
    laura.get_by_role("button", name="Forget voice").click()
    page.locator("[data-confirm-action]").click()
    expect(laura).not_to_contain_text("Voice remembered")

    laura.get_by_role("button", name="Laura", exact=True).click()
    field = page.get_by_label("Name of Laura")
    field.fill("Laura Smith")
    field.press("Enter")
    expect(card(page, "Laura Smith")).to_be_visible()

    card(page, "Lara").get_by_role("button", name="Merge…").click()
    dialog = page.get_by_role("dialog", name="Who is Lara?")
    dialog.get_by_role("button", name="Merge").click()  # nobody is chosen yet
    expect(dialog).to_be_visible()
    dialog.get_by_label("Really is").select_option(label="Laura Smith")
    dialog.get_by_role("button", name="Merge").click()
    expect(page.locator("#people .person")).to_have_count(1)
    expect(card(page, "Laura Smith")).to_contain_text("3 meetings")

    page.get_by_role("button", name="Delete Laura Smith").click()
    expect(page.locator("[data-confirm-text]")).to_contain_text("3 meetings")
    page.locator("[data-confirm-action]").click()
    expect(page.get_by_role("heading", name="Nobody is named yet")).to_be_visible()
    assert people.entries == {}


def test_page_is_chinese_and_says_when_voices_cannot_be_read(page: Page, people) -> None:
    people.problem = "voices.key: the key is gone; forget all voices"
    page.goto("/zh/?show=people")
    expect(page.get_by_role("heading", name="人物")).to_be_visible()
    expect(page.locator("#people").get_by_role("alert")).to_contain_text("the key is gone")
    page.get_by_role("button", name="忘记所有声音").click()
    page.locator("[data-confirm-action]").click()
    expect(page.locator("#people").get_by_role("alert")).to_have_count(0)
