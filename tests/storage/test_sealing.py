"""What is sealed opens with its key, in its place, unchanged; and with nothing else."""

import stat
from pathlib import Path

import pytest

from meeting_app.errors import VoiceKeyError
from storage.sealing import Sealer


@pytest.fixture
def sealer(tmp_path: Path) -> Sealer:
    return Sealer(tmp_path / "settings" / "voices.key")


def test_what_was_sealed_opens_in_its_place(sealer: Sealer) -> None:
    assert sealer.open(sealer.seal(b"voice", "laura"), "laura") == b"voice"


def test_sealed_value_does_not_show_what_is_in_it(sealer: Sealer) -> None:
    assert b"voice" not in sealer.seal(b"voice", "laura")


def test_the_same_is_sealed_differently_each_time(sealer: Sealer) -> None:
    assert sealer.seal(b"voice", "laura") != sealer.seal(b"voice", "laura")


def test_value_moved_to_another_place_does_not_open(sealer: Sealer) -> None:
    sealed = sealer.seal(b"voice", "laura")
    with pytest.raises(VoiceKeyError, match="or they are damaged"):
        sealer.open(sealed, "david")


@pytest.mark.parametrize("place", [0, 12, -1])  # nonce, text, tag
def test_value_with_one_bit_changed_does_not_open(sealer: Sealer, place: int) -> None:
    sealed = bytearray(sealer.seal(b"voice", "laura"))
    sealed[place] ^= 1
    with pytest.raises(VoiceKeyError):
        sealer.open(bytes(sealed), "laura")


@pytest.mark.parametrize("length", [0, 5, 12, 20])
def test_value_cut_short_does_not_open(sealer: Sealer, length: int) -> None:
    sealed = sealer.seal(b"voice", "laura")
    with pytest.raises(VoiceKeyError):
        sealer.open(sealed[:length], "laura")


def test_only_the_user_may_read_the_key(sealer: Sealer) -> None:
    sealer.seal(b"voice", "laura")
    assert stat.S_IMODE(sealer.path.stat().st_mode) == 0o600
    assert [file.name for file in sealer.path.parent.iterdir()] == ["voices.key"]


def test_the_key_is_made_once(sealer: Sealer) -> None:
    first = sealer.seal(b"voice", "laura")
    assert Sealer(sealer.path).open(first, "laura") == b"voice"
    Sealer(sealer.path).seal(b"other", "laura")
    assert sealer.open(first, "laura") == b"voice"


def test_with_another_key_nothing_opens(sealer: Sealer) -> None:
    sealed = sealer.seal(b"voice", "laura")
    sealer.path.unlink()
    sealer.seal(b"voice", "laura")
    with pytest.raises(VoiceKeyError, match=r"voices\.key: not the key .* forget all voices"):
        sealer.open(sealed, "laura")


def test_a_lost_key_is_said_with_the_way_out(sealer: Sealer) -> None:
    sealed = sealer.seal(b"voice", "laura")
    sealer.path.unlink()
    with pytest.raises(VoiceKeyError, match=r"voices\.key: .* is gone; .*forget all voices"):
        sealer.open(sealed, "laura")


@pytest.mark.parametrize("content", [b"", b"not base64 at all!", b"c2hvcnQ=\n"])
def test_file_that_holds_no_key_is_refused(sealer: Sealer, content: bytes) -> None:
    sealer.path.parent.mkdir()
    sealer.path.write_bytes(content)
    with pytest.raises(VoiceKeyError, match=r"voices\.key: "):
        sealer.seal(b"voice", "laura")
    assert sealer.path.read_bytes() == content


def test_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(VoiceKeyError, match=r"cannot be made .*voices\.key_file"):
        Sealer(tmp_path / "file" / "deeper" / "voices.key").seal(b"voice", "laura")
