"""Any media file becomes 16 kHz mono sound, with its times kept."""

import errno
import struct
import tracemalloc

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from meeting_app.domain import SAMPLE_RATE
from meeting_app.errors import (
    DiskFullError,
    JobCancelledError,
    NoAudioError,
)
from pipelines.audio import decode_media, mix_down, open_waveform, probe_media
from pipelines.files import written_whole
from tests.pipelines.media import (
    ENCODINGS,
    Encoding,
    decoded,
    pitch,
    silence,
    tone,
    write_media,
    write_video_only,
)


def sound_starts(samples: np.ndarray) -> float:
    """Seconds until the first sample beyond a tenth of full scale."""
    return int(np.argmax(np.abs(samples) > 0.1)) / SAMPLE_RATE


# --- what is read ---------------------------------------------------------------------


@pytest.mark.parametrize("extension", ENCODINGS)
def test_every_kind_of_file_keeps_pitch_and_times(extension, tmp_path):
    encoding = ENCODINGS[extension]
    rate = encoding.rate
    sound = np.hstack([silence(1, rate), tone(1, rate), silence(0.5, rate)])
    path = write_media(tmp_path / f"talk.{extension}", sound, encoding)

    samples = decoded(path)

    assert len(samples) / SAMPLE_RATE == pytest.approx(2.5, abs=0.1)
    # Bare AAC and AMR frames and the old WMA say nothing of the encoder's delay (≤ 2048 samples).
    tolerance = 0.1 if extension in ("aac", "amr", "wma") else 0.02
    assert sound_starts(samples) == pytest.approx(1.0, abs=tolerance)
    middle = samples[int(1.2 * SAMPLE_RATE) : int(1.9 * SAMPLE_RATE)]
    assert pitch(middle) == pytest.approx(440, abs=2)


@pytest.mark.parametrize("extension", ENCODINGS)
def test_every_kind_of_file_is_probed(extension, tmp_path):
    encoding = ENCODINGS[extension]
    path = write_media(tmp_path / f"talk.{extension}", tone(2, encoding.rate), encoding)

    facts = probe_media(path, path.name)

    with av.open(str(path)) as container:
        assert facts.container == container.format.name
    assert facts.codec in encoding.codec or facts.codec.rstrip("float") in encoding.codec
    assert facts.duration is None or facts.duration == pytest.approx(2.0, abs=0.2)


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000, 192_000])
def test_every_rate_gives_the_same_sine(rate, tmp_path):
    path = write_media(tmp_path / "a.wav", tone(1, rate), Encoding("wav", "pcm_s16le", rate))

    samples = decoded(path)

    assert abs(len(samples) - SAMPLE_RATE) <= 1
    expected = tone(1, SAMPLE_RATE)[0]
    inner = slice(800, SAMPLE_RATE - 800)  # the filter rings at the ends
    assert np.abs(samples[inner] - expected[inner]).max() < 0.01


@pytest.mark.parametrize("layout", ["mono", "stereo", "5.1", "7.1", "octagonal", "hexadecagonal"])
def test_equal_channels_keep_their_level(layout, tmp_path):
    encoding = Encoding("wav", "pcm_s16le", layout=layout)
    samples = decoded(write_media(tmp_path / "a", tone(0.5, 16_000), encoding))
    assert np.abs(samples).max() == pytest.approx(0.5, abs=0.001)


@pytest.mark.parametrize("layout", ["5.1", "7.1"])
def test_channels_of_a_codec_that_decodes_to_planes_are_all_read(layout, tmp_path):
    encoding = Encoding("ipod", "aac", 48_000, layout, bit_rate=512_000)
    samples = decoded(write_media(tmp_path / "a.m4a", tone(1, 48_000), encoding))
    assert np.abs(samples[4_000:12_000]).max() == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize(
    "codec", ["pcm_u8", "pcm_s24le", "pcm_s32le", "pcm_s64le", "pcm_f32le", "pcm_f64le", "pcm_alaw"]
)
def test_every_sample_format_keeps_the_level(codec, tmp_path):
    encoding = Encoding("matroska" if codec == "pcm_f64le" else "wav", codec)
    samples = decoded(write_media(tmp_path / "a.wav", tone(0.5, 16_000), encoding))
    assert np.abs(samples).max() == pytest.approx(0.5, abs=0.02)
    assert abs(samples.mean()) < 0.01


