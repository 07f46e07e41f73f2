"""The messages of docs/live-protocol.md, written and read."""

import re
import struct
from collections.abc import Callable
from typing import Any

import numpy as np

from meeting_app.domain import LiveLine, VoiceNamed
from meeting_app.domain.live_messages import (
    MAX_FRAME,
    MIN_FRAME,
    Acknowledged,
    AudioFrame,
    Command,
    EditLine,
    EndMeeting,
    Hello,
    LivePhase,
    LiveState,
    MarkMoment,
    MeetingSealed,
    MomentMarked,
    PauseRecording,
    Ping,
    Pong,
    RecordNew,
    RecordOn,
    ServerMessage,
    Watch,
    Welcome,
)
from meeting_app.errors import FormatError, FrameError, LiveVersionError
from meeting_app.formats.live_events import (
    ADVICE,
    Document,
    boolean,
    chapters_from_node,
    chapters_to_json,
    count,
    dump,
    event_from_node,
    event_to_json,
    label_of,
    labels_from_node,
    line_of,
    long_text,
    seconds,
    time_of,
    voices_from_node,
    voices_to_json,
    words_from_node,
    words_to_json,
)
from meeting_app.formats.node import Node

VERSION = 1
SAMPLE_RATE = 16_000
MAX_TEXT_BYTES = 65_536  # of a message that a program sends
_NUMBER = struct.Struct("<I")
_LANGUAGE = re.compile("[a-z]{2,3}")
_LONGEST_ID = 64  # characters of an id or a token


def frame_to_bytes(frame: AudioFrame) -> bytes:
    """The binary message of a frame."""
    return _NUMBER.pack(frame.number) + frame.samples.astype("<i2").tobytes()


def frame_from_bytes(message: bytes) -> AudioFrame:
    """The frame of a binary message.

    Raises:
        FrameError: too short, too long, or not whole samples.
    """
    num_bytes = len(message) - _NUMBER.size
    if num_bytes % 2 or not MIN_FRAME <= num_bytes // 2 <= MAX_FRAME:
        raise FrameError(
            f"a frame of {num_bytes} bytes of sound; send {MIN_FRAME} to {MAX_FRAME} samples of "
            "two bytes after the number"
        )
    samples = np.frombuffer(message, "<i2", offset=_NUMBER.size)
    return AudioFrame(_NUMBER.unpack_from(message)[0], samples.astype(np.int16))


def hello_to_text(hello: Hello) -> str:
    """The first message of a program."""
    document: Document = {"type": "hello", "version": VERSION}
    match hello:
        case RecordNew(title, language):
            document |= {"role": "record", "title": title, "language": language}
        case RecordOn(meeting_id, token):
            document |= {"role": "record", "meeting": meeting_id, "token": token}
        case Watch(meeting_id):
            document |= {"role": "view", "meeting": meeting_id}
    return dump(document)


def hello_from_text(text: str) -> Hello:
    """Who is there.

    Raises:
        LiveVersionError: the program speaks another version.
        FormatError: not a hello.
    """
    node = _parse(text)
    if node.field("type").text() != "hello":
        raise FormatError(f"{node.path}.type: the first message must be hello; {ADVICE}")
    version = node.field("version").integer()
    if version != VERSION:
        raise LiveVersionError(
            f"version {version!r:.20}: this server speaks version {VERSION}; use a program of its "
            "version"
        )
    match node.field("role").text():
        case "record" if _maybe(node, "meeting").value is None:
            title = _maybe(node, "title").maybe(long_text)
            return RecordNew(title, _maybe(node, "language").maybe(_language))
        case "record":
            return RecordOn(_id(node.field("meeting")), _id(node.field("token")))
        case "view":
            return Watch(_id(node.field("meeting")))
        case role:
            raise FormatError(f"{node.path}.role: {role[:60]!r} is not record or view; {ADVICE}")


def command_to_text(command: Command) -> str:
    """A message of a recorder."""
    match command:
        case PauseRecording(is_paused):
            return dump({"type": "pause" if is_paused else "resume"})
        case MarkMoment(note):
            return dump({"type": "mark", "note": note})
        case VoiceNamed(label, name):
            return dump({"type": "name", "label": label, "name": name})
        case EditLine(line, text):
            return dump({"type": "edit", "line": line, "text": text})
        case EndMeeting():
            return dump({"type": "end"})
        case Ping():
            return dump({"type": "ping"})


def command_from_text(text: str) -> Command:
    """What a recorder says after its hello.

    Raises:
        FormatError: not a message of this protocol.
    """
    node = _parse(text)
    kind = node.field("type").text()
    reader = _COMMANDS.get(kind)
    if reader is None:
        raise FormatError(f"{node.path}.type: {kind[:60]!r} is no message; {ADVICE}")
    return reader(node)


