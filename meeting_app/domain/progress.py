"""What a running pipeline reports."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from pyannote.core import Annotation, Timeline

from meeting_app.domain.evidence import VoiceEvidence
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

# Share of the whole time that each stage typically takes on a CPU; they add up to 1.
STAGE_SHARES: Mapping[Stage, float] = MappingProxyType(
    {
        Stage.DECODE: 0.01,
        Stage.SPEECH: 0.02,
        Stage.SPEAKERS: 0.34,
        Stage.WORDS: 0.40,
        Stage.TURNS: 0.18,
        Stage.CHAPTERS: 0.04,
        Stage.MINUTES: 0.01,
    }
)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job has come."""

    stage: Stage
    stage_fraction: float  # 0..1 of this stage
    fraction: float  # 0..1 of the whole job
    eta: float | None = None  # seconds still to go; None while it cannot be told
    notices: tuple[str, ...] = ()  # what the job has to do without, for the user's eyes


def overall_fraction(stage: Stage, stage_fraction: float) -> float:
    """0..1 of the whole job, when every stage before ``stage`` is done."""
    before = sum(STAGE_SHARES[earlier] for earlier in STAGES[: STAGES.index(stage)])
    return min(1.0, before + STAGE_SHARES[stage] * min(1.0, max(0.0, stage_fraction)))


@dataclass(frozen=True, slots=True)
class Draft:
    """What a running job has found out so far; None is still to come."""

    speech: Timeline | None = None
    annotation: Annotation | None = None
    transcript: Transcript | None = None
    turns: tuple[Turn, ...] | None = None
    chapters: tuple[Chapter, ...] | None = None
    minutes: Minutes | None = None
    evidence: VoiceEvidence | None = None  # only in the draft in which the annotation is new
