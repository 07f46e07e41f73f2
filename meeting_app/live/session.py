"""One running meeting: its recording, what is known of it, and who is connected."""

import logging
import secrets
import threading

from pyannote.core import Segment

from meeting_app.checks import LONGEST_NAME, checked_text
from meeting_app.domain import (
    SAMPLE_RATE,
    LiveUpdate,
    VoiceNamed,
)
from meeting_app.domain.live_messages import (
    AudioFrame,
    Command,
    EditLine,
    EndMeeting,
    LineEdited,
    ListenTo,
    LiveEntry,
    LiveEvent,
    LivePhase,
    LiveRefused,
    LiveState,
    MarkMoment,
    MeetingEnded,
    MeetingSealed,
    MomentMarked,
    Note,
    PauseRecording,
    Ping,
    Pong,
    RecorderPresence,
    RecordingPaused,
    Refusal,
    SealAsked,
    SealFailed,
    SealProgress,
    ServerMessage,
    Welcome,
)
from meeting_app.errors import (
    ConflictError,
    EndedError,
    FormatError,
    FullError,
    StorageError,
    TakenError,
    WrongTokenError,
)
from meeting_app.formats.live import message_to_text
from meeting_app.formats.live_journal import note_to_line
from meeting_app.live.memory import Memory
from meeting_app.live.outbox import Outbox
from storage.repository import LiveRecording

_LOGGER = logging.getLogger(__name__)

_MOST_MARKS = 10_000
LONGEST_NOTE = 200  # characters of a mark
LONGEST_LINE = 5_000  # characters of an edited line


