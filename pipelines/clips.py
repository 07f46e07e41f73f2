"""A stretch of a recording as a sound file of its own."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import cast

import av
import numpy as np
import numpy.typing as npt
from pyannote.core import Segment

from meeting_app.domain import ClipKind
from meeting_app.errors import BrokenMediaError, MediaError

FADE = 0.005  # seconds at either end, so that a cut inside a sound does not click
_LEAD = 0.5  # seconds decoded before the start: AAC needs the packet before to be right
_RATE = 16_000  # Hz, that of playback files
_BIT_RATE = 64_000  # bit/s; sound that was compressed before keeps what it has left
_FORMATS = {  # of FFmpeg: container, codec
    ClipKind.M4A: ("mp4", "aac"),
    ClipKind.MP3: ("mp3", "libmp3lame"),
    ClipKind.WAV: ("wav", "pcm_s16le"),
}


def cut_clip(path: Path, segment: Segment, kind: ClipKind = ClipKind.M4A) -> bytes:
    """The sound in ``segment``, to the sample, faded in and out over five milliseconds.

    Args:
        path: a file that ``encode_playback`` wrote.
        segment: seconds; cut at the end of the recording.
        kind: how to write it.

    Raises:
        MediaError: the segment lies outside the recording.
        BrokenMediaError: the file cannot be read.
    """
    try:
        samples = _samples(path, segment)
    except (av.FFmpegError, IndexError) as error:
        raise BrokenMediaError(
            f"{path.name}: cannot be read ({error}); submit the recording again"
        ) from error
    if not len(samples):
        raise MediaError(
            f"{segment.start:.3f} to {segment.end:.3f} s: no sound there; choose a stretch inside "
            "the recording"
        )
    return _encoded(_faded(samples), kind)


def _samples(path: Path, segment: Segment) -> npt.NDArray[np.float32]:
    """(num_samples,) in [-1, 1] at 16 kHz."""
    with av.open(f"file:{path}") as file:
        stream = file.streams.audio[0]
        lead = max(0.0, segment.start - _LEAD)
        file.seek(round(lead / stream.time_base), stream=stream)
        first, last = round(segment.start * _RATE), round(segment.end * _RATE)
        pieces = []
        for begin, block in _blocks(file, stream):
            if begin >= last:
                break
            pieces.append(block[max(0, first - begin) : max(0, last - begin)])
    return np.concatenate(pieces) if pieces else np.zeros(0, np.float32)


def _blocks(
    file: av.container.InputContainer, stream: av.AudioStream
) -> Iterator[tuple[int, npt.NDArray[np.float32]]]:
    """(number of the first sample since the recording's start, samples) of what follows."""
    to_mono = av.AudioResampler(format="flt", layout="mono", rate=_RATE)
    begin: int | None = None
    for frame in file.decode(stream):
        if begin is None:
            begin = round((frame.time or 0.0) * _RATE)
        for resampled in to_mono.resample(frame):
            block = resampled.to_ndarray()[0]  # (num_samples,)
            yield begin, block
            begin += len(block)
    for resampled in to_mono.resample(None):
        yield begin or 0, resampled.to_ndarray()[0]


def _faded(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    num_samples = min(round(FADE * _RATE), len(samples) // 2)
    rise = np.linspace(0.0, 1.0, num_samples, endpoint=False, dtype=np.float32)
    faded = samples.copy()
    if num_samples:
        faded[:num_samples] *= rise
        faded[-num_samples:] *= rise[::-1]
    return faded


def _encoded(samples: npt.NDArray[np.float32], kind: ClipKind) -> bytes:
    container, codec = _FORMATS[kind]
    target = BytesIO()
    with av.open(target, "w", format=container) as file:
        stream = cast(av.AudioStream, file.add_stream(codec, rate=_RATE, layout="mono"))
        if kind is not ClipKind.WAV:
            stream.bit_rate = _BIT_RATE
        step = 10 * _RATE
        for first in range(0, len(samples), step):
            block = np.ascontiguousarray(samples[np.newaxis, first : first + step])
            frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = _RATE, first
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return target.getvalue()
