"""The web page: Gradio's Blocks around our components, mounted into the API."""

import os
from typing import TYPE_CHECKING

from fastapi import FastAPI

# Read by Gradio when it is imported: nothing may leave the machine.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio as gr

from ui.components.assets import script, styles
from ui.components.page import page
from ui.library import library_page
from ui.live import live_page, serve_modules
from ui.meeting import meeting_page
from ui.recordings import recordings_page
from ui.theme import theme, variables

if TYPE_CHECKING:
    from meeting_app.service import MeetingService


def build_page(service: "MeetingService") -> gr.Blocks:
    """All pages in one; the address says which is shown, so that reload and back work."""
    blocks = gr.Blocks(title="Meeting App", analytics_enabled=False, fill_width=True)
    with blocks:
        page()
        library_page(service)
        recordings_page(service)
        live_page()
        meeting_page(service)
    return blocks


def mount(app: FastAPI, service: "MeetingService") -> FastAPI:
    """Serves the page at "/" of ``app``."""
    serve_modules(app)
    gr.mount_gradio_app(
        app,
        build_page(service),
        path="/",
        theme=theme(),
        head=f"<style>{variables()}\n{styles()}</style><script>{script('shared')}</script>",
        footer_links=[],
        run_history=False,
        enable_monitoring=False,
        ssr_mode=False,
        # Recordings come in over REST; Gradio's own upload takes nothing.
        max_file_size=1,
    )
    return app
