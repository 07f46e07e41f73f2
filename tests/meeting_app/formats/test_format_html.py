"""HTML: one file, safe to open, that holds everything and asks nothing of any network."""

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

from hypothesis import given, settings

from meeting_app.config import SubtitlesConfig
from meeting_app.domain import Meeting
from meeting_app.formats import Exporter
from meeting_app.formats.document import Source
from meeting_app.formats.html import Sound, outline_to_html
from meeting_app.formats.options import DEFAULTS, ExportOptions, Part
from meeting_app.formats.outline import clock, outline_of
from tests.browser.meetings import hostile_meeting
from tests.builders import a_meeting, an_empty_meeting
from tests.strategies import meetings

VOID = {"meta", "link", "br", "hr", "img", "input", "rect"}


class _Reader(HTMLParser):
    """Tags, attributes and text, and whether every tag is closed where it should be."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] not in ("style", "script"):
            self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def shown(self) -> str:
        return " ".join("".join(self.text).split())


def _page(meeting: Meeting, sound: Sound | None = None, options: ExportOptions = DEFAULTS) -> str:
    return b"".join(outline_to_html(outline_of(meeting, options), sound)).decode()


SOUND = Sound((b"one", b"two!"), 0.0)


def test_sound_lies_in_the_file_in_pieces() -> None:
    pieces = re.findall(
        r'<script type="text/plain" class="sound">(.*?)</script>', _page(a_meeting(), SOUND)
    )
    assert [base64.b64decode(piece) for piece in pieces] == [b"one", b"two!"]


def test_every_word_can_be_clicked_where_there_is_sound() -> None:
    starts = [a["data-t"] for a in _Reader(_page(a_meeting(), SOUND)).all("span") if "data-t" in a]
    assert starts[:4] == ["0.0", "0.0", "0.5", "1.0"]  # the turn's time, then its words
    assert not [a for a in _Reader(_page(a_meeting())).all("span") if "data-t" in a]


def test_page_without_sound_has_no_script_at_all() -> None:
    assert _Reader(_page(a_meeting())).all("script") == []
    assert "script-src 'none'" in _page(a_meeting())


def test_policy_allows_what_is_in_the_file_and_nothing_else() -> None:
    text = _page(a_meeting(), SOUND)
    (style,) = re.findall("<style>(.*?)</style>", text, re.DOTALL)
    (script,) = re.findall("<script>(.*?)</script>", text, re.DOTALL)
    policy = next(
        meta["content"]
        for meta in _Reader(text).all("meta")
        if meta.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy == (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "media-src blob:; base-uri 'none'; form-action 'none'"
    )
    assert not re.search(r"https?:|//|url\(|@import", style)


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def test_texts_of_users_stay_texts() -> None:
    reader = _Reader(_page(hostile_meeting(), SOUND))
    assert reader.all("img") == []
    assert "<img src=x onerror=alert(1)>" in reader.shown
    assert not [name for _, attributes in reader.tags for name in attributes if name[:2] == "on"]


def test_time_of_a_proof_leads_to_its_turn() -> None:
    reader = _Reader(_page(a_meeting()))
    assert [a["href"] for a in reader.all("a")] == ["#turn-0", "#turn-1", "#turn-0"]
    assert {"turn-0", "turn-1"} <= {str(a.get("id")) for a in reader.all("div")}


def test_minutes_alone_link_to_nothing_that_is_not_there() -> None:
    text = _page(a_meeting(), options=ExportOptions(part=Part.MINUTES))
    assert _Reader(text).all("a") == []
    assert clock(10.0) in text


def test_silence_says_so() -> None:
    assert "No speech was found in this recording." in _Reader(_page(an_empty_meeting())).shown


def test_language_of_the_headings_is_told_to_screen_readers() -> None:
    (html,) = _Reader(_page(a_meeting(), options=ExportOptions(language="zh"))).all("html")
    assert html["lang"] == "zh-CN"


@given(meetings())
@settings(max_examples=25, deadline=None)
def test_every_turn_is_there_whatever_was_said(meeting: Meeting) -> None:
    shown = _Reader(_page(meeting)).shown
    for section in outline_of(meeting).sections:
        for passage in section.passages:
            assert " ".join(passage.text.split()) in shown
    assert _Reader(_page(meeting, SOUND)).all("script")


def test_hours_of_sound_are_never_in_memory_at_once(tmp_path: Path) -> None:
    playback = tmp_path / "playback.m4a"
    with playback.open("wb") as file:
        file.truncate(20 << 20)
    source = Source(a_meeting(), playback=playback)
    document = Exporter(lambda: playback, SubtitlesConfig())(source, "html")
    sizes = [len(block) for block in document.blocks]
    assert sum(sizes) > 26 << 20
    assert max(sizes) <= 1 << 20


def test_sound_that_is_gone_or_not_wanted_leaves_the_player_out() -> None:
    silent = Exporter(Path, SubtitlesConfig())(Source(a_meeting()), "html")
    assert b"<audio" not in silent.content
    source = Source(a_meeting(), playback=Path(__file__))
    unwanted = Exporter(Path, SubtitlesConfig())(
        source, "html", replace(DEFAULTS, with_audio=False)
    )
    assert b"<audio" not in unwanted.content
