"""What the library is narrowed down to, as the page's address and its scripts write it."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import parse_qs

from meeting_app.domain import LibraryPlace, SearchFilters
from meeting_app.errors import FormatError

LENGTHS: Mapping[str, tuple[float | None, float | None]] = {
    "short": (None, 15 * 60.0),
    "medium": (15 * 60.0, 60 * 60.0),
    "long": (60 * 60.0, None),
}
"""Names of lengths → shortest and longest duration, seconds."""


def filters_of(query: str) -> SearchFilters:
    """The filters that a query string asks for; what it says besides is ignored.

    Raises:
        FormatError: a date or a length cannot be read.
    """
    given = {name: values[-1] for name, values in parse_qs(query).items()}
    shortest, longest = _bounds(given.get("length"))
    return SearchFilters(
        speaker=given.get("speaker"),
        since=_moment("since", given.get("since")),
        until=_moment("until", given.get("until")),
        min_duration=shortest,
        max_duration=longest,
        language=given.get("language"),
        tags=(given["tag"],) if "tag" in given else (),
        folder=given.get("folder"),
        is_trashed="trash" in given,
    )


def place_of(text: str) -> LibraryPlace | None:
    """What ``str`` made of a place; None for the beginning.

    Raises:
        FormatError: it is no place.
    """
    try:
        return LibraryPlace.parse(text) if text else None
    except ValueError as error:
        raise FormatError(f"{text!r}: no place in the library; load the page again") from error


def listed(text: str) -> tuple[str, ...]:
    """Tags with commas between them, of either script."""
    return tuple(tag.strip() for tag in text.replace("，", ",").split(",") if tag.strip())


def _bounds(length: str | None) -> tuple[float | None, float | None]:
    if length is None:
        return None, None
    if length not in LENGTHS:
        raise FormatError(f"length: {length!r}; choose one of {', '.join(LENGTHS)}")
    return LENGTHS[length]


def _moment(name: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise FormatError(f"{name}: {text!r} is no date; write it as 2026-03-01") from error
    return moment if moment.tzinfo else moment.astimezone()
