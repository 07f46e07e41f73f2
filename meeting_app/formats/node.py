"""A value of a JSON document that knows where it stands, so that every complaint says so."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from meeting_app.errors import FormatError

_Made = TypeVar("_Made")
_LONGEST_QUOTE = 60  # characters of a wrong value that a message shows
_FIRST_YEAR, _LAST_YEAR = 1900, 9000  # every zone can tell the time there
_ADVICE = "correct it or export the meeting again"


@dataclass(frozen=True, slots=True)
class Node:
    """One value and its path, written as in JSONPath: ``$.turns[3].words[0].start``."""

    value: Any
    path: str = "$"
    advice: str = _ADVICE  # what to do about a complaint

    @classmethod
    def parse(cls, text: str, advice: str = _ADVICE) -> "Node":
        """The root of a JSON document.

        Raises:
            FormatError: the text is not JSON; NaN and Infinity are not either.
        """
        try:
            return cls(json.loads(text, parse_constant=_refuse_constant), advice=advice)
        except json.JSONDecodeError as error:
            raise FormatError(
                f"line {error.lineno} column {error.colno}: not JSON ({error.msg}); {advice}"
            ) from error
        except (RecursionError, ValueError) as error:  # too deep, or a number too long to read
            raise FormatError(f"$: not a document of ours ({error}); {advice}") from error

    def fields(self, *names: str) -> "tuple[Node, ...]":
        """The members of an object that has exactly these, in the order asked for."""
        if not isinstance(self.value, dict):
            raise self._is_not("an object")
        for name in self.value:
            if name not in names:
                raise FormatError(f"{self.path}.{name}: not a key of this format; remove it")
        return tuple(self.field(name) for name in names)

    def field(self, name: str) -> "Node":
        """One member of an object."""
        if not isinstance(self.value, dict):
            raise self._is_not("an object")
        if name not in self.value:
            raise FormatError(f"{self.path}.{name}: missing; {self.advice}")
        return Node(self.value[name], f"{self.path}.{name}", self.advice)

    def each(self, make: "Callable[[Node], _Made]") -> tuple[_Made, ...]:
        """What ``make`` makes of every element of a list."""
        if not isinstance(self.value, list):
            raise self._is_not("a list")
        return tuple(
            make(Node(value, f"{self.path}[{index}]", self.advice))
            for index, value in enumerate(self.value)
        )

    def at_least_one(self, make: "Callable[[Node], _Made]") -> tuple[_Made, ...]:
        """As ``each``, of a list that may not be empty."""
        made = self.each(make)
        if not made:
            raise FormatError(f"{self.path}: an empty list; at least one element belongs here")
        return made

    def maybe(self, make: "Callable[[Node], _Made]") -> _Made | None:
        """What ``make`` makes of the value, or None for null."""
        return None if self.value is None else make(self)

    def text(self) -> str:
        """The value as a string."""
        if not isinstance(self.value, str):
            raise self._is_not("a text")
        return self.value

    def integer(self) -> int:
        """The value as a whole number."""
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            raise self._is_not("a whole number")
        return self.value

    def number(self) -> float:
        """The value as a float; a huge whole number that no float holds is refused."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            raise self._is_not("a number")
        try:
            number = float(self.value)
        except OverflowError:
            number = float("inf")
        if number in (float("inf"), float("-inf")):  # 1e999 parses as infinity
            raise self._is_not("a finite number")
        return number

    def flag(self) -> bool:
        """The value as true or false."""
        if not isinstance(self.value, bool):
            raise self._is_not("true or false")
        return self.value

    def moment(self) -> datetime:
        """The value as a point in time, as ISO 8601 writes it with its offset from UTC."""
        try:
            found = datetime.fromisoformat(self.text())
        except ValueError as error:
            raise self._is_not("a date and time") from error
        if found.tzinfo is None or not _FIRST_YEAR <= found.year <= _LAST_YEAR:
            raise self._is_not("a time of our age with its offset from UTC")
        return found.astimezone(UTC)

    def _is_not(self, wanted: str) -> FormatError:
        quoted = repr(self.value)
        if len(quoted) > _LONGEST_QUOTE:
            quoted = quoted[: _LONGEST_QUOTE - 1] + "…"
        return FormatError(f"{self.path}: {quoted} is not {wanted}; {self.advice}")


def _refuse_constant(name: str) -> float:
    raise FormatError(f"{name}: not a number that JSON knows; {_ADVICE}")
