"""Who will do what until when."""

import pytest

from meeting_app.domain import sentences_of
from pipelines.minutes.actions import find_action_items
from pipelines.minutes.due import due_phrase
from tests.pipelines.bag_of_words import talk


def items(text: str) -> list[tuple[str | None, str | None]]:
    return [(i.owner, i.due) for i in find_action_items(sentences_of(talk(("SPEAKER_01", text))))]


@pytest.mark.parametrize(
    ("text", "owner", "due"),
    [
        ("I'll send the draft report by Friday.", "SPEAKER_01", "by Friday"),
        ("Okay, I will prepare the slides tomorrow.", "SPEAKER_01", "tomorrow"),
        ("I’m going to check the supplier prices.", "SPEAKER_01", None),
        ("I need to finish the prototype by next week.", "SPEAKER_01", "by next week"),
        ("Anna will book the conference room.", "Anna", None),
        ("And Anna will check the supplier prices.", "Anna", None),
        ("Tom Baker needs to update the budget sheet.", "Tom Baker", None),
        ("Can you, Anna, review the contract text?", "Anna", None),
        ("Anna, could you please send the invoice list?", "Anna", None),
        ("Could you send me the invoice list?", None, None),
        ("Tom, please forward the customer survey.", "Tom", None),
        ("We need to finish the survey by the end of the month.", None, "by the end of the month"),
        ("我来写周报，周五之前发给大家。", "SPEAKER_01", "周五之前"),
        ("我会跟进客户合同。", "SPEAKER_01", None),
        ("由张三负责联系供应商。", "张三", None),
        ("请小王明天把报告发给我。", "小王", "明天"),
    ],
)
def test_promise_or_request_has_owner_and_due(text: str, owner: str, due: str) -> None:
    assert items(text) == [(owner, due)]


@pytest.mark.parametrize(
    "text",
    [
        "I'll say that the budget is small.",
        "I'll be honest about the budget numbers.",
        "We will see what the customers say.",
        "If I'll send the draft report nobody reads it.",
        "Maybe I'll send the draft report.",
        "Should I send the draft report?",
        "I won't send the draft report.",
        "They said what I'm going to design.",
        "Hopefully will send the budget numbers.",
        "It will check the budget numbers automatically.",
        "We need to finish the survey.",
        "I'll send it.",
        "如果我来写周报就晚了。",
        "我不会跟进客户合同。",
        "我来写项目周报吗？",
    ],
)
def test_talk_that_promises_nothing_is_no_action_item(text: str) -> None:
    assert items(text) == []


def test_item_points_at_the_turn_and_is_readable() -> None:
    turns = talk(("A", "Plain talk."), ("B", "Um yeah, I'll I'll send the draft report."))
    (item,) = find_action_items(sentences_of(turns))
    assert item.evidence == (1,)
    assert item.text == "I'll send the draft report."


def test_same_promise_is_listed_once() -> None:
    line = ("A", "I'll send the draft report.")
    assert len(find_action_items(sentences_of(talk(line, line)))) == 1


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("send it by Friday morning please", "by Friday morning"),
        ("keep it until next week then", "until next week"),
        ("at the end of the month we stop", "at the end of the month"),
        ("deliver before March 3rd", "before March 3rd"),
        ("due on the 15th of May", "due on the 15th of May"),
        ("in two weeks", "in two weeks"),
        ("as soon as possible", "as soon as possible"),
        ("at the end of the day it is cheap", None),
        ("by accident", None),
        ("下周三之前完成", "下周三之前"),
        ("3月15日前提交", "3月15日前"),
        ("月底交付", "月底"),
        ("没有期限", None),
    ],
)
def test_due_phrase_is_kept_as_spoken(text: str, due: str | None) -> None:
    assert due_phrase(text) == due
