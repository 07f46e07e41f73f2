"""The page on which a meeting is recorded and watched while it goes on.

Its scripts talk to ``/ws/live`` themselves; see docs/live-protocol.md.
"""

from functools import lru_cache
from pathlib import Path

import gradio as gr
from fastapi import FastAPI, Request
from fastapi.responses import Response

from ui.components.assets import module_path
from ui.components.live import captions, outline, recorder, seal, setup, voices
from ui.packed import Packed
from ui.translation import Translate


def live_page(t: Translate) -> None:
    """Adds the page to the Blocks under construction."""
    with gr.Column(elem_id="live-page", elem_classes="view"):
        setup(t)
        seal(t)
        captions(t)
        with gr.Column(elem_id="live-side"):
            voices(t)
            outline(t)
        recorder(t)


def serve_modules(app: FastAPI) -> None:
    """Serves the scripts that are modules: a worklet must come from an address of its own."""

    @app.get("/scripts/{name:path}.js", include_in_schema=False)
    async def module(name: str, request: Request) -> Response:
        path = module_path(name)
        if path is None:
            return Response(status_code=404)
        return _packed(path, path.stat().st_mtime_ns).answer(request)


@lru_cache(maxsize=256)
def _packed(path: Path, changed_at: int) -> Packed:
    """The file at ``path`` as it has been since ``changed_at``, in nanoseconds."""
    return Packed.of(path.read_bytes(), "text/javascript")
