"""What may go wrong with a program of others.

MeetingAppError
└── PeerError
    ├── PeerUnavailableError   it cannot be installed or started: none of its figures
    └── PeerFailedError        it failed on one recording; the others may do
"""

from meeting_app.errors import MeetingAppError


class PeerError(MeetingAppError):
    """A peer did not do what it was asked to."""


class PeerUnavailableError(PeerError):
    """A peer cannot be installed or started."""


class PeerFailedError(PeerError):
    """A peer gave no usable answer about one recording."""
