"""Every error this project raises on purpose.

    MeetingAppError
    ├── ConfigError             a setting is unknown, of the wrong type or out of range
    ├── MediaError              a file cannot be used as a recording
    │   ├── MediaNotFoundError  there is no such file
    │   ├── NoAudioError        no audio stream, or no sample in it
    │   └── BrokenMediaError    not a media file, or damaged beyond decoding
    ├── WeightsError            a model cannot be had
    │   ├── UnknownModelError   the catalogue does not list it
    │   ├── HashMismatchError   a file is not the one the catalogue promises
    │   ├── NetworkError        no source answered
    │   ├── OfflineError        it would have to be fetched, and fetching is off
    │   └── NoSpaceError        the disk is full
    ├── ModelError              a model cannot be loaded or run
    │   └── BusyError           too much is waiting for it already
    ├── StorageError            the database or its files refuse
    │   ├── NewerDatabaseError  written by a later version of this program
    │   ├── NotFoundError       no meeting, job or speaker with that id
    │   ├── ConflictError       the request contradicts what is stored
    │   │   ├── DuplicateError  the library has a meeting of these very bytes
    │   │   ├── LeaseLostError  another worker has taken the job over
    │   │   ├── OneVoiceError   a speaker who is to be split sounds like one person
    │   │   └── StaleError      the meeting was changed since it was looked at
    │   ├── VoiceKeyError       voiceprints cannot be read: their key is gone or another
    │   └── DiskFullError       the disk of the library is full
    ├── FormatError             a text cannot be read as the format it should be
    │   ├── FrameError          a piece of sound is too short, too long or torn
    │   └── LiveVersionError    a program speaks another version of the live protocol
    ├── LiveError               a running meeting refuses
    │   ├── UnknownLiveError    no live meeting with that id
    │   ├── WrongTokenError     the meeting belongs to another recorder
    │   ├── TakenError          the meeting is now recorded from elsewhere
    │   ├── FullError           as many meetings are running as can be followed
    │   └── EndedError          the meeting has ended
    └── JobCancelledError       the user cancelled the job

Messages say what, with which value, and what to do:
``standup.mp4: no audio stream; choose a file with sound``.
"""


class MeetingAppError(Exception):
    """Root of the tree; its text is fit for the user's eyes."""


class ConfigError(MeetingAppError):
    """A setting is unknown, of the wrong type or out of range."""


class MediaError(MeetingAppError):
    """A file cannot be used as a recording."""


class MediaNotFoundError(MediaError):
    """There is no such file."""


class NoAudioError(MediaError):
    """The file has no audio stream, or the stream holds no sample."""


class BrokenMediaError(MediaError):
    """The file is not a media file, or is damaged beyond decoding."""


class WeightsError(MeetingAppError):
    """A model cannot be had."""


class UnknownModelError(WeightsError):
    """The catalogue does not list the model."""


class HashMismatchError(WeightsError):
    """A file is not the one the catalogue promises."""


class NetworkError(WeightsError):
    """No source answered."""


class OfflineError(WeightsError):
    """The model would have to be fetched, and fetching is off."""


class NoSpaceError(WeightsError):
    """The disk that holds the model cache is full."""


class ModelError(MeetingAppError):
    """A model cannot be loaded or run."""


class BusyError(ModelError):
    """Too much is waiting for the model already; the same request may succeed later."""


class StorageError(MeetingAppError):
    """The database or its files refuse."""


class NewerDatabaseError(StorageError):
    """The database was written by a later version of this program."""


class NotFoundError(StorageError):
    """No meeting, job or speaker has that id."""


class ConflictError(StorageError):
    """The request contradicts what is stored."""


class DuplicateError(ConflictError):
    """The library has, or will have, a meeting of these very bytes."""

    def __init__(self, message: str, meeting_id: str) -> None:
        super().__init__(message)
        self.meeting_id = meeting_id  # of the meeting that is there


class LeaseLostError(ConflictError):
    """Another worker has taken the job over; this one must leave it alone."""


class OneVoiceError(ConflictError):
    """A speaker who is to be split sounds like one person; the user may insist."""


class StaleError(ConflictError):
    """The meeting was changed since it was looked at; nothing was overwritten."""


class VoiceKeyError(StorageError):
    """Voiceprints cannot be read, because their key is lost or they were tampered with."""


class DiskFullError(StorageError):
    """The disk that holds the library is full."""


class FormatError(MeetingAppError):
    """A text cannot be read as the format it should be."""


class FrameError(FormatError):
    """A piece of sound is too short, too long or not whole samples."""


class LiveVersionError(FormatError):
    """A program speaks another version of the live protocol."""


class LiveError(MeetingAppError):
    """A running meeting refuses."""


class UnknownLiveError(LiveError):
    """No live meeting has that id."""


class WrongTokenError(LiveError):
    """The meeting belongs to another recorder."""


class TakenError(LiveError):
    """The meeting is now recorded from elsewhere."""


class FullError(LiveError):
    """As many meetings are running as this machine can follow."""


class EndedError(LiveError):
    """The meeting has ended."""


class JobCancelledError(MeetingAppError):
    """The user cancelled the job."""
