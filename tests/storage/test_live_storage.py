"""Recordings of running meetings: what is written is there, wherever a crash cut it."""

import errno
import os
import shutil
import struct
from pathlib import Path

import av
import numpy as np
import pytest

from meeting_app.errors import ConflictError, DiskFullError, NotFoundError, StorageError
from storage import live
from storage.live import DATA_AT, LiveStore

ID = "0123456789abcdef"
FRAMES = [np.arange(start, start + 320, dtype=np.int16) for start in (0, 1000, -5000)]


@pytest.fixture
def store(tmp_path: Path) -> LiveStore:
    return LiveStore(tmp_path)


def sound_of(path: Path) -> np.ndarray:
    """What any player gets from the file."""
    with av.open(path) as container:
        (stream,) = container.streams.audio
        assert (stream.rate, stream.channels) == (16_000, 1)
        return np.concatenate([f.to_ndarray().reshape(-1) for f in container.decode(stream)])


def recorded(store: LiveStore, frames=FRAMES, notes=("one", "zwei")) -> Path:
    recording = store.create(ID, notes)
    for frame in frames:
        recording.append(frame)
    recording.close()
    return recording.sound_path


def test_frames_follow_each_other_and_are_counted(store: LiveStore) -> None:
    recording = store.create(ID, [])
    assert (recording.next_frame, recording.num_samples) == (0, 0)
    for frame in FRAMES:
        recording.append(frame)
    assert (recording.next_frame, recording.num_samples) == (3, 960)
    assert np.array_equal(sound_of(recording.sound_path), np.concatenate(FRAMES))
    recording.close()


def test_the_file_is_an_au_of_unknown_length_until_it_is_finished(store: LiveStore) -> None:
    recording = store.create(ID, [])
    recording.append(FRAMES[0])
    header = struct.unpack(">4sIIIII", recording.sound_path.read_bytes()[:24])
    assert header == (b".snd", DATA_AT, 0xFFFFFFFF, 3, 16_000, 1)
    recording.finish()
    assert struct.unpack(">I", recording.sound_path.read_bytes()[8:12]) == (640,)
    recording.close()


def test_a_finished_recording_that_goes_on_has_an_unknown_length_again(store: LiveStore) -> None:
    recording = store.create(ID, [])
    recording.append(FRAMES[0])
    recording.finish()
    recording.close()
    again = store.open(ID)
    again.append(FRAMES[1])
    again.close()
    assert len(sound_of(again.sound_path)) == 640


def test_a_recording_found_again_goes_on_where_it_stood(store: LiveStore) -> None:
    recorded(store, FRAMES[:2])
    again = store.open(ID)
    assert (again.next_frame, again.num_samples) == (2, 640)
    assert again.notes() == ("one", "zwei")
    again.append(FRAMES[2])
    again.note("three")
    again.close()
    assert np.array_equal(sound_of(again.sound_path), np.concatenate(FRAMES))
    with_more = store.open(ID)
    assert with_more.notes() == ("one", "zwei", "three")
    with_more.close()


def test_half_a_frame_behind_the_last_is_cut(store: LiveStore) -> None:
    path = recorded(store)
    whole = path.read_bytes()
    for torn in (b"\x01", b"\x01\x02\x03", b"\x55" * 639):
        path.write_bytes(whole + torn)
        store.open(ID).close()
        assert path.read_bytes() == whole


def test_sound_cut_anywhere_is_recovered_up_to_the_cut(store: LiveStore) -> None:
    path = recorded(store, [frame[:20] for frame in FRAMES])
    whole = path.read_bytes()
    samples = np.concatenate([frame[:20] for frame in FRAMES])
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        recording = store.open(ID)
        if cut < DATA_AT:  # nobody was told of a recording whose header was not whole
            assert (recording.next_frame, recording.num_samples) == (0, 0)
        else:
            # What a power cut took is silence, so that the next frame is the right one.
            assert (recording.next_frame, recording.num_samples) == (3, 60)
            kept = (cut - DATA_AT) // 2
            found = np.frombuffer(path.read_bytes()[DATA_AT:], ">i2")
            assert np.array_equal(found[:kept], samples[:kept])
            assert not found[kept + 1 :].any()
        recording.append(FRAMES[0])
        recording.close()
        assert len(sound_of(path)) == recording.num_samples


def test_a_journal_cut_anywhere_keeps_its_whole_lines(store: LiveStore) -> None:
    path = recorded(store).with_name("journal.jsonl")
    whole = path.read_bytes()
    assert whole == b"one\nzwei\n"
    for cut in range(len(whole) + 1):
        path.write_bytes(whole[:cut])
        recording = store.open(ID)
        recording.note("next")
        recording.close()
        kept = [line for line, end in (("one", 4), ("zwei", 9)) if cut >= end]
        assert path.read_text().splitlines() == [*kept, "next"]


