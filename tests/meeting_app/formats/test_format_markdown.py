"""Markdown: what users said stays text, and the minutes come first."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from markdown_it import MarkdownIt
from markdown_it.token import Token

from meeting_app.domain import ActionItem, Meeting, Minutes, Statement
from meeting_app.formats.markdown import outline_to_markdown
from meeting_app.formats.outline import clock, outline_of
from tests.builders import a_meeting, an_empty_meeting
from tests.strategies import AWKWARD, meetings

RENDERER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
PLAIN = {"text", "text_special", "strong_open", "strong_close"}


def test_document_is_title_facts_minutes_then_transcript() -> None:
    meeting = a_meeting().rename_speaker("SPEAKER_00", "Alice")
    assert outline_to_markdown(outline_of(meeting)) == (
        "# Standup\n"
        "\n"
        "- **Duration:** 20 s\n"
        "- **Language:** English\n"
        "\n"
        "| Speaker | Talk time | Share |\n"
        "|---|--:|--:|\n"
        "| Alice | 00:02 | 46% |\n"
        "| Speaker 2 | 00:03 | 54% |\n"
        "\n"
        "## Minutes\n"
        "\n"
        "### 1. Release\n"
        "\n"
        "- We agreed to ship on Monday. \\[00:00\\]\n"
        "\n"
        "### Decisions\n"
        "\n"
        "- We agreed to ship on Monday. \\[00:00\\]\n"
        "\n"
        "### Action items\n"
        "\n"
        "- [ ] I will write the notes by Friday. — **Speaker 2** (by Friday) \\[00:10\\]\n"
        "\n"
        "## Transcript\n"
        "\n"
        "### 1. Release\n"
        "\n"
        "00:00–00:20 · release, notes\n"
        "\n"
        "**Alice** \\[00:00\\] We agreed to ship on Monday.\n"
        "\n"
        "**Speaker 2** \\[00:10\\] I will write the notes by Friday.\n"
    )


def test_silence_says_so_and_has_no_empty_parts() -> None:
    assert outline_to_markdown(outline_of(an_empty_meeting())) == (
        "# Silence\n\n- **Duration:** 3 s\n\nNo speech was found in this recording.\n"
    )


def test_meeting_without_minutes_says_so() -> None:
    text = outline_to_markdown(outline_of(replace(a_meeting(), minutes=Minutes())))
    assert "## Minutes\n\nNo summary, decision or action item was found.\n\n## Tr" in text


def _inline(text: str) -> Iterator[Token]:
    return (token for token in RENDERER.parse(text) if token.type == "inline")


def _rendered(token: Token) -> str:
    return "".join(child.content for child in token.children or ())


@given(meetings())
@settings(max_examples=40, deadline=None)
def test_nothing_a_user_said_becomes_markup(meeting: Meeting) -> None:
    text = outline_to_markdown(outline_of(meeting))
    outline = outline_of(meeting)
    kinds = {child.type for token in _inline(text) for child in token.children or ()}
    assert kinds <= PLAIN
    blocks = {token.type for token in RENDERER.parse(text)}
    assert not blocks & {"html_block", "fence", "code_block", "blockquote_open", "hr"}
    shown = [_rendered(token) for token in _inline(text)]
    assert shown[0] == outline.title
    for section in outline.sections:
        assert not section.passages or section.heading in shown
        for passage in section.passages:
            line = f"{passage.speaker} [{clock(passage.start)}] {passage.text}"
            assert line.rstrip() in shown


@pytest.mark.parametrize("said", AWKWARD)
def test_line_of_the_minutes_stays_one_item_whatever_it_begins_with(said: str) -> None:
    minutes = Minutes(
        summary=(Statement(said, (0,)),), action_items=(ActionItem(said, (0,), owner=said),)
    )
    text = outline_to_markdown(outline_of(replace(a_meeting(), minutes=minutes)))
    tokens = RENDERER.parse(text)
    assert sum(token.type == "list_item_open" for token in tokens) == 4  # two facts, two lines
    assert sum(token.type == "heading_open" for token in tokens) == 6
