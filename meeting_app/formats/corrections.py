"""Corrections as JSON: what the library keeps and what REST takes, read strictly.

``{"kind": "merge-speakers", "label": "SPEAKER_02", "into": "SPEAKER_00"}``
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from enum import StrEnum
from typing import Any

from pyannote.core import Segment

from meeting_app.domain.corrections import (
    AddChapter,
    AddLine,
    Correction,
    EditLine,
    LineKind,
    LinePlace,
    MergeSpeakers,
    MoveChapter,
    MoveTurnBoundary,
    NameSpeakers,
    Passage,
    ReassignWords,
    Relabel,
    RemoveChapter,
    RemoveLine,
    RemoveWords,
    RenameChapter,
    RenameMeeting,
    RenameSpeaker,
    ReplaceWords,
    SplitSpeaker,
)
from meeting_app.domain.evidence import Relabelling
from meeting_app.errors import FormatError
from meeting_app.formats.node import Node

_ADVICE = "see /api/openapi.json for what a correction holds"
_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")
_Reader = Callable[[Node], Any]


def correction_to_json(correction: Correction) -> str:
    """The correction as one line of JSON.

    Raises:
        ValueError: a time is not finite.
    """
    return json.dumps(correction_to_dict(correction), ensure_ascii=False, allow_nan=False)


def correction_to_dict(correction: Correction) -> dict[str, Any]:
    """The same as plain values."""
    return {"kind": kind_of(correction), **_plain_fields(correction)}


def correction_from_json(text: str) -> Correction:
    """The correction that ``correction_to_json`` wrote, or that a program sent.

    Raises:
        FormatError: it is none; says where and what is wrong.
    """
    return correction_from_node(Node.parse(text, _ADVICE))


def correction_from_node(node: Node) -> Correction:
    """As ``correction_from_json``, of a part of a document."""
    kind = node.field("kind").text()
    if kind not in _COMMANDS:
        raise FormatError(
            f"{node.path}.kind: {kind[:60]!r} is no correction; give one of {', '.join(_COMMANDS)}"
        )
    command, readers = _COMMANDS[kind]
    optional = {f.name: f.default for f in fields(command) if f.default is not MISSING}
    filled = {**_plain(optional), **node.value}
    values = Node(filled, node.path, node.advice).fields("kind", *readers)[1:]
    made: Correction = command(
        **{name: read(value) for (name, read), value in zip(readers.items(), values, strict=True)}
    )
    return made


def kind_of(correction: Correction) -> str:
    """The name of the kind of correction: "merge-speakers"."""
    return _kebab(type(correction))


def _kebab(command: type) -> str:
    return _CAPITAL.sub("-", command.__name__).lower()


def _plain_fields(value: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in fields(value):
        item = getattr(value, field.name)
        # A stretch of time inside something else is that thing's own start and end.
        is_own = isinstance(item, Segment) and not isinstance(value, ReplaceWords)
        found |= _plain(item) if is_own else {field.name: _plain(item)}
    return found


def _plain(value: Any) -> Any:  # noqa: PLR0911 - one for each kind of value
    match value:
        case Segment():
            return {"start": float(value.start), "end": float(value.end)}
        case tuple() | list():
            return [_plain(item) for item in value]
        case dict():
            return {name: _plain(item) for name, item in value.items()}
        case Passage() | Relabelling() | LinePlace() | RenameSpeaker():
            return _plain_fields(value)
        case StrEnum():
            return value.value
        case bool() | int() | str() | None:
            return value
        case _:
            return float(value)


def _segment(node: Node) -> Segment:
    start, end = node.fields("start", "end")
    return _span(start, end)


def _span(start: Node, end: Node) -> Segment:
    first, last = _time(start), _time(end)
    if last <= first:
        raise FormatError(f"{end.path}: {last} is not after {first}; give a stretch of time")
    return Segment(first, last)


def _time(node: Node) -> float:
    seconds = node.number()
    if seconds < 0:
        raise FormatError(f"{node.path}: {seconds} is before the recording; give a time from 0 on")
    return seconds


def _passage(node: Node) -> Passage:
    start, end, speaker = node.fields("start", "end", "speaker")
    return Passage(_span(start, end), _maybe_text(speaker))


def _change(node: Node) -> Relabelling:
    start, end, before, after = node.fields("start", "end", "before", "after")
    return Relabelling(_span(start, end), _maybe_text(before), after.text())


def _naming(node: Node) -> RenameSpeaker:
    label, name = node.fields("label", "name")
    return RenameSpeaker(label.text(), _maybe_text(name))


def _line_kind(node: Node) -> LineKind:
    try:
        return LineKind(node.text())
    except ValueError as error:
        known = ", ".join(LineKind)
        raise FormatError(f"{node.path}: no list of the minutes; give one of {known}") from error


def _place(node: Node) -> LinePlace:
    kind, position, text = node.fields("list", "position", "text")
    if position.integer() < 0:
        raise FormatError(f"{position.path}: {position.value} is no position; count from 0")
    return LinePlace(_line_kind(kind), position.integer(), text.text())


def _maybe_text(node: Node) -> str | None:
    return node.maybe(Node.text)


def _some(read: _Reader) -> _Reader:
    return lambda node: node.at_least_one(read)


_LINE: Mapping[str, _Reader] = {"text": Node.text, "owner": _maybe_text, "due": _maybe_text}
_READERS: Mapping[type, Mapping[str, _Reader]] = {
    RenameMeeting: {"title": Node.text},
    RenameSpeaker: {"label": Node.text, "name": _maybe_text},
    NameSpeakers: {"names": _some(_naming)},
    MergeSpeakers: {"label": Node.text, "into": Node.text},
    SplitSpeaker: {"label": Node.text, "segments": _some(_segment)},
    ReassignWords: {"passages": _some(_passage), "label": _maybe_text},
    Relabel: {"changes": _some(_change)},
    ReplaceWords: {
        "segment": _segment,
        "text": Node.text,
        "speakers": lambda node: node.each(_maybe_text),
    },
    RemoveWords: {"passages": _some(_passage)},
    MoveTurnBoundary: {"start": _time, "to": _time},
    AddChapter: {"start": _time, "title": Node.text},
    MoveChapter: {"start": _time, "to": _time},
    RemoveChapter: {"start": _time},
    RenameChapter: {"start": _time, "title": Node.text},
    AddLine: {"list": _line_kind, "proofs": _some(_time), **_LINE},
    EditLine: {"line": _place, **_LINE},
    RemoveLine: {"line": _place},
}
_COMMANDS: Mapping[str, tuple[Any, Mapping[str, _Reader]]] = {
    _kebab(command): (command, readers) for command, readers in _READERS.items()
}


CORRECTION_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["kind"],
    "properties": {"kind": {"enum": [*_COMMANDS]}},
    "description": "Besides its kind each holds: "
    + "; ".join(f"{kind}: {', '.join(readers)}" for kind, (_, readers) in _COMMANDS.items()),
}
"""What a correction looks like, for OpenAPI; unknown members are refused."""
