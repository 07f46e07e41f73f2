"""People whom a user has named, what their voices sound like, and who may be speaking."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose name a user has confirmed; nobody becomes one in any other way."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class VoiceSample:
    """What one voice of one meeting sounds like."""

    model: str  # which network made the embedding; those of another say nothing about it
    embedding: npt.NDArray[np.float32]  # (dimension,) of norm one
    seconds: float  # of speech behind it, nobody else speaking


@dataclass(frozen=True, slots=True, eq=False)
class Voiceprint:
    """What a person sounds like, from every meeting in which the name was confirmed."""

    person: Person
    samples: tuple[VoiceSample, ...]  # one for each meeting, latest first


@dataclass(frozen=True, slots=True)
class Recognition:
    """A voice that is taken for that of a person."""

    person: Person
    similarity: float  # cosine to the voiceprint, -1..1
    margin: float  # by which the next person is less similar
    confidence: float  # that it is this person, 0..1


class NameSource(StrEnum):
    """Why a name is suggested."""

    VOICE = "voice"  # the voice is that of a person who is known
    INTRODUCTION = "introduction"  # the speaker said "I'm Laura"
    ADDRESS = "address"  # others said "thanks, Laura" before or after the speaker's turn


@dataclass(frozen=True, slots=True)
class NameSuggestion:
    """A name that a speaker of a meeting may have; only a user makes it theirs."""

    label: str  # of the speaker
    name: str
    source: NameSource
    confidence: float  # 0..1
    turn_id: int | None = None  # in which the name was said
    person_id: str | None = None  # whose voice it is


@dataclass(frozen=True, slots=True)
class Appearance:
    """A meeting in which a person is named."""

    meeting_id: str
    title: str
    label: str  # of the speaker; the first of several who have the name
    is_remembered: bool  # whether the voice in this meeting is part of the voiceprint
    seconds: float  # in which the person is heard
    created_at: datetime  # UTC; of the meeting


@dataclass(frozen=True, slots=True)
class PersonEntry:
    """One line of the list of people."""

    person: Person
    appearances: tuple[Appearance, ...]  # latest first
    voice_seconds: float  # of speech behind the voiceprint; 0 when there is none

    @property
    def seconds(self) -> float:
        """In which the person is heard, all meetings together."""
        return sum(appearance.seconds for appearance in self.appearances)

    @property
    def last_heard(self) -> datetime | None:
        """When the latest meeting was added; None when every meeting was deleted."""
        return self.appearances[0].created_at if self.appearances else None


@dataclass(frozen=True, slots=True)
class VoicesState:
    """Whether voices are remembered and recognised, and what stands in the way."""

    is_on: bool
    is_fixed: bool  # by the configuration, so that the page cannot switch them off
    num_people: int  # whose voices are remembered
    problem: str | None  # why voiceprints cannot be read, for the user's eyes


def is_same_name(one: str, other: str) -> bool:
    """Whether one of two names is the other, or its beginning word by word."""
    a, b = one.casefold().split(), other.casefold().split()
    short = min(len(a), len(b))
    return short > 0 and a[:short] == b[:short]


def all_suggestions(
    said: Sequence[NameSuggestion], recognised: Mapping[str, Recognition]
) -> tuple[NameSuggestion, ...]:
    """What was said and what was heard together; by label, best first.

    Where both agree on a speaker they are one suggestion, surer than either, under the name
    that is known.
    """
    found: list[NameSuggestion] = []
    agreed: set[NameSuggestion] = set()
    for label, recognition in recognised.items():
        person, sure, turn = recognition.person, recognition.confidence, None
        for other in said:
            if other.label == label and is_same_name(other.name, person.name):
                sure = 1 - (1 - sure) * (1 - other.confidence)
                turn = other.turn_id
                agreed.add(other)
        found.append(NameSuggestion(label, person.name, NameSource.VOICE, sure, turn, person.id))
    found += [suggestion for suggestion in said if suggestion not in agreed]
    return tuple(sorted(found, key=lambda s: (s.label, -s.confidence)))
