"""The sentence encoder of searches, loaded with the first of them."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from pipelines.protocols import QueryEncoder


class LazyQueryEncoder:
    """A ``QueryEncoder`` that costs a server nothing until somebody searches."""

    def __init__(self, folder: Callable[[], Path]) -> None:
        """``folder`` gives the model's folder, pulled where it must be."""
        self._folder = folder
        self._lock = threading.Lock()
        self._encode: QueryEncoder | None = None

    def __call__(self, text: str) -> npt.NDArray[np.float32]:
        """The vector of one text. Raises what ``folder`` and the model's loading raise."""
        with self._lock:  # two searches at once must not load it twice
            if self._encode is None:
                from pipelines.query_embedding import MiniLmQueryEncoder

                self._encode = MiniLmQueryEncoder(self._folder())
        return self._encode(text)
