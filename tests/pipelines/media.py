"""Media files for tests, made with FFmpeg's own encoders."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from meeting_app.domain import SAMPLE_RATE
from pipelines.audio import decode_media

Samples = npt.NDArray[np.float32]  # (num_channels, num_samples)


@dataclass(frozen=True)
class Encoding:
    """How to write a file; ``container`` is FFmpeg's name of it."""

    container: str
    codec: str
    rate: int = 16_000
    layout: str = "mono"
    has_video: bool = False
    bit_rate: int = 64_000  # of lossy codecs


WAV = Encoding("wav", "pcm_s16le")

# One entry per kind of file that users hand in, under the extension they know.
ENCODINGS = {
    "wav": Encoding("wav", "pcm_s16le", 44_100, "stereo"),
    "flac": Encoding("flac", "flac", 96_000, "stereo"),
    "mp3": Encoding("mp3", "libmp3lame", 44_100, "stereo"),
    "m4a": Encoding("ipod", "aac", 48_000, "stereo"),
    "aac": Encoding("adts", "aac", 32_000),
    "ogg": Encoding("ogg", "vorbis", 44_100, "stereo"),
    "opus": Encoding("opus", "libopus", 48_000),
    "webm": Encoding("webm", "libopus", 48_000),
    "mp4": Encoding("mp4", "aac", 44_100, "stereo", has_video=True),
    "mkv": Encoding("matroska", "flac", 22_050, has_video=True),
    "mov": Encoding("mov", "pcm_s16le", 48_000, "stereo", has_video=True),
    "wma": Encoding("asf", "wmav2", 44_100, "stereo"),
    "amr": Encoding("amr", "libopencore_amrnb", 8_000, bit_rate=12_200),
}


def tone(duration: float, rate: int, frequency: float = 440.0, level: float = 0.5) -> Samples:
    """(1, num_samples) of a sine."""
    times = np.arange(round(duration * rate)) / rate
    return (level * np.sin(2 * np.pi * frequency * times)).astype(np.float32)[np.newaxis]


def silence(duration: float, rate: int) -> Samples:
    """(1, num_samples) of zeros."""
    return np.zeros((1, round(duration * rate)), np.float32)


def write_media(
    path: Path,
    samples: Samples,
    encoding: Encoding = WAV,
    shifts: Iterable[tuple[float, float]] = (),
) -> Path:
    """Encodes ``samples``; one channel is copied to every channel of the layout.

    ``shifts`` are (from, by) in seconds: timestamps from then on are later by so much.
    """
    options = {"strict": "experimental"}
    with av.open(str(path), "w", format=encoding.container) as file:
        video = _add_video(file) if encoding.has_video else None
        stream = file.add_stream(
            encoding.codec, rate=encoding.rate, layout=encoding.layout, options=options
        )
        stream.bit_rate = encoding.bit_rate
        if video is not None:
            _write_video(file, video, samples.shape[1] / encoding.rate)
        for packet in _packets(stream, samples, encoding):
            time = float(packet.pts * packet.time_base)
            shift = sum(by for since, by in shifts if time >= since)
            packet.pts = packet.dts = packet.pts + round(shift / packet.time_base)
            file.mux(packet)
    return path


def write_video_only(path: Path) -> Path:
    """An mp4 of one second without a sound stream."""
    with av.open(str(path), "w", format="mp4") as file:
        _write_video(file, _add_video(file), 1.0)
    return path


def decoded(path: Path) -> npt.NDArray[np.float32]:
    """(num_samples,) at 16 kHz, of a file in a folder that may be written to."""
    return decode_media(path, path.with_name("scratch.f32"), path.name).samples


def pitch(samples: npt.NDArray[np.float32]) -> float:
    """Hz of the strongest frequency of (num_samples,) at 16 kHz."""
    spectrum = np.abs(np.fft.rfft(samples))
    return float(spectrum.argmax()) * SAMPLE_RATE / len(samples)


def _packets(stream, samples, encoding):
    num_channels = stream.codec_context.layout.nb_channels
    planes = np.broadcast_to(samples, (num_channels, samples.shape[1]))
    step = encoding.rate // 10
    for first in range(0, planes.shape[1], step):
        interleaved = planes[:, first : first + step].T.reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(interleaved, format="flt", layout=encoding.layout)
        frame.sample_rate = encoding.rate
        frame.pts = first
        frame.time_base = Fraction(1, encoding.rate)
        yield from stream.encode(frame)
    yield from stream.encode(None)


def _add_video(file):
    video = file.add_stream("mpeg4", rate=10)
    video.width = video.height = 32
    video.pix_fmt = "yuv420p"
    return video


def _write_video(file, video, duration):
    for index in range(max(1, round(duration * 10))):
        picture = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")
        picture.pts = index
        picture.time_base = Fraction(1, 10)
        file.mux(video.encode(picture))
    file.mux(video.encode(None))
