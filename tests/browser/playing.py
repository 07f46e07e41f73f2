"""Where the sound begins to play, however late a test comes to look."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page

PLAYER = "#player audio"
LISTEN = """([place, isStopped]) => {
  const sound = document.querySelector(place);
  const since = performance.now();
  window.heard = null;
  const hear = () => {
    if (window.heard || sound.paused) return;
    window.heard = { time: sound.currentTime, after: (performance.now() - since) / 1000 };
    if (isStopped) sound.pause();
  };
  for (const type of ["playing", "timeupdate"]) sound.addEventListener(type, hear);
}"""
SLACK = 0.3  # s; the page hears of the sound four times a second


@contextmanager
def heard_from(
    page: Page, start: float, place: str = PLAYER, is_stopped: bool = False
) -> Iterator[None]:
    """What is done inside makes the sound begin at ``start`` (s).

    With ``is_stopped`` the sound then stands still, and what the page marks can be looked at.
    """
    page.evaluate(LISTEN, [place, is_stopped])
    yield
    heard = page.wait_for_function("window.heard").json_value()
    # Whoever hears of it late hears a later place.
    assert start - 0.01 <= heard["time"] <= start + heard["after"] + SLACK
