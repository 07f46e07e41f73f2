"""People without networks: a service around a library, and evidence with a voice of one's own."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from meeting_app.config import VoicesConfig
from meeting_app.domain import Meeting, VoiceEvidence
from meeting_app.domain.people import Appearance, Person, PersonEntry, VoiceSample
from meeting_app.people import Library, PeopleService
from pipelines.names import IntroductionFinder
from pipelines.voices import CosineMatcher
from storage.repository import Media, Repository

MODEL = "test-voices"
DIMENSION = 8
NOW = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)


def people_service(
    repository: Repository, media: Media, key_file: Path, config: VoicesConfig | None = None
) -> PeopleService:
    """The use cases around people over a library; voices are off unless ``config`` says else."""
    config = config or VoicesConfig()
    return PeopleService(
        repository.people(key_file),
        Library(repository, media),
        CosineMatcher(config),
        IntroductionFinder(),
        config,
    )


def a_direction(number: int) -> np.ndarray:
    """(DIMENSION,) of norm one; those of different numbers are at right angles."""
    return np.eye(DIMENSION, dtype=np.float32)[number]


def a_sample(number: int = 0, seconds: float = 20.0, model: str = MODEL) -> VoiceSample:
    """A voice like no other number's."""
    return VoiceSample(model, a_direction(number), seconds)


def an_entry(
    name: str = "Laura", *titles: str, id: str = "p1", voice_seconds: float = 0.0
) -> PersonEntry:
    """Somebody who is heard for a minute in each of the meetings m1, m2…, latest first."""
    appearances = tuple(
        Appearance(
            f"m{i}",
            title,
            "SPEAKER_00",
            i == 1 and voice_seconds > 0,
            60.0,
            NOW - timedelta(days=i),
        )
        for i, title in enumerate(titles, start=1)
    )
    return PersonEntry(Person(id, name), appearances, voice_seconds)


def evidence_of(meeting: Meeting, voices: dict[str, int], model: str = MODEL) -> VoiceEvidence:
    """Windows every half second in which each label sounds like the direction of its number."""
    times: list[float] = []
    rows: list[np.ndarray] = []
    for item in meeting.speaker_segments:
        for time in np.arange(item.segment.start + 0.25, item.segment.end, 0.5):
            times.append(float(time))
            rows.append(a_direction(voices[item.speaker]))
    order: Sequence[int] = np.argsort(times, kind="stable").tolist()
    return VoiceEvidence(
        model,
        np.array([times[i] for i in order]),
        np.stack([rows[i] for i in order]),
        np.full(len(order), 0.5, np.float32),
    )
