"""The wording of the page in each language; the English text is the key.

``ui/translations/zh/*.json`` hold the Chinese, one file per part of the page. A text with values
is written ``t("{count} places", count=3)``.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal, get_args

Language = Literal["en", "zh"]
PAGE_LANGUAGES: tuple[Language, ...] = get_args(Language)
TAGS: dict[Language, str] = {"en": "en", "zh": "zh-Hans"}  # BCP 47, for <html lang>
_FOLDER = Path(__file__).parent / "translations"
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Translate:
    """Says texts in one language; to be called with the English text."""

    language: Language
    texts: Mapping[str, str]  # English → this language; what is missing stays English

    def __call__(self, text: str, /, **values: object) -> str:
        """``text`` in this language, each ``{name}`` in it replaced by the value of that name.

        Raises:
            ValueError: the values are not exactly those that ``text`` has places for.
        """
        if (wanted := placeholders(text)) != values.keys():
            raise ValueError(
                f"{text!r}: has places for {sorted(wanted)} and got {sorted(values)}; "
                "give each place its value"
            )
        said = self.texts.get(text, text)
        return _PLACEHOLDER.sub(lambda found: str(values[found[1]]), said)

    @property
    def path(self) -> str:
        """Where the page in this language is served: "/" or "/zh"."""
        return "/" if self.language == "en" else f"/{self.language}"

    def url(self, address: str) -> str:
        """``address``, written from the root without its slash, as the page links to it.

        It stays relative, so that it holds behind a proxy that serves the page below a path.
        """
        return address if self.language == "en" else f"../{address}"


def placeholders(text: str) -> set[str]:
    """The names that stand in braces."""
    return set(_PLACEHOLDER.findall(text))


@cache
def translator(language: Language) -> Translate:
    """The wording of one language.

    Raises:
        ValueError: two files translate one text differently.
    """
    texts: dict[str, str] = {}
    for english, said, file in _entries(language):
        if texts.setdefault(english, said) != said:
            raise ValueError(
                f"{file.name}: {english!r} is {said!r} here and {texts[english]!r} elsewhere; "
                "say it in one way"
            )
    return Translate(language, MappingProxyType(texts))


def _entries(language: Language) -> Iterator[tuple[str, str, Path]]:
    for file in sorted((_FOLDER / language).glob("*.json")):
        for english, said in json.loads(file.read_text(encoding="utf-8")).items():
            yield english, said, file
