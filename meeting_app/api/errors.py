"""Errors of our tree as HTTP answers."""

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from meeting_app.api.invalid import said_of
from meeting_app.api.schemas import ErrorSchema
from meeting_app.errors import (
    BrokenMediaError,
    ConfigError,
    ConflictError,
    DiskFullError,
    DuplicateError,
    FormatError,
    JobCancelledError,
    LiveError,
    MediaError,
    MeetingAppError,
    NoSpaceError,
    NotFoundError,
    UnknownLiveError,
    WeightsError,
)

# The first class that fits decides, so the special ones stand before their parents.
_STATUS: tuple[tuple[type[MeetingAppError], int], ...] = (
    (NotFoundError, 404),
    (UnknownLiveError, 404),
    (ConflictError, 409),
    (LiveError, 409),
    (JobCancelledError, 409),
    (DiskFullError, 507),
    (NoSpaceError, 507),
    (BrokenMediaError, 415),
    (MediaError, 422),
    (ConfigError, 400),
    (FormatError, 400),
    (WeightsError, 503),
    (MeetingAppError, 500),
)
MESSAGES: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": ErrorSchema, "description": "What is wrong with the request"},
    "5XX": {"model": ErrorSchema, "description": "What is wrong with the server"},
}
_log = logging.getLogger(__name__)


def status_of(error: MeetingAppError) -> int:
    """The HTTP status that says what kind of error this is."""
    return next(status for kind, status in _STATUS if isinstance(error, kind))


def add_error_handlers(app: FastAPI) -> None:
    """Makes every error an answer ``{"error": message}``."""

    @app.exception_handler(MeetingAppError)
    def ours(request: Request, error: MeetingAppError) -> JSONResponse:
        status = status_of(error)
        if status >= 500:
            _log.error("%s %s", request.method, request.url.path, exc_info=error)
        return message(status, str(error))

    @app.exception_handler(DuplicateError)
    def duplicate(request: Request, error: DuplicateError) -> JSONResponse:
        return JSONResponse({"error": str(error), "meeting_id": error.meeting_id}, 409)

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return message(422, said_of(error.errors()))

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> JSONResponse:
        return message(error.status_code, str(error.detail))

    @app.exception_handler(Exception)
    def unforeseen(request: Request, error: Exception) -> JSONResponse:
        _log.error("%s %s", request.method, request.url.path, exc_info=error)
        return message(500, f"{type(error).__name__}: an error in the program; see its log")


def message(status: int, text: str) -> JSONResponse:
    """An answer with nothing but a message."""
    return JSONResponse({"error": text}, status)
