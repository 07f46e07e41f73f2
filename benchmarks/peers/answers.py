"""What a program heard in a recording, as it says it and as it is kept."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pyannote.core import Segment

from benchmarks.peers.programs import Program
from meeting_app.domain import SpeakerSegment, Word
from pipelines.files import written_whole


@dataclass(frozen=True, slots=True)
class Passage:
    """Words that a recogniser wrote down together."""

    segment: Segment  # seconds
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one program heard in one recording, and what that took."""

    segments: tuple[SpeakerSegment, ...] | None  # None from one that does not tell voices apart
    passages: tuple[Passage, ...] | None  # None from one that writes no words
    seconds: Mapping[str, float] = field(default_factory=dict)  # of work, by stage
    peak_memory: int = 0  # bytes, its process tree
    date: str = ""  # ISO 8601, UTC


def answer_from(document: Mapping[str, Any], peak_memory: int = 0, date: str = "") -> Answer:
    """What a worker wrote, as domain objects; stretches without duration are nobody's.

    Raises:
        ValueError, KeyError, TypeError: it is no such document.
    """
    segments, passages = document.get("segments"), document.get("passages")
    if segments is None and passages is None:
        raise ValueError("neither segments nor passages")
    return Answer(
        segments=None if segments is None else _segments(segments),
        passages=None if passages is None else tuple(_passage(item) for item in passages),
        seconds={str(stage): float(spent) for stage, spent in document["seconds"].items()},
        peak_memory=peak_memory,
        date=date or datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _segments(items: Sequence[Mapping[str, Any]]) -> tuple[SpeakerSegment, ...]:
    found = (SpeakerSegment(_span(item), str(item["speaker"])) for item in items)
    return tuple(item for item in found if item.segment)


def _passage(item: Mapping[str, Any]) -> Passage:
    words = tuple(
        Word(_span(word), str(word["text"]), float(word["probability"])) for word in item["words"]
    )
    return Passage(_span(item), words)


def _span(item: Mapping[str, Any]) -> Segment:
    return Segment(float(item["start"]), float(item["end"]))


class Answers:
    """The answers on disk, by program and recording; a change of either makes them unknown.

    What a program needs hours for is kept for other peers that build on it, for a run that goes
    on where another stopped, and for scoring again.
    """

    def __init__(self, folder: Path, is_resumed: bool = False) -> None:
        """Nothing is read yet.

        Args:
            folder: made when something is kept.
            is_resumed: whether answers of earlier runs count.
        """
        self._folder = folder
        self._is_resumed = is_resumed
        self._fresh: set[Path] = set()

    def get(self, program: Program, audio: Path) -> Answer | None:
        """The answer about a recording; None when it has to be asked for."""
        path = self._path(program, audio)
        if not path.is_file() or not (self._is_resumed or path in self._fresh):
            return None
        kept = json.loads(path.read_text(encoding="utf-8"))
        return answer_from(kept["answer"], kept["peak_memory"], kept["date"])

    def keep(self, program: Program, audio: Path, document: Mapping[str, Any], peak: int) -> Answer:
        """The answer that a worker's document holds, after it was written down.

        Raises:
            ValueError, KeyError, TypeError: it is no such document.
        """
        answer = answer_from(document, peak)
        path = self._path(program, audio)
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = {"date": answer.date, "peak_memory": peak, "answer": document}
        with written_whole(path) as partial:
            partial.write_text(json.dumps(kept), encoding="utf-8")
        self._fresh.add(path)
        return answer

    def _path(self, program: Program, audio: Path) -> Path:
        with audio.open("rb") as sound:
            heard = hashlib.file_digest(sound, "sha256").hexdigest()
        return self._folder / program.name / f"{heard[:16]}-{program.fingerprint[:16]}.json"