class LiveSession:
    """A meeting that is recorded, watched or sealed. Any thread may call any method."""

    def __init__(self, memory: Memory, recording: LiveRecording) -> None:
        self.id = memory.id
        self.opened = memory.opened
        self.recording = recording
        self._memory = memory
        self._lock = threading.RLock()
        self._recorder: Outbox | None = None
        self._readers: list[Outbox] = []
        self._last_gap: int | None = None  # the last frame that was refused

    @classmethod
    def recovered(cls, meeting_id: str, recording: LiveRecording) -> "LiveSession | None":
        """The meeting as its journal tells; None if it tells of none."""
        memory = Memory.of(meeting_id, recording)
        return None if memory is None else cls(memory, recording)

    # Who is connected.

    def record(self, outbox: Outbox, token: str) -> None:
        """``outbox`` belongs to the recorder from now on; another one is told so.

        Raises:
            WrongTokenError: the meeting belongs to somebody else.
            EndedError: it has ended.
        """
        with self._lock:
            if not secrets.compare_digest(token.encode(), self.opened.token.encode()):
                raise WrongTokenError(f"{self.id}: another recorder's meeting; watch it instead")
            self._refuse_ended()
            if self._recorder is not None:
                self._readers.remove(self._recorder)
                message = f"{self.id}: is now recorded from another tab or program"
                self._recorder.end(LiveRefused(Refusal.TAKEN, message, is_fatal=True))
            self._recorder, self._last_gap = outbox, None
            self._memory.phase = LivePhase.RECORDING
            self._tell(RecorderPresence(is_connected=True))
            welcome = Welcome(self.id, self.opened.token, self.recording.next_frame)
            self._greet(outbox, welcome)

    def watch(self, outbox: Outbox, most: int) -> None:
        """``outbox`` belongs to a viewer. Raises FullError when there are ``most`` already."""
        with self._lock:
            if len(self._readers) >= most:
                raise FullError(f"{self.id}: {most} viewers already; close one of them")
            self._greet(outbox, Welcome(self.id, None, self.recording.next_frame))

    def leave(self, outbox: Outbox) -> None:
        """The connection is gone."""
        with self._lock:
            outbox.is_over = True
            if outbox in self._readers:
                self._readers.remove(outbox)
            if self._recorder is outbox:
                self._recorder = None
                if self._memory.phase is LivePhase.RECORDING:
                    self._tell(RecorderPresence(is_connected=False))

    def take(self, outbox: Outbox) -> list[str]:
        """What is to be sent to one connection now."""
        with self._lock:
            needs_state = outbox.needs_state
            texts = outbox.take()
            state = self.state() if needs_state else None
        # Outside the lock: the state of a long meeting takes a while to write down.
        return texts if state is None else [*texts, message_to_text(state)]

    @property
    def has_recorder(self) -> bool:
        """Whether somebody records at this moment."""
        return self._recorder is not None

    @property
    def has_readers(self) -> bool:
        """Whether anybody is connected."""
        return bool(self._readers)

    # What a recorder does.

    def receive(self, outbox: Outbox, frame: AudioFrame) -> bool:
        """Writes a frame and acknowledges it; one that is known is acknowledged again.

        Returns:
            Whether it was new.

        Raises:
            TakenError, EndedError: this recorder's frames are not wanted any more.
            DiskFullError, StorageError: it is not on disk, and nothing more will be.
        """
        with self._lock:
            self._refuse_stranger(outbox)
            expected = self.recording.next_frame
            if frame.number > expected:
                self._refuse_gap(outbox, frame.number)
                return False
            if frame.number == expected:
                self._last_gap = None
                self._append(frame)
            outbox.acknowledge(self.recording.next_frame)
            return frame.number == expected

    def command(self, outbox: Outbox, command: Command) -> None:
        """Does what the recorder says.

        Raises:
            TakenError, EndedError: this recorder has nothing more to say.
            FormatError: a viewer says something.
            ConflictError: a name, note or text cannot be used.
            StorageError: it could not be noted.
        """
        with self._lock:
            if isinstance(command, Ping):
                outbox.say(Pong())
                return
            self._refuse_stranger(outbox)
            match command:
                case PauseRecording(is_paused):
                    self._happen(RecordingPaused(is_paused))
                case MarkMoment(note):
                    self._mark(note)
                case VoiceNamed(label, name):
                    self._happen(VoiceNamed(label, _optional("name", name or "", LONGEST_NAME)))
                case EditLine(line, text):
                    self._memory.talk.check_edit(line)
                    kept = checked_text("line", text, LONGEST_LINE)
                    self._happen(LineEdited(line, kept))
                case EndMeeting():
                    self.end()

    def end(self) -> None:
        """There is no more sound.

        Raises:
            EndedError: that was said before.
            StorageError: it could not be noted.
        """
        with self._lock:
            self._refuse_ended()
            self._note(MeetingEnded())
            self._memory.recall(MeetingEnded())
            self._recorder = None  # who still reads is a viewer now
            self._tell(SealProgress(0.0, None))
            try:
                self.recording.finish()
            except StorageError:  # it has ended all the same; readers find the length themselves
                _LOGGER.exception("%s: the header keeps an unknown length", self.id)

    # What the recognition does.

    def apply(self, update: LiveUpdate) -> None:
        """Takes in what the recognition says; once the meeting is sealed nothing counts."""
        with self._lock:
            if self._memory.phase in (LivePhase.SEALED, LivePhase.FAILED):
                return
            self._memory.talk.apply(update)
            if self._memory.is_lasting(update):
                try:
                    self._note(update)
                except StorageError:  # the recorder hears of a full disk; the text can wait
                    _LOGGER.exception("%s: the text could not be noted", self.id)
            self._tell(update)

    def listen_again(self) -> ListenTo:
        """What a recognition that knows nothing of the meeting is to be told."""
        with self._lock:
            restart = self._memory.talk.restart()
            for update in restart.updates:
                self.apply(update)
            first = min(int(restart.start * SAMPLE_RATE), self.recording.num_samples)
            path = str(self.recording.sound_path)
            return ListenTo(self.id, path, self.opened.language, first, restart.next_line)

    def say(self, event: LiveEvent) -> None:
        """Tells everybody something that changes nothing."""
        with self._lock:
            self._tell(event)

    # What becomes of it.

    def interrupt(self) -> None:
        """The recorder has been gone for too long."""
        with self._lock:
            if self._memory.phase is LivePhase.RECORDING and self._recorder is None:
                self._memory.phase = LivePhase.INTERRUPTED
                self._tell(self.state())

    def seal_asked(self, job_id: str | None) -> None:
        """Notes that the recording is handed to the library, and then with which job.

        Raises:
            StorageError: it could not be noted.
        """
        with self._lock:
            self._note(SealAsked(job_id))
            self._memory.recall(SealAsked(job_id))
            self.recording.sync()

    def seal_again(self) -> None:
        """Another try after a failure. Raises ConflictError if there was none."""
        with self._lock:
            if self._memory.phase is not LivePhase.FAILED:
                raise ConflictError(
                    f"{self.id}: is {self._memory.phase}; only a failed seal can be retried"
                )
            self._note(MeetingEnded())
            self._memory.recall(MeetingEnded())
            self._tell(self.state())

    def seal_failed(self, message: str) -> None:
        """The library could not make a meeting of it; the recording stays."""
        with self._lock:
            note = SealFailed(message)
            self._memory.recall(note)
            try:
                self._note(note)
            except StorageError:
                _LOGGER.exception("%s: the failure could not be noted", self.id)
            self._tell(self.state())
            self._tell(LiveRefused(Refusal.SEAL, message, is_fatal=False))

    def seal_done(self, sealed: MeetingSealed) -> None:
        """The meeting is in the library; journal and sound are not needed any more.

        Raises:
            StorageError: the disk refuses.
        """
        with self._lock:
            self.recording.condense([note_to_line(self.opened), note_to_line(sealed)])
            self._memory.recall(sealed)
            self._tell(sealed)

    # What is known of it.

    @property
    def phase(self) -> LivePhase:
        """How far it has come."""
        return self._memory.phase

    @property
    def position(self) -> float:
        """Seconds recorded."""
        return self.recording.num_samples / SAMPLE_RATE

    @property
    def is_seal_asked(self) -> bool:
        """Whether the recording may have been handed to the library."""
        return self._memory.is_seal_asked

    @property
    def job_id(self) -> str | None:
        """The library's job, once it is known."""
        return self._memory.job_id

    def entry(self) -> LiveEntry:
        """Its line in the list."""
        with self._lock:
            return self._memory.entry(self.position, is_connected=self.has_recorder)

    def state(self) -> LiveState:
        """All that is known."""
        with self._lock:
            return self._memory.state(self.position, is_connected=self.has_recorder)

    def span(self, line: int) -> Segment:
        """From the first to the last word that was heard in a line."""
        with self._lock:
            return self._memory.talk.span(line)

    def close(self) -> None:
        """Lets go of the files."""
        with self._lock:
            self.recording.close()

    # How it is done.

    def _greet(self, outbox: Outbox, welcome: Welcome) -> None:
        self._readers.append(outbox)
        outbox.say(welcome)
        outbox.say(self.state())

    def _refuse_ended(self) -> None:
        if self._memory.phase not in (LivePhase.RECORDING, LivePhase.INTERRUPTED):
            raise EndedError(f"{self.id}: the meeting has ended; watch it, or begin another")

    def _refuse_stranger(self, outbox: Outbox) -> None:
        if self._recorder is outbox:
            return
        if outbox not in self._readers:
            raise TakenError(f"{self.id}: is now recorded from another tab or program")
        self._refuse_ended()
        raise FormatError(f"{self.id}: a viewer can only watch; open it with role record")

    def _append(self, frame: AudioFrame) -> None:
        try:
            self.recording.append(frame.samples)
        except StorageError as error:
            told = LiveRefused(Refusal.DISK, str(error), is_fatal=False)
            self._tell(told, but=self._recorder)  # who hears it from its own connection
            raise

    def _refuse_gap(self, outbox: Outbox, number: int) -> None:
        # All that is in flight behind one gap is one mistake, and is answered once.
        is_same = self._last_gap is not None and number == self._last_gap + 1
        self._last_gap = number
        if not is_same:
            expected = self.recording.next_frame
            message = f"frame {number} came where {expected} was due; send from there again"
            outbox.say(LiveRefused(Refusal.GAP, message, is_fatal=False, next_frame=expected))

    def _mark(self, note: str) -> None:
        if len(self._memory.marks) >= _MOST_MARKS:
            raise ConflictError(f"mark: {_MOST_MARKS} of them already; that is enough")
        kept = _optional("note", note, LONGEST_NOTE)
        self._happen(MomentMarked(self.position, kept or ""))

    def _happen(self, event: RecordingPaused | MomentMarked | VoiceNamed | LineEdited) -> None:
        self._note(event)
        self._memory.recall(event)
        self._tell(event)

    def _note(self, note: Note) -> None:
        self.recording.note(note_to_line(note))

    def _tell(self, message: ServerMessage, but: Outbox | None = None) -> None:
        if self._readers:
            text = message_to_text(message)
            for outbox in self._readers:
                if outbox is not but:
                    outbox.push(text)


def _optional(what: str, text: str, longest: int) -> str | None:
    return checked_text(what, text, longest) if text.strip() else None
