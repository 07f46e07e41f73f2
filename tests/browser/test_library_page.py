"""Finding meetings and keeping them in order, on a real library, in both languages."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests import fakes_jobs
from tests.meeting_app.conftest import App
from ui.translation import translator

ADDRESS = {"en": "/?", "zh": "/zh/?"}


@pytest.fixture
def service(tmp_path: Path) -> Iterator[object]:
    """Two meetings with the same words in them."""
    app = App(tmp_path / "home")
    for name in ("standup.wav", "board.wav"):
        app.process(filename=name)
    yield app.service
    app.repository.close()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_meetings_are_tagged_narrowed_deleted_and_restored(page: Page, language: str) -> None:
    t = translator(language)
    page.goto(ADDRESS[language])
    rows = page.locator("#library li.row-card")
    expect(rows).to_have_count(2)
    rows.filter(has_text="board").locator("[data-pick]").check()
    expect(page.locator("[data-picked-count]")).to_have_text(t("1 chosen"))
    page.get_by_role("button", name=t("Tags"), exact=True).click()
    page.get_by_label(t("Add"), exact=True).fill("q3")
    page.keyboard.press("Enter")
    page.locator("[data-filter=tag]").select_option("q3")
    expect(rows).to_have_count(1)
    expect(page).to_have_url(re.compile(r"[?&]tag=q3"))
    page.reload()
    expect(rows).to_have_count(1)
    page.locator("#library [data-delete]").click()
    expect(page.locator("#library .empty h2")).to_have_text(t("No such meeting"))
    page.get_by_role("link", name=t("Trash")).click()
    page.locator("[data-pick]").check()
    page.get_by_role("button", name=t("Restore")).click()
    expect(page.locator("#library .empty h2")).to_have_text(t("The trash is empty"))
    page.get_by_role("link", name=t("Back to the library")).click()
    expect(rows).to_have_count(2)


def test_a_hit_opens_its_meeting_at_its_second(page: Page) -> None:
    page.goto("/?q=notes")
    hits = page.locator("#library li.hit")
    expect(hits).to_have_count(2)
    hits.first.locator("a").click()
    expect(page).to_have_url(re.compile(r"\?meeting=[0-9a-f]{16}&t=\d"))


def test_folder_and_tags_are_changed_in_the_heading(page: Page) -> None:
    page.goto("/")
    page.locator("#library a.cover").first.click()
    page.get_by_role("button", name="Folder and tags").click()
    page.locator("#shelf [data-path]").fill("Board/2026")
    page.locator("#shelf [data-names]").fill("weekly, q3")
    page.keyboard.press("Enter")
    expect(page.locator("#heading .shelf a")).to_have_text(["Board/2026", "q3", "weekly"])


def test_what_is_there_already_is_offered_instead_of_processed(page: Page) -> None:
    page.goto("/?show=new")
    file = {"name": "again.wav", "mimeType": "audio/wav", "buffer": fakes_jobs.RECORDING}
    page.locator("#upload [data-files]").set_input_files(file)
    item = page.locator("#upload .upload")
    expect(item).to_contain_text("You already have this recording.")
    item.get_by_role("button", name="Add anyway").click()
    expect(item).to_have_count(0)
    expect(page.locator("#jobs")).to_contain_text("again.wav")
    refused = "the server responded with a status of 409"
    page.complaints[:] = [text for text in page.complaints if refused not in text]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_meetings_go_out_come_back_and_leave_with_the_trash(page: Page, language: str) -> None:
    t = translator(language)
    page.goto(ADDRESS[language])
    rows = page.locator("#library li.row-card")
    expect(rows).to_have_count(2)
    for box in page.locator("[data-pick]").all():
        box.check()
    page.locator("[data-do=export]").click()
    page.get_by_label(t("As"), exact=True).select_option("json")
    with page.expect_download() as downloading:
        page.get_by_role("dialog").get_by_role("button", name=t("Download")).click()
    with zipfile.ZipFile(downloading.value.path()) as archive:
        documents = [archive.read(name) for name in archive.namelist()]
    assert len(documents) == 2
    files = [
        {"name": f"{number}.json", "mimeType": "application/json", "buffer": content}
        for number, content in enumerate([documents[0], b"{", documents[1]])
    ]
    page.locator("[data-import-files]").set_input_files(files)
    expect(page.locator(".toast.failed")).to_contain_text("1.json")
    expect(page.locator("[data-toasts]")).to_contain_text(
        t("{count} meetings were imported.", count=2)
    )
    expect(rows).to_have_count(4)
    page.locator("#library [data-delete]").first.click()
    expect(rows).to_have_count(3)
    page.get_by_role("link", name=t("Trash")).click()
    page.get_by_role("button", name=t("Empty the trash")).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(t("1 meeting goes."))
    dialog.get_by_role("button", name=t("Delete for good")).click()
    expect(page.locator("#library .empty h2")).to_have_text(t("The trash is empty"))
    expect(page.locator("#library [data-empty]")).to_be_hidden()
    refused = "the server responded with a status of 400"
    page.complaints[:] = [text for text in page.complaints if refused not in text]