def test_a_damaged_count_keeps_the_sound(store: LiveStore) -> None:
    path = recorded(store)
    content = bytearray(path.read_bytes())
    content[40] ^= 1
    path.write_bytes(content + b"\x01")
    recording = store.open(ID)
    assert recording.num_samples == 960
    recording.close()
    assert len(sound_of(path)) == 960


class FullDisk:
    """Takes so many bytes and no more, as a disk does."""

    def __init__(self, room: int) -> None:
        self.room = room
        self._write = os.pwrite

    def pwrite(self, descriptor: int, content: bytes, offset: int) -> int:
        if not self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        taken = min(self.room, len(content))
        self.room -= taken
        return self._write(descriptor, content[:taken], offset)


@pytest.mark.parametrize("room", [0, 1, 319, 639, 640, 660])
def test_a_frame_that_finds_no_room_is_not_there_at_all(
    store: LiveStore, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    recording = store.create(ID, ["one"])
    recording.append(FRAMES[0])
    before = recording.sound_path.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(live.os, "pwrite", FullDisk(room).pwrite)
        with pytest.raises(DiskFullError, match="free some space"):
            recording.append(FRAMES[1])
    assert (recording.next_frame, recording.num_samples) == (1, 320)
    assert np.array_equal(sound_of(recording.sound_path), FRAMES[0])
    assert len(recording.sound_path.read_bytes()) == len(before)
    recording.append(FRAMES[1])
    assert len(sound_of(recording.sound_path)) == 640
    recording.close()


@pytest.mark.parametrize("room", [0, 3])
def test_a_note_that_finds_no_room_is_not_there_at_all(
    store: LiveStore, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    recording = store.create(ID, ["one"])
    with monkeypatch.context() as patch:
        patch.setattr(live.os, "pwrite", FullDisk(room).pwrite)
        with pytest.raises(DiskFullError):
            recording.note("a long line")
    recording.note("short")
    recording.close()
    path = recording.sound_path.with_name("journal.jsonl")
    assert path.read_text() == "one\nshort\n"


def test_sync_reaches_the_disk_once_for_what_was_written(
    store: LiveStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []
    recording = store.create(ID, [])
    monkeypatch.setattr(live.os, "fsync", calls.append)
    recording.sync()
    assert not calls
    recording.append(FRAMES[0])
    recording.sync()
    recording.sync()
    assert len(calls) == 2  # sound and journal
    recording.close()


def test_a_sync_that_fails_is_tried_again(
    store: LiveStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = store.create(ID, [])
    recording.append(FRAMES[0])

    def fail(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(live.os, "fsync", fail)
        with pytest.raises(StorageError, match="check disk and rights"):
            recording.sync()
    calls: list[int] = []
    monkeypatch.setattr(live.os, "fsync", calls.append)
    recording.sync()
    assert calls
    recording.close()


def test_a_closed_recording_writes_into_nobody_elses_file(store: LiveStore, tmp_path: Path) -> None:
    recording = store.create(ID, [])
    recording.close()
    # The other file takes the number that the sound had.
    with (tmp_path / "other").open("wb"), pytest.raises((StorageError, OSError)):
        recording.append(FRAMES[0])
    assert not (tmp_path / "other").read_bytes()
    recording.sync()
    recording.close()


def test_condensing_keeps_the_given_notes_and_no_sound(store: LiveStore) -> None:
    recorded(store)
    recording = store.open(ID)
    recording.condense(["sealed"])
    assert not recording.sound_path.exists()
    assert recording.sound_path.with_name("journal.jsonl").read_text() == "sealed\n"


def test_recordings_are_listed_and_removed(store: LiveStore, tmp_path: Path) -> None:
    assert store.ids() == ()
    recorded(store)
    (tmp_path / "live" / "notes.txt").write_text("not ours")
    assert store.ids() == (ID,)
    store.remove(ID)
    assert store.ids() == ()


def test_an_id_is_taken_once(store: LiveStore) -> None:
    recorded(store)
    with pytest.raises(ConflictError):
        store.create(ID, [])


@pytest.mark.parametrize(
    "name", ["", "..", "../media", "/etc", f"{ID}/..", ID.upper(), f"{ID}0", "0123456789abcde\n"]
)
def test_only_our_own_ids_become_paths(store: LiveStore, name: str) -> None:
    recorded(store)
    for work in (store.open, store.remove, lambda name: store.create(name, [])):
        with pytest.raises(NotFoundError, match="no such live meeting"):
            work(name)


def test_an_unknown_recording_is_not_made_by_looking_for_it(store: LiveStore) -> None:
    with pytest.raises(NotFoundError):
        store.open(ID)
    assert store.ids() == ()


def test_a_recording_that_cannot_be_made_leaves_nothing(
    store: LiveStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live.os, "pwrite", FullDisk(100).pwrite)
    with pytest.raises(DiskFullError):
        store.create(ID, ["one"])
    assert store.ids() == ()
    shutil.rmtree(tmp_path / "live")
