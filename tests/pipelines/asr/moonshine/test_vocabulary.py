"""The tokens of a Moonshine model."""

from pathlib import Path

import pytest

from meeting_app.errors import ModelError
from pipelines.asr.moonshine.vocabulary import Vocabulary

PIECES = ("<unk>", "<s>", "</s>", "▁Hel", "lo", ",", "▁w", "<0xC3>", "<0xA9>", "x" * 300)


def content(pieces: tuple[str, ...]) -> bytes:
    found = b""
    for piece in pieces:
        raw = piece.encode()
        count = len(raw)
        found += bytes([count] if count < 128 else [count % 128 + 128, count // 128]) + raw
    return found


@pytest.fixture
def vocabulary(tmp_path: Path) -> Vocabulary:
    path = tmp_path / "tokenizer.bin"
    path.write_bytes(content(PIECES))
    return Vocabulary(path)


def test_all_pieces_are_read_long_ones_too(vocabulary: Vocabulary) -> None:
    assert len(vocabulary) == 10
    assert vocabulary.words([9]) == (("x" * 300, 1),)


def test_a_mark_begins_a_word_and_a_comma_stays_with_the_word_before(
    vocabulary: Vocabulary,
) -> None:
    assert vocabulary.words([3, 4, 5, 6, 4]) == (("Hello,", 3), ("wlo", 2))


def test_letters_may_come_byte_by_byte(vocabulary: Vocabulary) -> None:
    assert vocabulary.words([6, 7, 8]) == (("wé", 3),)


def test_half_a_letter_is_no_error(vocabulary: Vocabulary) -> None:
    assert vocabulary.words([6, 7]) == (("w�", 2),)


def test_nothing_said_is_no_word(vocabulary: Vocabulary) -> None:
    assert vocabulary.words([]) == ()


def test_a_file_that_is_cut_off_is_named(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.bin"
    path.write_bytes(content(PIECES)[:-1])
    with pytest.raises(ModelError, match=r"tokenizer\.bin: cannot be read .*cut off"):
        Vocabulary(path)
