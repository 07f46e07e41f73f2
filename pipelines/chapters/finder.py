"""Turns become chapters: similarity → boundaries → titles."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from pyannote.core import Segment

from meeting_app.config import ChaptersConfig
from meeting_app.domain import Chapter, Turn
from pipelines.chapters.boundaries import find_boundaries, places_between
from pipelines.chapters.cues import boundary_evidence
from pipelines.chapters.similarity import topic_vectors
from pipelines.chapters.titles import headings_of
from pipelines.protocols import ReportFraction, report_nothing
from pipelines.text_embedding import Embedder

# Shares of the running time, for the progress bar: almost all of it goes into embeddings.
_EMBEDDED = 0.7
_CUT = 0.75


@dataclass(frozen=True, slots=True)
class TopicChapterFinder:
    """Chapters by topic; fits the ChapterFinder protocol."""

    embed: Embedder
    config: ChaptersConfig = field(default_factory=ChaptersConfig)

    def __call__(
        self, turns: Sequence[Turn], duration: float, report: ReportFraction = report_nothing
    ) -> tuple[Chapter, ...]:
        """Chapters that cover 0..duration without gaps; none when there are no turns."""
        if not turns:
            return ()
        vectors = topic_vectors(turns, self.embed)
        report(_EMBEDDED)
        starts = (0, *self._boundaries(turns, vectors, duration))
        report(_CUT)
        chapters = self._named(turns, vectors, starts, duration)
        report(1.0)
        return chapters

    def _boundaries(
        self, turns: Sequence[Turn], vectors: np.ndarray, duration: float
    ) -> tuple[int, ...]:
        places = places_between(turns, duration)
        return find_boundaries(vectors, boundary_evidence(turns), places, self.config.min_duration)

    def _named(
        self, turns: Sequence[Turn], vectors: np.ndarray, starts: Sequence[int], duration: float
    ) -> tuple[Chapter, ...]:
        spans = list(pairwise([*starts, len(turns)]))
        texts = [". ".join(turn.text for turn in turns[first:last]) for first, last in spans]
        topics = np.stack([vectors[first:last].sum(axis=0) for first, last in spans])
        headings = headings_of(texts, topics, self.embed, self.config.num_keywords)
        times = [0.0, *(turns[index].segment.start for index in starts[1:]), duration]
        return tuple(
            Chapter(Segment(start, end), heading.title, heading.keywords)
            for (start, end), heading in zip(pairwise(times), headings, strict=True)
        )
