"""Action items: who said that somebody will do something, and until when."""

import re
from collections.abc import Iterator, Sequence

from meeting_app.domain import ActionItem, Sentence
from pipelines.minutes.due import due_phrase
from pipelines.minutes.rules import Owner, Rule, compiled, find, plain, readable
from pipelines.wording import STOP_WORDS

# What is done after a meeting. "I'll say", "I'll show you" and "I'll be honest" are done in it.
_TASK = r"""(?:
    send | e-?mail | mail | write(?!\s+(?:down|here|on|it\s+down|that\s+down)) | draft
  | prepare | check | call | phone | ring | contact
  | schedule | book | arrange | organi[sz]e | update | review | share | upload | post | publish
  | find\s+out | look\s+into | look\s+(?:it|that|this|them)\s+up | look\s+up | get\s+back\s+to
  | get\s+in\s+touch | follow\s+up | follow\s+that\s+up | set\s+up | set\s+that\s+up | sort\s+out
  | fix | create | build | design | implement | finish | complete | deliver | submit | order
  | research | investigate | test | document | circulate | distribute | forward | talk\s+to
  | speak\s+to | speak\s+with | ask(?!\s+you) | invite | confirm | compile | collect
  | revise | handle
  | take\s+care\s+of | be\s+responsible\s+for | work\s+on | come\s+up\s+with | type\s+up | print
  | report\s+back | remind | reserve | translate | calculate | put\s+together
)\b(?!\s+(?:about\s+)?(?:myself|yourself)\b)"""
_SOON = r"(?:(?:just|then|also|definitely|certainly|try\s+to|try\s+and|go\s+and|go)\s+)*"
_NAME = r"(?-i:(?P<name>[A-Z][a-z]+(?:\s[A-Z][a-z]+){0,2}))"
_NAME_AGAIN = r"(?-i:(?P<spoken>[A-Z][a-z]+))"
_TASK_ZH = (
    r"(?:发|写|准备|整理|联系|确认|检查|跟进|安排|更新|完成|提交|修改|处理|负责|查一?下|问一?下"
    r"|通知|预订|预定|订|组织|起草|总结|汇总|修复|测试|部署|对接|反馈|设计|调研|做|弄|看一?下)"
)
_NAME_ZH = r"(?P<name>[\u4e00-\u9fff]{2,3}?)"

RULES: tuple[Rule, ...] = (
    # "I'll send the draft", "I'm going to check", "let me get back to you"
    Rule(
        compiled(
            rf"\bI(?:'ll|\s+will|'m\s+going\s+to|\s+am\s+going\s+to|'m\s+gonna)\s+{_SOON}{_TASK}"
        ),
        owner=Owner.SPEAKER,
    ),
    Rule(
        compiled(rf"\blet\s+me\s+{_SOON}(?:get\s+back\s+to|find\s+out|follow\s+up|look\s+into)\b"),
        owner=Owner.SPEAKER,
    ),
    Rule(
        compiled(rf"\bI\s+(?:can|need\s+to|have\s+to|should|must)\s+{_SOON}{_TASK}"),
        owner=Owner.SPEAKER,
        needs_due=True,
    ),
    # "Anna, can you send it?", "can you, Anna, send it?", "could you please check"
    Rule(
        compiled(
            rf"(?:\b{_NAME},\s+)?\b(?:can|could|would|will)\s+you(?:,?\s+{_NAME_AGAIN},)?\s+"
            rf"(?:please\s+|maybe\s+|also\s+)*{_TASK}"
        ),
        may_ask=True,
    ),
    # "please send it", "Anna, please check"
    Rule(compiled(rf"(?:\b{_NAME},\s+)?\bplease\s+(?:also\s+)?{_TASK}")),
    # "Anna will prepare it", "Tom needs to book a room", "action item for Anna: …"
    Rule(
        compiled(
            rf"\b{_NAME}(?:'ll|\s+will|\s+is\s+going\s+to|\s+is\s+gonna|\s+needs\s+to|\s+has\s+to"
            rf"|\s+should)\s+{_SOON}{_TASK}"
        )
    ),
    Rule(compiled(rf"\baction\s+(?:item|point)s?\s+(?:for|on)\s+{_NAME}\b")),
    # "we need to finish this by Friday", "you'll have to send it tomorrow"
    Rule(
        compiled(
            rf"\b(?:we|you)(?:'ll|\s+will|'re\s+going\s+to|\s+are\s+going\s+to)?"
            rf"(?:\s+(?:need|have|ought)\s+to|\s+should|\s+must)?\s+{_SOON}{_TASK}"
        ),
        needs_due=True,
    ),
    # 我来写报告 · 我会跟进 · 我负责联系客户
    Rule(compiled(rf"我(?:来|会|去|负责)[^，。,.？?不没]{{0,12}}?{_TASK_ZH}"), owner=Owner.SPEAKER),
    # 由张三负责 · 请小王周五之前把报告发给我 · 麻烦李雷确认一下
    Rule(compiled(rf"由{_NAME_ZH}(?:来)?(?:负责|{_TASK_ZH})")),
    Rule(
        compiled(
            rf"(?:请|麻烦){_NAME_ZH}(?:在|把|来|去|尽快|今|明|后天|本周|下周|周|下个?月|月底|{_TASK_ZH})"
            rf"[^。？?]*"
        )
    ),
)

_NOT_NAMES = frozenset(
    {"someone", "who", "so", "monday", "tuesday", "wednesday", "thursday", "friday"}
    | {"saturday", "sunday", "hopefully"}
)
_NOT_NAMES_ZH = re.compile("[你您他她它们我家各位]|^(?:大家|各位|注意|问|看)")


def find_action_items(sentences: Sequence[Sentence]) -> tuple[ActionItem, ...]:
    """Everything somebody promised or was asked to do, in the order it was said.

    A sentence gives one item at most, by the first of RULES that it fits. Precision comes before
    recall: what is asked, doubted, denied, or done in the meeting itself is left out.
    """
    items: dict[str, ActionItem] = {}
    for item in _items(sentences):
        items.setdefault(item.text.lower(), item)
    return tuple(items.values())


def _items(sentences: Sequence[Sentence]) -> Iterator[ActionItem]:
    for sentence in sentences:
        spoken = plain(sentence.text)
        text = readable(spoken)
        found = _first_match(spoken) if text else None
        if text and found:
            kind, match = found
            owner = sentence.speaker if kind.owner is Owner.SPEAKER else _name(match)
            yield ActionItem(text, (sentence.turn_id,), owner, due_phrase(spoken))


def _first_match(spoken: str) -> tuple[Rule, re.Match[str]] | None:
    due = due_phrase(spoken)
    for kind in RULES:
        found = find(kind, spoken)
        if found and (due or not kind.needs_due) and not _is_no_name(found):
            return kind, found
    return None


def _is_no_name(found: re.Match[str]) -> bool:
    """Whether a rule took a pronoun or the like for a name: then nobody is meant."""
    name = found.groupdict().get("name")
    if not name:
        return False
    last = name.lower().split()[-1]
    return last in STOP_WORDS or last in _NOT_NAMES or bool(_NOT_NAMES_ZH.search(name))


def _name(found: re.Match[str]) -> str | None:
    groups = found.groupdict()
    spoken = (groups.get("name") or groups.get("spoken") or "").split()
    while spoken and spoken[0].lower() in STOP_WORDS:  # "And Anna will …"
        spoken = spoken[1:]
    return " ".join(spoken) or None
