"""Weights out of a model in ONNX Runtime's own format.

Run as it is, the file would turn its bytes into numbers anew for each token that is written,
which takes ten times as long as what is then computed with them. Here that is done once.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from onnxruntime.tools.ort_format_model.ort_flatbuffers_py.fbs.InferenceSession import (
    InferenceSession,
)

from meeting_app.errors import ModelError

Weight = npt.NDArray[Any]

_KINDS: Mapping[int, type[np.generic]] = {  # of onnx.TensorProto.DataType
    1: np.float32,
    2: np.uint8,
    3: np.int8,
    6: np.int32,
    7: np.int64,
}
_MARK = b"ORTM"  # at byte 4


@dataclass(frozen=True, slots=True)
class OrtWeights:
    """What a model knows by heart."""

    by_name: Mapping[str, Weight]  # as the file names them
    by_node: Mapping[tuple[str, str], Weight]  # (kind, name) of the node that first uses each


def read_ort_file(path: Path) -> OrtWeights:
    """All weights of a model, those kept in bytes as the numbers that they stand for.

    Raises:
        ModelError: the file is missing, or no such model.
    """
    try:
        content = path.read_bytes()
        if content[4:8] != _MARK:
            raise ValueError("not in the format of ONNX Runtime")
        graph = InferenceSession.GetRootAsInferenceSession(content, 0).Model().Graph()
        nodes = [node for part in _graphs(graph) for node in _nodes(part)]
        by_name = {name: weight for part in _graphs(graph) for name, weight in _stored(part)}
    except (OSError, ValueError, AttributeError, TypeError, struct.error) as error:
        raise ModelError(
            f"{path}: cannot be read ({error}); run `meeting-app models verify`"
        ) from error
    by_node: dict[tuple[str, str], Weight] = {}
    for node in nodes:
        inputs = [node.Inputs(i).decode() for i in range(node.InputsLength())]
        kind = node.OpType().decode()
        known = [by_name[name] for name in inputs if name in by_name]
        value = _value(kind, known) if len(known) == len(inputs) else None
        if value is not None:
            by_name[node.Outputs(0).decode()] = value
        elif known:
            by_node.setdefault((kind, node.Name().decode()), known[0])
    return OrtWeights(by_name, by_node)


def _value(kind: str, inputs: list[Weight]) -> Weight | None:
    """What a node makes of weights alone, where it turns bytes into numbers; else None."""
    match kind, inputs:
        case "Cast", [stored]:
            return stored.astype(np.float32)
        case "Mul", [stored, scale] if scale.size == 1:
            return np.asarray(stored * scale)
        case "Add", [stored, zero] if zero.size == 1:
            return np.asarray(stored + zero)
    return None


def _graphs(graph: Any) -> Iterator[Any]:
    """A graph and those inside its nodes, the branches of a condition."""
    yield graph
    for node in _nodes(graph):
        for i in range(node.AttributesLength()):
            branch = node.Attributes(i).G()
            if branch is not None:
                yield from _graphs(branch)


def _nodes(graph: Any) -> Iterator[Any]:
    return (graph.Nodes(i) for i in range(graph.NodesLength()))


def _stored(graph: Any) -> Iterator[tuple[str, Weight]]:
    for i in range(graph.InitializersLength()):
        tensor = graph.Initializers(i)
        kind = _KINDS.get(tensor.DataType())
        if kind is not None and tensor.RawDataLength():
            shape = tensor.DimsAsNumpy().tolist() if tensor.DimsLength() else []
            yield tensor.Name().decode(), tensor.RawDataAsNumpy().view(kind).reshape(shape)
