"""The page on which a meeting is recorded and watched while it goes on.

Its scripts talk to ``/ws/live`` themselves; see docs/live-protocol.md.
"""

import gradio as gr
from fastapi import FastAPI
from fastapi.responses import FileResponse, Response

from ui.components.assets import module_path
from ui.components.live import captions, outline, recorder, seal, setup, voices
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
    def module(name: str) -> Response:
        path = module_path(name)
        if path is None:
            return Response(status_code=404)
        # Asked for anew each time, answered with 304 while it is the same.
        return FileResponse(
            path, media_type="text/javascript", headers={"Cache-Control": "no-cache"}
        )
