"""What a meeting is: frozen values and pure functions over them."""

from meeting_app.domain.audio import SAMPLE_RATE, MediaFacts, Recording, Waveform
from meeting_app.domain.jobs import MAX_SPEAKERS, Job, JobState, ProcessingOptions, SpeakerCount
from meeting_app.domain.library import LibraryEntry, SearchHit, StoredMeeting
from meeting_app.domain.meeting import (
    ActionItem,
    Chapter,
    Decision,
    Meeting,
    Minutes,
    Speaker,
    SpeakerSegment,
    Statement,
    annotation_of,
    speaker_segments_of,
)
from meeting_app.domain.progress import (
    STAGE_SHARES,
    STAGES,
    Draft,
    Progress,
    Stage,
    overall_fraction,
)
from meeting_app.domain.transcript import (
    Sentence,
    Transcript,
    Turn,
    Word,
    join_words,
    sentences_of,
)

__all__ = [
    "MAX_SPEAKERS",
    "SAMPLE_RATE",
    "STAGES",
    "STAGE_SHARES",
    "ActionItem",
    "Chapter",
    "Decision",
    "Draft",
    "Job",
    "JobState",
    "LibraryEntry",
    "MediaFacts",
    "Meeting",
    "Minutes",
    "ProcessingOptions",
    "Progress",
    "Recording",
    "SearchHit",
    "Sentence",
    "Speaker",
    "SpeakerCount",
    "SpeakerSegment",
    "Stage",
    "Statement",
    "StoredMeeting",
    "Transcript",
    "Turn",
    "Waveform",
    "Word",
    "annotation_of",
    "join_words",
    "overall_fraction",
    "sentences_of",
    "speaker_segments_of",
]
