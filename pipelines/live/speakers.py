"""Who speaks in several running meetings, in turn on one set of networks."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from pipelines.live.conversation import Conversation
from pipelines.live.part import Part
from pipelines.protocols import OnlineDiarizer, SpeakerStream

_log = logging.getLogger(__name__)

_NICE = 7  # beside the first pass's 0
_PATIENCE = 0.5  # seconds
_STEP = 4_000  # samples; 0.25 s
_BLOCK = 160_000  # samples; 10 s, where there is something to catch up with


@dataclass(slots=True)
class _Followed:
    """How far the voices of a meeting were listened to."""

    conversation: Conversation
    position: int
    stream: SpeakerStream
    is_done: bool = False


class Speakers(Part):
    """Who speaks, in all meetings in turn."""

    def __init__(
        self, diarizer: Callable[[], OnlineDiarizer | None], is_at_leisure: threading.Event
    ) -> None:
        """Tells nobody apart yet.

        Args:
            diarizer: called in the thread; None tells no voices apart.
            is_at_leisure: unset while somebody waits for text, which a voice comes after.
        """
        super().__init__("speakers", _NICE)
        self._is_at_leisure = is_at_leisure
        self._make = diarizer
        self._diarizer: OnlineDiarizer | None = None
        self._changed = threading.Condition()
        self._followed: dict[int, _Followed] = {}

    def follow(self, conversation: Conversation) -> None:
        """One more meeting."""
        if self._diarizer is not None:
            # From the very start, even after a restart: so a voice keeps its label.
            followed = _Followed(conversation, 0, self._diarizer())
            with self._changed:
                self._followed[id(conversation)] = followed

    def wait_for(self, conversation: Conversation, timeout: float) -> None:
        """Waits until all was heard of a meeting that is drained; then forgets it."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_done(conversation), timeout)
            self._followed.pop(id(conversation), None)

    def _is_done(self, conversation: Conversation) -> bool:
        followed = self._followed.get(id(conversation))
        return followed is None or followed.is_done

    def _load(self) -> None:
        self._diarizer = self._make()

    def _step(self) -> None:
        with self._changed:
            followed = [each for each in self._followed.values() if not each.is_done]
        self._is_at_leisure.wait(_PATIENCE)
        moved = [each for each in followed if self._advance(each)]
        if not moved:
            time.sleep(0.05)

    def _advance(self, followed: _Followed) -> bool:
        """Listens to what is new in one meeting; whether there was anything to do."""
        conversation, is_over = followed.conversation, False
        try:
            left = conversation.num_samples - followed.position
            if left >= _STEP or (conversation.is_drained and left > 0):
                last = followed.position + min(left, _BLOCK)
                samples = conversation.read_samples(followed.position, last)
                followed.position = last
                voices = followed.stream.accept(samples)
            elif conversation.is_drained:
                voices, is_over = followed.stream.finish(), True
            else:
                return False
            if voices is not None:
                conversation.say(conversation.lines.hear(voices))
                conversation.say(followed.stream.recognised())
            if is_over:  # not before the last word about it was said
                self._end(followed)
        except Exception:  # noqa: BLE001 - the boundary of a meeting: the others must go on
            _log.exception("%s: its speakers are no longer told apart", conversation.meeting)
            self._end(followed)
        return True

    def _end(self, followed: _Followed) -> None:
        with self._changed:
            followed.is_done = True
            self._changed.notify_all()
