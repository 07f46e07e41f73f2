"""What meetings were before their last corrections, so that undoing needs no replay.

States share what did not change, so dozens of them cost little more than one. A meeting is known
by its revision: where something else changed it, such as another process, nothing is known.
"""

import threading
from collections import OrderedDict

from meeting_app.domain.corrections import Corrected

_MOST_MEETINGS = 8
_MOST_STATES = 100  # of a meeting; what lies further back is replayed

States = tuple[Corrected, ...]
"""Before each of the last corrections that count, the latest last."""


class EarlierStates:
    """The states before the corrections of a few meetings. Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[str, tuple[int, States]] = OrderedDict()

    def before(self, meeting_id: str, revision: int) -> States:
        """What is known of the meeting in that revision; nothing is an answer."""
        with self._lock:
            known_revision, states = self._known.get(meeting_id, (None, ()))
        return states if known_revision == revision else ()

    def keep(self, meeting_id: str, revision: int, states: States) -> None:
        """Remembers the states before the corrections that led to ``revision``."""
        with self._lock:
            self._known[meeting_id] = (revision, states[-_MOST_STATES:])
            self._known.move_to_end(meeting_id)
            while len(self._known) > _MOST_MEETINGS:
                self._known.popitem(last=False)
