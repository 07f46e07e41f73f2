"""How well chapter boundaries are found: Pk, WindowDiff and F1 on annotated meetings.

    python -m benchmarks.chapters DATA.jsonl.gz [--model FOLDER] [--limit N]

DATA has one meeting per line: ``turns`` (speaker, text, and start, end where known) and
``topics`` (start, or relevant_text_span). The last line of the output is one JSON object.
Everything is counted in turns. Pk and WindowDiff are averaged over meetings; boundaries found
and true are summed, and F1 is of the sums.
"""

import argparse
import gzip
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyannote.core import Segment

from meeting_app.config import ChaptersConfig
from meeting_app.domain import Turn, Word
from pipelines.chapters.boundaries import find_boundaries, places_between
from pipelines.chapters.cues import boundary_evidence
from pipelines.chapters.similarity import topic_vectors
from pipelines.text_embedding import Embedder, MiniLmEmbedder

TOLERANCE = 2  # turns
_SECONDS_PER_WORD = 0.35  # where turns carry no times
_TURN_PAUSE = 0.5


@dataclass(frozen=True, slots=True)
class BoundaryScore:
    """Counts over any number of meetings; scores of several add up."""

    num_meetings: int
    pk_sum: float
    window_diff_sum: float
    num_hits: int
    num_found: int
    num_true: int

    def __add__(self, other: "BoundaryScore") -> "BoundaryScore":
        return BoundaryScore(
            self.num_meetings + other.num_meetings,
            self.pk_sum + other.pk_sum,
            self.window_diff_sum + other.window_diff_sum,
            self.num_hits + other.num_hits,
            self.num_found + other.num_found,
            self.num_true + other.num_true,
        )

    @property
    def f1(self) -> float:
        """2 × hits ÷ (found + true); 1 when there is nothing to find and nothing found."""
        total = self.num_found + self.num_true
        return 2 * self.num_hits / total if total else 1.0


@dataclass(frozen=True, slots=True)
class AnnotatedMeeting:
    """A meeting and the turns that begin a topic, the first turn not among them."""

    turns: tuple[Turn, ...]
    boundaries: tuple[int, ...]


def window_size(reference: Sequence[int], num_turns: int) -> int:
    """Half the mean length of a reference segment, at least 1 turn.

    Source: Beeferman et al. 1999, doi:10.1023/A:1007506220214.
    """
    return max(1, round(num_turns / (len(reference) + 1) / 2))


def pk(reference: Sequence[int], hypothesis: Sequence[int], num_turns: int) -> float:
    """Share of windows on whose ends being in one segment the two disagree.

    Source: Beeferman et al. 1999, doi:10.1023/A:1007506220214.
    """
    counts = _boundaries_in_windows(reference, hypothesis, num_turns)
    return sum((r > 0) != (h > 0) for r, h in counts) / len(counts) if counts else 0.0


def window_diff(reference: Sequence[int], hypothesis: Sequence[int], num_turns: int) -> float:
    """Share of windows on whose number of boundaries the two disagree.

    Source: Pevzner and Hearst 2002, doi:10.1162/089120102317341756.
    """
    counts = _boundaries_in_windows(reference, hypothesis, num_turns)
    return sum(r != h for r, h in counts) / len(counts) if counts else 0.0


def _boundaries_in_windows(
    reference: Sequence[int], hypothesis: Sequence[int], num_turns: int
) -> list[tuple[int, int]]:
    size = window_size(reference, num_turns)
    return [
        (
            sum(start < b <= start + size for b in reference),
            sum(start < b <= start + size for b in hypothesis),
        )
        for start in range(num_turns - size)
    ]


def num_hits(reference: Sequence[int], hypothesis: Sequence[int]) -> int:
    """Reference boundaries with a found one within TOLERANCE turns; each counts once."""
    left = sorted(hypothesis)
    hits = 0
    for boundary in sorted(reference):
        near = [found for found in left if abs(found - boundary) <= TOLERANCE]
        if near:
            left.remove(near[0])
            hits += 1
    return hits


