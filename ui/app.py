"""The web page: Gradio's Blocks around our components, mounted into the API."""

import os
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse
from starlette.routing import Mount

# Read by Gradio when it is imported: nothing may leave the machine.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio as gr

from ui.components.assets import head, scripts, styles
from ui.components.first_look import first_look, styles_for_both
from ui.components.page import page
from ui.frontend import Chunks, Head, serve_files
from ui.library import library_page
from ui.live import live_page, serve_modules
from ui.meeting.page import meeting_page
from ui.meeting.routes import serve_meetings
from ui.people import people_page
from ui.recordings import recordings_page
from ui.theme import theme, variables
from ui.told import InPagesLanguage
from ui.translation import PAGE_LANGUAGES, Language, translator

if TYPE_CHECKING:
    from meeting_app.service import MeetingService


def build_page(service: "MeetingService", language: Language) -> gr.Blocks:
    """All pages in one; the address says which is shown, so that reload and back work."""
    t = translator(language)
    blocks = gr.Blocks(title="Meeting App", analytics_enabled=False, fill_width=True)
    with blocks:
        page(t)
        library_page(service, t)
        recordings_page(service, t)
        live_page(t)
        people_page(service, t)
        meeting_page(service, t)
    return blocks


def mount(app: FastAPI, service: "MeetingService") -> FastAPI:
    """Serves the page of ``app`` in English at "/" and in Chinese at "/zh/"."""
    app.add_middleware(InPagesLanguage)
    serve_modules(app)
    serve_meetings(app, service)

    @app.get("/zh", include_in_schema=False)
    def with_slash(request: Request) -> RedirectResponse:
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"zh/{query}")

    # What is mounted at "/" takes every address that is left.
    for language in sorted(PAGE_LANGUAGES, key=lambda name: name == "en"):
        _mount_page(app, build_page(service, language), language)
    return app


def _mount_page(app: FastAPI, blocks: gr.Blocks, language: Language) -> None:
    t = translator(language)
    serve_files(app, t.path.rstrip("/"))
    gr.mount_gradio_app(
        app,
        blocks,
        path=t.path,
        theme=theme(),
        footer_links=[],
        run_history=False,
        enable_monitoring=False,
        ssr_mode=False,
        # Recordings come in over REST; Gradio's own upload takes nothing.
        max_file_size=1,
    )
    mounted = app.router.routes[-1]
    if not isinstance(mounted, Mount):
        raise TypeError(f"{mounted!r}: Gradio is not where it puts itself; see mount_gradio_app")
    style = f"<style>{variables()}\n{styles_for_both(styles())}</style>"
    mounted.app = Head(mounted.app, head(t) + style + Chunks().hints(), first_look(t) + scripts())
