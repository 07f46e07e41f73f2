"""Spoken language as text: its words, its fillers, and how to write a spoken sentence down."""

import re


def words_set(words: str) -> frozenset[str]:
    """The words of a text, for asking whether one is among them."""
    return frozenset(words.split())


FILLERS = words_set(
    "um uh uhm umm erm er eh ah oh mm mmm hm hmm mm-hmm mhm mhmm uh-huh huh yeah yep yup yes "
    "no nah okay ok kay 'kay right so well like alright all sure great good fine cool"
)
"""Words that carry no topic when they stand alone."""

STOP_WORDS = FILLERS | words_set(
    "a about above actually after again against ago already also although always am an and "
    "another any anybody anyone anything anyway are around as ask at away back basically be "
    "because been before being below better between big bit both but by came can cannot come "
    "comes coming could did different do does doing done down during each either else enough "
    "especially etc even ever every everybody everyone everything exactly far few first for "
    "found from get gets getting give given go goes going gone gonna gotta got guess guy guys "
    "had has have having he hello her here hers hi him his hopefully how however i idea if in "
    "instead into is it its itself just keep kind kinda know last later least less let lets "
    "little look looking looks lot lots made make makes making many may maybe me mean means "
    "meant might mine more most much must my myself need needs never new next nice nobody "
    "none not nothing now obviously of off often on once one ones only onto or other others "
    "our ours ourselves out over own part people perhaps please point possible possibly "
    "pretty probably put quite rather really said same saw say saying says second see seem "
    "seems seen she should show since some somebody somehow someone something sometimes "
    "somewhere soon sort still stuff such suppose take taken takes talk talking tell than "
    "thank thanks that the their theirs them themselves then there these they thing things "
    "think thinking third this those though thought three through time times to together told "
    "too took toward tried try trying two under until up upon us use used using usually very "
    "wanna want wanted wants was way ways we went were what whatever when where whether which "
    "while who whole whose why will with within without won wonder work would yet you your "
    "yours yourself able add bye course fact four five hand start started happen happens "
    "minute minutes moment day matter question questions rest set whatnot half couple hope "
    "honest honestly interesting interested important long true wrong bad easy hard high low "
    "sorry god works working kinds sorts end move today absolutely agree agreed certain "
    "certainly clear clearly definitely depends example particular reason remember sense feel "
    "feels felt call called care side place bring meeting meetings discuss discussed "
    "discussing discussion continue wrap finish finished dunno ooh wow gosh lovely whoa "
    "whatsoever"
)
"""English words that say little about a topic, fillers included; contractions are always such."""

_UNSPACED = "\u3041-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_TOKEN = re.compile(rf"[{_UNSPACED}]+|[^\W_](?:[\w'’\-]*\w)?|'\w+", re.UNICODE)
_IS_UNSPACED = re.compile(rf"[{_UNSPACED}]")
_HESITATION = r"(?:um+|uh+m*|er+m?|mm+|hm+|mm-hmm|uh-huh|ah|eh)"
_HESITATIONS = re.compile(rf"(?:,\s*)?(?<![\w'-]){_HESITATION}(?![\w'-])[,…]*\s*", re.IGNORECASE)
_FRAGMENT = re.compile(r"(?<![\w'-])[\w']{1,6}-(?=[\s,.])[,.]?\s*")  # "mi- minutes"
_OPENERS = re.compile(
    r"^(?:(?:yeah|yep|yes|no|okay|ok|'?kay|right|so|well|and|but|oh|ah|now|alright|all right"
    r"|like|you know|i mean|then|because|'cause|basically|anyway)\b[,.…]*\s+)+",
    re.IGNORECASE,
)
_REPEATED = re.compile(r"\b([\w']+(?:\s[\w']+){0,2})(?:,?\s+\1\b)+", re.IGNORECASE)
_LOOSE_END = re.compile(
    r"(?:[,\s]+(?:and|but|so|or|because|'cause|the|a|to))+[.,]?$", re.IGNORECASE
)
_SPACES = re.compile(r"\s+")
_SPACE_BEFORE_MARK = re.compile(r"\s+([,.!?;:])")


def words_of(text: str) -> tuple[str, ...]:
    """Lower-case words; runs of a script without spaces give overlapping pairs of characters."""
    words: list[str] = []
    for token in _TOKEN.findall(text.lower().replace("’", "'")):
        if _IS_UNSPACED.match(token):
            words += [token[i : i + 2] for i in range(max(1, len(token) - 1))]
        else:
            words.append(token)
    return tuple(words)


def telling_words(text: str) -> tuple[str, ...]:
    """The words of a text that are not fillers."""
    return tuple(word for word in words_of(text) if word not in FILLERS)


def is_unspaced(text: str) -> bool:
    """Whether a word is of a script written without spaces between words."""
    return bool(_IS_UNSPACED.match(text))


def tidy(text: str) -> str:
    """A spoken sentence as one would write it: no hesitations, no stutter, no empty opening or end.

    Words are only left out, never changed; the first letter becomes a capital.
    """
    text = _HESITATIONS.sub(" ", text)
    text = _FRAGMENT.sub("", text)
    text = _REPEATED.sub(r"\1", text)
    text = _SPACE_BEFORE_MARK.sub(r"\1", _SPACES.sub(" ", text)).strip(" ,").lstrip(".…")
    text = _LOOSE_END.sub("", _OPENERS.sub("", text))
    return text[:1].upper() + text[1:]
