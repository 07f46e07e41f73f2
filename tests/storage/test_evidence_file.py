"""The file of voice evidence: whole or not at all, nearly exact, and gone with its meeting."""

import os
import time
from pathlib import Path

import numpy as np
import pytest

import storage.media
from meeting_app.domain import VoiceEvidence
from meeting_app.errors import DiskFullError, StorageError
from storage.media import Media

FOUR_HOURS = 4 * 3600 * 2  # windows, one every half second


@pytest.fixture
def media(tmp_path: Path) -> Media:
    return Media(tmp_path)


def an_evidence(num_windows: int = 5) -> VoiceEvidence:
    embeddings = np.random.default_rng(0).standard_normal((num_windows, 192))
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    times = 0.75 + 0.5 * np.arange(num_windows)
    durations = np.linspace(0.3, 1.5, num_windows, dtype=np.float32)
    return VoiceEvidence("ecapa", times, embeddings.astype(np.float32), durations)


def test_what_is_kept_is_read_back(media: Media) -> None:
    evidence = an_evidence()
    media.keep_evidence("abc", evidence)
    found = media.evidence("abc")
    assert found is not None
    assert found.model == "ecapa"
    assert found.times.tolist() == evidence.times.tolist()
    assert found.durations.tolist() == evidence.durations.tolist()
    assert found.embeddings.dtype == np.float32
    # float16 keeps eleven bits: cosines are the same to six digits.
    assert (found.embeddings * evidence.embeddings).sum(axis=1) == pytest.approx(1, abs=1e-6)
    assert np.linalg.norm(found.embeddings, axis=1) == pytest.approx(1, abs=1e-6)


def test_silence_is_kept_too(media: Media) -> None:
    media.keep_evidence("abc", VoiceEvidence.nothing("ecapa", 192))
    found = media.evidence("abc")
    assert found is not None
    assert found.embeddings.shape == (0, 192)


def test_four_hours_take_less_than_twelve_megabytes(media: Media, tmp_path: Path) -> None:
    media.keep_evidence("abc", an_evidence(FOUR_HOURS))
    assert (tmp_path / "evidence" / "abc.npz").stat().st_size < 12e6


def test_a_meeting_from_before_has_none(media: Media) -> None:
    assert media.evidence("abc") is None


def test_a_later_result_takes_the_place_of_the_one_before(media: Media, tmp_path: Path) -> None:
    for num_windows in (5, 3):
        media.keep_evidence("abc", an_evidence(num_windows))
    assert len(media.evidence("abc").times) == 3
    assert [path.name for path in (tmp_path / "evidence").iterdir()] == ["abc.npz"]


def test_a_full_disk_leaves_what_was_there(
    media: Media, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    media.keep_evidence("abc", an_evidence(5))

    def refuse(descriptor: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(storage.media.os, "fsync", refuse)
    with pytest.raises(DiskFullError, match=r"abc.npz: no room left"):
        media.keep_evidence("abc", an_evidence(3))
    assert len(media.evidence("abc").times) == 5
    assert [path.name for path in (tmp_path / "evidence").iterdir()] == ["abc.npz"]


@pytest.mark.parametrize(
    "content", [b"", b"not an archive", b"PK\x05\x06" + bytes(18)], ids=["empty", "foreign", "bare"]
)
def test_a_damaged_file_is_named(media: Media, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence" / "abc.npz").write_bytes(content)
    with pytest.raises(StorageError, match=r"abc.npz: damaged .*; process the recording again"):
        media.evidence("abc")


def test_nothing_pickled_is_ever_loaded(media: Media, tmp_path: Path) -> None:
    media.keep_evidence("abc", an_evidence(1))
    path = tmp_path / "evidence" / "abc.npz"
    with np.load(path) as arrays:
        content = {**arrays, "times": np.array([{"evil": 1}], dtype=object)}
    np.savez(path, **content)
    with pytest.raises(StorageError, match="damaged"):
        media.evidence("abc")


def test_a_later_version_is_refused_by_name(media: Media, tmp_path: Path) -> None:
    (tmp_path / "evidence").mkdir()
    np.savez(tmp_path / "evidence" / "abc.npz", version=np.array(2))
    with pytest.raises(StorageError, match="version 2, written by a later version"):
        media.evidence("abc")


def test_removed_evidence_is_gone_and_may_be_removed_twice(media: Media) -> None:
    media.keep_evidence("abc", an_evidence())
    media.remove_evidence("abc")
    media.remove_evidence("abc")
    assert media.evidence("abc") is None


def test_a_sweep_takes_the_evidence_of_no_meeting_and_what_was_half_written(
    media: Media, tmp_path: Path
) -> None:
    for name in ("kept", "gone"):
        media.keep_evidence(name, an_evidence(1))
    folder = tmp_path / "evidence"
    for name in ("fresh", "stale"):
        (folder / f"kept.{name}.part").write_bytes(b"...")
    os.utime(folder / "kept.stale.part", (time.time() - 120, time.time() - 120))
    media.sweep(set(), {"kept"}, set(), older_than=60.0)
    assert sorted(path.name for path in folder.iterdir()) == ["kept.fresh.part", "kept.npz"]
