"""Names that speakers say: their own in an introduction, another's when they address somebody.

Only a name that is written like one counts, and a sentence that could mean something else gives
nothing: "I'm sorry", "I'm from Chicago", "我是说". What is suggested waits for a user.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from meeting_app.domain import Turn
from meeting_app.domain.people import NameSource, NameSuggestion, is_same_name
from pipelines.naming_words import (
    AMBIGUOUS_SURNAMES,
    CHINESE_ROLES,
    COMPOUND_SURNAMES,
    NOT_NAMES,
    SURNAMES,
)
from pipelines.wording import STOP_WORDS

# Of an introduction, an address and a farewell; see docs/adr/0010 for how often each is right.
_CERTAIN, _LIKELY, _WEAK = 0.95, 0.9, 0.35
_LEAST = 0.5  # confidence of what is suggested; one address alone is not enough
_LONGEST_NAME = 3  # words, particles not counted

_CAPITAL = r"[A-ZÀ-ÖØ-ÞĀ-Ž]"
_WORD = rf"{_CAPITAL}[\w'’]*(?:-{_CAPITAL}[\w'’]*)?"
_PARTICLE = r"(?:van|von|de|del|della|di|da|dos|du|der|den|la|le|ter|zu)"
_NAME = rf"(?P<name>{_WORD}(?:\s+(?:{_PARTICLE}\s+){{0,2}}{_WORD}){{0,4}})"
_TITLE = r"(?:(?:Mr|Mrs|Ms|Dr|Prof|Professor|Doctor|Herr|Frau|Madame|Monsieur)\.?\s+)?"
_HESITATION = r"(?:,?\s*(?:uh|um|er|erm|ähm?|euh|eh)\b,?)?"


@dataclass(frozen=True, slots=True)
class _Rule:
    """A way to say a name."""

    pattern: re.Pattern[str]  # with a group "name"
    confidence: float


def _rule(opening: str, confidence: float, closing: str = "") -> _Rule:
    """The opening may be written in any case; the name may not."""
    text = rf"(?<![\w'’])(?i:{opening}){_HESITATION}\s+{_TITLE}{_NAME}{closing}"
    return _Rule(re.compile(text), confidence)


# Language → how people introduce themselves in it.
_INTRODUCTIONS: dict[str, tuple[_Rule, ...]] = {
    "en": (
        _rule(r"my name is|my name['’]s|my first name is", _CERTAIN),
        _rule(r"(?:hi|hello|hey|morning|afternoon|yes),?\s+this is", _LIKELY),
        _rule(r"this is", _LIKELY, r"\s+(?:speaking|here)\b"),
        _rule(r"I['’]m|I am", _LIKELY),
    ),
    "de": (
        _rule(r"ich hei(?:ß|ss)e|mein name ist|ich bin (?:der|die)", _CERTAIN),
        _rule(r"hier spricht", _LIKELY),
        _rule(r"(?:hallo|hi|guten (?:tag|morgen|abend)),?\s+ich bin", _LIKELY),
    ),
    "fr": (
        _rule(r"je m['’]appelle|mon nom est|moi,? c['’]est", _CERTAIN),
        _rule(r"je suis", _LIKELY),
    ),
    "es": (_rule(r"me llamo|mi nombre es", _CERTAIN), _rule(r"(?:yo )?soy", _LIKELY)),
    "it": (_rule(r"mi chiamo|il mio nome è", _CERTAIN), _rule(r"(?:io )?sono", _LIKELY)),
    "pt": (
        _rule(r"(?:o )?meu nome é|(?:eu )?me chamo|chamo-me", _CERTAIN),
        _rule(r"(?:eu )?sou [oa]", _LIKELY),
    ),
    "nl": (_rule(r"ik heet|mijn naam is", _CERTAIN), _rule(r"ik ben", _LIKELY)),
}
_END = r"(?=\s*[.,!?]|$)"
# To whom one says the name: the speaker before, or the one who answers.
_THANKS = _Rule(
    re.compile(rf"(?<![\w'’])(?i:thanks|thank you|danke|merci|gracias|grazie),?\s+{_NAME}{_END}"),
    _WEAK,
)
_CALL = _Rule(
    re.compile(
        rf"(?:^|(?<=[.!?]\s)){_NAME},\s+(?:what|how|do|did|could|can|would|will|are|have|any)\b"
        rf"|(?<![\w'’])(?i:over to you|go ahead|your turn),?\s+(?P<next>{_WORD}){_END}"
    ),
    _WEAK,
)

_CHINESE_NAME = (
    rf"(?P<name>(?:{'|'.join(COMPOUND_SURNAMES)})[\u4e00-\u9fff]{{1,2}}"
    rf"|[{SURNAMES}{AMBIGUOUS_SURNAMES}][\u4e00-\u9fff]{{1,2}}?)"
)
_CHINESE_END = r"(?=[，。！？,.!?、；\s]|$|我|来自|今天|是)"
_CHINESE = (
    _Rule(re.compile(rf"(?:我的名字(?:是|叫)|我叫){_CHINESE_NAME}{_CHINESE_END}"), _CERTAIN),
    _Rule(
        re.compile(
            rf"(?<![\u4e00-\u9fff])(?:大家好，?|你好，?|您好，?|各位好，?)?我是"
            rf"(?P<name>[{SURNAMES}][\u4e00-\u9fff]{{1,2}})(?=[，。！？,.!?、；\s]|$)"
        ),
        _LIKELY,
    ),
)


@dataclass(frozen=True, slots=True)
class _Mention:
    label: str
    name: str
    source: NameSource
    confidence: float
    turn_id: int


class IntroductionFinder:
    """Finds in the text which speaker has which name."""

    def __call__(self, turns: Sequence[Turn], language: str | None) -> tuple[NameSuggestion, ...]:
        """Names with the turn that says so; those of one speaker best first.

        A name is suggested to the one speaker for whom most is said.

        Args:
            turns: in time order.
            language: ISO 639-1; one without rules gives nothing.
        """
        if language == "zh":
            found = list(_introduced(turns, _CHINESE))
        else:
            found = list(_introduced(turns, _INTRODUCTIONS.get(language or "", ())))
            found += _addressed(turns) if language in _INTRODUCTIONS else []
        return _unique(_joined(found))


def _introduced(turns: Sequence[Turn], rules: Sequence[_Rule]) -> Iterator[_Mention]:
    for turn in turns:
        if turn.speaker is None:
            continue
        for rule in rules:
            for match in rule.pattern.finditer(turn.text):
                name = plain_name(match["name"], turn.text[match.end("name") :])
                if name is not None:
                    source = NameSource.INTRODUCTION
                    yield _Mention(turn.speaker, name, source, rule.confidence, turn.id)


def _addressed(turns: Sequence[Turn]) -> Iterator[_Mention]:
    for place, turn in enumerate(turns):
        before = _other_speaker(reversed(turns[:place]), turn)
        after = _other_speaker(turns[place + 1 :], turn)
        for rule, label in ((_THANKS, before), (_CALL, after)):
            for match in rule.pattern.finditer(turn.text) if label else ():
                said = match.groupdict().get("next") or match["name"]
                name = plain_name(said, "")
                if label and name is not None:
                    yield _Mention(label, name, NameSource.ADDRESS, rule.confidence, turn.id)


def _other_speaker(turns: "Iterator[Turn] | Sequence[Turn]", turn: Turn) -> str | None:
    return next((t.speaker for t in turns if t.speaker not in (None, turn.speaker)), None)


def plain_name(text: str, following: str) -> str | None:
    """The words at the beginning of ``text`` that make a name; None when there are none.

    Args:
        text: words that are all written with a capital, or a Chinese name.
        following: what comes behind; a hyphen or underscore there means a broken or spelt word.
    """
    if "\u4e00" <= text[:1] <= "\u9fff":
        return None if any(role in text for role in CHINESE_ROLES) else text
    kept: list[str] = []
    pieces = text.split()
    for place, piece in enumerate(pieces):
        is_last = place == len(pieces) - 1
        is_broken = is_last and following[:1] in ("-", "_")
        if is_broken or (piece[:1].isupper() and not _is_name(piece)):
            break
        kept.append(piece)
    while kept and not kept[-1][:1].isupper():  # a particle that nothing follows
        kept.pop()
    is_short = sum(piece[:1].isupper() for piece in kept) <= _LONGEST_NAME
    return " ".join(kept) if kept and is_short else None


def _is_name(word: str) -> bool:
    plain = word.casefold().replace("’", "'")
    is_contraction = "'" in plain and not re.fullmatch(r"[od]'\w{3,}", plain)
    letters = [c for c in word if c.isalpha()]
    is_abbreviation = len(letters) < 2 or (word.isupper() and len(letters) > 1)
    return not (
        is_contraction
        or is_abbreviation
        or "_" in word
        or any(c.isdecimal() for c in word)
        or plain in STOP_WORDS
        or plain in NOT_NAMES
    )


def _joined(mentions: Sequence[_Mention]) -> list[NameSuggestion]:
    """What several mentions say of one speaker and name, as one suggestion.

    "Laura" and "Laura Smith" are one name, the longer one. An introduction outweighs addresses.
    """
    found: dict[tuple[str, str], NameSuggestion] = {}
    for mention in sorted(mentions, key=lambda m: (-len(m.name), -m.confidence, m.turn_id)):
        key = next(
            (k for k in found if k[0] == mention.label and is_same_name(k[1], mention.name)),
            (mention.label, mention.name),
        )
        known = found.get(key)
        if known is None:
            found[key] = NameSuggestion(
                mention.label, mention.name, mention.source, mention.confidence, mention.turn_id
            )
            continue
        doubt = (1 - known.confidence) * (1 - mention.confidence)
        is_better = mention.confidence > known.confidence
        found[key] = NameSuggestion(
            mention.label,
            known.name,
            mention.source if is_better else known.source,
            min(1 - doubt, 0.99),
            mention.turn_id if is_better else known.turn_id,
        )
    return [suggestion for suggestion in found.values() if suggestion.confidence >= _LEAST]


def _unique(suggestions: Sequence[NameSuggestion]) -> tuple[NameSuggestion, ...]:
    """Each name for the speaker for whom most is said; by label, best first."""
    kept: list[NameSuggestion] = []
    for item in sorted(suggestions, key=lambda s: (-s.confidence, s.turn_id or 0)):
        if not any(is_same_name(item.name, other.name) for other in kept):
            kept.append(item)
    return tuple(sorted(kept, key=lambda s: (s.label, -s.confidence)))
