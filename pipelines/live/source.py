"""The sound of a meeting that is still being written."""

import os
import struct
import weakref
from pathlib import Path

import numpy as np
import numpy.typing as npt

from meeting_app.domain import SAMPLE_RATE
from meeting_app.errors import BrokenMediaError

# Source of the layout: Sun Microsystems, audio(5) file format; ".snd", six big-endian words.
_HEADER = struct.Struct(">4sIIIII")
_MAGIC, _LINEAR_16_BIT, _MONO = b".snd", 3, 1
_SAMPLE_BYTES = 2


class GrowingSound:
    """An AU file, 16 kHz mono 16-bit, of which ever more can be read.

    Nothing is kept in memory: what was written a moment ago comes from the system's cache.
    Several threads may read at once.
    """

    def __init__(self, path: Path) -> None:
        """Opens the file, whose header must be complete.

        Raises:
            BrokenMediaError: it cannot be read, or holds sound of another kind.
        """
        self._path = path
        try:
            self._file = os.open(path, os.O_RDONLY)
        except OSError as error:
            raise BrokenMediaError(f"{path}: cannot be read ({error.strerror})") from error
        try:
            self._first_byte = _first_byte(path, os.pread(self._file, _HEADER.size, 0))
        except BaseException:
            os.close(self._file)
            raise
        # Several threads read; the last to let go of it closes the file.
        weakref.finalize(self, os.close, self._file)

    def read(self, first: int, count: int) -> npt.NDArray[np.float32]:
        """Samples ``first`` to ``first + count``, fewer where they are not written yet.

        Returns:
            (num_samples,) float32 in [-1, 1].
        """
        raw = os.pread(self._file, count * _SAMPLE_BYTES, self._first_byte + first * _SAMPLE_BYTES)
        whole = raw[: len(raw) // _SAMPLE_BYTES * _SAMPLE_BYTES]
        return np.frombuffer(whole, ">i2").astype(np.float32) / np.float32(32768.0)


def _first_byte(path: Path, header: bytes) -> int:
    if len(header) == _HEADER.size:
        magic, first, _, encoding, rate, channels = _HEADER.unpack(header)
        if (magic, encoding, rate, channels) == (_MAGIC, _LINEAR_16_BIT, SAMPLE_RATE, _MONO):
            return int(first)
    raise BrokenMediaError(f"{path}: no AU file of 16 kHz mono 16-bit sound; record it again")
