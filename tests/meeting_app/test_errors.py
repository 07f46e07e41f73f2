"""The tree of exceptions and its drawing."""

import inspect
import re

from meeting_app import errors
from meeting_app.errors import MeetingAppError


def _classes() -> dict[str, str]:
    """Name of every exception of the module → name of its parent."""
    return {
        name: value.__bases__[0].__name__
        for name, value in vars(errors).items()
        if inspect.isclass(value) and value.__module__ == errors.__name__
    }


def _drawing() -> dict[str, str]:
    """The same as drawn in the docstring: depth is the column of the name."""
    parents: dict[str, str] = {}
    path: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"^( {4}[│├└─ ]*)(\w+)(?:\s{2,}|$)", line)
        if found is None:
            continue
        column, name = len(found[1]), found[2]
        path = [(depth, above) for depth, above in path if depth < column]
        parents[name] = path[-1][1] if path else "Exception"
        path.append((column, name))
    return parents


def test_the_drawing_in_the_docstring_is_the_tree() -> None:
    assert _drawing() == _classes()


def test_every_error_is_a_meeting_app_error() -> None:
    assert all(issubclass(getattr(errors, name), MeetingAppError) for name in _classes())


def test_every_error_says_what_it_means() -> None:
    assert all(getattr(errors, name).__doc__ for name in _classes())
