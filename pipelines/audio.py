"""Any media file becomes 16 kHz mono sound, block by block, through FFmpeg."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, groupby
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
from av.audio.stream import AudioStream
from av.container import InputContainer

from meeting_app.domain import SAMPLE_RATE, MediaFacts, Waveform
from meeting_app.errors import BrokenMediaError, MediaError, MediaNotFoundError, NoAudioError
from pipelines.files import written_whole
from pipelines.protocols import ReportFraction, report_nothing

logger = logging.getLogger(__name__)

# FFmpeg also reads playlists, lists of other files, subtitles and pictures; a recording must
# not be able to name another file or a network address, so only containers of sound pass.
FORMATS = (
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,eac3,flac,flv,matroska,mov,mp3,mpeg,mpegts,ogg,w64,wav,wv"
)
_OPEN_OPTIONS = {"format_whitelist": FORMATS, "protocol_whitelist": "file"}
EXAMPLES = "wav, flac, mp3, m4a, ogg, webm, mp4"

BLOCK_SAMPLES = 1 << 16  # per channel; what is held in memory at a time
LOWEST_RATE, HIGHEST_RATE = 4_000, 768_000  # Hz; a stated rate outside is damage
HOPELESS_PACKETS = 1000  # a stream whose first packets all fail is given up

# Containers round their timestamps and clocks drift; below this, samples just follow each other.
# Source: FFmpeg's swresample, min_hard_comp.
MAX_JITTER = 0.1  # seconds
# All silence that timestamps may add, so that a forged one cannot make years of it.
MAX_ADDED_SILENCE = 3600.0  # seconds

# Channels that cancel each other (one of two wired in reverse) leave less than this share of
# the energy that the loudest alone would bring to the mean.
CANCELLED_SHARE = 0.1

MISSING_TAIL = 1.0  # seconds; a file shorter by more than its header says is reported in the log


def probe_media(path: Path, filename: str) -> MediaFacts:
    """What kind of recording ``path`` is, after decoding no more than its first sound.

    Raises:
        MediaNotFoundError: there is no such file.
        NoAudioError: it has no audio stream.
        BrokenMediaError: it is not a media file, or its sound cannot be decoded.
    """
    with _opened(path, filename) as container:
        decoder = _Decoder(container, filename)
        if next(iter(decoder), None) is None:
            raise decoder.why_nothing()
        return MediaFacts(container.format.name, decoder.codec, _duration(container))


def decode_media(
    path: Path, scratch: Path, filename: str, report: ReportFraction = report_nothing
) -> Waveform:
    """The sound of ``path``, resampled and mixed to mono, in memory-mapped ``scratch``.

    A damaged file yields what can be decoded; silence stands where timestamps leave a gap.
    Memory is proportional to one block, whatever the length.

    Raises:
        MediaNotFoundError: there is no such file.
        NoAudioError: it has no audio stream, or no sample in it.
        BrokenMediaError: it is not a media file, or its sound cannot be decoded.
        DiskFullError: no room for ``scratch``.
    """
    with _opened(path, filename) as container, written_whole(scratch) as partial:
        decoder = _Decoder(container, filename)
        num_samples = 0
        with partial.open("wb") as file:
            for block in _resampled(_mono_blocks(decoder, _origin(container)), filename):
                file.write(block.astype("<f4", copy=False).tobytes())
                num_samples += len(block)
                report(decoder.fraction)
        if num_samples == 0:
            raise decoder.why_nothing()
        decoder.log_losses(num_samples / SAMPLE_RATE, _duration(container))
    report(1.0)
    return open_waveform(scratch)


def sound_blocks(path: Path, filename: str) -> Iterator[npt.NDArray[np.float32]]:
    """The sound of ``path`` as ``decode_media`` gives it, in blocks (num_samples,) of any length.

    Raises:
        MediaNotFoundError, NoAudioError, BrokenMediaError: as ``decode_media``.
    """
    with _opened(path, filename) as container:
        decoder = _Decoder(container, filename)
        is_empty = True
        for block in _resampled(_mono_blocks(decoder, _origin(container)), filename):
            is_empty = False
            yield block
        if is_empty:
            raise decoder.why_nothing()


def open_waveform(scratch: Path) -> Waveform:
    """The sound that `decode_media` left in ``scratch``, as a read-only memory map."""
    return Waveform(np.memmap(scratch, dtype="<f4", mode="r"))


def mix_down(channels: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """One channel out of many, by their mean, which cannot clip.

    The mean of channels in opposite phase is silence; where they cancel, the loudest channel
    stands for all. Samples that are no number become 0, those beyond full scale are clipped.

    Args:
        channels: (num_channels, num_samples) float32.

    Returns:
        (num_samples,) float32 in [-1, 1].
    """
    finite = np.nan_to_num(channels, nan=0.0, posinf=0.0, neginf=0.0)
    clipped = np.clip(finite, -1.0, 1.0)
    mean: npt.NDArray[np.float32] = clipped.mean(axis=0, dtype=np.float32)
    if len(clipped) == 1:
        return mean
    energies = np.einsum("cs,cs->c", clipped, clipped)  # (num_channels,)
    loudest = int(energies.argmax())
    if mean @ mean < CANCELLED_SHARE * energies[loudest] / len(clipped) ** 2:
        return np.ascontiguousarray(clipped[loudest])
    return mean


@contextmanager
def _opened(path: Path, filename: str) -> Iterator[InputContainer]:
    try:
        if not path.is_file():
            what = "a folder" if path.is_dir() else "no such file"
            raise MediaNotFoundError(f"{filename}: {what}; choose a recording")
        if path.stat().st_size == 0:
            raise BrokenMediaError(f"{filename}: the file is empty; choose another recording")
        # The prefix keeps a name like "http:…" or "concat:…" from being read as an address.
        container = av.open(
            f"file:{path}", "r", options=dict(_OPEN_OPTIONS), metadata_errors="replace"
        )
    except PermissionError as error:
        raise MediaError(f"{filename}: no permission to read it; allow it and try again") from error
    except av.FFmpegError as error:
        raise BrokenMediaError(
            f"{filename}: not a recording, or damaged ({_reason(error)}); give one of {EXAMPLES}"
        ) from error
    with container:
        yield container


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)


def _duration(container: InputContainer) -> float | None:
    if container.duration is None or container.duration <= 0:
        return None
    return float(container.duration / av.time_base)


def _origin(container: InputContainer) -> float:
    """The timestamp, in seconds, that players show as 0:00."""
    return float((container.start_time or 0) / av.time_base)


def _audio_stream(container: InputContainer, filename: str) -> AudioStream:
    if not container.streams.audio:
        raise NoAudioError(f"{filename}: no audio stream; choose a file with sound")
    # FFmpeg names no best stream when it has a decoder for none.
    stream = container.streams.best("audio")
    if not isinstance(stream, AudioStream) or stream.codec_context is None:
        raise BrokenMediaError(
            f"{filename}: its sound is in an unknown codec; convert it to one of {EXAMPLES}"
        )
    return stream


class _Decoder:
    """The frames of the default audio stream, as far as they can be decoded."""

    def __init__(self, container: InputContainer, filename: str) -> None:
        self._container = container
        self._stream = _audio_stream(container, filename)
        self._filename = filename
        self._num_damaged = 0
        self.fraction = 0.0  # of the file's bytes; known even where the duration is not

    @property
    def codec(self) -> str:
        return str(self._stream.codec_context.name)

    def __iter__(self) -> Iterator[av.AudioFrame]:
        is_begun = False
        for packet in self._packets():
            if packet.pos is not None and self._container.size > 0:
                self.fraction = max(self.fraction, min(1.0, packet.pos / self._container.size))
            for frame in self._decoded(packet):
                is_begun = True
                yield frame
            if not is_begun and self._num_damaged >= HOPELESS_PACKETS:
                return

    def _packets(self) -> Iterator["av.Packet[AudioStream]"]:
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
            except av.FFmpegError as error:
                logger.warning("%s: reading stopped early: %s", self._filename, _reason(error))
                self._num_damaged += 1
                return
            if packet is None:
                return
            yield packet

    def _decoded(self, packet: "av.Packet[AudioStream]") -> list[av.AudioFrame]:
        try:
            frames = packet.decode()
        except av.FFmpegError:
            self._num_damaged += 1
            return []
        return [frame for frame in frames if frame.samples]

    def why_nothing(self) -> MediaError:
        if self._num_damaged:
            return BrokenMediaError(
                f"{self._filename}: its {self.codec} sound cannot be decoded, it is damaged or "
                f"protected; choose another copy"
            )
        return NoAudioError(f"{self._filename}: no sound in it; choose a file with sound")

    def log_losses(self, decoded: float, expected: float | None) -> None:
        if self._num_damaged:
            logger.warning("%s: %d damaged packets left out", self._filename, self._num_damaged)
        if expected is not None and decoded < expected - MISSING_TAIL:
            logger.warning("%s: %.1f s of %.1f s decoded", self._filename, decoded, expected)


class _Clock:
    """How much silence the timestamps leave before each frame."""

    def __init__(self, origin: float) -> None:
        self._offset = origin  # seconds from our time to that of the timestamps
        self._now = 0.0  # where the next sample goes
        self._budget = MAX_ADDED_SILENCE

    def silence_before(self, frame: av.AudioFrame) -> float:
        """Seconds; 0 for a frame that follows the one before."""
        lag = 0.0 if frame.time is None else frame.time - self._offset - self._now
        silence = lag if MAX_JITTER < lag <= self._budget else 0.0
        if abs(lag - silence) > MAX_JITTER:
            # Timestamps that fall back or leap: no sound is lost for it, they count anew from here.
            self._offset += lag
        self._budget -= silence
        self._now += silence + frame.samples / frame.sample_rate
        return silence


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    samples: npt.NDArray[np.float32]  # (num_samples,)
    rate: int  # Hz


def _mono_blocks(frames: Iterable[av.AudioFrame], origin: float) -> Iterator[_Block]:
    clock = _Clock(origin)
    last: av.AudioFrame | None = None
    pending: list[npt.NDArray[np.float32]] = []
    num_samples = 0
    for frame in frames:
        silence = clock.silence_before(frame)
        is_alike = last is not None and _setup(last) == _setup(frame)
        if last is not None and (silence or not is_alike or num_samples >= BLOCK_SAMPLES):
            yield _mixed(pending, last)
            pending, num_samples = [], 0
        if not is_alike:
            converter = av.AudioResampler(format="flt")
        yield from _silence(silence, frame.sample_rate)
        pending.append(_interleaved(frame, converter))
        num_samples += frame.samples
        last = frame
    if last is not None:
        yield _mixed(pending, last)


def _setup(frame: av.AudioFrame) -> tuple[str, str, int, int]:
    """What may change in the middle of a stream, but not in the middle of a block."""
    layout = frame.layout
    return frame.format.name, layout.name, layout.nb_channels, frame.sample_rate


def _interleaved(frame: av.AudioFrame, converter: av.AudioResampler) -> npt.NDArray[np.float32]:
    """(num_samples · num_channels,) float32.

    FFmpeg converts, not PyAV's `to_ndarray`, which reads past the end of the list of planes
    when a frame has eight of them or more.
    """
    parts = [part.to_ndarray()[0] for part in converter.resample(frame)]
    converted: npt.NDArray[np.float32] = np.concatenate(parts, dtype=np.float32)
    return converted


def _mixed(pending: Sequence[npt.NDArray[np.float32]], last: av.AudioFrame) -> _Block:
    layout = last.layout
    # The effects channel of a cinema mix carries no voice.
    voiced = [channel.name not in ("LFE", "LFE2") for channel in layout.channels]
    interleaved = np.concatenate(pending).reshape(-1, layout.nb_channels)
    channels = interleaved.T[voiced if any(voiced) else slice(None)]  # (num_channels, num_samples)
    return _Block(mix_down(np.ascontiguousarray(channels)), last.sample_rate)


def _silence(duration: float, rate: int) -> Iterator[_Block]:
    num_samples = round(duration * rate)
    for first in range(0, num_samples, BLOCK_SAMPLES):
        yield _Block(np.zeros(min(BLOCK_SAMPLES, num_samples - first), np.float32), rate)


def _resampled(blocks: Iterable[_Block], filename: str) -> Iterator[npt.NDArray[np.float32]]:
    """(num_samples,) float32 in [-1, 1] at 16 kHz, block by block."""
    for rate, run in groupby(blocks, key=lambda block: block.rate):
        if not LOWEST_RATE <= rate <= HIGHEST_RATE:
            raise BrokenMediaError(
                f"{filename}: sample rate of {rate} Hz; convert it to 16000 to 48000 Hz"
            )
        resampler = av.AudioResampler(format="fltp", layout="mono", rate=SAMPLE_RATE)
        for frame in chain(map(_frame, run), (None,)):
            for resampled in resampler.resample(frame):
                # Filtering can overshoot full scale.
                yield np.clip(resampled.to_ndarray()[0], -1.0, 1.0)


def _frame(block: _Block) -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(block.samples[np.newaxis], format="fltp", layout="mono")
    frame.sample_rate = block.rate
    return frame
