"""Which live meetings are in memory, and which of them the recognition follows."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from meeting_app.config import LiveConfig
from meeting_app.domain.live_messages import (
    LiveEntry,
    LivePhase,
    LiveRefused,
    Refusal,
    SoundGrew,
    StopListening,
)
from meeting_app.errors import FullError, NotFoundError, StorageError, UnknownLiveError
from meeting_app.live.engine import Recognition
from meeting_app.live.session import LiveSession
from storage.repository import LiveStore

_LOGGER = logging.getLogger(__name__)

_UNTIL_READY = 2  # meetings that are let in while the recognition still loads its models
_FLUSH_PATIENCE = 20.0  # seconds that the recognition has for its last words
_REMEMBERED = 3600.0  # seconds that a sealed meeting is still known here
_MOST_SILENT = 32  # meetings without a sound whose recorder is gone
_RUNNING = (LivePhase.RECORDING, LivePhase.INTERRUPTED)


@dataclass(slots=True)
class Place:
    """A meeting in memory, and since when what is so; moments are of the monotonic clock."""

    session: LiveSession
    is_followed: bool = False  # one of the meetings that the recognition has room for
    is_introduced: bool = False  # and it was told so
    stopped_at: float | None = None  # the recognition was told to say its last words
    left_at: float | None = None  # the recorder is gone
    sealed_at: float | None = None

    @property
    def is_silent(self) -> bool:
        """Whether nothing would be lost with it."""
        session = self.session
        is_gone = self.left_at is not None and not session.has_readers
        return is_gone and session.phase in _RUNNING and not session.recording.num_samples


class Places:
    """All live meetings; the caller holds a lock around every call."""

    def __init__(
        self,
        store: LiveStore,
        recognition: Recognition,
        config: LiveConfig,
        clock: Callable[[], float],
    ) -> None:
        self._store = store
        self._recognition = recognition
        self._config = config
        self._clock = clock
        self._capacity: int | None = None  # of the recognition; None while it is not ready
        self.awake: dict[str, Place] = {}
        self.asleep: dict[str, LiveEntry] = {}  # interrupted, and only on disk

    # Memory and disk.

    def find(self, meeting_id: str) -> Place:
        """The meeting, in memory now. Raises UnknownLiveError if there is none with that id."""
        if meeting_id not in self.awake and meeting_id in self.asleep:
            place = self.load(meeting_id)
            del self.asleep[meeting_id]
            if place is not None:
                self.awake[meeting_id] = place
        if meeting_id not in self.awake:
            raise UnknownLiveError(f"{meeting_id[:40]!r}: no such live meeting; it may be sealed")
        return self.awake[meeting_id]

    def load(self, meeting_id: str) -> Place | None:
        """The meeting as it is on disk; None if its journal tells of none.

        Raises:
            UnknownLiveError: nothing is there.
            StorageError: it cannot be read.
        """
        try:
            recording = self._store.open(meeting_id)
        except NotFoundError as error:
            raise UnknownLiveError(f"{meeting_id[:40]!r}: no such live meeting") from error
        session = LiveSession.recovered(meeting_id, recording)
        if session is None:
            recording.close()
            return None
        if session.phase is LivePhase.SEALED:  # a crash may have come before the sound was let go
            recording.condense(recording.notes())
        return Place(session, left_at=self._clock())

    def rest(self, place: Place) -> None:
        """An interrupted meeting that nobody watches needs no memory and no open file."""
        session = place.session
        if (
            session.phase is LivePhase.INTERRUPTED
            and session.recording.num_samples  # one without is forgotten soon
            and not session.has_readers
            and not place.is_followed
        ):
            sync(session)
            session.close()
            del self.awake[session.id]
            self.asleep[session.id] = session.entry()

    def drop(self, place: Place) -> None:
        """Forgets a meeting, with its files."""
        self.stop(place)
        place.session.close()
        del self.awake[place.session.id]
        self._store.remove(place.session.id)

    def drop_silent(self) -> None:
        """Forgets the oldest of many recorders that came and went without a sound."""
        silent = [place for place in self.awake.values() if place.is_silent]
        for place in silent[:-_MOST_SILENT]:
            self.drop(place)

    # The recognition.

    def ready(self, num_meetings: int) -> None:
        """The recognition has started, and knows no meeting."""
        self._capacity = num_meetings
        for place in self.awake.values():
            if place.is_followed:
                self._introduce(place)

    def lost(self) -> None:
        """The recognition is gone, and will start again."""
        self._capacity = None
        for place in self.awake.values():
            place.is_introduced = False
            if place.is_followed:
                _say_deaf(place.session)

    def make_room(self) -> None:
        """For one more meeting: a recorder that is gone has no claim to its place.

        Raises:
            FullError: everybody is there.
        """
        if self.has_room():
            return
        gone = [
            place
            for place in self.awake.values()
            if place.is_followed and place.stopped_at is None and place.left_at is not None
        ]
        if not gone:
            raise FullError(
                "as many meetings are running as this computer can follow; end one, or try later"
            )
        self._interrupt(min(gone, key=lambda place: place.left_at or 0.0))

    def has_room(self) -> bool:
        """Whether the recognition can follow one more meeting."""
        can = _UNTIL_READY if self._capacity is None else self._capacity
        if wanted := self._config.max_meetings:
            can = wanted if self._capacity is None else min(wanted, can)
        places = self.awake.values()
        return sum(place.is_followed and place.stopped_at is None for place in places) < can

    def follow(self, place: Place) -> None:
        """Has the recognition follow the meeting, now or as soon as there is room."""
        if place.is_followed:
            return
        if self.has_room():
            place.is_followed, place.stopped_at = True, None
        if place.is_followed and self._capacity is not None:
            self._introduce(place)
        else:
            _say_deaf(place.session)

    def stop(self, place: Place) -> None:
        """Has the recognition say its last words about the meeting."""
        if place.is_followed and place.stopped_at is None:
            place.stopped_at = self._clock()
            if place.is_introduced:
                self._recognition.order(StopListening(place.session.id))

    def done(self, place: Place) -> None:
        """The recognition has said its last words, or had time enough to."""
        if place.stopped_at is not None:
            place.is_followed = place.is_introduced = False

    # Time.

    def settle(self) -> None:
        """Does what is due."""
        for place in [*self.awake.values()]:
            self._settle(place)
        for place in self.awake.values():
            if not place.is_followed and place.session.has_recorder and self.has_room():
                self.follow(place)

    def _settle(self, place: Place) -> None:
        now = self._clock()
        if place.stopped_at is not None and now - place.stopped_at > _FLUSH_PATIENCE:
            self.done(place)
        if place.sealed_at is not None:
            if now - place.sealed_at > _REMEMBERED:
                self.drop(place)
        elif place.session.phase in _RUNNING and place.left_at is not None:
            if now - place.left_at > self._config.grace:
                if place.is_silent:
                    self.drop(place)
                    return
                self._interrupt(place)
            self.rest(place)

    def _interrupt(self, place: Place) -> None:
        place.session.interrupt()
        self.stop(place)

    def _introduce(self, place: Place) -> None:
        session = place.session
        place.is_introduced = True
        self._recognition.order(session.listen_again())
        self._recognition.order(SoundGrew(session.id, session.recording.num_samples))
        if place.stopped_at is not None:
            self._recognition.order(StopListening(session.id))


def sync(session: LiveSession) -> None:
    """Makes what is on disk survive a power cut, or says that it would not."""
    try:
        session.recording.sync()
    except StorageError as error:
        _LOGGER.exception("%s: could not be made safe", session.id)
        session.say(LiveRefused(Refusal.DISK, str(error), is_fatal=False))


def _say_deaf(session: LiveSession) -> None:
    message = "the text stands still while the recognition starts; the recording goes on"
    session.say(LiveRefused(Refusal.RECOGNITION, message, is_fatal=False))
