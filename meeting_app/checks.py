"""What texts of users may look like before they are stored."""

import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from meeting_app.domain import Filing
from meeting_app.errors import ConflictError

LONGEST_NAME = 100  # characters of a speaker's name
LONGEST_TITLE = 200  # characters of a meeting's title
LONGEST_PASSAGE = 20_000  # characters of a corrected passage
LONGEST_TAG = 50  # characters
LONGEST_FOLDER = 200  # characters of a folder with those above it
MOST_TAGS = 50  # given at once
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


def checked_filing(filing: Filing) -> Filing:
    """``filing`` with a clean folder and clean tags. Raises ConflictError as they do."""
    return replace(filing, folder=checked_folder(filing.folder), tags=checked_tags(filing.tags))


def checked_tags(tags: Sequence[str]) -> tuple[str, ...]:
    """The tags without surrounding blanks, each once.

    Raises:
        ConflictError: one is blank, too long or not printable, holds a comma, or they are
            too many.
    """
    kept = tuple(dict.fromkeys(checked_text("tag", tag, LONGEST_TAG) for tag in tags))
    if len(kept) > MOST_TAGS:
        raise ConflictError(f"{len(kept)} tags: too many; give {MOST_TAGS} at most")
    for tag in kept:
        if "," in tag:
            raise ConflictError(
                f"tag: {tag!r} holds a comma, which stands between tags; leave it out"
            )
    return kept


def checked_folder(folder: str | None) -> str | None:
    """The path without blanks and slashes around its names; None and blanks are no folder.

    Raises:
        ConflictError: it is too long or not printable.
    """
    names = [name.strip() for name in (folder or "").split("/") if name.strip()]
    return checked_text("folder", "/".join(names), LONGEST_FOLDER) if names else None
