"""Finding out what passages of meetings mean, beside the jobs."""

import logging
import time
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from meeting_app.errors import MeetingAppError
from storage.repository import Embed, Repository

_LOGGER = logging.getLogger(__name__)

_PAUSE = 600.0  # seconds without a try after one that failed


class PassageReader:
    """Takes up meetings that were made, corrected or never read; one with every call."""

    def __init__(
        self,
        repository: Repository,
        embedder: Callable[[], Embed],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``embedder`` loads the sentence encoder, when there is something to read."""
        self._repository = repository
        self._embedder = embedder
        self._clock = clock
        self._next_try = clock()

    def __call__(self) -> bool:
        """Reads one meeting; says whether there was one. What fails is tried again later."""
        if self._clock() < self._next_try:
            return False
        try:
            return self._repository.read_next_passages(self._embed)
        except MeetingAppError:
            _LOGGER.exception("passages cannot be read; trying again in %g s", _PAUSE)
            self._next_try = self._clock() + _PAUSE
            return False

    def _embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        return self._embedder()(texts)
