"""Utterances that wait for the second pass, and which of them go together."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Request:
    """A stretch of a meeting that is to be recognised."""

    meeting: str
    line: int
    start: float  # seconds into the meeting
    end: float
    language: str | None  # ISO 639-1
    is_draft: bool = False  # of a line that goes on: done when nothing else waits


class WaitingRoom:
    """First come, first served, except that what is alike is served together.

    A line has at most one request here: a later one takes the place of the earlier, unless it is
    a draft. The requests of a meeting leave in the order in which their lines came, and drafts
    after all that are none. Pure; the caller locks.
    """

    def __init__(self, kind: Callable[[Request], object]) -> None:
        """``kind`` says what a request must share with others to be recognised with them."""
        self._kind = kind
        self._waiting: list[Request] = []

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def is_urgent(self) -> bool:
        """Whether something waits that is no draft."""
        return any(not request.is_draft for request in self._waiting)

    def put(self, request: Request) -> None:
        """Waits, in the place of an earlier request for the same line if there is one."""
        for index, other in enumerate(self._waiting):
            if (other.meeting, other.line) == (request.meeting, request.line):
                if other.is_draft or not request.is_draft:
                    self._waiting[index] = request
                return
        self._waiting.append(request)

    def withdraw(self, meeting: str, line: int | None = None) -> None:
        """Forgets a line, or a whole meeting."""
        self._waiting = [
            other
            for other in self._waiting
            if other.meeting != meeting or line not in (None, other.line)
        ]

    def take(self, most: int) -> tuple[Request, ...]:
        """The oldest request and those of its kind that may go with it, at most ``most``."""
        ordered = sorted(self._waiting, key=lambda request: request.is_draft)
        if not ordered:
            return ()
        if ordered[0].is_draft:
            self._waiting.remove(ordered[0])
            return (ordered[0],)  # alone: who really asks should not wait long
        kind = self._kind(ordered[0])
        taken: list[Request] = []
        kept: list[Request] = []
        passed_over: set[str] = set()  # meetings of which an earlier request still waits
        for request in ordered:
            is_alike = (
                not request.is_draft
                and self._kind(request) == kind
                and request.meeting not in passed_over
            )
            if is_alike and len(taken) < most:
                taken.append(request)
            else:
                kept.append(request)
                passed_over.add(request.meeting)
        self._waiting = kept
        return tuple(taken)