def score_meeting(meeting: AnnotatedMeeting, found: Sequence[int]) -> BoundaryScore:
    """The score of one meeting."""
    true, num_turns = meeting.boundaries, len(meeting.turns)
    return BoundaryScore(
        num_meetings=1,
        pk_sum=pk(true, found, num_turns),
        window_diff_sum=window_diff(true, found, num_turns),
        num_hits=num_hits(true, found),
        num_found=len(found),
        num_true=len(true),
    )


def read_meetings(path: Path) -> Iterator[AnnotatedMeeting]:
    """The meetings of a gzipped JSON-lines file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield read_meeting(json.loads(line))


def read_meeting(document: Mapping[str, Any]) -> AnnotatedMeeting:
    """One meeting; turns that hold no word are left out and boundaries move to the next one."""
    turns: list[Turn] = []
    index_of: dict[int, int] = {}
    clock = 0.0
    for number, item in enumerate(document["turns"]):
        index_of[number] = len(turns)
        words = _plain(item["text"]).split()
        start = float(item.get("start", clock))
        clock = float(item.get("end", start + _SECONDS_PER_WORD * len(words))) + _TURN_PAUSE
        if words:
            spoken = _timed(words, start, clock - _TURN_PAUSE)
            turns.append(Turn(len(turns), str(item["speaker"]), spoken))
    first = {_first_turn(topic, document["turns"]) for topic in document["topics"]}
    found = {index_of[number] for number in first if number in index_of}
    return AnnotatedMeeting(tuple(turns), tuple(sorted(found - {0, len(turns)})))


def _first_turn(topic: Mapping[str, Any], turns: Sequence[Mapping[str, Any]]) -> int:
    if "relevant_text_span" in topic:
        return int(topic["relevant_text_span"][0][0])
    starts = (n for n, turn in enumerate(turns) if turn["start"] >= topic["start"] - 0.01)
    return next(starts, len(turns))


def _plain(text: str) -> str:
    """Text without transcribers' marks and without spaces before punctuation."""
    text = re.sub(r"\{\w+\}", "", text)
    text = re.sub(r"\s+([.,!?;:])", r"\1", text)
    return re.sub(r" ('(?:s|re|ve|ll|d|m)\b|n't)", r"\1", text)


def _timed(words: Sequence[str], start: float, end: float) -> tuple[Word, ...]:
    step = (end - start) / len(words)
    return tuple(
        Word(Segment(start + i * step, start + (i + 1) * step), word, 1.0)
        for i, word in enumerate(words)
    )


def boundaries_of(meeting: AnnotatedMeeting, embed: Embedder) -> tuple[int, ...]:
    """What the application finds."""
    turns = meeting.turns
    places = places_between(turns, max(turn.segment.end for turn in turns))
    vectors = topic_vectors(turns, embed)
    return find_boundaries(vectors, boundary_evidence(turns), places, ChaptersConfig().min_duration)


def main() -> None:
    """Score one file and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path, help="meetings, one JSON object per line, gzipped")
    parser.add_argument("--model", type=Path, required=True, help="MiniLM folder")
    parser.add_argument("--limit", type=int, default=None, help="only the first N meetings")
    options = parser.parse_args()
    embed = MiniLmEmbedder(options.model)
    total = BoundaryScore(0, 0.0, 0.0, 0, 0, 0)
    for number, meeting in enumerate(read_meetings(options.data)):
        if options.limit is not None and number >= options.limit:
            break
        total += score_meeting(meeting, boundaries_of(meeting, embed))
        print(f"{total.num_meetings} meetings, F1 {total.f1:.3f}")
    print(json.dumps(report(total)))


def report(score: BoundaryScore) -> dict[str, float]:
    """The figures under the names that outside readers expect."""
    num_meetings = max(1, score.num_meetings)
    return {
        "pk": round(score.pk_sum / num_meetings, 4),
        "window_diff": round(score.window_diff_sum / num_meetings, 4),
        "f1": round(score.f1, 4),
        "boundaries_found": score.num_found,
        "boundaries_true": score.num_true,
        "meetings": score.num_meetings,
    }


if __name__ == "__main__":
    main()
