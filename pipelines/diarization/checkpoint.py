"""Weights that cannot be read are the user's to pull again, whatever reading them raised."""

import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from meeting_app.errors import ModelError

# What torch raises for a file that is missing, cut, foreign, or holds another network.
_UNREADABLE = (
    OSError,
    EOFError,
    pickle.UnpicklingError,
    LookupError,
    TypeError,
    AttributeError,
    RuntimeError,
)


@contextmanager
def weights_from(path: Path, network: str) -> Iterator[None]:
    """Around reading the weights of ``network``.

    Raises:
        ModelError: the file is missing or holds something else.
    """
    try:
        yield
    except _UNREADABLE as error:
        raise ModelError(
            f"{path}: not the {network} weights ({type(error).__name__}); pull them again"
        ) from error
