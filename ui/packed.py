"""Answers that are packed for the way, and not sent to a browser that has them already."""

import gzip
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

from starlette.requests import Request
from starlette.responses import Response

ASK_AGAIN = "no-cache"
"""The browser keeps it and asks each time whether it is still the same."""
FOR_GOOD = "private, max-age=31536000, immutable"
"""The browser never asks again: the address holds a hash of the content."""


@dataclass(frozen=True, slots=True)
class Packed:
    """Content with what it takes to send it."""

    content: bytes
    gzipped: bytes
    media_type: str
    tag: str  # an entity tag, with its quotation marks

    @classmethod
    def of(cls, content: bytes, media_type: str, level: int = 6) -> Self:
        """Packs ``content``; ``level`` 1 is quick, 9 small."""
        tag = f'"{sha256(content).hexdigest()[:32]}"'
        return cls(content, gzip.compress(content, level, mtime=0), media_type, tag)

    def answer(self, request: Request, cache: str = ASK_AGAIN) -> Response:
        """What ``request`` gets: nothing but 304 if it names the tag."""
        headers = {"ETag": self.tag, "Cache-Control": cache, "Vary": "Accept-Encoding"}
        if self.tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        content = self.content
        if "gzip" in request.headers.get("accept-encoding", ""):
            content = self.gzipped
            headers["Content-Encoding"] = "gzip"
        return Response(content, media_type=self.media_type, headers=headers)
