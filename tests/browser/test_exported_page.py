"""The exported page, opened from the disk: no server, no network, and a policy that holds."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from meeting_app.formats.html import Sound, outline_to_html
from meeting_app.formats.outline import outline_of
from tests.browser.conftest import tone
from tests.browser.meetings import hostile_meeting, long_meeting
from tests.browser.playing import heard_from


@pytest.mark.parametrize("is_scripted", [True, False])
def test_word_is_heard_from_a_file_and_everything_is_read_without_scripts(
    chromium: Browser, tmp_path: Path, is_scripted: bool
) -> None:
    path, complaints = tmp_path / "meeting.html", []
    sound = tone(60)
    blocks = tuple(sound[i : i + 100_000] for i in range(0, len(sound), 100_000))
    path.write_bytes(b"".join(outline_to_html(outline_of(long_meeting()), Sound(blocks, 0.0))))
    context = chromium.new_context(java_script_enabled=is_scripted)
    page = context.new_page()
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on("request", lambda r: complaints.append(r.url) if r.url.startswith("http") else None)
    page.goto(path.as_uri())
    expect(page.locator("#turn-4")).to_contain_text("About the budget, we are four percent")
    if is_scripted:
        with heard_from(page, 41, "audio", is_stopped=True):  # the third word of the turn at 40 s
            page.locator("#turn-4").get_by_text("budget", exact=False).first.click()
        expect(page.locator("#turn-4 .now")).to_have_count(1)
        expect(page.get_by_text("Without scripts")).to_be_hidden()
    else:
        expect(page.get_by_text("Without scripts the sound cannot be played")).to_be_visible()
        expect(page.locator(".player")).to_be_hidden()
    context.close()
    assert complaints == []


def test_hostile_texts_do_nothing(chromium: Browser, tmp_path: Path) -> None:
    path, complaints = tmp_path / "meeting.html", []
    path.write_bytes(b"".join(outline_to_html(outline_of(hostile_meeting()), None)))
    page = chromium.new_page()
    page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.goto(path.as_uri())
    expect(page.locator("h1")).to_contain_text("<img src=x onerror=alert(1)>")
    page.close()
    assert complaints == []