def test_effects_channel_is_not_speech(tmp_path):
    channels = np.zeros((6, 8_000), np.float32)  # order of 5.1: FL FR FC LFE BL BR
    channels[3] = 0.8
    path = write_media(tmp_path / "a.wav", channels, Encoding("wav", "pcm_s16le", layout="5.1"))
    assert not decoded(path).any()


def test_opposite_phase_is_heard(tmp_path):
    sound = tone(0.5, 16_000)
    channels = np.vstack([sound, -sound])
    path = write_media(tmp_path / "a.wav", channels, Encoding("wav", "pcm_s16le", layout="stereo"))
    assert np.abs(decoded(path)).max() == pytest.approx(0.5, abs=0.001)


def test_content_decides_not_the_extension(tmp_path):
    path = write_media(tmp_path / "a.mp3", tone(1, 48_000), ENCODINGS["opus"])
    path = path.rename(tmp_path / "notes.txt")
    assert pitch(decoded(path)) == pytest.approx(440, abs=2)


def test_tags_in_an_old_encoding_do_not_matter(tmp_path):
    path = write_media(tmp_path / "a.mp3", tone(1, 44_100), ENCODINGS["mp3"])
    latin1 = b"\x00M\xfcller"  # the first byte says Latin-1, and FFmpeg trusts it; this one lies
    frame = b"TIT2" + struct.pack(">I", len(latin1)) + b"\x00\x00" + b"\x03" + latin1[1:]
    tag = b"ID3\x03\x00\x00" + bytes([0, 0, 0, len(frame)]) + frame
    path.write_bytes(tag + path.read_bytes())
    assert pitch(decoded(path)) == pytest.approx(440, abs=2)


@pytest.mark.parametrize(
    "name", ["http:a.wav", "concat:a|b.wav", "a%03d.wav", "-i.wav", "会议 1.wav"]
)
def test_a_strange_name_is_only_a_name(name, tmp_path):
    path = write_media(tmp_path / "a.wav", tone(0.2, 16_000)).rename(tmp_path / name)
    assert len(decoded(path)) == 3_200


def test_default_stream_is_taken(tmp_path):
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w", format="matroska") as file:
        streams = [file.add_stream("pcm_s16le", rate=16_000, layout="mono") for _ in range(2)]
        streams[0].disposition = av.stream.Disposition(0)
        streams[1].disposition = av.stream.Disposition.default
        for stream, frequency in zip(streams, (440, 1000), strict=True):
            frame = av.AudioFrame.from_ndarray(tone(1, 16_000, frequency), "fltp", "mono")
            frame.sample_rate = 16_000
            frame.pts = 0
            file.mux(stream.encode(frame))
            file.mux(stream.encode(None))
    assert pitch(decoded(path)) == pytest.approx(1000, abs=2)


# --- times ----------------------------------------------------------------------------

PCM_IN_MKV = Encoding("matroska", "pcm_s16le")
PCM_AND_VIDEO = Encoding("matroska", "pcm_s16le", has_video=True)


def test_sound_that_starts_after_the_picture_stays_late(tmp_path):
    path = write_media(tmp_path / "a.mkv", tone(1, 16_000), PCM_AND_VIDEO, shifts=[(0, 2)])
    samples = decoded(path)
    assert len(samples) == 3 * SAMPLE_RATE
    assert sound_starts(samples) == pytest.approx(2.0, abs=0.002)


def test_time_begins_where_the_file_begins(tmp_path):
    path = write_media(tmp_path / "a.mkv", tone(1, 16_000), PCM_IN_MKV, shifts=[(0, 2)])
    assert len(decoded(path)) == SAMPLE_RATE


def test_gap_in_the_timestamps_is_silence(tmp_path):
    path = write_media(tmp_path / "a.mkv", tone(2, 16_000), PCM_IN_MKV, shifts=[(1, 3)])
    samples = decoded(path)
    assert len(samples) == 5 * SAMPLE_RATE
    assert not samples[SAMPLE_RATE : 4 * SAMPLE_RATE].any()
    assert pitch(samples[4 * SAMPLE_RATE :]) == pytest.approx(440, abs=2)


