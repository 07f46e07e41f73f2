"""What the voices of a meeting sounded like, as a part of its JSON.

{"model": …, "times": array, "embeddings": array, "durations": array}; an array is
{"type": "<f2", "shape": [rows, columns], "data": "…"}: base64 of its numbers, row by row, little
endian. Embeddings are float16 as on disk, which halves them and decides nothing differently.
"""

import base64
import binascii
from typing import Any

import numpy as np
import numpy.typing as npt

from meeting_app.domain import VoiceEvidence
from meeting_app.errors import FormatError
from meeting_app.formats.node import Node

_HALF, _SINGLE, _DOUBLE = "<f2", "<f4", "<f8"
_MOST_WINDOWS = 1_000_000  # some 140 hours, one every half second
_MOST_DIMENSIONS = 4_096
_LONGEST_MODEL = 200  # characters of its name
_LONGEST_WINDOW = 60.0  # seconds
_NORM_TOLERANCE = 0.01  # float16 is exact to 0.0005
_ADVICE = "correct it or export the meeting again"

_Array = npt.NDArray[Any]


def write_voices(evidence: VoiceEvidence) -> dict[str, Any]:
    """As plain values."""
    return {
        "model": evidence.model,
        "times": _write_array(evidence.times, _DOUBLE),
        "embeddings": _write_array(evidence.embeddings, _HALF),
        "durations": _write_array(evidence.durations, _SINGLE),
    }


def voices_from_node(node: Node) -> VoiceEvidence:
    """What ``write_voices`` wrote, embeddings of norm one again.

    Raises:
        FormatError: it is none, too large, or holds what no voice sounds like; says where.
    """
    model, times, embeddings, durations = node.fields("model", "times", "embeddings", "durations")
    if not 0 < len(model.text()) <= _LONGEST_MODEL or not model.text().isprintable():
        raise FormatError(f"{model.path}: {model.text()[:60]!a} is no name of a model; {_ADVICE}")
    rows, columns = _shape(embeddings, 2)
    if rows > _MOST_WINDOWS or not 0 < columns <= _MOST_DIMENSIONS:
        raise FormatError(
            f"{embeddings.path}.shape: [{rows}, {columns}]; give at most {_MOST_WINDOWS} rows of "
            f"1 to {_MOST_DIMENSIONS}"
        )
    return VoiceEvidence(
        model=model.text(),
        times=_times(times, rows),
        embeddings=_embeddings(embeddings, (rows, columns)),
        durations=_durations(durations, rows),
    )


def _write_array(array: _Array, kind: str) -> dict[str, Any]:
    data = base64.b64encode(array.astype(kind).tobytes()).decode("ascii")
    return {"type": kind, "shape": list(array.shape), "data": data}


def _times(node: Node, num_windows: int) -> npt.NDArray[np.float64]:
    times = _read_array(node, _DOUBLE, (num_windows,)).astype(np.float64)
    if num_windows and (times[0] < 0 or (np.diff(times) <= 0).any()):
        raise FormatError(f"{node.path}: do not rise from 0 on; {_ADVICE}")
    return times


def _embeddings(node: Node, shape: tuple[int, int]) -> npt.NDArray[np.float32]:
    embeddings = _read_array(node, _HALF, shape).astype(np.float32)
    norms = np.linalg.norm(embeddings, axis=1, keepdims=True)  # (num_windows, 1)
    if (abs(norms - 1) > _NORM_TOLERANCE).any():
        raise FormatError(f"{node.path}: a row is not of length one; {_ADVICE}")
    return np.asarray(embeddings / norms, dtype=np.float32)


def _durations(node: Node, num_windows: int) -> npt.NDArray[np.float32]:
    durations = _read_array(node, _SINGLE, (num_windows,)).astype(np.float32)
    if ((durations < 0) | (durations > _LONGEST_WINDOW)).any():
        raise FormatError(f"{node.path}: not all from 0 to {_LONGEST_WINDOW:.0f} s; {_ADVICE}")
    return durations


def _read_array(node: Node, kind: str, shape: tuple[int, ...]) -> _Array:
    """The numbers of an array, all of them finite, only if it has that type and shape."""
    known, _, data = node.fields("type", "shape", "data")
    if known.text() != kind:
        raise FormatError(f"{known.path}: {known.text()[:20]!a} is not {kind!r}; {_ADVICE}")
    if _shape(node, len(shape)) != shape:
        raise FormatError(
            f"{node.path}.shape: {_shape(node, len(shape))} is not {shape}; {_ADVICE}"
        )
    try:
        content = base64.b64decode(data.text(), validate=True)
    except (binascii.Error, ValueError) as error:
        raise FormatError(f"{data.path}: not base64 ({error}); {_ADVICE}") from error
    wanted = int(np.prod(shape, dtype=np.int64)) * np.dtype(kind).itemsize
    if len(content) != wanted:
        raise FormatError(f"{data.path}: {len(content)} bytes, not {wanted}; {_ADVICE}")
    numbers = np.frombuffer(content, dtype=kind).reshape(shape)
    if not np.isfinite(numbers).all():
        raise FormatError(f"{data.path}: holds what is no number; {_ADVICE}")
    return numbers


def _shape(node: Node, num_axes: int) -> tuple[int, ...]:
    axes = node.field("shape")
    shape = axes.each(Node.integer)
    if len(shape) != num_axes or any(length < 0 for length in shape):
        raise FormatError(f"{axes.path}: not {num_axes} lengths; {_ADVICE}")
    return shape
