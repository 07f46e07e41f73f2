"""What makes Gradio's page start soon: its files from memory, and hints which ones it will want.

Gradio finds its files one after another, each named by the last; a browser that is told all at
once fetches them together. Its own server packs each file anew for each request.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from mimetypes import guess_type
from pathlib import Path

import gradio
from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.packed import FOR_GOOD, Packed

_ASSETS = Path(gradio.__file__).parent / "templates" / "frontend" / "assets"
_FILE = re.compile(r"[\w.-]+\.(?:js|css)")
_ENTRY = re.compile(r'src="\./assets/([\w.-]+\.js)"')
_DEPENDENCIES = re.compile(r"m\.f=\[(.*?)\]")
_LATER = re.compile(r"import\(`\./([\w.-]+)`\).*?__vite__mapDeps\(\[([\d,]*)\]\)", re.DOTALL)
_PARTS = ("html", "column")
"""The components of Gradio that our pages are made of."""


def serve_files(app: FastAPI, prefix: str) -> None:
    """Serves Gradio's scripts and styles below ``prefix`` + /assets/."""

    @app.get(f"{prefix}/assets/{{name}}", include_in_schema=False)
    async def asset(name: str, request: Request) -> Response:
        packed = _asset(name)
        return Response(status_code=404) if packed is None else packed.answer(request, FOR_GOOD)


@cache
def _asset(name: str) -> Packed | None:
    """A file of the frontend; None for a name that it does not have."""
    path = _ASSETS / name
    if not _FILE.fullmatch(name) or not path.is_file():
        return None
    return Packed.of(path.read_bytes(), guess_type(name)[0] or "application/octet-stream")


@dataclass(frozen=True)
class Chunks:
    """The files of the frontend that a page of ours leads to, found in the files themselves.

    Another version of Gradio may write them differently; then less is found, the page fetches
    the rest when it comes to it, and only starts later.
    """

    folder: Path = _ASSETS

    @cached_property
    def names(self) -> tuple[str, ...]:
        """File names, those that are wanted first at the front."""
        index = (self.folder.parent / "index.html").read_text(encoding="utf-8")
        entry = _ENTRY.search(index)
        if entry is None:
            return ()
        found = dict.fromkeys((entry[1], *_dependencies(self._text(entry[1]))))
        for name in tuple(found):
            if name.startswith("Index-") and name.endswith(".js"):
                found |= dict.fromkeys(_later(self._text(name), "Blocks-"))
            if name.startswith("core-") and name.endswith(".js"):
                found |= dict.fromkeys(self._parts(self._text(name)))
        return tuple(name for name in found if (self.folder / name).is_file())

    def hints(self) -> str:
        """Markup for the head of the page, whose scripts lie in ./assets/."""
        kinds = {".js": 'rel="modulepreload"', ".css": 'rel="preload" as="style"'}
        return "".join(
            f'<link {kinds[Path(name).suffix]} fetchpriority="low" crossorigin '
            f'href="./assets/{name}">'
            for name in self.names
        )

    def _text(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")

    @staticmethod
    def _parts(core: str) -> Iterator[str]:
        for part in _PARTS:
            # From its own entry in the table of components to the next one's.
            entry = re.search(rf"[{{,]{part}:{{.*?}}(?=,\w+:{{|}})", core, re.DOTALL)
            if entry is not None:
                yield from _later(entry[0], "", _dependencies(core))


def _dependencies(text: str) -> tuple[str, ...]:
    """What a file may lead to, in the order of its table."""
    table = _DEPENDENCIES.search(text)
    return tuple(re.findall(r'"\./([\w.-]+)"', table[1])) if table else ()


def _later(text: str, start: str, table: tuple[str, ...] = ()) -> Iterator[str]:
    """Files that ``text`` imports when it comes to them, and what they need."""
    for found in _LATER.finditer(text):
        if found[1].startswith(start):
            yield found[1]
            places = (int(place) for place in found[2].split(",") if place)
            yield from (table[place] for place in places if place < len(table))


class Head:
    """ASGI application around Gradio's that puts ``markup`` into the head of its pages.

    Gradio itself adds it when its scripts have started, which is late for what is to be fetched
    early.
    """

    def __init__(self, app: ASGIApp, head: str, body: str) -> None:
        """``head`` is put before the end of the head, ``body`` before the end of the body."""
        self._app = app
        self._head = head.encode()
        self._body = body.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes everything on; only pages come back changed."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        start: Message | None = None
        chunks: list[bytes] = []

        async def collect(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _is_page(message):
                start = message
            elif start is None:
                await send(message)
            else:
                chunks.append(message.get("body", b""))
                if not message.get("more_body", False):
                    await self._send(scope, start, b"".join(chunks), send)

        await self._app(scope, receive, collect)

    async def _send(self, scope: Scope, start: Message, page: bytes, send: Send) -> None:
        page = page.replace(b"</head>", self._head + b"</head>", 1)
        before, end, after = page.rpartition(b"</body>")
        packed = Packed.of(before + self._body + end + after, "text/html", level=1)
        headers = MutableHeaders(raw=list(start["headers"]))
        headers["Vary"] = "Accept-Encoding"
        content = packed.content
        if "gzip" in Headers(scope=scope).get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            content = packed.gzipped
        headers["Content-Length"] = str(len(content))
        await send({**start, "headers": headers.raw})
        await send({"type": "http.response.body", "body": content})


def _is_page(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    return (
        start["status"] == 200
        and headers.get("content-type", "").startswith("text/html")
        and "content-encoding" not in headers
    )
