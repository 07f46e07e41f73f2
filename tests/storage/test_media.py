"""Files of recordings: named by content, confined, whole or not at all."""

import errno
import hashlib
import io
import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import storage.media
from meeting_app.errors import DiskFullError, NotFoundError, StorageError
from storage.media import Media, plain_filename

SHA = hashlib.sha256(b"sound").hexdigest()


@pytest.fixture
def media(tmp_path: Path) -> Media:
    return Media(tmp_path)


def _files(home: Path) -> list[str]:
    return sorted(str(p.relative_to(home)) for p in home.rglob("*") if p.is_file())


def test_a_recording_lies_under_the_hash_of_its_bytes(media: Media, tmp_path: Path) -> None:
    upload = media.receive(io.BytesIO(b"sound"), "Stand up.MP3")
    assert (upload.sha256, upload.num_bytes, upload.filename) == (SHA, 5, "Stand up.MP3")
    assert media.keep(upload) is True
    assert _files(tmp_path) == [f"media/{SHA[:2]}/{SHA}/original.mp3"]
    assert media.original(SHA).read_bytes() == b"sound"


def test_the_same_bytes_are_stored_once(media: Media, tmp_path: Path) -> None:
    media.keep(media.receive(io.BytesIO(b"sound"), "a.wav"))
    assert media.keep(media.receive(io.BytesIO(b"sound"), "b.flac")) is False
    assert _files(tmp_path) == [f"media/{SHA[:2]}/{SHA}/original.wav"]


def test_a_large_upload_is_read_in_blocks(media: Media) -> None:
    content = os.urandom(3 * (1 << 20) + 17)

    class Source(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            assert size is not None
            assert 0 < size <= 1 << 20
            return super().read(size)

    upload = media.receive(Source(content), "a.wav")
    assert upload.sha256 == hashlib.sha256(content).hexdigest()
    assert upload.path.read_bytes() == content


def test_a_sender_that_breaks_off_leaves_nothing(media: Media, tmp_path: Path) -> None:
    class Source(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell():
                raise KeyboardInterrupt
            return super().read(3)

    with pytest.raises(KeyboardInterrupt):
        media.receive(Source(b"sound"), "a.wav")
    assert _files(tmp_path) == []


@pytest.mark.parametrize(
    ("number", "kind", "message"),
    [
        (errno.ENOSPC, DiskFullError, "a.wav: no room left in .*; free some space"),
        (errno.EDQUOT, DiskFullError, "a.wav: no room left"),
        (errno.EIO, StorageError, "a.wav: cannot be stored"),
    ],
)
def test_a_disk_that_refuses_is_named_and_left_clean(
    media: Media,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    kind: type[StorageError],
    message: str,
) -> None:
    def refuse(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(storage.media.os, "fsync", refuse)
    with pytest.raises(kind, match=message):
        media.receive(io.BytesIO(b"sound"), "a.wav")
    assert _files(tmp_path) == []


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\talk.wav", "talk.wav"),
        ("/", "recording"),
        ("..", "recording"),
        ("", "recording"),
        ("  \n ", "recording"),
        ("a\x00b\ud800.wav", "ab.wav"),
        ("会议.m4a", "会议.m4a"),
        ("x" * 300 + ".wav", "x" * 200 + ".wav"),
    ],
)
def test_a_filename_is_reduced_to_its_last_part(given_name: str, kept: str) -> None:
    assert plain_filename(given_name) == kept


@given(name=st.text(st.one_of(st.characters(), st.sampled_from("./\\:"))))
def test_no_filename_leads_anywhere_else(name: str) -> None:
    kept = plain_filename(name)
    assert kept not in ("", ".", "..")
    assert not {"/", "\\", "\x00"} & set(kept)


@pytest.mark.parametrize(
    ("filename", "suffix"),
    [("a.WAV", ".wav"), ("a", ".bin"), ("a.w v", ".bin"), ("a.é", ".bin"), ("a.123456789", ".bin")],
)
def test_an_extension_is_short_and_plain_or_bin(media: Media, filename: str, suffix: str) -> None:
    assert media.receive(io.BytesIO(b"sound"), filename).path.suffix == suffix


def test_a_removed_recording_leaves_no_folder(media: Media, tmp_path: Path) -> None:
    media.keep(media.receive(io.BytesIO(b"sound"), "a.wav"))
    media.playback(SHA).write_bytes(b"small")
    media.remove(SHA)
    media.remove(SHA)
    assert list((tmp_path / "media").iterdir()) == []
    with pytest.raises(NotFoundError, match="submit the file again"):
        media.original(SHA)


def test_a_sweep_takes_what_nobody_refers_to_and_uploads_that_stand_still(
    media: Media, tmp_path: Path
) -> None:
    media.keep(media.receive(io.BytesIO(b"sound"), "a.wav"))
    media.keep(media.receive(io.BytesIO(b"orphan"), "b.wav"))
    fresh = media.receive(io.BytesIO(b"fresh"), "c.wav").path
    stale = media.receive(io.BytesIO(b"stale"), "d.wav").path
    os.utime(stale, (time.time() - 120, time.time() - 120))
    for job in ("active", "ended"):
        (media.scratch(job) / "sound.f32").write_bytes(b"....")
    removed = media.sweep({SHA}, set(), {"active"}, older_than=60.0)
    assert len(removed) == 3
    assert _files(tmp_path) == [
        f"media/{SHA[:2]}/{SHA}/original.wav",
        "scratch/active/sound.f32",
        f"uploads/{fresh.name}",
    ]
