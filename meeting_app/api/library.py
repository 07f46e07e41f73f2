"""The library over REST: listed, searched, and kept in order."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from meeting_app.api.schemas import LibraryEntrySchema, SearchHitSchema
from meeting_app.domain import Facet, LibraryPlace, SearchFilters
from meeting_app.errors import FormatError

if TYPE_CHECKING:
    from meeting_app.service import MeetingService

_MOST_AT_ONCE = 1000  # meetings that one request changes


class _Schema(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FilterSchema(_Schema):
    """Which meetings; what is not given leaves nothing out."""

    speaker: str | None = Field(None, max_length=500, description="A name; whole and exact")
    since: datetime | None = Field(None, description="Added then or later; UTC without an offset")
    until: datetime | None = Field(None, description="Added before")
    min_duration: float | None = Field(None, ge=0, description="Seconds")
    max_duration: float | None = Field(None, ge=0, description="Seconds")
    language: str | None = Field(None, pattern="^[a-z]{2,3}$")
    tag: tuple[str, ...] = Field((), max_length=50, description="All of them")
    folder: str | None = Field(None, max_length=500, description="That one and those in it")
    in_trash: bool = False

    def filters(self) -> SearchFilters:
        """The same for the service."""
        return SearchFilters(
            speaker=self.speaker,
            since=_aware(self.since),
            until=_aware(self.until),
            min_duration=self.min_duration,
            max_duration=self.max_duration,
            language=self.language,
            tags=self.tag,
            folder=self.folder,
            is_trashed=self.in_trash,
        )


class ListSchema(FilterSchema):
    """Which meetings, and how many of them."""

    limit: int | None = Field(None, ge=1, le=_MOST_AT_ONCE)
    after: str | None = Field(None, max_length=100, description="The `place` of the last one")


class SearchSchema(FilterSchema):
    """What is looked for, and where."""

    q: str = Field(max_length=500)
    limit: int = Field(50, ge=1, le=500)
    by: Literal["words", "meaning"] = "words"


class FacetSchema(_Schema):
    """A value to choose meetings by."""

    value: str
    num_meetings: int

    @classmethod
    def of(cls, facet: Facet) -> "FacetSchema":
        """The same in JSON."""
        return cls(value=facet.value, num_meetings=facet.num_meetings)


class FacetsSchema(_Schema):
    """All values by which meetings can be chosen."""

    speakers: tuple[FacetSchema, ...]
    languages: tuple[FacetSchema, ...]
    tags: tuple[FacetSchema, ...]
    folders: tuple[FacetSchema, ...]


class TagSchema(_Schema):
    """Tags to put on meetings and to take off them."""

    meeting_ids: tuple[str, ...] = Field(min_length=1, max_length=_MOST_AT_ONCE)
    add: tuple[str, ...] = Field((), max_length=50)
    remove: tuple[str, ...] = Field((), max_length=50)


class MoveSchema(_Schema):
    """A folder to put meetings into; null takes them out of any."""

    meeting_ids: tuple[str, ...] = Field(min_length=1, max_length=_MOST_AT_ONCE)
    folder: str | None


def library_router(service: "MeetingService") -> APIRouter:
    """Where meetings are listed, found and kept in order."""
    router = APIRouter(tags=["library"])
    _add_reading(router, service)
    _add_changing(router, service)
    return router


def _add_reading(router: APIRouter, service: "MeetingService") -> None:
    @router.get("/meetings", summary="The library, newest first")
    def library(asked: Annotated[ListSchema, Query()]) -> tuple[LibraryEntrySchema, ...]:
        entries = service.library(asked.filters(), asked.limit, _place(asked.after))
        return tuple(LibraryEntrySchema.of(entry) for entry in entries)

    @router.get("/search", summary="Turns that contain the words, or passages that mean the like")
    def search(asked: Annotated[SearchSchema, Query()]) -> tuple[SearchHitSchema, ...]:
        find = service.search if asked.by == "words" else service.shelves.search_alike
        return tuple(SearchHitSchema.of(hit) for hit in find(asked.q, asked.limit, asked.filters()))

    @router.get("/facets", summary="By what meetings can be chosen")
    def facets() -> FacetsSchema:
        found = service.shelves.facets()
        return FacetsSchema(
            speakers=tuple(map(FacetSchema.of, found.speakers)),
            languages=tuple(map(FacetSchema.of, found.languages)),
            tags=tuple(map(FacetSchema.of, found.tags)),
            folders=tuple(map(FacetSchema.of, found.folders)),
        )


def _add_changing(router: APIRouter, service: "MeetingService") -> None:
    @router.post("/tags", status_code=204, summary="Put tags on meetings and take others off")
    def change_tags(change: TagSchema) -> Response:
        if change.add:
            service.shelves.tag(change.meeting_ids, change.add)
        if change.remove:
            service.shelves.untag(change.meeting_ids, change.remove)
        return Response(status_code=204)

    @router.post("/folders", status_code=204, summary="Put meetings into a folder")
    def move(change: MoveSchema) -> Response:
        service.shelves.move(change.meeting_ids, change.folder)
        return Response(status_code=204)

    @router.post(
        "/meetings/{meeting_id}/restore", status_code=204, summary="Take it out of the trash"
    )
    def restore(meeting_id: str) -> Response:
        service.shelves.restore(meeting_id)
        return Response(status_code=204)

    @router.delete("/trash", summary="Remove for good what is in the trash")
    def empty_trash() -> dict[str, int]:
        return {"num_meetings": service.shelves.empty_trash()}


def _aware(moment: datetime | None) -> datetime | None:
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)


def _place(text: str | None) -> LibraryPlace | None:
    try:
        return None if text is None else LibraryPlace.parse(text)
    except ValueError as error:
        raise FormatError(str(error)) from error
