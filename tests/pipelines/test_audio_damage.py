"""Damaged, foreign and malicious files give what sound there is, or a reason and advice."""

import logging
import socket
import struct
from pathlib import Path

import numpy as np
import pytest

from meeting_app.domain import SAMPLE_RATE
from meeting_app.errors import (
    BrokenMediaError,
    MediaError,
    MediaNotFoundError,
    NoAudioError,
)
from pipelines.audio import decode_media, probe_media
from tests.pipelines.media import (
    ENCODINGS,
    decoded,
    pitch,
    tone,
    write_media,
    write_video_only,
)

# --- damaged files --------------------------------------------------------------------


@pytest.mark.parametrize(
    "extension", ["wav", "flac", "mp3", "aac", "ogg", "webm", "mkv", "wma", "amr"]
)
def test_truncated_file_gives_what_is_there(extension, tmp_path):
    encoding = ENCODINGS[extension]
    path = write_media(tmp_path / f"a.{extension}", tone(20, encoding.rate), encoding)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])

    samples = decoded(path)

    assert 7 < len(samples) / SAMPLE_RATE < 13
    assert pitch(samples[SAMPLE_RATE : 5 * SAMPLE_RATE]) == pytest.approx(440, abs=2)


def test_truncation_is_in_the_log(tmp_path, caplog):
    path = write_media(tmp_path / "a.flac", tone(20, 96_000), ENCODINGS["flac"])
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with caplog.at_level(logging.WARNING, "pipelines.audio"):
        decoded(path)
    assert "of 20.0 s decoded" in caplog.text


def test_damage_in_the_middle_costs_only_the_middle(tmp_path, caplog):
    path = write_media(tmp_path / "a.mp3", tone(20, 44_100), ENCODINGS["mp3"])
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 4_000] = bytes(4_000)
    path.write_bytes(content)
    assert len(decoded(path)) / SAMPLE_RATE == pytest.approx(20, abs=1)


def bad_files(folder: Path) -> dict[str, tuple[type[MediaError], str]]:
    """Writes every kind of bad file; file name → error and what its message says."""
    rng = np.random.default_rng(0)
    (folder / "empty.wav").touch()
    (folder / "text.wav").write_text("Minutes of the meeting.\n" * 500)
    (folder / "text.mp3").write_text("Minutes of the meeting.\n" * 500)
    (folder / "noise.mp3").write_bytes(rng.bytes(50_000))
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + rng.bytes(2_000))
    (folder / "folder").mkdir()
    write_video_only(folder / "video.mp4")

    cut = write_media(folder / "cut.mp4", tone(2, 44_100), ENCODINGS["mp4"])
    cut.write_bytes(cut.read_bytes()[:-3_000])  # the index stands at the end

    header = write_media(folder / "header.wav", tone(1, 16_000))
    header.write_bytes(header.read_bytes()[: 44 + 34])

    codec = write_media(folder / "codec.wav", tone(1, 16_000))
    content = bytearray(codec.read_bytes())
    content[20:22] = b"\x34\x12"  # the number of the codec
    codec.write_bytes(content)

    rate = write_media(folder / "rate.wav", tone(1, 16_000))
    content = bytearray(rate.read_bytes())
    content[24:28] = struct.pack("<I", 10)
    rate.write_bytes(content)

    scrambled = write_media(folder / "scrambled.m4a", tone(2, 48_000), ENCODINGS["m4a"])
    content = bytearray(scrambled.read_bytes())
    start = content.index(b"mdat") + 4
    stop = content.index(b"moov") - 4
    content[start:stop] = b"\xff" * (stop - start)
    scrambled.write_bytes(content)

    return {
        "missing.wav": (MediaNotFoundError, "no such file"),
        "folder": (MediaNotFoundError, "a folder"),
        "empty.wav": (BrokenMediaError, "empty"),
        "text.wav": (BrokenMediaError, "not a recording"),
        "text.mp3": (BrokenMediaError, "not a recording"),
        "noise.mp3": (BrokenMediaError, "not a recording"),
        "picture.png": (BrokenMediaError, "not a recording"),
        "cut.mp4": (BrokenMediaError, "not a recording, or damaged"),
        "codec.wav": (BrokenMediaError, "unknown codec"),
        "scrambled.m4a": (BrokenMediaError, "aac sound cannot be decoded"),
        "video.mp4": (NoAudioError, "no audio stream"),
        "header.wav": (NoAudioError, "no sound in it"),
    }


BAD = ["missing.wav", "folder", "empty.wav", "text.wav", "text.mp3", "noise.mp3", "picture.png"]
BAD += ["cut.mp4", "codec.wav", "scrambled.m4a", "video.mp4", "header.wav"]


@pytest.mark.parametrize("name", BAD)
def test_bad_file_is_refused_with_its_name_a_reason_and_advice(name, tmp_path):
    error, reason = bad_files(tmp_path)[name]
    scratch = tmp_path / "scratch" / "sound.f32"
    scratch.parent.mkdir()

    with pytest.raises(error, match=reason) as probing:
        probe_media(tmp_path / name, "standup.mp4")
    with pytest.raises(error, match=reason) as decoding:
        decode_media(tmp_path / name, scratch, "standup.mp4")

    for caught in (probing, decoding):
        assert type(caught.value) is error
        assert str(caught.value).startswith("standup.mp4: ")
        assert "; " in str(caught.value)
    assert not list(scratch.parent.iterdir())


def test_absurd_sample_rate_is_refused(tmp_path):
    bad_files(tmp_path)
    with pytest.raises(BrokenMediaError, match="sample rate of 10 Hz"):
        decoded(tmp_path / "rate.wav")


# --- files that point elsewhere -------------------------------------------------------


def test_playlist_of_a_local_file_is_refused(tmp_path):
    write_media(tmp_path / "a.aac", tone(1, 32_000), ENCODINGS["aac"])
    playlist = tmp_path / "list.m3u8"
    playlist.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\na.aac\n#EXT-X-ENDLIST\n")
    with pytest.raises(BrokenMediaError, match="not a recording"):
        probe_media(playlist, "list.m3u8")


@pytest.mark.parametrize("name", ["list.m3u8", "list.ffconcat", "list.sdp", "list.mpd", "list.wav"])
def test_file_that_names_an_address_opens_no_connection(name, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/a.aac"
        texts = {
            ".m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{address}\n#EXT-X-ENDLIST\n",
            ".ffconcat": f"ffconcat version 1.0\nfile '{address}'\n",
            ".sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
            "m=audio 5004 RTP/AVP 0\n",
            ".mpd": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" '
            'profiles="urn:mpeg:dash:profile:isoff-main:2011" type="static"><Period>'
            f"<BaseURL>{address}</BaseURL></Period></MPD>",
            ".wav": f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{address}\n#EXT-X-ENDLIST\n",
        }
        (tmp_path / name).write_text(texts[Path(name).suffix])

        with pytest.raises(BrokenMediaError):
            decode_media(tmp_path / name, tmp_path / "scratch.f32", name)

        server.settimeout(0.1)
        with pytest.raises(TimeoutError):
            server.accept()
