"""A recognition without models: `python fake_live_engine.py`.

It hears a word in every second of sound, named after the second, and a line is three of them. A
second after its end a word is stable; the line is final with the first word of the next one. It
reads the sound only to see that it is there.
"""

import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from pyannote.core import Segment

from meeting_app.domain import (
    SAMPLE_RATE,
    FinalWords,
    PartialWords,
    StableWords,
    Word,
    WordSpeakers,
)
from meeting_app.domain.live_messages import (
    EngineReady,
    EngineReport,
    Flushed,
    Heard,
    ListenTo,
    SoundGrew,
)
from meeting_app.formats.live_engine import order_from_line, report_to_line

WORDS_PER_LINE = 3
NUM_MEETINGS = 8
_DATA_AT = 24  # bytes; the smallest header of an AU file


def word(second: int) -> Word:
    """What is heard in a second of sound."""
    return Word(Segment(second, second + 1), f"w{second}", 0.9)


@dataclass
class Listener:
    """One meeting."""

    meeting_id: str
    path: Path
    next_second: int
    line: int
    words: tuple[Word, ...] = ()

    def grow(self, num_samples: int) -> None:
        """There are so many samples now."""
        assert (self.path.stat().st_size - _DATA_AT) // 2 >= num_samples
        while (self.next_second + 1) * SAMPLE_RATE <= num_samples:
            if len(self.words) == WORDS_PER_LINE:
                self.finish()
            tell(Heard(self.meeting_id, StableWords(self.line, len(self.words))))
            new = word(self.next_second)
            self.words = (*self.words, new)
            self.next_second += 1
            tell(Heard(self.meeting_id, PartialWords(self.line, (new,))))

    def finish(self) -> None:
        """The line has ended."""
        if self.words:
            tell(Heard(self.meeting_id, FinalWords(self.line, self.words)))
            labels = ("SPEAKER_00",) * len(self.words)
            tell(Heard(self.meeting_id, WordSpeakers(self.line, labels, True)))
            self.line, self.words = self.line + 1, ()


_lock = threading.Lock()


def tell(report: EngineReport) -> None:
    """One line for the server."""
    with _lock:
        sys.stdout.write(f"{report_to_line(report)}\n")
        sys.stdout.flush()


def main() -> None:
    """Follow the orders until there are no more."""
    listeners: dict[str, Listener] = {}
    tell(EngineReady(NUM_MEETINGS))
    for line in sys.stdin:
        match order_from_line(line):
            case ListenTo(meeting_id, path, _, from_sample, next_line):
                first = -(-from_sample // SAMPLE_RATE)
                listeners[meeting_id] = Listener(meeting_id, Path(path), first, next_line)
            case SoundGrew(meeting_id, num_samples):
                listeners[meeting_id].grow(num_samples)
            case order:
                listener = listeners.pop(order.meeting_id)
                listener.finish()
                tell(Flushed(order.meeting_id))


if __name__ == "__main__":
    main()
