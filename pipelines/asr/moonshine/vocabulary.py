"""The tokens of a Moonshine model, from its file `tokenizer.bin`."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from meeting_app.errors import ModelError

BEGIN, END = 1, 2  # tokens
VOCABULARY_FILE = "tokenizer.bin"
_WORD_MARK = "▁".encode()  # before the first token of a word
_BYTE = re.compile(rb"<0x([0-9A-F]{2})>")
_LONG = 128  # from here on, a length takes two bytes


class Vocabulary:
    """What each token is written as."""

    def __init__(self, path: Path) -> None:
        """Reads the file.

        Raises:
            ModelError: it is missing, or no such file.
        """
        try:
            self._pieces = tuple(_pieces(path.read_bytes()))
        except (OSError, IndexError) as error:
            raise ModelError(
                f"{path}: cannot be read ({error}); run `meeting-app models verify`"
            ) from error

    def __len__(self) -> int:
        return len(self._pieces)

    def words(self, tokens: Sequence[int]) -> tuple[tuple[str, int], ...]:
        """The words that tokens spell, each with the number of its tokens; none is lost."""
        groups: list[list[bytes]] = []
        for token in tokens:
            piece = self._pieces[token]
            if not groups or piece.startswith(_WORD_MARK):
                groups.append([])
            groups[-1].append(piece)
        return tuple((_text(group), len(group)) for group in groups)


def _text(pieces: Sequence[bytes]) -> str:
    raw = b"".join(
        bytes([int(match[1], 16)]) if (match := _BYTE.fullmatch(piece)) else piece
        for piece in pieces
    )
    return raw.replace(_WORD_MARK, b" ").decode("utf-8", "replace").strip()


def _pieces(content: bytes) -> Iterator[bytes]:
    """Each behind its length: seven bits, and of a long one seven more."""
    at = 0
    while at < len(content):
        length = content[at]
        at += 1
        if length >= _LONG:
            length += (content[at] - 1) * _LONG
            at += 1
        if at + length > len(content):
            raise IndexError(f"the token at byte {at} is cut off")
        yield content[at : at + length]
        at += length
