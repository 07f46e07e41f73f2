"""Small models in ONNX Runtime's format, written by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import flatbuffers
import numpy as np
from onnxruntime.tools.ort_format_model.ort_flatbuffers_py.fbs import (
    Attribute,
    Graph,
    InferenceSession,
    Model,
    Node,
    Tensor,
)

KINDS = {"float32": 1, "uint8": 2, "int8": 3}


@dataclass(frozen=True)
class FakeNode:
    """A node; ``branch`` is a graph inside it."""

    kind: str
    name: str
    inputs: Sequence[str]
    output: str
    branch: "FakeGraph | None" = None


@dataclass(frozen=True)
class FakeGraph:
    """Weights by name, and nodes."""

    weights: dict[str, np.ndarray]
    nodes: Sequence[FakeNode] = ()


def ort_file(graph: FakeGraph) -> bytes:
    """What a file holds."""
    builder = flatbuffers.Builder(0)
    made = _graph(builder, graph)
    Model.Start(builder)
    Model.AddGraph(builder, made)
    model = Model.End(builder)
    InferenceSession.Start(builder)
    InferenceSession.AddModel(builder, model)
    builder.Finish(InferenceSession.End(builder), file_identifier=b"ORTM")
    return bytes(builder.Output())


def _graph(builder: Any, graph: FakeGraph) -> int:
    weights = [_tensor(builder, name, weight) for name, weight in graph.weights.items()]
    nodes = [_node(builder, node) for node in graph.nodes]
    stored, listed = _vector(builder, weights), _vector(builder, nodes)
    Graph.Start(builder)
    Graph.AddInitializers(builder, stored)
    Graph.AddNodes(builder, listed)
    return int(Graph.End(builder))


def _tensor(builder: Any, name: str, weight: np.ndarray) -> int:
    title = builder.CreateString(name)
    raw = builder.CreateByteVector(weight.tobytes())
    shape = builder.CreateNumpyVector(np.array(weight.shape, np.int64)) if weight.shape else None
    Tensor.Start(builder)
    Tensor.AddName(builder, title)
    Tensor.AddRawData(builder, raw)
    Tensor.AddDataType(builder, KINDS[weight.dtype.name])
    if shape is not None:
        Tensor.AddDims(builder, shape)
    return int(Tensor.End(builder))


def _node(builder: Any, node: FakeNode) -> int:
    branch = None
    if node.branch is not None:
        inner = _graph(builder, node.branch)
        Attribute.Start(builder)
        Attribute.AddG(builder, inner)
        branch = _vector(builder, [Attribute.End(builder)])
    kind, name = builder.CreateString(node.kind), builder.CreateString(node.name)
    inputs = _vector(builder, [builder.CreateString(each) for each in node.inputs])
    outputs = _vector(builder, [builder.CreateString(node.output)])
    Node.Start(builder)
    Node.AddOpType(builder, kind)
    Node.AddName(builder, name)
    Node.AddInputs(builder, inputs)
    Node.AddOutputs(builder, outputs)
    if branch is not None:
        Node.AddAttributes(builder, branch)
    return int(Node.End(builder))


def _vector(builder: Any, offsets: Sequence[int]) -> int:
    builder.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    return int(builder.EndVector())
