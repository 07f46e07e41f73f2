"""What the service says in English, such as its errors, in the language of the page that asks.

Messages are made where things go wrong, by code that knows no language. They are recognised here,
at the edge, by the templates in ``ui/translations/zh/service``: each ``{name}`` stands for a value,
which is kept. Values of the names in ``_SAID_TOO`` are texts of the program themselves. What no
template fits stays as it is.
"""

import json
import re
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.translation import PAGE_LANGUAGES, Language

_FOLDER = Path(__file__).parent / "translations"
_SAID_TOO = frozenset({"what", "wanted", "advice"})
_LONGEST = 2000  # characters; what is longer is the report of another program
_PLACE = re.compile(r"\{(\w+)\}")
_asking: ContextVar[Language] = ContextVar("language of the page that asks", default="en")


@dataclass(frozen=True, slots=True)
class Template:
    """A message of the service and how another language says it."""

    pattern: re.Pattern[str]  # of the whole English message, a group for each value
    said: str

    @classmethod
    def of(cls, english: str, said: str) -> "Template":
        """From the two texts, in which ``{name}`` stands for the same value."""
        parts = _PLACE.split(english)  # texts at even places, names between them
        pattern = "".join(
            f"(?P<{part}>.*?)" if place % 2 else re.escape(part) for place, part in enumerate(parts)
        )
        return cls(re.compile(pattern, re.DOTALL), said)

    def fill(self, values: Mapping[str, str]) -> str:
        """The text with its values."""
        return _PLACE.sub(lambda found: values[found[1]], self.said)


def said_in(language: Language, message: str) -> str:
    """``message`` in that language, or as it is where nothing is known about it."""
    if len(message) > _LONGEST:
        return message
    for template in _templates(language):
        if found := template.pattern.fullmatch(message):
            values = found.groupdict()
            texts = {name: said_in(language, values[name]) for name in _SAID_TOO & values.keys()}
            return template.fill(values | texts)
    return message


def told(message: str) -> str:
    """``message`` in the language of the page that asks just now."""
    return said_in(_asking.get(), message)


class InPagesLanguage:
    """ASGI middleware: knows which page asks, and says refusals of REST in its language."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on; only answers with an error to a page change."""
        language = _language_of(scope) if scope["type"] == "http" else "en"
        token = _asking.set(language)
        try:
            await self._app(scope, receive, send if language == "en" else _Refusals(send, language))
        finally:
            _asking.reset(token)


class _Refusals:
    """Passes an answer on; one that is a refusal in JSON is collected and said anew."""

    def __init__(self, send: Send, language: Language) -> None:
        self._send, self._language = send, language
        self._start: Message | None = None  # of a refusal
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_refusal(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        elif message["type"] == "http.response.body":
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._say(self._start)

    async def _say(self, start: Message) -> None:
        content = json.loads(self._body)
        if isinstance(content, dict) and isinstance(content.get("error"), str):
            content["error"] = said_in(self._language, content["error"])
        body = json.dumps(content, ensure_ascii=False).encode()
        MutableHeaders(scope=start)["Content-Length"] = str(len(body))
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})


def _language_of(scope: Scope) -> Language:
    """Of the page that sent the request: browsers name it, in full to their own server."""
    asking = urlsplit(Headers(scope=scope).get("referer", "")).path.rstrip("/")
    folder = asking.rpartition("/")[2]
    return next((language for language in PAGE_LANGUAGES if language == folder), "en")


def _is_refusal(start: Message) -> bool:
    kind = Headers(raw=start["headers"]).get("content-type", "")
    return start["status"] >= 400 and kind.startswith("application/json")


@cache
def _templates(language: Language) -> tuple[Template, ...]:
    """Those with most text of their own first, so that the best one that fits is taken."""
    texts: dict[str, str] = {}
    for file in sorted((_FOLDER / language / "service").glob("*.json")):
        texts |= json.loads(file.read_text(encoding="utf-8"))
    ordered = sorted(texts, key=lambda english: -len(_PLACE.sub("", english)))
    return tuple(Template.of(english, texts[english]) for english in ordered)
