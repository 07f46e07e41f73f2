"""Meetings that nobody held, for pictures of the page: who says what, and how it would sound.

``made_up_en.txt`` and ``made_up_zh.txt`` hold a line ``Name: what is said`` for each turn; ``#``
begins a chapter with ``title | keywords``. Before what is said may stand ``*`` summary, ``!``
decision or ``>`` action item.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from pyannote.core import Segment

from meeting_app.domain import (
    ActionItem,
    Chapter,
    Decision,
    Meeting,
    Minutes,
    Speaker,
    SpeakerSegment,
    Statement,
    Turn,
    Word,
)

RATE = 16_000  # Hz
PAUSE = 0.35  # seconds between turns
_LINE = re.compile(r"(?P<name>[^:：]+)[:：] *(?P<mark>[*!>]?) *(?P<text>.+)")

_FOLDER = Path(__file__).parent


@dataclass
class _Script:
    """A meeting while its lines are read."""

    words_per_second: float
    time: float = 0.8  # seconds
    names: dict[str, str] = field(default_factory=dict)
    turns: list[Turn] = field(default_factory=list)
    starts: list[tuple[float, str]] = field(default_factory=list)
    summary: list[Statement] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    items: list[ActionItem] = field(default_factory=list)

    def chapter(self, line: str) -> None:
        self.starts.append((self.turns[-1].segment.end if self.turns else 0.0, line))

    def say(self, name: str, mark: str, text: str) -> None:
        label = self.names.setdefault(name, f"SPEAKER_{len(self.names):02}")
        turn = Turn(len(self.turns), label, self._words(text))
        self.turns.append(turn)
        self.time = turn.segment.end + PAUSE
        proof = (turn.id,)
        if mark == "*":
            self.summary.append(Statement(text, proof))
        elif mark == "!":
            self.decisions.append(Decision(text, proof))
        elif mark == ">":
            self.items.append(ActionItem(text, proof, label))

    def _words(self, text: str) -> tuple[Word, ...]:
        chinese = re.search("[一-鿿]", text)
        parts = (
            re.findall(r"[一-鿿]{1,2}[，。？、：]?|\S+?(?=[一-鿿]|$)", text)
            if chinese
            else text.split()
        )
        words, time = [], self.time
        for number, part in enumerate(parts):
            duration = (0.5 + 0.12 * len(part)) / self.words_per_second
            # A few words were hard to hear.
            probability = 0.42 if (number * 7 + len(self.turns) * 5) % 41 == 3 else 0.96
            words.append(Word(Segment(time, time + duration), part, probability))
            time += duration
        return tuple(words)


def made_up(
    language: str, title: str, num_named: int = 3, chapters: tuple[int, ...] = (1, 2, 3, 4)
) -> Meeting:
    """The meeting in a language, or some of its chapters; the first ``num_named`` are named."""
    read = _Script(words_per_second=2.6)
    number = 0  # of the chapter
    for line in (_FOLDER / f"made_up_{language}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            number += 1
            if number in chapters:
                read.chapter(line.removeprefix("# "))
        elif number in chapters:
            found = _LINE.fullmatch(line)
            assert found is not None, line
            read.say(found["name"], found["mark"], found["text"])
    duration = read.turns[-1].segment.end + 1.0
    ends = [start for start, _ in read.starts[1:]] + [duration]
    chapters = tuple(
        Chapter(Segment(start, end), title.strip(), tuple(words.strip().split(", ")))
        for (start, line), end in zip(read.starts, ends, strict=True)
        for title, _, words in [line.partition("|")]
    )
    speakers = tuple(
        Speaker(label, name if number < num_named else None)
        for number, (name, label) in enumerate(read.names.items())
    )
    segments = tuple(SpeakerSegment(turn.segment, turn.speaker or "") for turn in read.turns)
    minutes = Minutes(tuple(read.summary), tuple(read.decisions), tuple(read.items))
    return Meeting(
        title, duration, language, speakers, segments, tuple(read.turns), chapters, minutes
    )


def hummed(meeting: Meeting) -> np.ndarray:
    """(num_samples,) float32: a hum for each word, each speaker at a height of their own."""
    samples = np.zeros(int(meeting.duration * RATE), np.float32)
    pitch = {speaker.label: 110 + 38 * i for i, speaker in enumerate(meeting.speakers)}
    rng = np.random.default_rng(7)
    for turn in meeting.turns:
        for word in turn.words:
            start, end = (int(time * RATE) for time in (word.segment.start, word.segment.end))
            times = np.arange(end - start) / RATE
            loud = rng.uniform(0.25, 0.9) * np.sin(np.pi * np.linspace(0, 1, end - start)) ** 0.7
            tone = sum(
                np.sin(2 * np.pi * n * pitch[turn.speaker or ""] * times) / n for n in (1, 2, 3, 5)
            )
            samples[start:end] += 0.28 * loud * tone
    return samples
