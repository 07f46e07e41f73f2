"""What the page of people shows, worked out from domain objects; pure, and free of any markup."""

from collections.abc import Sequence
from dataclasses import dataclass

from meeting_app.domain.people import Appearance, PersonEntry, VoicesState
from ui.presenters import length
from ui.translation import Translate

NUM_SHOWN = 3  # meetings of a person that are listed at once; the others unfold


@dataclass(frozen=True, slots=True)
class AppearanceView:
    """A meeting of a person."""

    meeting_id: str
    title: str
    label: str  # of the speaker
    can_remember: bool  # the voice; that of this meeting is not yet part of the voiceprint
    length: str  # of what the person says in it
    created_at: str  # ISO 8601, UTC


@dataclass(frozen=True, slots=True)
class PersonView:
    """One person."""

    id: str
    name: str
    facts: tuple[str, ...]
    last_heard: str | None  # ISO 8601, UTC
    has_voice: bool
    num_meetings: int
    first: tuple[AppearanceView, ...]
    more: tuple[AppearanceView, ...]


@dataclass(frozen=True, slots=True)
class PeopleView:
    """Everybody, and whether voices are remembered."""

    people: tuple[PersonView, ...]
    voices: VoicesState
    remembered: str  # how many voices, in words


def present_people(entries: Sequence[PersonEntry], voices: VoicesState, t: Translate) -> PeopleView:
    """The page of people."""
    return PeopleView(
        people=tuple(_person(entry, voices.is_on, t) for entry in entries),
        voices=voices,
        remembered=t("1 voice is remembered.")
        if voices.num_people == 1
        else t("{count} voices are remembered.", count=voices.num_people),
    )


def _person(entry: PersonEntry, is_on: bool, t: Translate) -> PersonView:
    count = len(entry.appearances)
    facts = [t("1 meeting") if count == 1 else t("{count} meetings", count=count)]
    if entry.seconds:
        facts.append(t("speaks for {length}", length=length(entry.seconds, t)))
    shown = tuple(_appearance(appearance, is_on, t) for appearance in entry.appearances)
    return PersonView(
        id=entry.person.id,
        name=entry.person.name,
        facts=tuple(facts),
        last_heard=entry.last_heard.isoformat() if entry.last_heard else None,
        has_voice=entry.voice_seconds > 0,
        num_meetings=count,
        first=shown[:NUM_SHOWN],
        more=shown[NUM_SHOWN:],
    )


def _appearance(appearance: Appearance, is_on: bool, t: Translate) -> AppearanceView:
    return AppearanceView(
        meeting_id=appearance.meeting_id,
        title=appearance.title,
        label=appearance.label,
        can_remember=is_on and not appearance.is_remembered,
        length=length(appearance.seconds, t),
        created_at=appearance.created_at.isoformat(),
    )
