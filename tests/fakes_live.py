"""A recognition that hears nothing."""

from meeting_app.domain.live_messages import EngineOrder, StopListening
from meeting_app.live.engine import Listener


class Deaf:
    """Meetings are recorded, and read when they are sealed."""

    def __init__(self, num_meetings: int) -> None:
        self._num_meetings = num_meetings
        self._listener: Listener | None = None

    def start(self, listener: Listener) -> None:
        """Is ready at once."""
        self._listener = listener
        listener.recognition_ready(self._num_meetings)

    def stop(self) -> None:
        """Says nothing more."""
        self._listener = None

    def order(self, order: EngineOrder) -> None:
        """Has no last words."""
        if isinstance(order, StopListening) and self._listener is not None:
            self._listener.flushed(order.meeting_id)
