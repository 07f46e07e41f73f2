"""Takes the pictures of every page: ``python -m tests.browser.pictures FOLDER``.

The library is a real one, of meetings that nobody held. Each page is taken in light, in dark, on a
telephone and in Chinese; the files have few colours, so that they stay small.
"""

import io
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageChops
from playwright.sync_api import Browser, Page, sync_playwright

from meeting_app.bootstrap import Application
from meeting_app.config import Config, ServerConfig, StorageConfig
from meeting_app.domain import Meeting
from pipelines.peaks import write_peaks_of_file
from tests.browser.conftest import CHROMIUM, DESKTOP, FLAGS, m4a
from tests.browser.live_flows import A
from tests.browser.live_server import FakeLive, FakeMeeting
from tests.browser.made_up import hummed, made_up
from tests.ui.serving import application, serving

TELEPHONE = {"width": 390, "height": 844}
MOST_LOST = 24  # of 255, by which a palette may change a colour
# Title, file, number of named speakers, tags, chapters.
OTHERS = (
    ("Letters from users", "letters.mp3", 2, ("customers",), (3,)),
    ("Weekly planning", "weekly.mp4", 3, ("team",), (1, 2)),
    ("每周例会", "例会.m4a", 3, ("team",), (1, 2)),
    ("Budget round", "budget.wav", 1, (), (4,)),
)


def main() -> None:
    """Fills a library and takes all pictures."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with library() as (address, ids), sync_playwright() as playwright:
        flags = [*FLAGS, "--force-color-profile=srgb", "--font-render-hinting=none"]
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=flags)
        for name, query in pages(ids["en"]).items():
            take(browser, address + "/" + query, folder / f"{name}.png", DESKTOP)
            take(browser, address + "/" + query, folder / f"{name}-dark.png", DESKTOP, "dark")
            take(browser, address + "/" + query, folder / f"{name}-narrow.png", TELEPHONE)
        for name, query in pages(ids["zh"], "预算", "live2").items():
            take(browser, address + "/zh/" + query, folder / f"{name}-zh.png", DESKTOP)
        browser.close()


def pages(meeting_id: str, word: str = "budget", live: str = "live1") -> dict[str, str]:
    """What is after the "?" of each page."""
    return {
        "library": "",
        "search": f"?q={word}",
        "meeting": f"?meeting={meeting_id}",
        "add": "?show=new",
        "people": "?show=people",
        "live": f"?live={live}",
    }


@contextmanager
def library() -> Iterator[tuple[str, dict[str, str]]]:
    """Address of a server, and the meetings that are shown under their languages."""
    with tempfile.TemporaryDirectory() as home:
        app = Application(Config(storage=StorageConfig(home=Path(home))))
        for title, filename, num_named, tags, chapters in OTHERS:
            language = "zh" if not title.isascii() else "en"
            put(app, made_up(language, title, num_named, chapters), filename, tags)
        ids = {
            "zh": put(app, made_up("zh", "发布计划"), "发布计划.m4a", ("release",)),
            "en": put(app, made_up("en", "Release planning"), "planning.m4a", ("release",)),
        }
        app.service.shelves.move([ids["en"], ids["zh"]], "Releases")
        app.service.people.switch_voices(True)
        for number in range(2):
            sound = m4a(hummed(made_up("en", "Next"))[: (20 + number) * 16_000])
            app.service.submit(io.BytesIO(sound), f"next-{number + 1}.m4a")
        live = running()
        with serving(application(app.service, ServerConfig(), live.router.routes)) as address:
            yield address, ids


def put(app: Application, meeting: Meeting, filename: str, tags: tuple[str, ...]) -> str:
    """The meeting as if its sound had been processed."""
    number = sum(filename.encode())  # sound of its own, so that it is no duplicate
    sound = m4a(hummed(meeting) * (0.6 + number % 40 / 100))
    job = app.service.submit(io.BytesIO(sound), filename, title=meeting.title)
    claim = app._repository.claim(60.0, 3, job.id)
    assert claim is not None
    with tempfile.TemporaryDirectory(dir=app.home) as folder:
        playback, peaks = Path(folder) / "playback.m4a", Path(folder) / "peaks"
        playback.write_bytes(sound)
        write_peaks_of_file(playback, peaks)
        app._media.keep_playback(claim.sha256, playback)
        app._media.keep_peaks(claim.sha256, peaks)
    app._repository.finish(claim, meeting)
    for speaker in meeting.speakers:
        if speaker.name is not None:  # as a user would, so that the people are known
            app.service.rename_speaker(job.meeting_id, speaker.label, None)
            app.service.rename_speaker(job.meeting_id, speaker.label, speaker.name)
    if tags:
        app.service.shelves.tag([job.meeting_id], tags)
    return job.meeting_id


def running() -> FakeLive:
    """Meetings that are being recorded elsewhere."""
    live = FakeLive()
    for number, (language, title) in enumerate((("en", "Release planning"), ("zh", "发布计划")), 1):
        state = state_of(made_up(language, title))
        live.meetings[f"live{number}"] = FakeMeeting(
            f"live{number}", "secret", title, language, state=state
        )
    return live


def state_of(meeting: Meeting) -> dict[str, object]:
    """What the server says after nine turns of the meeting."""
    lines, voices = [], []
    for number, turn in enumerate(meeting.turns[:9]):
        label = turn.speaker or A
        spoken = [[w.text, w.segment.start, w.segment.end, w.probability] for w in turn.words]
        is_over = number < 8
        lines.append(
            {"id": number, "words": spoken, "labels": [label] * len(spoken), "edited": False}
            | {"stable": len(spoken) if is_over else 5, "final": is_over, "settled": is_over}
        )
        voices.append([turn.segment.start, turn.segment.end, label])
    names = {s.label: s.name for s in meeting.speakers if s.name is not None}
    state = {"lines": lines, "voices": voices, "names": names, "position": voices[-1][1]}
    title = meeting.chapters[0].title
    state |= {"marks": [[20.0, ""]], "chapters": [[0.0, voices[-1][1], title]]}
    return state | {"is_recorder_connected": True}


def take(browser: Browser, url: str, path: Path, size: dict[str, int], mode: str = "light") -> None:
    """One picture."""
    context = browser.new_context(
        viewport=size, color_scheme=mode, reduced_motion="reduce", timezone_id="UTC"
    )
    page = context.new_page()
    page.goto(url)
    settle(page)
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    context.close()
    few = picture.quantize(256, dither=Image.Dither.NONE)
    # A palette would spoil small coloured things; without one the file may be twice as large.
    lost = ImageChops.difference(picture, few.convert("RGB")).getextrema()
    best = few if max(high for _, high in lost) <= MOST_LOST else picture
    best.save(path, optimize=True)


def settle(page: Page) -> None:
    """Until everything is there that the page has to show."""
    page.wait_for_selector("h1:visible")
    page.wait_for_load_state("networkidle")
    page.wait_for_function("!document.querySelector('.loading')?.checkVisibility()")
    page.wait_for_timeout(600)  # what is drawn comes after what is laid out


if __name__ == "__main__":
    main()
