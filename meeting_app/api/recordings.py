"""Upload: the body of one request streams through the service onto the disk."""

import io
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated

import anyio.from_thread
import anyio.to_thread
from fastapi import APIRouter, Query, Request
from starlette.requests import ClientDisconnect

from meeting_app.api.schemas import DuplicateSchema, JobSchema, UploadSchema
from meeting_app.domain import Job
from meeting_app.errors import BrokenMediaError, MeetingAppError

if TYPE_CHECKING:
    from meeting_app.service import MeetingService

BUFFER = 1 << 20  # bytes handed to the service at a time
BODY = {
    "requestBody": {
        "required": True,
        "description": "The bytes of the file, as they are",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


def recordings_router(service: "MeetingService") -> APIRouter:
    """Where recordings come in."""
    router = APIRouter(tags=["recordings"])

    @router.post(
        "/recordings",
        status_code=201,
        openapi_extra=BODY,
        summary="Hand in a recording",
        responses={409: {"model": DuplicateSchema, "description": "It is there already"}},
    )
    async def submit(request: Request, upload: Annotated[UploadSchema, Query()]) -> JobSchema:
        # Decided before the first byte is read: a wrong option should not cost an upload.
        options = upload.options()
        body = RequestReader(request.stream())

        def work() -> Job:
            with io.BufferedReader(body, BUFFER) as source:
                return service.submit(
                    source, upload.filename, options, upload.title, upload.filing()
                )

        try:
            return JobSchema.of(await anyio.to_thread.run_sync(work))
        except MeetingAppError:
            # A browser that is still sending would otherwise see a cut connection, no message.
            await body.drain()
            raise

    return router


class RequestReader(io.RawIOBase):
    """The body of a request as a file, to be read in a worker thread.

    It holds one network chunk at a time; a slow disk slows the sender down.
    """

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """True."""
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        """Fills what it can of ``buffer``; 0 is the end.

        Raises:
            BrokenMediaError: the sender went away before the end.
        """
        while not self._rest:
            chunk = anyio.from_thread.run(self._next)
            if chunk is None:
                return 0
            self._rest = memoryview(chunk)
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count

    async def drain(self) -> None:
        """Reads the rest and forgets it."""
        try:
            while await self._next() is not None:
                pass
        except BrokenMediaError:
            return

    async def _next(self) -> bytes | None:
        try:
            return await anext(self._chunks, None)
        except ClientDisconnect as error:
            raise BrokenMediaError("the upload was cut off; send the file again") from error
