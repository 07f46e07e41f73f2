"""The use cases around meetings that are still going on."""

import logging
import secrets
import threading
import time
from collections.abc import Callable

from meeting_app.checks import LONGEST_TITLE, checked_text
from meeting_app.config import LiveConfig
from meeting_app.domain import LiveUpdate
from meeting_app.domain.live_messages import (
    AudioFrame,
    Command,
    EndMeeting,
    Hello,
    LiveEntry,
    LivePhase,
    LiveState,
    MeetingOpened,
    RecordNew,
    RecordOn,
    SoundGrew,
    Watch,
)
from meeting_app.errors import ConflictError, FullError, MeetingAppError
from meeting_app.formats.live_journal import note_to_line
from meeting_app.live.engine import Recognition
from meeting_app.live.memory import Memory
from meeting_app.live.outbox import Outbox
from meeting_app.live.places import Place, Places, sync
from meeting_app.live.seal import Sealer
from meeting_app.live.session import LiveSession
from meeting_app.service import MeetingService
from storage.repository import LiveStore

_LOGGER = logging.getLogger(__name__)

_OUTBOX = 512  # events that wait for one reader before it gets the state instead
_TICK = 0.25  # seconds between two looks at what is due
_LOOK_AT_JOBS = 0.5  # seconds


class Seat:
    """One connection to one meeting."""

    def __init__(self, service: "LiveService", session: LiveSession, outbox: Outbox) -> None:
        self._service = service
        self._session = session
        self._outbox = outbox

    @property
    def is_over(self) -> bool:
        """Whether nothing comes after what ``take`` gives next."""
        return self._outbox.is_over

    def receive(self, frame: AudioFrame) -> None:
        """Records a frame; see ``LiveSession.receive``."""
        if self._session.receive(self._outbox, frame):
            self._service.grown(self._session)

    def command(self, command: Command) -> None:
        """Does what the recorder says; see ``LiveSession.command``."""
        self._session.command(self._outbox, command)
        if isinstance(command, EndMeeting):
            self._service.ended(self._session)

    def take(self) -> list[str]:
        """The messages that are to be sent now."""
        return self._session.take(self._outbox)

    def leave(self) -> None:
        """The connection is gone."""
        self._session.leave(self._outbox)
        self._service.left(self._session)


