"""What programs say to a running meeting, and what it tells them."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from meeting_app.domain.live import LiveLine, LiveUpdate, VoiceNamed
from meeting_app.domain.meeting import Chapter, SpeakerSegment

MIN_FRAME, MAX_FRAME = 1, 3_200  # samples of a frame; 200 ms at most


class LivePhase(StrEnum):
    """How far a live meeting has come."""

    RECORDING = "recording"
    INTERRUPTED = "interrupted"  # its recorder is gone; it can go on or be ended
    SEALING = "sealing"  # it has ended; the whole recording is read again
    SEALED = "sealed"  # it is in the library
    FAILED = "failed"  # it could not be sealed; the recording is kept


class Refusal(StrEnum):
    """Why a running meeting refuses; the codes of docs/live-protocol.md."""

    VERSION = "version"
    MESSAGE = "message"
    FRAME = "frame"
    GAP = "gap"
    UNKNOWN = "unknown"
    TOKEN = "token"  # noqa: S105 - a code, not a secret
    TAKEN = "taken"
    FULL = "full"
    DISK = "disk"
    ENDED = "ended"
    RECOGNITION = "recognition"
    SEAL = "seal"


# What a program says first.


@dataclass(frozen=True, slots=True)
class RecordNew:
    """A new meeting begins."""

    title: str | None = None
    language: str | None = None  # ISO 639-1; None detects it


@dataclass(frozen=True, slots=True)
class RecordOn:
    """A recorder comes back to its meeting."""

    meeting_id: str
    token: str  # proves that it is the recorder


@dataclass(frozen=True, slots=True)
class Watch:
    """Somebody wants to see a meeting."""

    meeting_id: str


Hello = RecordNew | RecordOn | Watch


# What a recorder says then.


@dataclass(frozen=True, slots=True)
class AudioFrame:
    """A piece of sound, numbered through the whole meeting."""

    number: int
    samples: npt.NDArray[np.int16]  # (num_samples,) at 16 kHz


@dataclass(frozen=True, slots=True)
class PauseRecording:
    """What follows is not to be recorded, or is again."""

    is_paused: bool


@dataclass(frozen=True, slots=True)
class MarkMoment:
    """This moment is to be found again."""

    note: str = ""


@dataclass(frozen=True, slots=True)
class EditLine:
    """The user's words for a final line."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class EndMeeting:
    """There is no more sound."""


@dataclass(frozen=True, slots=True)
class Ping:
    """Is anybody there?"""


Command = PauseRecording | MarkMoment | VoiceNamed | EditLine | EndMeeting | Ping


# What the meeting tells, besides the updates of the recognition.


@dataclass(frozen=True, slots=True)
class Welcome:
    """The first answer."""

    meeting_id: str
    token: str | None  # None for a viewer
    next_frame: int  # the frame that is waited for


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """All frames before this one are on disk."""

    next_frame: int


@dataclass(frozen=True, slots=True)
class Pong:
    """Somebody is there."""


@dataclass(frozen=True, slots=True)
class LineEdited:
    """A line has the user's words."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class MomentMarked:
    """A moment was marked."""

    time: float  # seconds of recorded sound
    note: str


@dataclass(frozen=True, slots=True)
class RecordingPaused:
    """The recorder pauses or goes on."""

    is_paused: bool


@dataclass(frozen=True, slots=True)
class RecorderPresence:
    """The recorder is gone or back."""

    is_connected: bool


@dataclass(frozen=True, slots=True)
class SealProgress:
    """The whole recording is read again."""

    fraction: float  # 0..1
    eta: float | None  # seconds; None while it cannot be told


@dataclass(frozen=True, slots=True)
class MeetingSealed:
    """The meeting is in the library."""

    meeting_id: str  # there
    num_words: int
    num_words_changed: int  # against the words shown last
    num_labels_changed: int  # words that another voice says than was shown


@dataclass(frozen=True, slots=True)
class LiveRefused:
    """Something was refused, or went wrong."""

    code: Refusal
    message: str
    is_fatal: bool
    next_frame: int | None = None  # of a gap: from where to send again


@dataclass(frozen=True, slots=True)
class LiveState:
    """All that is known of a live meeting."""

    meeting_id: str
    phase: LivePhase
    title: str | None
    language: str | None
    position: float  # seconds recorded
    is_paused: bool
    is_recorder_connected: bool
    lines: tuple[LiveLine, ...]
    voices: tuple[SpeakerSegment, ...]
    names: tuple[tuple[str, str], ...]  # label, name; given by users
    recognised: tuple[tuple[str, str], ...]  # label, name; of voices that are known
    marks: tuple[MomentMarked, ...]
    chapters: tuple[Chapter, ...]
    behind: float  # seconds
    sealed: MeetingSealed | None
    failure: str | None  # why it could not be sealed


LiveEvent = (
    LiveUpdate
    | LineEdited
    | MomentMarked
    | RecordingPaused
    | RecorderPresence
    | SealProgress
    | MeetingSealed
    | LiveRefused
)
"""What happens in a meeting and is told to everybody who watches."""

ServerMessage = LiveEvent | Welcome | Acknowledged | Pong | LiveState


@dataclass(frozen=True, slots=True)
class LiveEntry:
    """One line of the list of live meetings."""

    id: str
    phase: LivePhase
    title: str | None
    started_at: float  # seconds since 1970, UTC
    position: float  # seconds recorded
    is_recorder_connected: bool


# What is noted on disk besides the sound.


@dataclass(frozen=True, slots=True)
class MeetingOpened:
    """The first note of every journal."""

    token: str
    title: str | None
    language: str | None
    started_at: float  # seconds since 1970, UTC


@dataclass(frozen=True, slots=True)
class MeetingEnded:
    """There is no more sound."""


@dataclass(frozen=True, slots=True)
class SealAsked:
    """The recording is handed to the library; without a job that may not have happened."""

    job_id: str | None = None


@dataclass(frozen=True, slots=True)
class SealFailed:
    """The library could not make a meeting of it."""

    message: str


Note = (
    MeetingOpened
    | MeetingEnded
    | SealAsked
    | SealFailed
    | MeetingSealed
    | LiveUpdate
    | LineEdited
    | MomentMarked
    | RecordingPaused
)


# What the server and the recognition tell each other.


@dataclass(frozen=True, slots=True)
class ListenTo:
    """Follow this recording."""

    meeting_id: str
    path: str  # of the AU file
    language: str | None
    from_sample: int
    next_line: int  # id of the first line that is found


@dataclass(frozen=True, slots=True)
class SoundGrew:
    """There is more of it on disk."""

    meeting_id: str
    num_samples: int  # in all


@dataclass(frozen=True, slots=True)
class StopListening:
    """Nothing follows: say what is still to be said."""

    meeting_id: str


EngineOrder = ListenTo | SoundGrew | StopListening


@dataclass(frozen=True, slots=True)
class EngineReady:
    """The models are loaded."""

    num_meetings: int  # how many can be followed at once


@dataclass(frozen=True, slots=True)
class Heard:
    """News of one meeting."""

    meeting_id: str
    update: LiveUpdate


@dataclass(frozen=True, slots=True)
class Flushed:
    """All was said that was to be said about a meeting."""

    meeting_id: str


EngineReport = EngineReady | Heard | Flushed
