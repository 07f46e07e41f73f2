"""What is known of a live meeting: all that its journal tells, and how that is read again."""

import logging

from meeting_app.domain import (
    Behind,
    BetterWords,
    LiveUpdate,
    PartialWords,
    StableWords,
    VoiceRecognised,
    WordSpeakers,
)
from meeting_app.domain.live_messages import (
    LineEdited,
    LiveEntry,
    LivePhase,
    LiveState,
    MeetingEnded,
    MeetingOpened,
    MeetingSealed,
    MomentMarked,
    Note,
    RecordingPaused,
    SealAsked,
    SealFailed,
)
from meeting_app.errors import ConflictError, FormatError
from meeting_app.formats.live_journal import note_from_line
from meeting_app.live.conversation import Conversation
from storage.repository import LiveRecording

_LOGGER = logging.getLogger(__name__)


class Memory:
    """The facts of one meeting; its session guards them."""

    def __init__(self, meeting_id: str, opened: MeetingOpened) -> None:
        self.id = meeting_id
        self.opened = opened
        self.talk = Conversation()
        self.phase = LivePhase.INTERRUPTED
        self.marks: list[MomentMarked] = []
        self.is_paused = False
        self.is_seal_asked = False
        self.job_id: str | None = None  # of the seal
        self.sealed: MeetingSealed | None = None
        self.failure: str | None = None

    @classmethod
    def of(cls, meeting_id: str, recording: LiveRecording) -> "Memory | None":
        """What the journal tells; None if it tells of no meeting."""
        notes = _notes_of(recording)
        if not notes or not isinstance(notes[0], MeetingOpened):
            return None
        memory = cls(meeting_id, notes[0])
        for note in notes[1:]:
            try:
                memory.recall(note)
            except ConflictError:  # an edit whose line was lost in a power cut
                _LOGGER.exception("%s: a note without its line; ignored", meeting_id)
        return memory

    def recall(self, note: Note) -> None:
        """One more fact.

        Raises:
            ConflictError: an edit of a line that is not there, or not final.
        """
        match note:
            case LineEdited(line, text):
                self.talk.edit(line, text)
            case MomentMarked():
                self.marks.append(note)
            case RecordingPaused(is_paused):
                self.is_paused = is_paused
            case MeetingEnded():
                self.phase, self.failure = LivePhase.SEALING, None
                self.is_seal_asked, self.job_id = False, None
            case SealAsked(job_id):
                self.is_seal_asked, self.job_id = True, job_id
            case SealFailed(message):
                self.phase, self.failure = LivePhase.FAILED, message
            case MeetingSealed():
                self.phase, self.sealed = LivePhase.SEALED, note
            case MeetingOpened():
                _LOGGER.warning("%s: opened twice", self.id)
            case _:
                self.talk.apply(note)

    def is_lasting(self, update: LiveUpdate) -> bool:
        """Whether it is worth knowing after a crash: what is not is heard again."""
        match update:
            case PartialWords() | StableWords() | BetterWords() | VoiceRecognised() | Behind():
                return False
            case WordSpeakers(line, _, _):
                return line in self.talk.lines and self.talk.lines[line].is_final
            case _:
                return True

    def entry(self, position: float, *, is_connected: bool) -> LiveEntry:
        """The meeting's line in the list."""
        return LiveEntry(
            id=self.id,
            phase=self.phase,
            title=self.opened.title,
            started_at=self.opened.started_at,
            position=position,
            is_recorder_connected=is_connected,
        )

    def state(self, position: float, *, is_connected: bool) -> LiveState:
        """All of it."""
        return LiveState(
            meeting_id=self.id,
            phase=self.phase,
            title=self.opened.title,
            language=self.opened.language,
            position=position,
            is_paused=self.is_paused,
            is_recorder_connected=is_connected,
            lines=self.talk.in_order(),
            voices=self.talk.voices(),
            names=tuple(self.talk.names.items()),
            recognised=tuple(self.talk.recognised.items()),
            marks=tuple(self.marks),
            chapters=self.talk.chapters,
            behind=self.talk.behind,
            sealed=self.sealed,
            failure=self.failure,
        )


def _notes_of(recording: LiveRecording) -> list[Note]:
    notes: list[Note] = []
    for number, line in enumerate(recording.notes(), start=1):
        try:
            notes.append(note_from_line(line))
        except FormatError:  # a power cut may leave a hole in the middle
            _LOGGER.exception("%s: line %d cannot be read", recording.sound_path.parent, number)
    return notes
