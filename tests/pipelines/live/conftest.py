"""Fakes of what a running meeting is made of."""

import struct
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

Write = Callable[[Sequence[int]], None]


@pytest.fixture
def sound(tmp_path: Path) -> tuple[Path, Write]:
    """An AU file with a note in its header, and how to add samples to it."""
    path = tmp_path / "sound.au"
    path.write_bytes(struct.pack(">4sIIIII", b".snd", 32, 0xFFFFFFFF, 3, 16_000, 1) + b"a note.\0")

    def write(samples: Sequence[int] | npt.NDArray[np.int16]) -> None:
        with path.open("ab") as file:
            file.write(np.asarray(samples).astype(">i2").tobytes())

    return path, write
