"""A thread that owns models and works until the process ends."""

import os
import sys
import threading
from abc import ABC, abstractmethod


class Part(ABC):
    """A thread with models of its own."""

    def __init__(self, name: str, niceness: int) -> None:
        self._niceness = niceness
        self._is_ready = threading.Event()
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)

    def start(self) -> None:
        """Begins to load."""
        self._thread.start()

    def wait_until_ready(self) -> None:
        """Waits for the models.

        Raises:
            MeetingAppError: one cannot be had, loaded or run.
        """
        self._is_ready.wait()
        if self._failure is not None:
            raise self._failure

    def _work(self) -> None:
        if sys.platform == "linux":  # where niceness belongs to a thread and its children
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), self._niceness)
        try:
            self._load()
        except Exception as error:  # noqa: BLE001 - handed to who waits for it
            self._failure = error
            return
        finally:
            self._is_ready.set()
        while True:
            self._step()

    @abstractmethod
    def _load(self) -> None:
        """Makes the models, in the thread."""

    @abstractmethod
    def _step(self) -> None:
        """Does what there is to do, or waits for it."""
