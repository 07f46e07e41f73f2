"""What voices sound like in JSON: every number is looked at before it is believed."""

import base64
import json
from typing import Any

import numpy as np
import pytest

from meeting_app.domain import VoiceEvidence
from meeting_app.errors import FormatError
from meeting_app.formats.node import Node
from meeting_app.formats.voices import voices_from_node, write_voices

# Two windows of two numbers. 1 is 0x3c00 as float16, so the rows are 00 3c 00 00 and 00 00 00 3c.
TWO = VoiceEvidence(
    "ecapa",
    np.array([0.75, 1.25]),
    np.array([[1, 0], [0, 1]], np.float32),
    np.array([1.5, 0.5], np.float32),
)


def _read(document: object) -> VoiceEvidence:
    return voices_from_node(Node.parse(json.dumps(document), "correct it"))


def _with(name: str, **changes: object) -> dict[str, Any]:
    document = write_voices(TWO)
    document[name] = {**document[name], **changes}
    return document


def _data(*numbers: float, kind: str) -> str:
    return base64.b64encode(np.array(numbers, kind).tobytes()).decode()


def test_arrays_are_written_little_endian_with_type_and_shape() -> None:
    document = json.loads(json.dumps(write_voices(TWO)))
    assert document["model"] == "ecapa"
    assert document["embeddings"] == {
        "type": "<f2",
        "shape": [2, 2],
        "data": base64.b64encode(bytes.fromhex("003c0000 0000003c")).decode(),
    }
    assert document["durations"]["data"] == _data(1.5, 0.5, kind="<f4")
    assert document["times"]["data"] == _data(0.75, 1.25, kind="<f8")


def test_what_is_written_is_read_back_as_exactly_as_it_is_kept() -> None:
    embeddings = np.random.default_rng(0).standard_normal((50, 192)).astype(np.float32)
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    times, durations = 0.5 * np.arange(50), np.linspace(0, 1.5, 50, dtype=np.float32)
    written = write_voices(VoiceEvidence("ecapa", times, embeddings, durations))
    found = _read(written)
    assert found.times.tolist() == times.tolist()
    assert found.durations.tolist() == durations.tolist()
    assert (found.embeddings * embeddings).sum(axis=1) == pytest.approx(1, abs=1e-6)
    assert write_voices(found) == written  # so nothing is lost from package to package


def test_silence_has_voices_of_no_windows() -> None:
    found = _read(write_voices(VoiceEvidence.nothing("ecapa", 192)))
    assert found.embeddings.shape == (0, 192)


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ([], "$: [] is not an object"),
        (write_voices(TWO) | {"model": ""}, "$.model: '' is no name of a model"),
        (write_voices(TWO) | {"model": "a\nb"}, "is no name of a model"),
        (write_voices(TWO) | {"pickle": "gASV"}, "$.pickle: not a key of this format"),
        (_with("times", type="|O"), "$.times.type: '|O' is not '<f8'"),
        (_with("times", shape=[3]), "$.times.shape: (3,) is not (2,)"),
        (_with("times", shape=[2, 1]), "$.times.shape: not 1 lengths"),
        (_with("times", data="%%%"), "$.times.data: not base64"),
        (_with("times", data="é"), "$.times.data: not base64"),
        (_with("times", data=_data(0.5, kind="<f8")), "$.times.data: 8 bytes, not 16"),
        (_with("times", data=_data(1, 1, kind="<f8")), "$.times: do not rise from 0 on"),
        (_with("times", data=_data(-1, 1, kind="<f8")), "$.times: do not rise from 0 on"),
        (_with("times", data=_data(1, np.nan, kind="<f8")), "$.times.data: holds what is no"),
        (_with("embeddings", shape=[2]), "$.embeddings.shape: not 2 lengths"),
        (_with("embeddings", shape=[2, -2]), "$.embeddings.shape: not 2 lengths"),
        (_with("embeddings", shape=[2, 0]), "$.embeddings.shape: [2, 0]; give at most"),
        (_with("embeddings", shape=[2, 5000]), "$.embeddings.shape: [2, 5000]; give at most"),
        (_with("embeddings", shape=[10**30, 2]), "give at most 1000000 rows"),
        (_with("embeddings", data=_data(1, 0, 0, 0, kind="<f2")), "a row is not of length one"),
        (_with("embeddings", data=_data(1, 0, 9, 0, kind="<f2")), "a row is not of length one"),
        (_with("embeddings", data=_data(1, 0, np.inf, 0, kind="<f2")), "holds what is no number"),
        (_with("durations", data=_data(1, -1, kind="<f4")), "$.durations: not all from 0 to 60 s"),
        (_with("durations", data=_data(1, 99, kind="<f4")), "$.durations: not all from 0 to 60 s"),
    ],
)
def test_what_no_voice_sounds_like_is_refused(document: object, complaint: str) -> None:
    with pytest.raises(FormatError) as caught:
        _read(document)
    assert complaint in str(caught.value)
