"""Who speaks in running meetings, beside those who write the words."""

import threading
from pathlib import Path

import numpy as np
import numpy.typing as npt

from meeting_app.config import AttributionConfig
from meeting_app.domain import VoiceRecognised, VoicesHeard
from pipelines.attribution import WordAttributor
from pipelines.live.conversation import Conversation
from pipelines.live.speakers import Speakers

HEADER = b".snd" + np.array([24, 0xFFFFFFFF, 3, 16_000, 1], ">u4").tobytes()


class Told(threading.Event):
    """An event that tells what waits for it; nobody waits really."""

    def __init__(self, told: list[str]) -> None:
        super().__init__()
        self._told = told

    def wait(self, timeout: float | None = None) -> bool:
        self._told.append("waits" if timeout else "waits for ever")
        return self.is_set()


class Voice:
    def __init__(self, told: list[str]) -> None:
        self._told = told

    def __call__(self) -> "Voice":
        return self

    def accept(self, samples: npt.NDArray[np.float32]) -> VoicesHeard | None:
        self._told.append("listens")
        return None

    def finish(self) -> VoicesHeard | None:
        return None

    def recognised(self) -> tuple[VoiceRecognised, ...]:
        return ()


def test_voices_give_way_to_text_for_a_while_and_are_heard_then(tmp_path: Path) -> None:
    path = tmp_path / "a.au"
    path.write_bytes(HEADER + bytes(2 * 8_000))
    told: list[str] = []
    conversation = Conversation(
        "a", path, 0, 0, attribute=WordAttributor(AttributionConfig()), emit=lambda update: None
    )
    conversation.grow(8_000)
    speakers = Speakers(lambda: Voice(told), Told(told))
    speakers._load()
    speakers.follow(conversation)
    speakers._step()
    assert told == ["waits", "listens"]