def test_jitter_of_timestamps_adds_nothing(tmp_path):
    path = write_media(tmp_path / "a.mkv", tone(2, 16_000), PCM_IN_MKV, shifts=[(1, 0.05)])
    assert len(decoded(path)) == 2 * SAMPLE_RATE


def test_forged_leap_of_timestamps_adds_nothing(tmp_path):
    path = write_media(tmp_path / "a.mkv", tone(2, 16_000), PCM_IN_MKV, shifts=[(1, 7200)])
    assert len(decoded(path)) == 2 * SAMPLE_RATE


@pytest.mark.parametrize("rates", [(48_000, 48_000), (48_000, 32_000)])
def test_files_glued_together_are_heard_one_after_the_other(rates, tmp_path):
    parts = [
        write_media(
            tmp_path / f"{index}.ts", tone(2, rate, frequency), Encoding("mpegts", "aac", rate)
        )
        for index, (rate, frequency) in enumerate(zip(rates, (440, 1000), strict=True))
    ]
    path = tmp_path / "both.ts"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))

    samples = decoded(path)

    assert len(samples) / SAMPLE_RATE == pytest.approx(4, abs=0.15)
    assert pitch(samples[8_000:24_000]) == pytest.approx(440, abs=2)
    assert pitch(samples[-24_000:-8_000]) == pytest.approx(1000, abs=2)


def test_all_added_silence_together_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr("pipelines.audio.MAX_ADDED_SILENCE", 5.0)
    shifts = [(0.5, 3), (1, 3), (1.5, 1.5)]
    path = write_media(tmp_path / "a.mkv", tone(2, 16_000), PCM_IN_MKV, shifts=shifts)
    # 3 s fit, the next 3 s do not, the last 1.5 s do: 2 + 3 + 1.5.
    assert len(decoded(path)) == 6.5 * SAMPLE_RATE


# --- sound that is odd but sound ------------------------------------------------------


def test_a_tenth_of_a_second_is_a_recording(tmp_path):
    assert len(decoded(write_media(tmp_path / "a.wav", tone(0.1, 16_000)))) == 1_600


def test_silence_is_a_recording(tmp_path):
    samples = decoded(write_media(tmp_path / "a.wav", silence(1, 16_000)))
    assert len(samples) == SAMPLE_RATE
    assert not samples.any()


def test_all_clipped_is_a_recording(tmp_path):
    square = np.sign(tone(1, 44_100))
    path = write_media(tmp_path / "a.wav", square, Encoding("wav", "pcm_s16le", 44_100))
    samples = decoded(path)
    assert np.abs(samples).max() == 1.0
    assert pitch(samples) == pytest.approx(440, abs=2)


def test_samples_that_are_no_number_become_zero(tmp_path):
    sound = np.full((1, 1_600), 0.25, np.float32)
    sound[0, 100], sound[0, 200], sound[0, 300], sound[0, 400] = np.nan, np.inf, -np.inf, 1e30
    path = write_media(tmp_path / "a.wav", sound, Encoding("wav", "pcm_f32le"))
    samples = decoded(path)
    assert samples[[99, 100, 200, 300, 400]].tolist() == [0.25, 0.0, 0.0, 0.0, 1.0]


def test_doubles_beyond_float32_become_zero_without_a_warning(tmp_path):
    sound = np.full((1, 1_600), 0.25, np.float32)
    path = write_media(tmp_path / "a.wav", sound, Encoding("wav", "pcm_f64le"))
    content = bytearray(path.read_bytes())
    content[-8:] = struct.pack("<d", 1e300)
    path.write_bytes(content)
    assert decoded(path)[-2:].tolist() == [0.25, 0.0]


# --- mixing ---------------------------------------------------------------------------


def test_mix_is_the_mean():
    channels = np.array([[0.5, 1.0, -1.0], [0.25, 1.0, 0.0]], np.float32)
    assert mix_down(channels).tolist() == [0.375, 1.0, -0.5]


def test_mix_of_a_speaker_on_one_side_is_half_as_loud():
    channels = np.array([[0.5, -0.5], [0.0, 0.0]], np.float32)
    assert mix_down(channels).tolist() == [0.25, -0.25]


