"""What the rules about spoken sentences share: when a match counts, and what it says."""

import re
from dataclasses import dataclass
from enum import Enum, auto

from pipelines.wording import STOP_WORDS, telling_words, tidy, words_of

_MIN_WORDS = 4
_MAX_WORDS = 60
# "Let's go with that." cannot be read on its own; this many words must carry meaning.
_MIN_TELLING = 2

_QUESTION = re.compile(r"[?？][\"'”’)]*$|[吗么呢][。.]?$")
# Whisper forgets question marks; the order of words tells too.
_INVERSION = re.compile(
    r"^(?:\w+,?\s+)?(?:are|have|shall|should|do|did|can|could|will)\s+we\b", re.IGNORECASE
)
# Said before the match, these turn a promise or a decision into a wish, a doubt or a report.
_DOUBT = re.compile(
    r"\b(?:if|unless|whether|when|once|until|would|wouldn't|might|may be|maybe|perhaps|probably"
    r"|possibly|wish|imagine|suppose|supposing|not|never|didn't|don't|doesn't|haven't|hasn't"
    r"|isn't|aren't|can't|couldn't|won't|shouldn't|did|who|how|why|what|which|where|whatever"
    r"|say|says|shall|i guess|i thought|you said)\b"
    r"|如果|要是|假如|是否|是不是|有没有|可能|也许|不知道|没有|不$|没$",
    re.IGNORECASE,
)


class Owner(Enum):
    """Who has to do what a rule finds."""

    SPEAKER = auto()  # "I'll send it"
    NAMED = auto()  # "Anna will send it"; the pattern has a group `name`, which may be empty


@dataclass(frozen=True, slots=True)
class Rule:
    """A way to say that something will be done or is decided."""

    pattern: re.Pattern[str]
    owner: Owner = Owner.NAMED
    may_ask: bool = False  # "can you …?" is a question and counts
    needs_due: bool = False  # too weak a sign without a date
    min_words_after: int = 0  # "the type we decided on" decides nothing


def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern that ignores case, and spaces that only lay it out."""
    return re.compile(pattern, re.IGNORECASE | re.VERBOSE)


def find(rule: Rule, sentence: str) -> re.Match[str] | None:
    """The rule's first match that is neither asked, doubted nor denied."""
    is_asked = bool(_QUESTION.search(sentence) or _INVERSION.search(tidy(sentence)))
    if is_asked and not rule.may_ask:
        return None
    found = rule.pattern.search(sentence)
    if found is None or _DOUBT.search(sentence[: found.start()]):
        return None
    if len(words_of(sentence[found.end() :])) < rule.min_words_after:
        return None
    return found


def readable(sentence: str) -> str | None:
    """The sentence as a line of the minutes; None when it cannot be read on its own."""
    words = telling_words(sentence)
    meaningful = [word for word in words if word not in STOP_WORDS and "'" not in word]
    if not _MIN_WORDS <= len(words) <= _MAX_WORDS or len(meaningful) < _MIN_TELLING:
        return None
    return tidy(sentence)


def plain(sentence: str) -> str:
    """The sentence with straight apostrophes, as the patterns are written."""
    return sentence.replace("’", "'")
