"""People and their voices over REST."""

from datetime import datetime
from typing import TYPE_CHECKING

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from meeting_app.domain.people import (
    Appearance,
    NameSource,
    NameSuggestion,
    PersonEntry,
    VoicesState,
)

if TYPE_CHECKING:
    from meeting_app.service import MeetingService


class _Schema(BaseModel):
    """Unknown fields are an error: a misspelt one would otherwise do nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True)


class AppearanceSchema(_Schema):
    """A meeting in which a person is named."""

    meeting_id: str
    title: str
    label: str
    is_remembered: bool
    seconds: float
    created_at: datetime

    @classmethod
    def of(cls, appearance: Appearance) -> "AppearanceSchema":
        """The same in JSON."""
        return cls.model_validate(appearance)


class PersonSchema(_Schema):
    """Somebody who is named in a meeting."""

    id: str
    name: str
    meetings: tuple[AppearanceSchema, ...]
    seconds: float
    last_heard: datetime | None
    voice_seconds: float

    @classmethod
    def of(cls, entry: PersonEntry) -> "PersonSchema":
        """The same in JSON."""
        return cls(
            id=entry.person.id,
            name=entry.person.name,
            meetings=tuple(AppearanceSchema.of(found) for found in entry.appearances),
            seconds=entry.seconds,
            last_heard=entry.last_heard,
            voice_seconds=entry.voice_seconds,
        )


class VoicesSchema(_Schema):
    """Whether voices are remembered and recognised."""

    is_on: bool
    is_fixed: bool
    num_people: int
    problem: str | None

    @classmethod
    def of(cls, state: VoicesState) -> "VoicesSchema":
        """The same in JSON."""
        return cls.model_validate(state)


class SwitchVoicesSchema(_Schema):
    """The user's wish."""

    is_on: bool


class RenamePersonSchema(_Schema):
    """A new name, for every meeting."""

    name: str


class MergePersonSchema(_Schema):
    """Who the person really is."""

    into: str


class NameSuggestionSchema(_Schema):
    """A name that a speaker may have."""

    label: str
    name: str
    source: NameSource
    confidence: float
    turn_id: int | None
    person_id: str | None

    @classmethod
    def of(cls, suggestion: NameSuggestion) -> "NameSuggestionSchema":
        """The same in JSON."""
        return cls.model_validate(suggestion)


def people_router(service: "MeetingService") -> APIRouter:
    """Where people are listed, renamed, merged and forgotten, and voices switched on and off."""
    router = APIRouter(tags=["people"])
    _add_people(router, service)
    _add_voices(router, service)
    return router


def _add_people(router: APIRouter, service: "MeetingService") -> None:
    @router.get("/people", summary="Everybody who is named, latest heard first")
    def people() -> tuple[PersonSchema, ...]:
        return tuple(PersonSchema.of(entry) for entry in service.people.people())

    @router.patch("/people/{person_id}", summary="Rename a person in every meeting")
    def rename(person_id: str, change: RenamePersonSchema) -> Response:
        service.people.rename(person_id, change.name)
        return Response(status_code=204)

    @router.post("/people/{person_id}/merge", summary="Make two people one")
    def merge(person_id: str, change: MergePersonSchema) -> Response:
        service.people.merge(person_id, change.into)
        return Response(status_code=204)

    @router.delete("/people/{person_id}", status_code=204, summary="Delete name and voiceprint")
    def delete(person_id: str) -> Response:
        service.people.delete(person_id)
        return Response(status_code=204)

    @router.delete("/people/{person_id}/voice", status_code=204, summary="Forget a voice only")
    def forget_voice(person_id: str) -> Response:
        service.people.forget_voice(person_id)
        return Response(status_code=204)


def _add_voices(router: APIRouter, service: "MeetingService") -> None:
    @router.get("/voices", summary="Whether voices are remembered")
    def voices() -> VoicesSchema:
        return VoicesSchema.of(service.people.voices())

    @router.put("/voices", summary="Switch the remembering of voices on or off")
    def switch(change: SwitchVoicesSchema) -> Response:
        service.people.switch_voices(change.is_on)
        return Response(status_code=204)

    @router.delete("/voices", status_code=204, summary="Forget every voice")
    def forget_all() -> Response:
        service.people.forget_all_voices()
        return Response(status_code=204)

    @router.get("/meetings/{meeting_id}/names", summary="Names that unnamed speakers may have")
    def names(meeting_id: str) -> tuple[NameSuggestionSchema, ...]:
        found = service.people.suggested_names(meeting_id)
        return tuple(NameSuggestionSchema.of(suggestion) for suggestion in found)

    @router.post(
        "/meetings/{meeting_id}/speakers/{label}/voice",
        summary="Remember the voice of a named speaker",
    )
    def remember(meeting_id: str, label: str) -> Response:
        service.people.remember_voice(meeting_id, label)
        return Response(status_code=204)
