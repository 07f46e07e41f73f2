"""A transcript in pieces that surely have one speaker each, and the windows heard in each.

A piece is what a turn holds between pauses and ends of sentences. It is the unit in which
speakers are decided anew: a word alone is too short to be known by its voice, and a whole turn
may hold two people.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from pyannote.core import Segment

from meeting_app.domain import (
    Meeting,
    SpeakerSegment,
    VoiceConstraints,
    VoiceEvidence,
    Word,
    within,
)
from meeting_app.domain.transcript import is_sentence_end

MIN_PAUSE = 0.35  # seconds; behind a longer one somebody else may speak
MAX_WINDOW_DISTANCE = 0.75  # seconds from a piece to a window that speaks for it
NOBODY = -1  # within this package: the speaker of words that are nobody's

Indices = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """Pieces in order of turn and time; rows of ``names`` stand for speakers."""

    names: tuple[str, ...]  # labels of all speakers of the meeting
    segments: tuple[Segment, ...]  # (num_pieces,) seconds
    turns: Indices  # (num_pieces,) which turn each is of, rising
    speakers: Indices  # (num_pieces,) row of ``names``, or NOBODY
    first: Indices  # (num_pieces,) its first window
    last: Indices  # (num_pieces,) the one after its last
    owners: Indices  # (num_windows,) the piece each is in, where they overlap the shorter; or -1
    is_confirmed: Mask  # (num_pieces,) whether users have said who it is
    is_refused: Mask  # (num_speakers, num_pieces) whether users have said who it is not

    def __len__(self) -> int:
        return len(self.segments)

    def sums(self, values: Floats) -> Floats:
        """(..., num_windows) values of windows → (..., num_pieces) their sum in each piece."""
        total = np.concatenate([np.zeros((*values.shape[:-1], 1)), values.cumsum(axis=-1)], axis=-1)
        return np.asarray(total[..., self.last] - total[..., self.first])

    def window_speakers(self, speakers: Indices) -> Indices:
        """(num_windows,) speakers of pieces → those of the windows in them, or NOBODY."""
        return np.append(speakers, NOBODY)[self.owners]


def pieces_of(meeting: Meeting, evidence: VoiceEvidence, constraints: VoiceConstraints) -> Pieces:
    """The pieces of all turns; none reaches over the edge of what users have confirmed."""
    names = tuple(speaker.label for speaker in meeting.speakers)
    rows = {name: row for row, name in enumerate(names)}
    words = [word for turn in meeting.turns for word in turn.words]
    turns = [turn for turn, item in enumerate(meeting.turns) for _ in item.words]
    middles = np.array([(w.segment.start + w.segment.end) / 2 for w in words])
    speakers = np.array(
        [rows.get(meeting.turns[turn].speaker or "", NOBODY) for turn in turns], dtype=np.intp
    )
    confirmed = _said(constraints.confirmed, names, middles)
    is_known = speakers != NOBODY
    is_confirmed = np.zeros(len(words), dtype=bool)
    is_confirmed[is_known] = confirmed[speakers[is_known], np.flatnonzero(is_known)]
    spans = list(pairwise(_edges(words, turns, is_confirmed)))
    begin = np.array([begin for begin, _ in spans], dtype=np.intp)
    segments = tuple(_span(words[begin:end]) for begin, end in spans)
    first, last = _windows(segments, evidence.times)
    refused = _said(constraints.refused, names, middles)
    return Pieces(
        names=names,
        segments=segments,
        turns=np.array(turns, dtype=np.intp)[begin],
        speakers=speakers[begin],
        first=first,
        last=last,
        owners=_owners(first, last, len(evidence.times)),
        is_confirmed=is_confirmed[begin],
        is_refused=np.array([refused[:, i:j].any(axis=1) for i, j in spans], dtype=bool)
        .reshape(len(spans), len(names))
        .T,
    )


def _said(
    segments: Sequence[SpeakerSegment], names: Sequence[str], times: npt.NDArray[np.float64]
) -> Mask:
    """(num_speakers, num_times) whether a segment of each speaker holds each time."""
    found = np.zeros((len(names), len(times)), dtype=bool)
    for row, name in enumerate(names):
        found[row] = within(times, [s.segment for s in segments if s.speaker == name])
    return found


def _edges(words: Sequence[Word], turns: Sequence[int], is_confirmed: Mask) -> Iterator[int]:
    """Words with which a piece begins, and the number of words."""
    if words:
        yield 0
    for i, (word, following) in enumerate(pairwise(words)):
        if (
            turns[i] != turns[i + 1]
            or is_confirmed[i] != is_confirmed[i + 1]
            or is_sentence_end(word.text)
            or following.segment.start - word.segment.end > MIN_PAUSE
        ):
            yield i + 1
    if words:
        yield len(words)


def _owners(first: Indices, last: Indices, num_windows: int) -> Indices:
    owners = np.full(num_windows, -1, dtype=np.intp)
    for piece in np.argsort(first - last, kind="stable"):  # longest first
        owners[first[piece] : last[piece]] = piece
    return owners


def _span(words: Sequence[Word]) -> Segment:
    return Segment(words[0].segment.start, max(word.segment.end for word in words))


def _windows(
    segments: Sequence[Segment], times: npt.NDArray[np.float64]
) -> tuple[Indices, Indices]:
    """The windows with their middle in each piece, else the nearest one if it is near."""
    starts = np.array([segment.start for segment in segments])
    ends = np.array([segment.end for segment in segments])
    first, last = np.searchsorted(times, starts), np.searchsorted(times, ends)
    if len(times) == 0:
        return first, last
    middles = (starts + ends) / 2
    after = np.searchsorted(times, middles).clip(1, max(1, len(times) - 1))
    around = np.stack([after - 1, after]).clip(0, len(times) - 1)
    distances = np.abs(times[around] - middles)
    nearest = np.where(distances[0] <= distances[1], around[0], around[1])
    is_lent = (first >= last) & (distances.min(axis=0) <= MAX_WINDOW_DISTANCE)
    return np.where(is_lent, nearest, first), np.where(is_lent, nearest + 1, last)
