"""The journal of a running meeting: JSON, a line for each thing that happened."""

from collections.abc import Callable

from meeting_app.domain.live_messages import (
    LiveRefused,
    MeetingEnded,
    MeetingOpened,
    Note,
    RecorderPresence,
    SealAsked,
    SealFailed,
    SealProgress,
)
from meeting_app.errors import FormatError
from meeting_app.formats.live_events import dump, event_from_node, event_to_json, long_text
from meeting_app.formats.node import Node

_ADVICE = "the line is damaged"


def note_to_line(note: Note) -> str:
    """A line of the journal, without its end."""
    match note:
        case MeetingOpened(token, title, language, started_at):
            return dump(
                {
                    "type": "opened",
                    "token": token,
                    "title": title,
                    "language": language,
                    "started_at": started_at,
                }
            )
        case MeetingEnded():
            return dump({"type": "ended"})
        case SealAsked(job_id):
            return dump({"type": "seal", "job": job_id})
        case SealFailed(message):
            return dump({"type": "failed", "message": message})
        case _:
            return dump(event_to_json(note))


def note_from_line(line: str) -> Note:
    """The note that ``note_to_line`` wrote.

    Raises:
        FormatError: it is none.
    """
    node = Node.parse(line, _ADVICE)
    reader = _READERS.get(node.field("type").text())
    if reader is not None:
        return reader(node)
    event = event_from_node(node)
    if isinstance(event, RecorderPresence | SealProgress | LiveRefused):
        raise FormatError(f"{node.path}.type: {node.value['type']} is never noted; {_ADVICE}")
    return event


def _opened(node: Node) -> MeetingOpened:
    return MeetingOpened(
        node.field("token").text(),
        node.field("title").maybe(long_text),
        node.field("language").maybe(long_text),
        node.field("started_at").number(),
    )


_READERS: dict[str, Callable[[Node], Note]] = {
    "opened": _opened,
    "ended": lambda _: MeetingEnded(),
    "seal": lambda n: SealAsked(n.field("job").maybe(Node.text)),
    "failed": lambda n: SealFailed(n.field("message").text()),
}
