"""Phrases that say until when."""

import re

_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_MONTH = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december)"
)
_PART = r"(?:\s+(?:morning|afternoon|evening|night))?"
_PERIOD = r"(?:week|month|year|quarter|sprint|meeting)"
_NUMBER = r"(?:\d+|a|an|one|two|three|four|five|six|seven|ten|a\s+couple\s+of|a\s+few)"
_MOMENT = rf"""(?:
    (?:the\s+|this\s+)?(?:(?:next|this|coming)\s+)?{_DAY}{_PART}
  | tomorrow{_PART} | today | tonight | noon | midday | midnight
  | this\s+(?:morning|afternoon|evening|week|month|quarter)
  | (?:the\s+|our\s+)?next\s+{_PERIOD}
  | (?:the\s+)?end\s+of\s+(?:the\s+|this\s+|next\s+)?(?:day|{_PERIOD}|{_MONTH})
  | (?:the\s+)?\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}
  | {_MONTH}\s+(?:the\s+)?\d{{1,2}}(?:st|nd|rd|th)?
  | \d{{1,2}}(?::\d\d)?\s*(?:am|pm|a\.m\.|p\.m\.|o'clock) | \d{{1,2}}:\d\d | lunch(?:time)?
)"""
_ENGLISH = re.compile(
    rf"""\b(?:
        (?:by|before|until|till|no\s+later\s+than|not\s+later\s+than|due(?:\s+on)?)\s+{_MOMENT}
      | (?:at|for|on|in)\s+(?:the\s+)?(?:next\s+{_PERIOD} | {_DAY}{_PART}
            | end\s+of\s+(?:the\s+)?{_PERIOD})
      | (?:within|in)\s+(?:the\s+next\s+)?{_NUMBER}\s+(?:hour|day|week|month)s?
      | (?:next|this)\s+{_DAY}{_PART} | tomorrow{_PART} | tonight | (?:later\s+)?today
      | next\s+(?:week|month|quarter) | this\s+(?:afternoon|evening|week|month)
      | (?:by\s+)?(?:the\s+)?end\s+of\s+(?:the\s+|this\s+|next\s+)?(?:{_PERIOD}|{_MONTH})
      | as\s+soon\s+as\s+possible | asap | by\s+(?:eod|cob|close\s+of\s+business)
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)
_CHINESE = re.compile(
    r"(?:(?:今天|明天|后天|大后天|今晚|明晚|明早|周末|月底|年底|季度末"
    r"|(?:这|本|下)?个?(?:周|星期|礼拜)[一二三四五六日天]|(?:这|本|下)个?(?:周|星期|礼拜|月)"
    r"|[\d一二三四五六七八九十]+月(?:[\d一二三四五六七八九十]+[日号])?"
    r"|[\d一二三四五六七八九十]+[日号])"
    r"(?:早上|上午|中午|下午|晚上)?(?:之前|以前|前|以内|之内)?"
    r"|(?:[\d一二两三四五六七八九十]+(?:个小时|小时|天|周|个星期|个月))(?:之内|以内|内)|尽快)"
)


def due_phrase(sentence: str) -> str | None:
    """The first phrase that says until when, as spoken ("by Friday", "周五之前"), or None."""
    found = _ENGLISH.search(sentence) or _CHINESE.search(sentence)
    return " ".join(found.group(0).split()) if found else None
