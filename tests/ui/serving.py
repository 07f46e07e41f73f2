"""The whole application, API and page, around any service."""

import asyncio
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import uvicorn
from fastapi import FastAPI
from starlette.routing import BaseRoute

from meeting_app.api import create_app
from meeting_app.config import ServerConfig
from ui.app import mount


def application(service, config: ServerConfig, routes: Sequence[BaseRoute] = ()) -> FastAPI:
    """The application with ``routes`` before all its own.

    Built inside a running loop: outside one, Gradio opens loops that it never closes. It runs in
    a thread of its own, because Playwright's occupies the main one.
    """

    async def build() -> FastAPI:
        app = create_app(service, config)
        app.router.routes[:0] = routes
        return mount(app, service)

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(build())).result()


@contextmanager
def serving(app: FastAPI, port: int = 0) -> Iterator[str]:
    """Address of a real server in a thread, on ``port`` or on a free one."""
    config = uvicorn.Config(app, port=port, log_level="warning", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 60
    while not server.started:
        if time.monotonic() > deadline or not thread.is_alive():
            pytest.fail("the server did not start within 60 s; see its log")
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
