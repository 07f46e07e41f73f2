"""The sound of a meeting that is still being written."""

from pathlib import Path

import pytest

from meeting_app.errors import BrokenMediaError
from pipelines.live.source import GrowingSound


def test_what_was_written_since_is_read(sound) -> None:  # type: ignore[no-untyped-def]
    path, write = sound
    growing = GrowingSound(path)
    assert growing.read(0, 4).tolist() == []
    write([16384, -32768, 8192])
    assert growing.read(0, 2).tolist() == [0.5, -1.0]
    assert growing.read(1, 10).tolist() == [-1.0, 0.25]


def test_half_a_sample_waits_for_its_other_half(sound) -> None:  # type: ignore[no-untyped-def]
    path, write = sound
    write([16384])
    with path.open("ab") as file:
        file.write(b"\x40")
    assert GrowingSound(path).read(0, 2).tolist() == [0.5]


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sound.au"
    path.write_bytes(b"RIFF" + bytes(40))
    with pytest.raises(BrokenMediaError, match="no AU file"):
        GrowingSound(path)


def test_a_missing_file_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(BrokenMediaError, match="cannot be read"):
        GrowingSound(tmp_path / "sound.au")