class LiveService:
    """All live meetings. Any thread may call any method."""

    def __init__(
        self,
        store: LiveStore,
        library: MeetingService,
        recognition: Recognition,
        config: LiveConfig,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._sealer = Sealer(library)
        self._recognition = recognition
        self._config = config
        self._clock = clock
        self._lock = threading.RLock()
        self._places = Places(store, recognition, config, clock)
        self._synced_at = clock()
        self._is_over = threading.Event()
        self._threads = [
            threading.Thread(target=self._every, args=(_TICK, self.tick), name="live-clock"),
            threading.Thread(target=self._every, args=(_LOOK_AT_JOBS, self.seal), name="live-seal"),
        ]

    def __enter__(self) -> "LiveService":
        self.recover()
        self._recognition.start(self)
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        """Ends the work; meetings that were running are found interrupted next time."""
        self._is_over.set()
        for thread in self._threads:
            thread.join()
        self._recognition.stop()
        self.close()

    def close(self) -> None:
        """Lets go of all files."""
        for place in self._all():
            sync(place.session)
            place.session.close()

    # What programs ask for.

    def join(self, hello: Hello, wake: Callable[[], None]) -> Seat:
        """A seat in a new meeting, in one's own, or among the viewers of one.

        Args:
            hello: who is there.
            wake: called from any thread when the seat has something to send.

        Raises:
            UnknownLiveError: there is no such meeting.
            FullError: as many are running as can be followed, or too many watch.
            ConflictError: the title cannot be used.
            WrongTokenError, EndedError: see ``LiveSession.record``.
            StorageError: the disk refuses.
        """
        outbox = Outbox(wake, _OUTBOX)
        with self._lock:
            match hello:
                case RecordNew(title, language):
                    place = self._new(title, language)
                    place.session.record(outbox, place.session.opened.token)
                    self._places.follow(place)
                case RecordOn(meeting_id, token):
                    place = self._places.find(meeting_id)
                    place.session.record(outbox, token)
                    self._back(place)
                case Watch(meeting_id):
                    place = self._places.find(meeting_id)
                    place.session.watch(outbox, self._config.max_viewers)
        return Seat(self, place.session, outbox)

    def entries(self) -> tuple[LiveEntry, ...]:
        """All live meetings that are not in the library yet, latest first."""
        with self._lock:
            awake = [place.session.entry() for place in self._places.awake.values()]
            asleep = [*self._places.asleep.values()]
        found = [entry for entry in awake if entry.phase is not LivePhase.SEALED] + asleep
        return tuple(sorted(found, key=lambda entry: entry.started_at, reverse=True))

    def state(self, meeting_id: str) -> LiveState:
        """All that is known of one. Raises UnknownLiveError if there is none with that id."""
        with self._lock:
            place = self._places.find(meeting_id)
            state = place.session.state()
            self._places.rest(place)
        return state

    def end(self, meeting_id: str) -> None:
        """Seals a meeting whose recorder is gone, or tries again where sealing failed.

        Raises:
            UnknownLiveError: there is no such meeting.
            ConflictError: somebody is recording it.
            EndedError: it has ended already.
            StorageError: the disk refuses.
        """
        with self._lock:
            session = self._places.find(meeting_id).session
            if session.has_recorder:
                raise ConflictError(f"{meeting_id}: is being recorded; end it in the recorder")
            if session.phase is LivePhase.FAILED:
                self._sealer.again(session)
            else:
                session.end()
        self.ended(session)

    def discard(self, meeting_id: str) -> None:
        """Forgets a meeting whose recorder is gone, with its sound.

        Raises:
            UnknownLiveError: there is no such meeting.
            ConflictError: somebody is recording it, or it is being sealed.
        """
        with self._lock:
            place = self._places.find(meeting_id)
            session = place.session
            if session.has_recorder or session.phase is LivePhase.SEALING:
                what = "being recorded" if session.has_recorder else "being sealed"
                raise ConflictError(f"{meeting_id}: is {what}; wait for its end")
            self._places.drop(place)

    # What seats report.

    def grown(self, session: LiveSession) -> None:
        """There is more sound on disk."""
        place = self._places.awake.get(session.id)
        if place is not None and place.is_introduced and place.stopped_at is None:
            self._recognition.order(SoundGrew(session.id, session.recording.num_samples))

    def ended(self, session: LiveSession) -> None:
        """There is no more sound."""
        with self._lock:
            place = self._places.awake.get(session.id)
            if place is not None:
                self._places.stop(place)

    def left(self, session: LiveSession) -> None:
        """A connection is gone."""
        with self._lock:
            place = self._places.awake.get(session.id)
            if place is not None and not session.has_recorder and place.left_at is None:
                place.left_at = self._clock()
            self._places.drop_silent()

    # What the recognition reports.

    def recognition_ready(self, num_meetings: int) -> None:
        """It has started, and knows no meeting."""
        with self._lock:
            self._places.ready(num_meetings)

    def recognition_lost(self) -> None:
        """It is gone, and will start again."""
        with self._lock:
            self._places.lost()

    def heard(self, meeting_id: str, update: LiveUpdate) -> None:
        """News of one meeting."""
        place = self._places.awake.get(meeting_id)
        if place is not None and place.is_followed:
            place.session.apply(update)

    def flushed(self, meeting_id: str) -> None:
        """All was said about a meeting."""
        with self._lock:
            place = self._places.awake.get(meeting_id)
            if place is not None:
                self._places.done(place)

    # What time brings.

    def recover(self) -> None:
        """Takes up what an earlier process left."""
        for meeting_id in self._store.ids():
            try:
                self._recover(meeting_id)
            except MeetingAppError:
                _LOGGER.exception("%s: cannot be taken up; left alone", meeting_id)

    def tick(self) -> None:
        """Makes recordings safe, and does what is due."""
        now = self._clock()
        if now - self._synced_at >= self._config.sync_interval - _TICK / 2:
            self._synced_at = now
            for place in self._all():
                sync(place.session)
        with self._lock:
            self._places.settle()

    def seal(self) -> None:
        """Brings meetings that have ended one step nearer to the library."""
        for place in self._all():
            if place.session.phase is LivePhase.SEALING:
                self._sealer.step(place.session, may_finish=not place.is_followed)
            if place.session.phase is LivePhase.SEALED and place.sealed_at is None:
                place.sealed_at = self._clock()

    # How it is done.

    def _new(self, title: str | None, language: str | None) -> Place:
        has_title = title is not None and bool(title.strip())
        checked = checked_text("title", title or "", LONGEST_TITLE) if has_title else None
        self._places.make_room()
        meeting_id, token = secrets.token_hex(8), secrets.token_hex(16)
        opened = MeetingOpened(token, checked, language, time.time())
        recording = self._store.create(meeting_id, [note_to_line(opened)])
        place = Place(LiveSession(Memory(meeting_id, opened), recording))
        self._places.awake[meeting_id] = place
        return place

    def _back(self, place: Place) -> None:
        """The recorder is back: it records in any case, and is followed if that is possible."""
        place.left_at = None
        if not place.is_followed:
            try:
                self._places.make_room()
            except FullError:
                _LOGGER.info("%s: goes on without text for now", place.session.id)
            self._places.follow(place)

    def _recover(self, meeting_id: str) -> None:
        with self._lock:
            place = self._places.load(meeting_id)
            if place is None:
                _LOGGER.warning("%s: a recording without a beginning; removed", meeting_id)
                self._store.remove(meeting_id)
            else:
                self._places.awake[meeting_id] = place
                self._places.rest(place)

    def _all(self) -> list[Place]:
        with self._lock:
            return [*self._places.awake.values()]

    def _every(self, interval: float, work: Callable[[], None]) -> None:
        while not self._is_over.wait(interval):
            try:
                work()
            except Exception:  # the boundary: the clock must go on
                _LOGGER.exception("live meetings: %s failed", work.__name__)
