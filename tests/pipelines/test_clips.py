"""Stretches of a recording as files of their own: to the sample, without a click."""

from io import BytesIO
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest
from pyannote.core import Segment

from meeting_app.domain import ClipKind, Waveform
from meeting_app.errors import BrokenMediaError, MediaError
from pipelines.clips import cut_clip
from pipelines.playback import encode_playback

RATE = 16_000
DURATION = 60  # seconds
PIPS = (5.0, 30.0, 55.0)  # seconds at which a short tone begins


@pytest.fixture(scope="module")
def playback(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A minute of silence with three pips of 0.1 s."""
    samples = np.zeros(DURATION * RATE, np.float32)
    tone = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(RATE // 10) / RATE)
    for start in PIPS:
        first = round(start * RATE)
        samples[first : first + len(tone)] = tone
    path = tmp_path_factory.mktemp("clips") / "playback.m4a"
    encode_playback(Waveform(samples), path)
    return path


def _heard(content: bytes) -> npt.NDArray[np.float32]:
    """(num_samples,) at 16 kHz."""
    with av.open(BytesIO(content)) as file:
        to_mono = av.AudioResampler(format="flt", layout="mono", rate=RATE)
        frames = [
            piece.to_ndarray()[0]
            for frame in [*file.decode(audio=0), None]
            for piece in to_mono.resample(frame)
        ]
    return np.concatenate(frames)


@pytest.mark.parametrize("kind", ClipKind)
@pytest.mark.parametrize("pip", PIPS)
def test_sound_is_where_it_was(playback: Path, kind: ClipKind, pip: float) -> None:
    samples = _heard(cut_clip(playback, Segment(pip - 1.25, pip + 0.75), kind))
    first = int(np.argmax(np.abs(samples) > 0.2)) / RATE
    assert first == pytest.approx(1.25, abs=0.05)
    assert len(samples) / RATE == pytest.approx(2.0, abs=0.1)  # MP3 has whole frames


def test_wav_is_as_long_as_asked_for_to_the_sample(playback: Path) -> None:
    assert len(_heard(cut_clip(playback, Segment(12.3456, 13.5), ClipKind.WAV))) == 18_470


def test_cut_inside_a_sound_is_faded(playback: Path) -> None:
    samples = _heard(cut_clip(playback, Segment(5.02, 5.08), ClipKind.WAV))
    assert np.abs(samples[:4]).max() < 0.03
    assert np.abs(samples[-4:]).max() < 0.03
    assert np.abs(samples[200:-200]).max() > 0.4


def test_clip_ends_with_the_recording(playback: Path) -> None:
    samples = _heard(cut_clip(playback, Segment(59.0, 70.0), ClipKind.WAV))
    assert len(samples) / RATE == pytest.approx(1.0, abs=0.07)  # the last AAC frame may be longer


def test_nothing_is_cut_behind_the_end(playback: Path) -> None:
    with pytest.raises(MediaError, match=r"70\.000 to 71\.000 s: no sound there"):
        cut_clip(playback, Segment(70.0, 71.0))


def test_file_that_is_no_sound_is_told_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "playback.m4a"
    path.write_bytes(b"no sound")
    with pytest.raises(BrokenMediaError, match=r"playback\.m4a: cannot be read"):
        cut_clip(path, Segment(0.0, 1.0))
