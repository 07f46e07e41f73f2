"""The outline of a recording's sound, small enough to be drawn for hours of it at once.

The file holds two bytes for each twentieth of a second: the highest sample and the root mean
square, 0 for silence and 255 for full scale. Four hours make 576,000 bytes.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from meeting_app.domain import SAMPLE_RATE, Waveform
from pipelines.audio import sound_blocks
from pipelines.files import written_whole

STEP = SAMPLE_RATE // 20  # samples behind each pair of bytes
_BLOCK = 1200 * STEP  # samples looked at together: a minute
_FULL_SCALE = 255


def write_peaks(waveform: Waveform, path: Path) -> None:
    """Writes ``path``, atomically, from sound in memory or in a memory map.

    Raises:
        DiskFullError: no room for ``path``.
    """
    _write(waveform.blocks(_BLOCK), path)


def write_peaks_of_file(media: Path, path: Path) -> None:
    """``write_peaks`` for a media file, decoded in blocks.

    Raises:
        MediaError: it cannot be decoded.
        DiskFullError: no room for ``path``.
    """
    _write(_joined(sound_blocks(media, media.name)), path)


def peaks_of(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """Highest sample and root mean square of each step.

    Args:
        samples: (num_samples,) in [-1, 1]; the last step may be shorter.

    Returns:
        (ceil(num_samples / STEP), 2) uint8.
    """
    num_steps = -(-len(samples) // STEP)
    padded = np.zeros(num_steps * STEP, np.float32)
    padded[: len(samples)] = samples
    steps = padded.reshape(num_steps, STEP)
    lengths = np.full(num_steps, STEP)
    if num_steps:
        lengths[-1] = len(samples) - (num_steps - 1) * STEP
    highest = np.abs(steps).max(axis=1, initial=0.0)  # (num_steps,)
    loudness = np.sqrt(np.einsum("st,st->s", steps, steps) / lengths)
    pairs = np.stack([highest, loudness], axis=1)  # (num_steps, 2)
    scaled: npt.NDArray[np.uint8] = np.rint(np.clip(pairs, 0, 1) * _FULL_SCALE).astype(np.uint8)
    return scaled


def _write(blocks: Iterable[npt.NDArray[np.float32]], path: Path) -> None:
    with written_whole(path) as partial, partial.open("wb") as file:
        for block in blocks:
            file.write(peaks_of(block).tobytes())


def _joined(
    blocks: Iterable[npt.NDArray[np.float32]],
) -> Iterator[npt.NDArray[np.float32]]:
    """The same sound in blocks that end with a step, but for the last."""
    rest = np.zeros(0, np.float32)
    for block in blocks:
        rest = np.concatenate([rest, block])
        whole = len(rest) // STEP * STEP
        if whole >= _BLOCK:
            yield rest[:whole]
            rest = rest[whole:]
    yield rest
