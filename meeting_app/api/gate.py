"""Who may talk to the server, checked before anything else sees the request.

A page on the internet can make the user's browser send requests to 127.0.0.1. Three checks
stop it: the Host header must be one of ours (against DNS rebinding), a request that changes
something must come from our own page (against cross-site requests), and a server that others
can reach asks for a password.
"""

import base64
import binascii
import ipaddress
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from meeting_app.config import ServerConfig
from meeting_app.errors import ConfigError

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_ANY_ADDRESS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared with, not bound to
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_POLICY = "; ".join(
    (
        "default-src 'self'",
        # Gradio compiles its templates in the browser and starts from scripts inside the page.
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
# Shown to who is not known yet, so in both languages of the page.
_LOGIN_PAGE = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width">
  <title>Log in · 登录 · Meeting App</title>
  <style>
    :root { color-scheme: light dark; font: 17px/1.5 system-ui, sans-serif; }
    main { max-width: 28rem; margin: 18vh auto 0; padding: 0 1.5rem; }
    h1 { margin: 2rem 0 0.25rem; font-size: 1.5rem; }
    p { margin: 0; }
  </style>
</head>
<body>
  <main>
    <h1>Log in</h1>
    <p>Load this page again and give the name and the password of the server's settings.</p>
    <section lang="zh-Hans">
      <h1>登录</h1>
      <p>请重新加载此页，输入服务器设置中的用户名和密码。</p>
    </section>
  </main>
</body>
</html>
"""
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class Access:
    """Who may come in."""

    hosts: frozenset[str] | None  # names the server answers to; None means any
    username: str
    password: str  # empty means nobody is asked

    @classmethod
    def of(cls, config: ServerConfig) -> "Access":
        """The rules that follow from where the server listens.

        Raises:
            ConfigError: the host is open to others and no password is set.
        """
        if not is_loopback(config.host) and not config.password:
            raise ConfigError(
                f"server.host: {config.host} lets other machines in without a password; "
                "set MEETING_APP_SERVER_PASSWORD, or listen on 127.0.0.1"
            )
        # Behind "any address" the server cannot know its names; there the password protects.
        hosts = None if config.host in _ANY_ADDRESS else _LOOPBACK | {config.host.lower()}
        return cls(hosts, config.username, config.password)

    def refusal(self, scope: Scope) -> Response | None:
        """Why the request may not pass, or None."""
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if self.hosts is not None and _hostname(host) not in self.hosts:
            return _refused(421, f"{host!r} is not this server; open it by its own address")
        is_reading = scope["type"] == "http" and scope["method"] in _READING
        if not is_reading and not _is_from_our_page(headers, host):
            return _refused(403, "the request comes from another site; use this server's own page")
        if self.password and not self._is_known(headers.get("authorization", "")):
            return _login(wants_page="text/html" in headers.get("accept", ""))
        return None

    def _is_known(self, authorization: str) -> bool:
        scheme, _, encoded = authorization.partition(" ")
        try:
            given = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            return False
        expected = f"{self.username}:{self.password}".encode()
        return scheme.lower() == "basic" and secrets.compare_digest(given, expected)


class Gate:
    """ASGI middleware that turns away what ``Access`` refuses and hardens every answer."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, or answers it with the refusal."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        refusal = self._access.refusal(scope)
        hardened = _hardened(send)
        if refusal is None:
            await self._app(scope, receive, hardened)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": "refused"})
        else:
            await refusal(scope, receive, hardened)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _hostname(host: str) -> str | None:
    """The Host header without its port, lower case; None when it is none."""
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _is_from_our_page(headers: Headers, host: str) -> bool:
    """Whether a browser says so; a program that is no browser sends neither header."""
    origin = headers.get("origin")
    if origin is not None:
        return urlsplit(origin).netloc.lower() == host.lower()
    return headers.get("sec-fetch-site", "none") in ("same-origin", "none")


def _refused(status: int, text: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"error": text}, status, headers)


def _login(wants_page: bool) -> Response:
    """Makes a browser ask for name and password; who cancels that sees the page."""
    headers = {"WWW-Authenticate": 'Basic realm="Meeting App", charset="UTF-8"'}
    if wants_page:
        return HTMLResponse(_LOGIN_PAGE, 401, headers)
    return _refused(401, "log in with the name and the password of the server's settings", headers)


def _hardened(send: Send) -> Send:
    async def send_hardened(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _missing(headers):
                headers[name] = value
        await send(message)

    return send_hardened


def _missing(headers: MutableHeaders) -> Iterator[tuple[str, str]]:
    return ((name, value) for name, value in _HEADERS.items() if name not in headers)
