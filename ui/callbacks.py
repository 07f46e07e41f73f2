"""Python functions that the page's scripts call, and what a failure looks like to them."""

import logging
from collections.abc import Callable, Mapping

from meeting_app.errors import MeetingAppError, NotFoundError
from ui.told import told

Fragments = Mapping[str, str]
"""Markup, plain values or nothing, under the names the scripts know them by."""
_log = logging.getLogger(__name__)


def callback(function: Callable[..., Fragments]) -> Callable[[object], dict[str, str]]:
    """``function`` as a script calls it: with one object of named texts.

    The answer has the key ``error`` instead when the request fails, and ``missing`` besides
    when what was asked for is not there (any more).
    """

    def called(arguments: object) -> dict[str, str]:
        try:
            return dict(function(**_texts(arguments)))
        except NotFoundError as error:
            return {"error": told(str(error)), "missing": "true"}
        except MeetingAppError as error:
            return {"error": told(str(error))}
        except Exception as error:  # noqa: BLE001 - a boundary; the page must not hang
            _log.exception("callback %s", function.__name__)
            return {"error": told(f"{type(error).__name__}: an error in the program; see its log")}

    # Not functools.wraps: Gradio would take the arguments of the wrapped function for its own.
    called.__name__ = function.__name__
    return called


def _texts(arguments: object) -> dict[str, str]:
    if not isinstance(arguments, dict):
        raise TypeError(f"arguments: {type(arguments).__name__}; give an object of texts")
    for name, value in arguments.items():
        if not isinstance(value, str):
            raise TypeError(f"{name}: {type(value).__name__}; give a text")
    return arguments