def message_to_text(message: ServerMessage) -> str:
    """What a server says."""
    match message:
        case Welcome(meeting_id, token, next_frame):
            welcome: Document = {"type": "welcome", "version": VERSION, "meeting": meeting_id}
            if token is not None:
                welcome["token"] = token
            return dump(welcome | {"next": next_frame, "sample_rate": SAMPLE_RATE})
        case Acknowledged(next_frame):
            return dump({"type": "ack", "next": next_frame})
        case Pong():
            return dump({"type": "pong"})
        case LiveState():
            return dump({"type": "state"} | state_to_json(message))
        case _:
            return dump(event_to_json(message))


def message_from_text(text: str) -> ServerMessage:
    """What a server said.

    Raises:
        FormatError: not a message of this version.
    """
    node = _parse(text)
    match node.field("type").text():
        case "welcome":
            token = _maybe(node, "token").maybe(_id)
            return Welcome(_id(node.field("meeting")), token, count(node.field("next"), 2**32))
        case "ack":
            return Acknowledged(count(node.field("next"), 2**32))
        case "pong":
            return Pong()
        case "state":
            return _state_from(node)
        case _:
            return event_from_node(node)


def state_to_json(state: LiveState) -> Document:
    """All that is known of a meeting, without the type."""
    return {
        "meeting": state.meeting_id,
        "phase": state.phase.value,
        "title": state.title,
        "language": state.language,
        "position": seconds(state.position),
        "is_paused": state.is_paused,
        "is_recorder_connected": state.is_recorder_connected,
        "lines": [_line_to_json(line) for line in state.lines],
        "voices": voices_to_json(state.voices),
        "names": dict(state.names),
        "recognised": dict(state.recognised),
        "marks": [[seconds(mark.time), mark.note] for mark in state.marks],
        "chapters": chapters_to_json(state.chapters),
        "behind": seconds(state.behind),
        "sealed": None if state.sealed is None else event_to_json(state.sealed),
        "failure": state.failure,
    }


def _names_from(node: Node) -> tuple[tuple[str, str], ...]:
    return tuple((label, node.field(label).text()) for label in node.value)


def _state_from(node: Node) -> LiveState:
    return LiveState(
        meeting_id=_id(node.field("meeting")),
        phase=LivePhase(node.field("phase").text()),
        title=node.field("title").maybe(long_text),
        language=node.field("language").maybe(long_text),
        position=time_of(node.field("position")),
        is_paused=boolean(node.field("is_paused")),
        is_recorder_connected=boolean(node.field("is_recorder_connected")),
        lines=node.field("lines").each(_line_from),
        voices=voices_from_node(node.field("voices")),
        names=_names_from(node.field("names")),
        recognised=_names_from(node.field("recognised")),
        marks=node.field("marks").each(_mark_from),
        chapters=chapters_from_node(node.field("chapters")),
        behind=time_of(node.field("behind")),
        sealed=node.field("sealed").maybe(_sealed_from),
        failure=node.field("failure").maybe(long_text),
    )


def _line_to_json(line: LiveLine) -> dict[str, Any]:
    return {
        "id": line.id,
        "words": words_to_json(line.words),
        "labels": list(line.speakers),
        "stable": line.num_stable,
        "final": line.is_final,
        "settled": line.is_settled,
        "edited": line.is_edited,
    }


def _line_from(node: Node) -> LiveLine:
    return LiveLine(
        id=count(node.field("id")),
        words=words_from_node(node.field("words")),
        speakers=labels_from_node(node.field("labels")),
        num_stable=count(node.field("stable")),
        is_final=boolean(node.field("final")),
        is_settled=boolean(node.field("settled")),
        is_edited=boolean(node.field("edited")),
    )


def _mark_from(node: Node) -> MomentMarked:
    time, note = node.each(lambda item: item)
    return MomentMarked(time_of(time), long_text(note))


def _sealed_from(node: Node) -> MeetingSealed:
    event = event_from_node(node)
    if not isinstance(event, MeetingSealed):
        raise FormatError(f"{node.path}: not the event sealed; {ADVICE}")
    return event


def _parse(text: str) -> Node:
    return Node.parse(text, ADVICE)


def _maybe(node: Node, name: str) -> Node:
    if isinstance(node.value, dict) and name not in node.value:
        return Node(None, f"{node.path}.{name}", node.advice)
    return node.field(name)


def _id(node: Node) -> str:
    return long_text(node, _LONGEST_ID)


def _language(node: Node) -> str:
    text = node.text()
    if not _LANGUAGE.fullmatch(text):
        raise FormatError(f"{node.path}: {text[:60]!r} is no language such as en; {ADVICE}")
    return text


_COMMANDS: dict[str, Callable[[Node], Command]] = {
    "pause": lambda _: PauseRecording(True),
    "resume": lambda _: PauseRecording(False),
    "mark": lambda n: MarkMoment(_maybe(n, "note").maybe(long_text) or ""),
    "name": lambda n: VoiceNamed(label_of(n.field("label")), n.field("name").maybe(long_text)),
    "edit": lambda n: EditLine(line_of(n), long_text(n.field("text"))),
    "end": lambda _: EndMeeting(),
    "ping": lambda _: Ping(),
}
