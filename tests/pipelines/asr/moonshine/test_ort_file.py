"""Weights out of ONNX Runtime's format."""

from pathlib import Path

import numpy as np
import pytest

from meeting_app.errors import ModelError
from pipelines.asr.moonshine.ort_file import read_ort_file
from tests.pipelines.asr.moonshine.ort_files import FakeGraph, FakeNode, ort_file

STORED = np.array([[0, 1, 2], [3, 4, 255]], np.uint8)
IN_BYTES = FakeGraph(
    {
        "w_quantized": STORED,
        "w_scale": np.array([0.5], np.float32),
        "w_zero": np.array([-1.0], np.float32),
    },
    [
        FakeNode("Cast", "w_cast", ["w_quantized"], "w_float"),
        FakeNode("Mul", "w_mul", ["w_float", "w_scale"], "w_scaled"),
        FakeNode("Add", "w_add", ["w_scaled", "w_zero"], "w"),
        FakeNode(
            "If",
            "choice",
            ["is_first"],
            "y",
            FakeGraph({}, [FakeNode("MatMul", "/layers.0/fc1/MatMul", ["x", "w"], "z")]),
        ),
    ],
)


def written(folder: Path, graph: FakeGraph) -> Path:
    path = folder / "model.ort"
    path.write_bytes(ort_file(graph))
    return path


def test_bytes_become_the_numbers_that_they_stand_for(tmp_path: Path) -> None:
    weights = read_ort_file(written(tmp_path, IN_BYTES))
    # q / 2 - 1
    expected = [[-1.0, -0.5, 0.0], [0.5, 1.0, 126.5]]
    assert weights.by_name["w"].tolist() == expected
    assert weights.by_node["MatMul", "/layers.0/fc1/MatMul"].tolist() == expected


def test_weights_inside_a_branch_are_found(tmp_path: Path) -> None:
    bias = np.array([1.0, 2.0], np.float32)
    branch = FakeGraph({"fc.bias": bias}, [FakeNode("Add", "/fc/Add", ["fc.bias", "x"], "y")])
    graph = FakeGraph({}, [FakeNode("If", "choice", ["is_first"], "z", branch)])
    weights = read_ort_file(written(tmp_path, graph))
    assert weights.by_name["fc.bias"].tolist() == [1.0, 2.0]
    assert weights.by_node["Add", "/fc/Add"].tolist() == [1.0, 2.0]


def test_a_weight_that_scales_sound_is_no_weight_in_bytes(tmp_path: Path) -> None:
    gain = np.array([2.0, 3.0], np.float32)
    graph = FakeGraph({"gain": gain}, [FakeNode("Mul", "/norm/Mul", ["gain", "x"], "y")])
    weights = read_ort_file(written(tmp_path, graph))
    assert weights.by_node["Mul", "/norm/Mul"].tolist() == [2.0, 3.0]
    assert "y" not in weights.by_name


@pytest.mark.parametrize("content", [b"", b"RIFF....WAVEfmt ", b"\0\0\0\0ORTM"])
def test_another_file_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.ort"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"model\.ort: cannot be read"):
        read_ort_file(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"model\.ort: cannot be read"):
        read_ort_file(tmp_path / "model.ort")
