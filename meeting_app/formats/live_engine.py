"""What the server and the recognition tell each other: JSON, a line each."""

from meeting_app.domain.live_messages import (
    EngineOrder,
    EngineReady,
    EngineReport,
    Flushed,
    Heard,
    ListenTo,
    SoundGrew,
    StopListening,
)
from meeting_app.errors import FormatError
from meeting_app.formats.live_events import count, dump, long_text, update_from_node, update_to_json
from meeting_app.formats.node import Node

MAX_LINE_BYTES = 4_000_000  # of a report; the words of the longest line are far fewer
_MOST_SAMPLES = 10**12
_ADVICE = "update the server and its recognition together"


def order_to_line(order: EngineOrder) -> str:
    """A line for the recognition, without its end."""
    match order:
        case ListenTo(meeting_id, path, language, from_sample, next_line):
            return dump(
                {
                    "open": meeting_id,
                    "path": path,
                    "language": language,
                    "from": from_sample,
                    "line": next_line,
                }
            )
        case SoundGrew(meeting_id, num_samples):
            return dump({"grow": meeting_id, "samples": num_samples})
        case StopListening(meeting_id):
            return dump({"close": meeting_id})


def order_from_line(line: str) -> EngineOrder:
    """The order that ``order_to_line`` wrote.

    Raises:
        FormatError: it is none.
    """
    node = _parse(line)
    if "open" in node.value:
        opened, path, language, first, next_line = node.fields(
            "open", "path", "language", "from", "line"
        )
        return ListenTo(
            opened.text(),
            path.text(),
            language.maybe(Node.text),
            count(first, _MOST_SAMPLES),
            count(next_line),
        )
    if "grow" in node.value:
        grown, samples = node.fields("grow", "samples")
        return SoundGrew(grown.text(), count(samples, _MOST_SAMPLES))
    return StopListening(node.field("close").text())


def report_to_line(report: EngineReport) -> str:
    """A line for the server, without its end."""
    match report:
        case EngineReady(num_meetings):
            return dump({"ready": True, "sessions": num_meetings})
        case Heard(meeting_id, update):
            return dump({"id": meeting_id, "update": update_to_json(update)})
        case Flushed(meeting_id):
            return dump({"id": meeting_id, "flushed": True})


def report_from_line(line: str) -> EngineReport:
    """The report that ``report_to_line`` wrote.

    Raises:
        FormatError: it is none.
    """
    node = _parse(line)
    if "ready" in node.value:
        return EngineReady(count(node.field("sessions")))
    meeting_id = long_text(node.field("id"), 64)
    if "flushed" in node.value:
        return Flushed(meeting_id)
    return Heard(meeting_id, update_from_node(node.field("update")))


def _parse(line: str) -> Node:
    node = Node.parse(line, _ADVICE)
    if not isinstance(node.value, dict):
        raise FormatError(f"{node.path}: not an object; {_ADVICE}")
    return node
