"""A recording becomes a meeting on the page: real server, real worker, real models, no network."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import docx
import psutil
import pytest
from playwright.sync_api import Page, expect

from meeting_app.bootstrap import SAMPLE_FILE, SAMPLE_MODEL, Application
from meeting_app.config import load_config
from tests.browser.playing import PLAYER, heard_from

pytestmark = pytest.mark.model

PROGRAM = Path(sys.executable).with_name("meeting-app")
MODELS_CACHE = "MEETING_APP_WEIGHTS_CACHE"
PATIENCE = 120  # seconds for half a minute of sound on a busy machine; 20 on an idle one
INTERRUPTED = 130


@pytest.fixture
def recording(models: Callable[[str], Path], tmp_path: Path) -> Path:
    """The phone call of two people, under a name as people give them."""
    path = tmp_path / "Phone call 电话.wav"
    shutil.copy(models(SAMPLE_MODEL) / SAMPLE_FILE, path)
    return path


@pytest.fixture
def server(models: Callable[[str], Path], tmp_path: Path) -> Iterator[str]:
    """Address of `meeting-app serve` with an empty library; the network is out of bounds."""
    application = Application(load_config())
    for name in (*application.models_for(None), *application.live_models):
        models(name)
    own = {key: value for key, value in os.environ.items() if not key.startswith("MEETING_APP_")}
    if MODELS_CACHE in os.environ:
        own[MODELS_CACHE] = os.environ[MODELS_CACHE]
    own |= {"MEETING_APP_HOME": str(tmp_path / "home"), "MEETING_APP_OFFLINE": "1"}
    with started(own, tmp_path / "server.log") as process:
        line = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        if found is None:
            pytest.fail(f"no address but {line!r}: {(tmp_path / 'server.log').read_text()}")
        yield found.group()
        workers = psutil.Process(process.pid).children()
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == INTERRUPTED
        # Ctrl-C ends the worker too, in peace.
        assert workers
        assert not any(worker.is_running() for worker in workers)
        assert "Traceback" not in (tmp_path / "server.log").read_text()


@contextmanager
def started(environment: dict[str, str], log: Path) -> Iterator["subprocess.Popen[str]"]:
    """The program serving a port that was free; it and its worker are gone afterwards."""
    with log.open("w") as errors:
        process = subprocess.Popen(
            [PROGRAM, "serve", "--port", "0"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    with process:
        try:
            yield process
        finally:
            is_up = process.poll() is None
            family = [*psutil.Process(process.pid).children(), process] if is_up else []
            for member in family:
                member.kill()


def hand_in(page: Page, recording: Path) -> None:
    page.goto("/")
    page.get_by_role("link", name="Add a recording").click()
    page.locator("#upload [data-files]").set_input_files(recording)
    card = page.locator("#jobs .job", has_text=recording.name)
    expect(card).to_contain_text(re.compile("step [1-7] of 7"), timeout=60_000)
    page.reload()
    expect(card.get_by_role("progressbar")).to_be_visible()


def check_turn_plays(page: Page, number: int) -> None:
    """A click on the turn's time makes the sound move on from there."""
    turn = page.locator("#transcript article").nth(number)
    start = float(turn.get_attribute("data-start"))
    assert start > 1
    with heard_from(page, start):
        turn.locator("header .clock").click()
    page.wait_for_function(f"document.querySelector('{PLAYER}').currentTime > {start + 0.5}")
    page.get_by_role("button", name="Pause").click()


def name_speaker(page: Page, old: str, new: str) -> int:
    """How many turns the new name stands at."""
    spoken = page.locator("#transcript .name", has_text=old).count()
    page.locator("#heading .chip", has_text=old).click()
    page.get_by_label(f"Name of {old}").fill(new)
    page.keyboard.press("Enter")
    expect(page.locator("#heading .chip", has_text=new)).to_be_visible()
    expect(page.locator("#transcript .name", has_text=new)).to_have_count(spoken)
    return spoken


def find(page: Page, name: str) -> None:
    """Looks a speaker up in the library and opens the first place that was found."""
    page.get_by_role("link", name="Library", exact=True).click()
    page.get_by_label("Search all meetings").fill(name)
    hit = page.locator("#library .hit", has_text=name).first
    hit.get_by_role("link").click()
    expect(page.locator("#transcript .playing .name")).to_contain_text(name)


def downloaded_text(page: Page, format: str) -> str:
    page.locator("#heading summary").click()
    with page.expect_download() as caught:
        page.locator(f"#heading [data-format={format}]").click()
    assert caught.value.suggested_filename == f"Phone call 电话.{format}"
    document = docx.Document(caught.value.path())
    return "\n".join(paragraph.text for paragraph in document.paragraphs)


def test_recording_becomes_a_meeting_that_is_read_heard_corrected_found_and_taken_away(
    page: Page, recording: Path
):
    hand_in(page, recording)
    page.wait_for_url("**/?meeting=*", timeout=PATIENCE * 1000)

    expect(page.locator("#heading h1")).to_have_text("Phone call 电话")
    expect(page.locator("#heading .chip")).to_have_count(2)
    expect(page.locator("#chapters a")).to_have_count(1)
    expect(page.locator("#minutes li").first).to_be_visible()
    said = page.locator("#transcript article p").all_inner_texts()
    assert "originally from chicago" in " ".join(said).lower()

    check_turn_plays(page, 2)
    assert name_speaker(page, "Speaker 2", "Priya 王") > 1
    find(page, "Priya 王")

    text = downloaded_text(page, "docx")
    assert text.startswith("Phone call 电话\n")
    assert "Priya 王" in text
    assert "Speaker 2" not in text
    assert [line for line in said if line not in text] == []
