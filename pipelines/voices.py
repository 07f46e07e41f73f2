"""Whose voice is it? Speakers of a meeting against the voiceprints of people, or nobody's.

A speaker is recognised only when all of this holds: enough speech, a similarity that strangers
do not reach, and a distance to the person who comes next. Otherwise the voice is a stranger's.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pyannote.core import Segment

from meeting_app.config import VoicesConfig
from meeting_app.domain import SpeakerSegment, VoiceEvidence
from meeting_app.domain.people import Recognition, Voiceprint, VoiceSample

EDGE = 0.25  # seconds; a window at the edge of a stretch also hears who speaks next to it
LONGEST_SAMPLE = 120.0  # seconds; one long meeting must not outweigh all others
# Confidence is 1 / (1 + exp(-SLOPE * (similarity - MIDDLE))); how it was fitted is in
# docs/adr/0010.
SLOPE, MIDDLE = 15.7, 0.53

Embedding = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class CosineMatcher:
    """Makes voice samples of a meeting's speakers and compares them with voiceprints."""

    config: VoicesConfig

    def samples(
        self, evidence: VoiceEvidence, segments: Sequence[SpeakerSegment]
    ) -> dict[str, VoiceSample]:
        """What each speaker sounds like where nobody else speaks; label → sample.

        Speakers who are never heard alone are missing.

        Args:
            evidence: of the meeting.
            segments: who speaks when, corrections included.
        """
        found: dict[str, VoiceSample] = {}
        for label, alone in stretches_alone(segments).items():
            inner = [Segment(s.start + EDGE, s.end - EDGE) for s in alone if s.duration > 2 * EDGE]
            mean = evidence.mean(inner)
            if mean is None or not (norm := float(np.linalg.norm(mean))):
                continue
            seconds = float(sum(s.duration for s in alone))
            found[label] = VoiceSample(evidence.model, (mean / norm).astype(np.float32), seconds)
        return found

    def recognise(
        self,
        samples: Mapping[str, VoiceSample],
        voiceprints: Sequence[Voiceprint],
        min_speech: float,
    ) -> dict[str, Recognition]:
        """Label → person, for those speakers who surely are somebody; nobody is two speakers.

        Args:
            samples: of the speakers of one meeting.
            voiceprints: everybody's, from the model that made the samples.
            min_speech: seconds; who is heard for less is not recognised.
        """
        labels = [label for label, sample in samples.items() if sample.seconds >= min_speech]
        if not labels or not voiceprints:
            return {}
        known = np.stack([centroid(voiceprint.samples) for voiceprint in voiceprints])
        heard = np.stack([samples[label].embedding for label in labels])
        similarity = heard @ known.T  # (num_labels, num_people)
        found: dict[str, Recognition] = {}
        taken: set[int] = set()
        for row in np.argsort(-similarity.max(axis=1), kind="stable"):
            person = int(similarity[row].argmax())
            best = float(similarity[row, person])
            margin = best - float(np.delete(similarity[row], person).max(initial=-1.0))
            is_sure = best >= self.config.min_similarity and margin >= self.config.min_margin
            if is_sure and person not in taken:
                taken.add(person)
                found[labels[row]] = Recognition(
                    voiceprints[person].person, best, margin, confidence(best)
                )
        return found


def centroid(samples: Sequence[VoiceSample]) -> Embedding:
    """(dimension,) of norm one: the mean of a person's samples by seconds of speech.

    Args:
        samples: at least one.
    """
    weights = np.array([min(sample.seconds, LONGEST_SAMPLE) for sample in samples], np.float32)
    mean = weights @ np.stack([sample.embedding for sample in samples])
    return (mean / max(float(np.linalg.norm(mean)), 1e-9)).astype(np.float32)


def confidence(similarity: float) -> float:
    """How probably two samples of this cosine similarity are of one person, 0..1."""
    return 1.0 / (1.0 + math.exp(-SLOPE * (similarity - MIDDLE)))


def stretches_alone(segments: Sequence[SpeakerSegment]) -> dict[str, tuple[Segment, ...]]:
    """Label → where this speaker is heard and nobody else; disjoint, in time order."""
    edges = sorted({edge for s in segments for edge in (s.segment.start, s.segment.end)})
    place = {edge: number for number, edge in enumerate(edges)}
    labels = sorted({s.speaker for s in segments})
    is_heard = np.zeros((len(labels), max(0, len(edges) - 1)), dtype=bool)
    for item in segments:
        row = labels.index(item.speaker)
        is_heard[row, place[item.segment.start] : place[item.segment.end]] = True
    is_alone = is_heard & (is_heard.sum(axis=0) == 1)
    return {label: tuple(_runs(is_alone[row], edges)) for row, label in enumerate(labels)}


def _runs(mask: npt.NDArray[np.bool_], edges: Sequence[float]) -> list[Segment]:
    changes = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return [Segment(edges[first], edges[last]) for first, last in changes.reshape(-1, 2)]
