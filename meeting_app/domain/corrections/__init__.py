"""What users correct in a meeting: commands, what each does, and how they are replayed."""

from meeting_app.domain.corrections.applying import apply
from meeting_app.domain.corrections.carrying import Carried, carried
from meeting_app.domain.corrections.commands import (
    AddChapter,
    AddLine,
    Correction,
    EditLine,
    LineKind,
    LinePlace,
    MergeSpeakers,
    MoveChapter,
    MoveTurnBoundary,
    Passage,
    ReassignWords,
    Relabel,
    RemoveChapter,
    RemoveLine,
    RemoveWords,
    RenameChapter,
    RenameMeeting,
    RenameSpeaker,
    ReplaceWords,
    SplitSpeaker,
)
from meeting_app.domain.corrections.history import (
    Corrected,
    MadeCorrection,
    replayed,
    to_redo,
    to_undo,
)
from meeting_app.domain.corrections.minutes import lines_of
from meeting_app.domain.corrections.numbering import Numbering

__all__ = [
    "AddChapter",
    "AddLine",
    "Carried",
    "Corrected",
    "Correction",
    "EditLine",
    "LineKind",
    "LinePlace",
    "MadeCorrection",
    "MergeSpeakers",
    "MoveChapter",
    "MoveTurnBoundary",
    "Numbering",
    "Passage",
    "ReassignWords",
    "Relabel",
    "RemoveChapter",
    "RemoveLine",
    "RemoveWords",
    "RenameChapter",
    "RenameMeeting",
    "RenameSpeaker",
    "ReplaceWords",
    "SplitSpeaker",
    "apply",
    "carried",
    "lines_of",
    "replayed",
    "to_redo",
    "to_undo",
]
