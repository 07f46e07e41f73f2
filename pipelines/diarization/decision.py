"""From what the networks heard to who spoke when: everything that needs no network.

Voices by clustering → constrained assignment → decision per frame.
"""

import logging
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pyannote.core import Annotation, Timeline

from meeting_app.config import DiarizationConfig
from meeting_app.domain import MAX_SPEAKERS, SpeakerCount
from pipelines.diarization.assignment import assign
from pipelines.diarization.clustering.agglomerative import (
    ClusteringOptions,
    Samples,
    find_voices,
)
from pipelines.diarization.embedding import FRAME_RATE
from pipelines.diarization.extraction import MIN_STRETCH, LocalSpeakers, SlidingEmbeddings
from pipelines.diarization.resegmentation import (
    FrameOptions,
    overlap_add,
    speech_mask,
    to_annotation,
    voice_similarity,
    who_speaks,
)
from pipelines.diarization.segmentation import CHUNK_DURATION

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """A recording as the networks hear it."""

    scores: npt.NDArray[np.float32]  # (num_chunks, 589, 7) log-probabilities of the powerset
    local: LocalSpeakers
    sliding: SlidingEmbeddings
    step: float  # seconds between chunks
    duration: float  # seconds


def decide(
    heard: Heard, speech: Timeline, speakers: SpeakerCount, config: DiarizationConfig
) -> Annotation:
    """Labels SPEAKER_00… in order of first appearance; overlap kept; empty for silence.

    Args:
        heard: what the networks made of the recording.
        speech: what the detector found; where the segmentation is sure, it adds to it.
        speakers: what the user knows of their number.
        config: thresholds.
    """
    voices = _voices(heard, speakers, config)
    if len(voices) == 0:
        return Annotation()
    labels = assign(heard.local.embeddings @ voices.T, heard.local.chunks)
    frames = overlap_add(heard.scores, heard.local, labels, heard.step)
    num_speakers, num_frames = frames.activity.shape
    similarity = voice_similarity(heard.sliding, voices[:num_speakers], num_frames)
    options = FrameOptions(config.overlap_onset, config.sure_speech, config.voice_weight)
    decided = who_speaks(frames, similarity, speech_mask(speech, num_frames), options)
    return to_annotation(decided, heard.duration)


def _voices(
    heard: Heard, speakers: SpeakerCount, config: DiarizationConfig
) -> npt.NDArray[np.float32]:
    """(num_speakers, 192) centroids."""
    local = heard.local
    is_heard = np.linalg.norm(local.embeddings, axis=1) > 0
    votes = is_heard & (local.clean >= config.min_vote)
    if votes.sum() < max(2, speakers.minimum):
        votes = is_heard
    # A second of speech is in several chunks; count it once.
    speech = local.clean * heard.step / CHUNK_DURATION
    is_short = is_heard & ~votes & (local.clean >= MIN_STRETCH / FRAME_RATE)
    voices = find_voices(
        Samples(local.embeddings[votes], speech[votes]),
        Samples(local.embeddings[is_short], speech[is_short]),
        speakers,
        ClusteringOptions(config.max_distance, config.min_speaker, config.min_distinct_speaker),
    )
    if len(voices) > MAX_SPEAKERS:
        _log.warning(
            "%d speakers: more than the %d that accuracy was measured for",
            len(voices),
            MAX_SPEAKERS,
        )
    return voices
