"""The playback file has the times of the recording, and is whole or not there."""

import av
import numpy as np
import pytest

from meeting_app.domain import SAMPLE_RATE, Waveform
from meeting_app.errors import JobCancelledError, MediaError
from pipelines.audio import decode_media, probe_media
from pipelines.playback import encode_playback
from tests.pipelines.media import tone


def heard(path) -> np.ndarray:
    return decode_media(path, path.with_suffix(".f32"), path.name).samples


def impulses(duration: float, *times: float) -> Waveform:
    """Silence with a click of 1 ms at each of ``times``."""
    samples = np.zeros(round(duration * SAMPLE_RATE), np.float32)
    for time in times:
        first = round(time * SAMPLE_RATE)
        samples[first : first + 16] = 0.9
    return Waveform(samples)


@pytest.mark.parametrize("time", [0.5, 10.0, 59.0])
def test_impulse_stays_where_it_was(time, tmp_path):
    path = tmp_path / "a.m4a"
    encode_playback(impulses(60.0, time), path)
    found = int(np.abs(heard(path)).argmax()) / SAMPLE_RATE
    assert found == pytest.approx(time, abs=0.002)


@pytest.mark.parametrize("duration", [0.01, 0.1, 9.99, 10.0, 25.3])
def test_duration_is_kept(duration, tmp_path):
    path = tmp_path / "a.m4a"
    encode_playback(Waveform(tone(duration, SAMPLE_RATE)[0]), path)
    assert probe_media(path, "a.m4a").duration == pytest.approx(duration, abs=0.1)
    assert len(heard(path)) / SAMPLE_RATE == pytest.approx(duration, abs=0.1)


def test_sound_is_kept(tmp_path):
    path = tmp_path / "a.m4a"
    sound = tone(12, SAMPLE_RATE)[0]
    encode_playback(Waveform(sound), path)
    inner = slice(SAMPLE_RATE, 11 * SAMPLE_RATE)
    assert np.abs(heard(path)[inner] - sound[inner]).max() < 0.05


def test_file_is_small_mono_aac_with_its_index_in_front(tmp_path):
    path = tmp_path / "a.m4a"
    noise = 0.1 * np.random.default_rng(0).standard_normal(30 * SAMPLE_RATE)
    encode_playback(Waveform(noise.astype(np.float32)), path)
    content = path.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")
    assert len(content) * 8 / 30 < 64_000
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        assert (stream.codec_context.name, stream.codec_context.channels) == ("aac", 1)


def test_silence_is_playable(tmp_path):
    path = tmp_path / "a.m4a"
    encode_playback(Waveform(np.zeros(SAMPLE_RATE, np.float32)), path)
    assert np.abs(heard(path)).max() < 0.001


def test_memory_map_is_encoded(tmp_path):
    scratch = tmp_path / "sound.raw"
    tone(1, SAMPLE_RATE)[0].tofile(scratch)
    encode_playback(Waveform(np.memmap(scratch, "<f4", mode="r")), tmp_path / "a.m4a")
    assert len(heard(tmp_path / "a.m4a")) / SAMPLE_RATE == pytest.approx(1, abs=0.1)


def test_progress_rises_to_one_and_the_file_appears_when_it_is_whole(tmp_path):
    path = tmp_path / "a.m4a"
    seen = []
    encode_playback(impulses(25.0, 1.0), path, lambda done: seen.append((done, path.exists())))
    assert seen == [(0.4, False), (0.8, False), (1.0, False)]
    assert path.exists()


def test_cancelled_encoding_leaves_the_former_file(tmp_path):
    path = tmp_path / "a.m4a"
    path.write_bytes(b"former")

    def cancel(fraction: float) -> None:
        raise JobCancelledError("standup.mp4: cancelled; nothing to do")

    with pytest.raises(JobCancelledError):
        encode_playback(impulses(25.0, 1.0), path, cancel)
    assert path.read_bytes() == b"former"
    assert list(tmp_path.iterdir()) == [path]


def test_no_sound_is_refused(tmp_path):
    with pytest.raises(MediaError, match="no sound to encode"):
        encode_playback(Waveform(np.zeros(0, np.float32)), tmp_path / "a.m4a")
    assert not list(tmp_path.iterdir())
