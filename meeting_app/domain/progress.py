"""What a running pipeline reports."""

from dataclasses import dataclass
from enum import StrEnum

from pyannote.core import Annotation, Timeline

from meeting_app.domain.meeting import Chapter, Minutes
from meeting_app.domain.transcript import Transcript, Turn


class Stage(StrEnum):
    """The stages of the offline pipeline, in the order they run."""

    DECODE = "decode"
    SPEECH = "speech"
    SPEAKERS = "speakers"
    WORDS = "words"
    TURNS = "turns"
    CHAPTERS = "chapters"
    MINUTES = "minutes"


STAGES: tuple[Stage, ...] = tuple(Stage)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job has come."""

    stage: Stage
    stage_fraction: float  # 0..1 of this stage
    fraction: float  # 0..1 of the whole job
    eta: float | None = None  # seconds still to go; None while it cannot be told


@dataclass(frozen=True, slots=True)
class Draft:
    """What a running job has found out so far; None is still to come."""

    speech: Timeline | None = None
    annotation: Annotation | None = None
    transcript: Transcript | None = None
    turns: tuple[Turn, ...] | None = None
    chapters: tuple[Chapter, ...] | None = None
    minutes: Minutes | None = None
