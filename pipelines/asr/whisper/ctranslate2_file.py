"""The file format of CTranslate2 models, read without the library.

Little endian: version, name of the specification, its revision, the variables, the aliases. A
string is a 16-bit length, the bytes and a zero.

Source: CTranslate2 4.8, `python/ctranslate2/specs/model_spec.py`.
"""

import struct
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from meeting_app.errors import ModelError

_VERSIONS = (5, 6)  # of the format; older ones lay variables out differently
_NUMPY_TYPES = (np.float32, np.int8, np.int16, np.int32, np.float16)
_BFLOAT16 = 5  # the type after these, which numpy does not have


def read_variables(path: Path) -> dict[str, Tensor]:
    """Name → tensor of every variable and alias; 8-bit weights are multiplied out.

    Raises:
        ModelError: this is no such file, or it is cut off.
    """
    try:
        return _Reader(path.read_bytes()).variables()
    except (struct.error, ValueError, IndexError, KeyError) as error:
        raise ModelError(
            f"{path}: not a CTranslate2 model that can be read ({error}); "
            "run `meeting-app models verify`, or convert the model again"
        ) from error


class _Reader:
    def __init__(self, content: bytes) -> None:
        self._content = memoryview(content)
        self._place = 0

    def variables(self) -> dict[str, Tensor]:
        version = self._number("I")
        if version not in _VERSIONS:
            raise ValueError(f"format version {version}")
        self._string()
        self._number("I")  # revision of the specification
        found = dict(self._variable() for _ in range(self._number("I")))
        for _ in range(self._number("I")):
            alias, name = self._string(), self._string()
            found[alias] = found[name]
        return {name: _multiplied(name, found) for name in found if not name.endswith("_scale")}

    def _variable(self) -> tuple[str, Tensor]:
        name = self._string()
        shape = [self._number("I") for _ in range(self._number("B"))]
        type_id, size = self._number("B"), self._number("I")
        content = self._take(size)
        if type_id == _BFLOAT16:
            bits = torch.from_numpy(np.frombuffer(content, np.int16).reshape(shape).copy())
            return name, bits.view(torch.bfloat16)
        array: np.ndarray[Any, Any] = np.frombuffer(content, _NUMPY_TYPES[type_id])
        return name, torch.from_numpy(array.reshape(shape).copy())

    def _number(self, code: str) -> int:
        (number,) = struct.unpack("<" + code, self._take(struct.calcsize("<" + code)))
        return int(number)

    def _string(self) -> str:
        return bytes(self._take(self._number("H"))[:-1]).decode()

    def _take(self, size: int) -> memoryview:
        if self._place + size > len(self._content):
            raise ValueError("cut off")
        self._place += size
        return self._content[self._place - size : self._place]


def _multiplied(name: str, found: dict[str, Tensor]) -> Tensor:
    scale = found.get(name + "_scale")
    if scale is None:
        return found[name]
    return found[name].float() / scale.float()[:, None]
