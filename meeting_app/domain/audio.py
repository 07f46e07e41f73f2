"""Sound as the pipeline sees it, and a recording as the library sees it."""

import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from pyannote.core import Segment

SAMPLE_RATE = 16_000  # Hz; every model of the pipeline listens at this rate


@dataclass(frozen=True, slots=True, eq=False)
class Waveform:
    """Mono sound.

    ``samples`` may be a read-only memory map, so that hours of sound cost no memory
    until they are looked at.
    """

    samples: npt.NDArray[np.float32]  # (num_samples,) in [-1, 1]
    sample_rate: int = SAMPLE_RATE  # Hz

    def __post_init__(self) -> None:
        if self.samples.ndim != 1 or self.samples.dtype != np.float32:
            raise ValueError(
                f"samples: shape {self.samples.shape} {self.samples.dtype}; "
                "give one channel of float32"
            )

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.samples) / self.sample_rate

    def crop(self, segment: Segment) -> "Waveform":
        """The part inside ``segment``, cut at the ends of the recording; a view, not a copy."""
        first = max(0, round(segment.start * self.sample_rate))
        last = max(first, min(len(self.samples), round(segment.end * self.sample_rate)))
        return Waveform(self.samples[first:last], self.sample_rate)

    def blocks(self, num_samples: int) -> Iterator[npt.NDArray[np.float32]]:
        """All of it in parts of ``num_samples``, the last one shorter; views, not copies.

        The memory of each is given back when the next is asked for.
        """
        for first in range(0, len(self.samples), num_samples):
            yield self.samples[first : first + num_samples]
            self.release()

    def release(self) -> None:
        """Gives back the memory of a mapped recording; what is looked at is read again."""
        mapping = getattr(self.samples, "_mmap", None)
        if mapping is not None and hasattr(mmap, "MADV_DONTNEED"):
            mapping.madvise(mmap.MADV_DONTNEED)


@dataclass(frozen=True, slots=True)
class Recording:
    """A media file as it was handed in, known by the hash of its bytes."""

    sha256: str  # hexadecimal, of the whole file
    filename: str  # as the user called it, without folders
    num_bytes: int
    container: str  # FFmpeg's name of the format, e.g. "mov,mp4,m4a,3gp,3g2,mj2"
    codec: str  # FFmpeg's name of the audio codec, e.g. "aac"
    duration: float | None  # seconds; None while the container does not say


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """What a look at a media file tells before it is decoded."""

    container: str  # FFmpeg's name of the format
    codec: str  # FFmpeg's name of the audio codec
    duration: float | None  # seconds; None when the container does not say


class ClipKind(StrEnum):
    """How a stretch of sound can be written."""

    M4A = "m4a"
    MP3 = "mp3"
    WAV = "wav"
