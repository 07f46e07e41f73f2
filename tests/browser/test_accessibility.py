"""WCAG 2.2 AA on every page, in both languages, in both modes, on a desktop and a telephone."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from meeting_app.config import ServerConfig
from tests.browser.conftest import PATIENCE_MS
from tests.browser.showcase import ADDRESSES, showcase_live, showcase_service
from tests.ui.fake_service import FakeService
from tests.ui.serving import application, serving

DESKTOP, TELEPHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}
SMALLEST = 320  # px; what 1280 are at a zoom of 400 % (criterion 1.4.10)
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CHECK = """async (tags) => {
  const found = await axe.run(document, {
    resultTypes: ["violations"], runOnly: tags, rules: { "target-size": { enabled: true } },
  });
  // The names beside the lanes do what the larger names above them do.
  const isDouble = (id, { target }) => id === "target-size" && target[0].includes(".names >");
  return found.violations.flatMap(({ id, nodes }) => nodes
    .filter((node) => !isDouble(id, node))
    .map(({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary}`));
}"""
# A tab that is told of another address never counts as loading again, so it counts its requests.
COUNT = """(() => {
  const ask = window.fetch;
  let numOpen = 0;
  window.isQuiet = () => numOpen === 0;
  window.fetch = (...what) => {
    numOpen += 1;
    const answer = ask(...what);
    const done = () => setTimeout(() => (numOpen -= 1), 20);  // what follows from it has begun then
    answer.then((found) => found.clone().arrayBuffer()).then(done, done);
    return answer;
  };
})();"""
SPACED = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
  word-spacing: 0.16em !important; } p { margin-bottom: 2em !important; }"""


@pytest.fixture(scope="module")
def shown(playback: Path) -> FakeService:
    """What the server shows; a test that changes it puts it back."""
    return showcase_service(playback)


@pytest.fixture(scope="module")
def address(shown: FakeService) -> Iterator[str]:
    """One server for all tests."""
    live = showcase_live()
    app = application(shown, ServerConfig(), live.router.routes)
    with serving(app) as address:
        yield address


@pytest.fixture(scope="module")
def tabs(chromium: Browser, address: str) -> Iterator[dict[str, Page]]:
    """A tab for each language, loaded once."""
    contexts: list[BrowserContext] = []
    tabs = {}
    for language, path in (("en", "/"), ("zh", "/zh/")):
        context = chromium.new_context(viewport=DESKTOP)
        context.add_init_script(AXE_SCRIPT)
        context.add_init_script(COUNT)
        contexts.append(context)
        tabs[language] = context.new_page()
        tabs[language].set_default_timeout(PATIENCE_MS)
        tabs[language].goto(address + path)
        expect(tabs[language].locator("h1:visible")).to_have_count(1)
    yield tabs
    for context in contexts:
        context.close()


@pytest.fixture
def show(tabs: dict[str, Page]) -> Callable[[str, str], Page]:
    """Shows an address in the tab of a language."""

    def shown(language: str, query: str) -> Page:
        page = tabs[language]
        page.set_viewport_size(DESKTOP)
        # What an earlier test was told would cover what this one looks at, for nine seconds.
        page.locator(".toast").evaluate_all("boxes => boxes.forEach(box => box.remove())")
        page.evaluate("query => window.meetingApp.go(query)", query)
        expect(page.locator("h1:visible")).to_have_count(1)
        page.wait_for_function("isQuiet()")
        page.evaluate("new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))")
        return page

    return shown


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", ADDRESSES)
def test_axe_finds_nothing(show, name: str, language: str):
    page = show(language, ADDRESSES[name])
    sizes, modes = (DESKTOP, TELEPHONE), ("light", "dark")
    assert found_by_axe(page, [(size, mode) for size in sizes for mode in modes]) == {}


def found_by_axe(page: Page, looks: Sequence[tuple[ViewportSize, str]]) -> dict[str, str]:
    """What axe has against the page as it is, in each size and mode."""
    found: dict[str, str] = {}
    for size, mode in looks:
        page.set_viewport_size(size)
        page.evaluate("mode => document.body.classList.toggle('dark', mode === 'dark')", mode)
        page.evaluate("Promise.allSettled(document.getAnimations().map((one) => one.finished))")
        found |= dict.fromkeys(page.evaluate(CHECK, TAGS), f"{size['width']} {mode}")
    return found


# What opens on a meeting's page: the place to click, in whatever language.
OPENED = {
    "what a turn can become": "#transcript .change-button",
    "what a chapter can become": "#chapters .change-button",
    "a line of the minutes": "#minutes .change-button",
    "corrections so far": "#heading .corrections button:nth-child(3)",
    "names of the speakers": "#heading .corrections button:nth-child(4)",
    "choices of a document": "#heading [data-choose-download]",
    "keys": "#player [data-show-keys]",
}


@pytest.mark.parametrize("opener", OPENED.values(), ids=OPENED)
def test_axe_finds_nothing_in_what_opens_on_a_meeting(show, opener: str):
    for language in ("en", "zh"):
        page = show(language, ADDRESSES["meeting"])
        if "choose-download" in opener:
            page.locator("#heading summary").first.click()
        page.locator(opener).first.click()
        opened = page.locator("dialog[open], #correcting .choices:visible")
        expect(opened).to_have_count(1)
        assert found_by_axe(page, [(DESKTOP, "light"), (TELEPHONE, "dark")]) == {}
        boxes = opened.locator("input[type=checkbox]")
        looks = boxes.evaluate_all("all => all.map((box) => getComputedStyle(box).appearance)")
        assert "none" not in looks  # nobody would see which are checked
        page.keyboard.press("Escape")
        expect(opened).to_have_count(0)


@pytest.mark.parametrize("action", ["tag", "move"])
def test_axe_finds_nothing_in_what_is_done_with_chosen_meetings(show, action: str):
    for language in ("en", "zh"):
        page = show(language, ADDRESSES["library"])
        page.locator("#library [data-pick]").first.check()
        page.locator(f"#library [data-do={action}]").click()
        opened = page.locator("#library dialog[open]")
        expect(opened).to_have_count(1)
        assert found_by_axe(page, [(DESKTOP, "light"), (TELEPHONE, "dark")]) == {}
        page.keyboard.press("Escape")
        expect(opened).to_have_count(0)


# What opens on the other pages: the address, the place to click, and what is seen then.
ELSEWHERE = {
    "filters in use": ("?language=en&tag=weekly&from=2026-01-01", None, "#library [data-clear]"),
    "emptying of the trash": ("?trash=1", "#library [data-empty]", "dialog[open]"),
    "more meetings of a person": ("?show=people", "#people summary", "#people details[open]"),
    "another name of a person": ("?show=people", "#people [data-rename]", "#people .in-place"),
    "who a person really is": ("?show=people", "#people [data-merge-with]", "dialog[open]"),
}


@pytest.mark.parametrize(("query", "opener", "opened"), ELSEWHERE.values(), ids=ELSEWHERE)
def test_axe_finds_nothing_in_what_opens_elsewhere(
    show, query: str, opener: str | None, opened: str
):
    for language, look in (("en", (DESKTOP, "light")), ("zh", (TELEPHONE, "dark"))):
        page = show(language, query)
        if opener is not None:
            page.locator(opener).first.click()
        expect(page.locator(opened)).to_have_count(1)
        expect(page.locator(opened)).to_be_visible()
        assert found_by_axe(page, [look]) == {}
        page.keyboard.press("Escape")


def test_axe_finds_nothing_where_nobody_is_named_and_a_file_was_refused(show, shown):
    people, shown.people.entries = shown.people.entries, {}
    for language, look in (("en", (DESKTOP, "light")), ("zh", (TELEPHONE, "dark"))):
        page = show(language, "?")
        file = {"name": "x.json", "mimeType": "application/json", "buffer": b"{}"}
        page.locator("#library [data-import-files]").set_input_files(file)
        expect(page.locator("#page .toast.failed")).to_be_visible()
        page.evaluate("window.meetingApp.go('?show=people')")
        expect(page.locator("#people .empty")).to_be_visible()
        assert found_by_axe(page, [look]) == {}
    shown.people.entries = people


@pytest.mark.parametrize("name", ADDRESSES)
def test_smallest_window_scrolls_only_down(show, name: str):
    for language in ("en", "zh"):
        page = show(language, ADDRESSES[name])
        page.set_viewport_size({"width": SMALLEST, "height": 640})
        page.wait_for_function(f"document.documentElement.scrollWidth <= {SMALLEST}")


@pytest.mark.parametrize("name", ["library", "new", "meeting"])
def test_wider_spaced_text_is_not_cut_off(show, name: str):
    page = show("en", ADDRESSES[name])
    page.set_viewport_size(TELEPHONE)
    style = page.add_style_tag(content=SPACED)
    try:
        fits = f"document.documentElement.scrollWidth <= {TELEPHONE['width']}"
        page.wait_for_function(fits)  # the lanes are drawn anew in a frame or two
    finally:
        style.evaluate("node => node.remove()")


@pytest.mark.parametrize("name", ["library", "new", "meeting"])
def test_what_the_keyboard_reaches_is_visible_and_not_covered(show, name: str):
    page = show("en", ADDRESSES[name])
    page.evaluate("document.activeElement.blur()")
    for _ in range(30):
        page.keyboard.press("Tab")
        covered = page.evaluate("""() => {
          const node = document.activeElement;
          const box = node.getBoundingClientRect();
          const style = getComputedStyle(node);
          if (node === document.body || node.matches("audio, .drop input, .cover")) return null;
          if (style.outlineStyle === "none") return `no outline: ${node.outerHTML.slice(0, 90)}`;
          const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
          return top && (node.contains(top) || top.contains(node)) ? null
            : `covered: ${node.outerHTML.slice(0, 90)} by ${top?.outerHTML.slice(0, 90)}`;
        }""")
        assert covered is None


def test_skip_link_leads_past_the_navigation(show):
    page = show("en", "?")
    page.locator("#page .brand").focus()
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Library")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#library-page :focus")).to_have_count(1)


def test_page_that_was_gone_to_has_the_focus(show):
    page = show("en", "?")
    page.get_by_role("link", name="Live").click()
    expect(page.get_by_role("region", name="Live", exact=True)).to_be_focused()


def test_keys_without_ctrl_can_be_switched_off(show):
    page = show("en", ADDRESSES["meeting"])
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keys of this page")
    sheet.get_by_label("Use keys without Ctrl or Alt").uncheck()
    sheet.get_by_role("button", name="Close").click()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    expect(sheet).to_be_hidden()
    page.get_by_role("button", name="Keys of this page").click()
    sheet.get_by_label("Use keys without Ctrl or Alt").check()
    sheet.get_by_role("button", name="Close").click()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    expect(sheet).to_be_visible()
    page.keyboard.press("Escape")


def test_nothing_moves_for_who_wants_no_motion(chromium: Browser, address: str):
    context = chromium.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{address}/?show=new")
    expect(page.locator("h1:visible")).to_have_count(1)
    moving = page.evaluate(
        "() => document.getAnimations().filter((one) => one.effect.target?.closest('.part')).length"
    )
    context.close()
    assert moving == 0
