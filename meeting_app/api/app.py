"""The FastAPI application around one MeetingService."""

from typing import TYPE_CHECKING

from fastapi import APIRouter, FastAPI, Request

import meeting_app
from meeting_app.api.corrections import corrections_router
from meeting_app.api.errors import MESSAGES, add_error_handlers
from meeting_app.api.exports import exports_router
from meeting_app.api.gate import Access, Gate
from meeting_app.api.jobs import jobs_router
from meeting_app.api.library import library_router
from meeting_app.api.live import live_router, live_socket
from meeting_app.api.meetings import meetings_router
from meeting_app.api.people import people_router
from meeting_app.api.playback import playback_router
from meeting_app.api.recordings import recordings_router
from meeting_app.api.schemas import HealthSchema
from meeting_app.api.teaching import teaching_router
from meeting_app.config import ServerConfig
from meeting_app.errors import NotFoundError

if TYPE_CHECKING:
    from meeting_app.live.service import LiveService
    from meeting_app.service import MeetingService

_DESCRIPTION = "Everything the page can do, for programs. Times are seconds, dates UTC."


def create_app(
    service: "MeetingService", config: ServerConfig, live: "LiveService | None" = None
) -> FastAPI:
    """The application, without a page; a page may be mounted at "/".

    Args:
        service: what can be done with meetings.
        config: where the server listens and who may come in.
        live: what can be done with running ones; None records none.

    Raises:
        ConfigError: the host is open to others and no password is set.
    """
    app = FastAPI(
        title="Meeting App",
        version=meeting_app.__version__,
        description=_DESCRIPTION,
        openapi_url="/api/openapi.json",
        # FastAPI's own documentation pages load their scripts from other hosts.
        docs_url=None,
        redoc_url=None,
    )
    app.add_middleware(Gate, access=Access.of(config))
    add_error_handlers(app)
    author = config.username if config.password else None
    for router in (
        recordings_router(service),
        jobs_router(service),
        library_router(service),
        meetings_router(service, author),
        corrections_router(service, author),
        teaching_router(service, author),
        people_router(service),
        playback_router(service),
        exports_router(service),
        _health_router(),
        *(() if live is None else (live_router(live),)),
    ):
        app.include_router(router, prefix="/api", responses=MESSAGES)
    if live is not None:
        app.include_router(live_socket(live))
    app.include_router(_unknown_router(), prefix="/api")
    return app


def _health_router() -> APIRouter:
    router = APIRouter()

    @router.get("/health", summary="Whether the server is up")
    def health() -> HealthSchema:
        return HealthSchema(status="ok", version=meeting_app.__version__)

    return router


def _unknown_router() -> APIRouter:
    """Keeps unknown API addresses away from the page that is mounted at "/"."""
    router = APIRouter()
    methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]

    @router.api_route("/{rest:path}", methods=methods, include_in_schema=False)
    def unknown(request: Request) -> None:
        asked = f"{request.method} {request.url.path}"
        raise NotFoundError(f"{asked}: no such request; see /api/openapi.json")

    return router