def test_mix_of_cancelling_channels_is_the_loudest():
    channels = np.array([[0.4, -0.4], [-0.5, 0.5]], np.float32)
    assert mix_down(channels).tolist() == [-0.5, 0.5]


@given(arrays(np.float32, st.tuples(st.integers(1, 8), st.integers(1, 30))))
def test_mix_never_clips_and_is_always_a_number(channels):
    mixed = mix_down(channels)
    assert mixed.shape == (channels.shape[1],)
    assert np.isfinite(mixed).all()
    assert np.abs(mixed).max() <= 1.0


# --- writing --------------------------------------------------------------------------


def test_scratch_is_raw_float32_and_read_only(tmp_path):
    sound = write_media(tmp_path / "a.wav", tone(0.5, 16_000))
    scratch = tmp_path / "sound.f32"
    samples = decode_media(sound, scratch, "a.wav").samples
    assert isinstance(samples, np.memmap)
    assert not samples.flags.writeable
    assert np.array_equal(np.fromfile(scratch, "<f4"), samples)
    assert np.array_equal(open_waveform(scratch).samples, samples)


def test_scratch_appears_only_when_it_is_whole(tmp_path):
    sound = write_media(tmp_path / "a.wav", tone(20, 16_000))
    scratch = tmp_path / "sound.f32"
    seen = []
    decode_media(sound, scratch, "a.wav", lambda done: seen.append((done, scratch.exists())))
    assert [exists for done, exists in seen if done < 1.0] == [False] * (len(seen) - 1)
    assert scratch.exists()


@pytest.mark.parametrize("extension", ENCODINGS)
def test_progress_rises_to_one(extension, tmp_path):
    encoding = ENCODINGS[extension]
    path = write_media(tmp_path / f"a.{extension}", tone(30, encoding.rate), encoding)
    reported: list[float] = []
    decode_media(path, tmp_path / "sound.f32", path.name, reported.append)
    assert reported == sorted(reported)
    assert reported[-1] == 1.0
    assert any(0.2 < fraction < 0.8 for fraction in reported)


def test_cancelled_decoding_leaves_nothing(tmp_path):
    sound = write_media(tmp_path / "a.wav", tone(20, 16_000))
    folder = tmp_path / "scratch"
    folder.mkdir()

    def cancel(fraction: float) -> None:
        raise JobCancelledError("standup.mp4: cancelled; nothing to do")

    with pytest.raises(JobCancelledError):
        decode_media(sound, folder / "sound.f32", "a.wav", cancel)
    assert not list(folder.iterdir())


def test_failed_decoding_leaves_the_former_scratch(tmp_path):
    scratch = tmp_path / "sound.f32"
    scratch.write_bytes(bytes(400))
    bad = write_video_only(tmp_path / "video.mp4")
    with pytest.raises(NoAudioError):
        decode_media(bad, scratch, "video.mp4")
    assert scratch.read_bytes() == bytes(400)


def test_full_disk_is_named(tmp_path):
    with pytest.raises(DiskFullError, match="no space left"), written_whole(tmp_path / "a") as part:
        part.write_bytes(b"a")
        raise OSError(errno.ENOSPC, "No space left on device")
    assert not list(tmp_path.iterdir())


def test_memory_does_not_grow_with_the_recording(tmp_path):
    path = write_media(tmp_path / "a.wav", tone(600, 8_000), Encoding("wav", "pcm_s16le", 8_000))
    tracemalloc.start()
    try:
        samples = decoded(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert samples.nbytes > 38_000_000
    assert peak < 4_000_000


def test_probing_reads_only_the_beginning(tmp_path):
    path = write_media(tmp_path / "a.wav", tone(600, 8_000), Encoding("wav", "pcm_s16le", 8_000))
    tracemalloc.start()
    try:
        facts = probe_media(path, "a.wav")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert facts.duration == pytest.approx(600)
    assert peak < 200_000


def test_sound_that_is_16_khz_mono_already_is_left_alone(tmp_path):
    path = write_media(tmp_path / "a.wav", tone(1, 16_000))
    assert np.abs(decoded(path) - tone(1, 16_000)[0]).max() < 1e-4
