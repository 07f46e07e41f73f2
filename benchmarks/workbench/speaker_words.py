"""How many words have the wrong speaker."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pyannote.core import Segment
from scipy.optimize import linear_sum_assignment

from meeting_app.domain import Meeting, SpeakerSegment, Word

Truth = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class SpeakerErrors:
    """Recognised words whose speaker is not the one of the reference."""

    num_wrong: int = 0
    num_words: int = 0

    def __add__(self, other: "SpeakerErrors") -> "SpeakerErrors":
        return SpeakerErrors(self.num_wrong + other.num_wrong, self.num_words + other.num_words)

    @property
    def rate(self) -> float:
        """Share of the words, 0..1; 0 without words."""
        return self.num_wrong / self.num_words if self.num_words else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """Who really speaks, and when."""

    speakers: tuple[str, ...]
    starts: npt.NDArray[np.float64]  # (num_segments,) seconds
    ends: npt.NDArray[np.float64]  # (num_segments,) seconds
    rows: npt.NDArray[np.intp]  # (num_segments,) row of ``speakers``

    @classmethod
    def of(cls, segments: Sequence[SpeakerSegment]) -> "Reference":
        """From the segments of a recording."""
        speakers = tuple(sorted({item.speaker for item in segments}))
        return cls(
            speakers,
            np.array([item.segment.start for item in segments], dtype=np.float64),
            np.array([item.segment.end for item in segments], dtype=np.float64),
            np.array([speakers.index(item.speaker) for item in segments]),
        )

    def repeated(self, shifts: Sequence[float]) -> "Reference":
        """The same speech once for each shift, that much later."""
        return Reference(
            self.speakers,
            np.concatenate([self.starts + shift for shift in shifts]),
            np.concatenate([self.ends + shift for shift in shifts]),
            np.tile(self.rows, len(shifts)),
        )

    def truth(self, words: Sequence[Word]) -> Truth:
        """(num_words, num_speakers) who speaks in the middle of each word.

        Under overlap these are several; where nobody speaks, it is whoever does nearest.
        """
        middles = np.array([(w.segment.start + w.segment.end) / 2 for w in words])
        away = np.stack([self._away(row, middles) for row in range(len(self.speakers))], axis=1)
        return np.asarray(away <= away.min(axis=1, keepdims=True))

    def _away(self, row: int, times: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """(num_times,) seconds to the nearest speech of one speaker, 0 within it."""
        own = np.flatnonzero(self.rows == row)
        own = own[np.argsort(self.starts[own], kind="stable")]
        starts = np.append(self.starts[own], np.inf)
        ends = np.insert(np.maximum.accumulate(self.ends[own]), 0, -np.inf)
        begun = np.searchsorted(self.starts[own], times, side="right")
        return np.asarray(np.minimum(np.maximum(times - ends[begun], 0.0), starts[begun] - times))


def same_people(labels: Sequence[str | None], truth: Truth) -> dict[str, int]:
    """Which row of the reference each label is, one to one, so that most words are right."""
    names = sorted({label for label in labels if label is not None})
    shared = np.zeros((len(names), truth.shape[1]))
    for row, name in enumerate(names):
        shared[row] = truth[[label == name for label in labels]].sum(axis=0)
    pairs = zip(*linear_sum_assignment(-shared), strict=True)
    return {names[row]: int(column) for row, column in pairs}


def wrong_words(labels: Sequence[str | None], truth: Truth) -> npt.NDArray[np.bool_]:
    """(num_words,) whether each label is not somebody who speaks there."""
    people = same_people(labels, truth)
    rows = np.array([-1 if label is None else people.get(label, -1) for label in labels])
    found = truth[np.arange(len(labels)), rows] & (rows >= 0)
    return np.asarray(~found)


def labelled_words(meeting: Meeting) -> tuple[tuple[Word, ...], tuple[str | None, ...]]:
    """All words of a meeting and their speakers, in order of turns."""
    pairs = [(word, turn.speaker) for turn in meeting.turns for word in turn.words]
    return tuple(word for word, _ in pairs), tuple(speaker for _, speaker in pairs)


def speaker_errors(
    reference: Reference, meeting: Meeting, without: frozenset[Segment] = frozenset()
) -> SpeakerErrors:
    """The words with a wrong speaker; words at the times ``without`` are not counted."""
    words, labels = labelled_words(meeting)
    if not words:
        return SpeakerErrors()
    wrong = wrong_words(labels, reference.truth(words))
    counted = np.array([word.segment not in without for word in words])
    return SpeakerErrors(int(wrong[counted].sum()), int(counted.sum()))
