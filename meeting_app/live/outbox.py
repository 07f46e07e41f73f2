"""Messages that wait for a reader, of whom nobody waits."""

from collections import deque
from collections.abc import Callable

from meeting_app.domain.live_messages import Acknowledged, ServerMessage
from meeting_app.formats.live import message_to_text


class Outbox:
    """What one connection is still to be told; bounded, whoever reads slowly.

    It belongs to one meeting, whose lock guards it. When it is full its events are forgotten,
    and the reader gets the whole state instead. Acknowledgements replace each other.
    """

    def __init__(self, wake: Callable[[], None], capacity: int) -> None:
        """``wake`` is called from any thread when there is something to take."""
        self._wake = wake
        self._capacity = capacity
        self._texts: deque[str] = deque()
        self._next_frame: int | None = None
        self.is_over = False  # nothing comes any more
        self.needs_state = False

    def push(self, text: str) -> None:
        """One more message, written down already."""
        if self.is_over or self.needs_state:
            return
        if len(self._texts) >= self._capacity:
            self._texts.clear()
            self.needs_state = True
        else:
            self._texts.append(text)
        self._wake()

    def acknowledge(self, next_frame: int) -> None:
        """All frames before this one are on disk."""
        self._next_frame = next_frame
        self._wake()

    def say(self, message: ServerMessage) -> None:
        """A message for this reader alone."""
        self.push(message_to_text(message))

    def end(self, message: ServerMessage) -> None:
        """The last message."""
        self.needs_state = False
        self._texts.append(message_to_text(message))
        self.is_over = True
        self._wake()

    def take(self) -> list[str]:
        """What there is to send; without the state, if that is needed."""
        texts = list(self._texts)
        self._texts.clear()
        if self._next_frame is not None:
            texts.insert(0, message_to_text(Acknowledged(self._next_frame)))
            self._next_frame = None
        self.needs_state = False
        return texts
