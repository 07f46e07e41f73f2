"""What a text that somebody typed must be like before it is kept."""

import unicodedata

from meeting_app.errors import ConflictError

LONGEST_NAME = 100  # characters of a speaker's name
LONGEST_TITLE = 200  # characters of a meeting's title
LONGEST_PASSAGE = 20_000  # characters of a corrected passage
# Unicode's controls, halves of characters and line ends; and the marks that turn the direction
# of the text around a name, with which one name can be made to look like another.
_REFUSED_CATEGORIES = ("Cc", "Cs", "Zl", "Zp")
_REFUSED_MARKS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def checked_text(what: str, text: str, longest: int) -> str:
    """``text`` without surrounding blanks, if it can stand on one line.

    Raises:
        ConflictError: it is blank, too long or not printable; ``what`` names it.
    """
    stripped = unicodedata.normalize("NFC", text.strip())
    if not stripped:
        raise ConflictError(f"{what}: blank; type at least one character")
    if len(stripped) > longest:
        raise ConflictError(
            f"{what}: {len(stripped)} characters long; shorten it to {longest} at most"
        )
    refused = [
        c for c in stripped if unicodedata.category(c) in _REFUSED_CATEGORIES or c in _REFUSED_MARKS
    ]
    if refused:
        raise ConflictError(f"{what}: {refused[0]!a} cannot be displayed; remove that character")
    return stripped
