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
from pipelines.diarization.assignment import UNASSIGNED, assign
from pipelines.diarization.clustering.agglomerative import (
    ClusteringOptions,
    Samples,
    find_voices,
)
from pipelines.diarization.corroboration import corroborated
from pipelines.diarization.embedding import FRAME_RATE
from pipelines.diarization.extraction import MIN_STRETCH, LocalSpeakers, SlidingEmbeddings
from pipelines.diarization.resegmentation import (
    FrameOptions,
    frame_similarity,
    speech_mask,
    to_annotation,
    voice_scores,
    who_speaks,
)
from pipelines.diarization.segmentation import CHUNK_DURATION
from pipelines.diarization.stitching import ChunkScores, overlap_add

# Frames decided at once, some nine minutes: of many speakers and four hours, all would take
# hundreds of megabytes.
_BLOCK = 32_768

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """A recording as the networks hear it."""

    scores: ChunkScores
    local: LocalSpeakers
    sliding: SlidingEmbeddings
    step: float  # seconds between chunks
    duration: float  # seconds


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Which local speakers say what about the voices."""

    votes: npt.NDArray[np.intp]  # reliable embeddings
    short: npt.NDArray[np.intp]  # too short to vote
    certain: npt.NDArray[np.intp]  # those of the short ones that every chunk hears alike


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
    rows = _rows(heard, speakers, config)
    voices = _voices(heard, rows, speakers, config)
    if len(voices) == 0:
        return Annotation()
    labels = assign(heard.local.embeddings @ voices.T, heard.local.chunks)
    is_speech = speech_mask(speech, heard.scores.num_frames)
    is_speech |= _words_of_strangers(heard, rows, labels)
    return to_annotation(_decided(heard, is_speech, voices, labels, config), heard.duration)


def _decided(
    heard: Heard,
    is_speech: npt.NDArray[np.bool_],
    voices: npt.NDArray[np.float32],
    labels: npt.NDArray[np.intp],
    config: DiarizationConfig,
) -> npt.NDArray[np.bool_]:
    """(num_speakers, num_frames): who speaks in each frame, block by block."""
    num_speakers, num_frames = int(labels.max(initial=-1)) + 1, heard.scores.num_frames
    options = FrameOptions(config.overlap_onset, config.sure_speech, config.voice_weight)
    sounds_like = voice_scores(heard.sliding, voices[:num_speakers])
    decided = np.zeros((num_speakers, num_frames), dtype=np.bool_)
    for begin in range(0, num_frames, _BLOCK):
        frames = range(begin, min(begin + _BLOCK, num_frames))
        part = slice(frames.start, frames.stop)
        scores = overlap_add(heard.scores, heard.local, labels, frames)
        similarity = frame_similarity(sounds_like, heard.sliding.times, frames)
        decided[:, part] = who_speaks(scores, similarity, is_speech[part], options)
    return decided


def _rows(heard: Heard, speakers: SpeakerCount, config: DiarizationConfig) -> _Rows:
    local = heard.local
    is_heard = np.linalg.norm(local.embeddings, axis=1) > 0
    votes = is_heard & (local.clean >= config.min_vote)
    if votes.sum() < max(2, speakers.minimum):
        votes = is_heard
    short = np.flatnonzero(is_heard & ~votes & (local.clean >= MIN_STRETCH / FRAME_RATE))
    is_certain = corroborated(heard.scores, local.chunks[short], local.speakers[short])
    return _Rows(np.flatnonzero(votes), short, short[is_certain])


def _voices(
    heard: Heard, rows: _Rows, speakers: SpeakerCount, config: DiarizationConfig
) -> npt.NDArray[np.float32]:
    """(num_speakers, 192) centroids."""
    # A second of speech is in several chunks; count it once.
    speech = heard.local.clean * heard.step / CHUNK_DURATION
    samples = Samples(heard.local.embeddings, speech)
    voices = find_voices(
        samples[rows.votes],
        samples[rows.short],
        samples[rows.certain],
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


def _words_of_strangers(
    heard: Heard, rows: _Rows, labels: npt.NDArray[np.intp]
) -> npt.NDArray[np.bool_]:
    """(num_frames,) where speakers talk who never talk long; the detector may have missed it."""
    found = np.zeros(heard.scores.num_frames, dtype=np.bool_)
    known = np.append(labels[rows.votes], UNASSIGNED)
    for row in rows.certain[~np.isin(labels[rows.certain], known)]:
        chunk, speaker = heard.local.chunks[row], heard.local.speakers[row]
        active = heard.scores.active[chunk, :, speaker]
        start = heard.scores.starts[chunk]
        found[start : start + len(active)] |= active
    return found
