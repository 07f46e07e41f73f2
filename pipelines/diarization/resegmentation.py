"""From the scores of frames to who is heard in each frame of the recording.

Three witnesses are asked in every frame. The speech detector and the segmentation say whether
anybody speaks, the segmentation says whether two do, and who it is follows from the segmentation
and from what the voice sounds like in the second around the frame. The last one mends speaker
changes that the segmentation has not seen.

Source: refining voices from sliding embeddings is hard expectation-maximisation of the mixture
in Landini et al. 2022, "Bayesian HMM clustering of x-vector sequences (VBx)", with the identity
in place of PLDA.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pyannote.core import Annotation, Segment, Timeline

from pipelines.diarization.extraction import SlidingEmbeddings, runs
from pipelines.diarization.gaussians import gaussian_scores
from pipelines.diarization.segmentation import FRAME_DURATION, FRAME_STEP
from pipelines.diarization.stitching import FrameScores

# The network's frames lead the sound by a little: on every development recording the error is
# lowest when they are moved by 20 ms.
FRAME_OFFSET = FRAME_DURATION / 2 - FRAME_STEP / 2 + 0.02  # seconds
SPEECH_ONSET = 0.5  # mean probability of the segmentation from which anybody speaks
MAX_WINDOW_DISTANCE = 0.75  # seconds from a frame to a sliding embedding that speaks for it
_MEAN_ROUNDS = 4  # of refining the voices; later ones change nothing any more

Frames = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class FrameOptions:
    """How the witnesses are weighed."""

    overlap_onset: float  # probability of two voices from which both are kept
    sure_speech: float  # from this the segmentation overrules the detector
    voice_weight: float  # of similarity against activity


def voice_scores(sliding: SlidingEmbeddings, centroids: Frames) -> Frames:
    """How much each window sounds like each speaker.

    Speakers are Gaussians of one variance around the mean of their sliding embeddings, which is
    refined from the centroids. A mean is shorter the more a voice varies; so a steady voice does
    not take over the uncertain windows of a varied one, as it does when only angles count.

    Args:
        sliding: num_windows embeddings.
        centroids: (num_speakers, 192) float32 of norm one.

    Returns:
        (num_speakers, num_windows) log-likelihoods at variance one, but for a constant.
    """
    embeddings = sliding.embeddings
    scores = centroids @ embeddings.T
    if not scores.size:
        return np.asarray(scores)
    lengths = scores.max(axis=0).mean()  # of the mean of a voice that has no window
    for _ in range(_MEAN_ROUNDS):
        nearest = scores.argmax(axis=0)
        means = np.stack(
            [
                embeddings[nearest == row].mean(axis=0)
                if (nearest == row).any()
                else lengths * centroid
                for row, centroid in enumerate(centroids)
            ]
        )
        scores = gaussian_scores(embeddings, means)
    return np.asarray(scores)


def frame_similarity(
    scores: Frames, window_times: npt.NDArray[np.float64], frames: range
) -> Frames:
    """Scores of sliding embeddings as scores of frames, less than those of the best speaker.

    Args:
        scores: (num_speakers, num_windows) log-likelihoods.
        window_times: (num_windows,) seconds from frame 0, rising.
        frames: which frames of the segmentation.

    Returns:
        (num_speakers, num_frames) ≤ 0, in units of the variance: 0 for the most similar speaker
        of a frame, and for all of them where no sliding embedding is near.
    """
    if len(window_times) == 0:
        return np.zeros((len(scores), len(frames)), np.float32)
    times = np.arange(frames.start, frames.stop) * FRAME_STEP + FRAME_DURATION / 2
    found = np.stack([np.interp(times, window_times, row) for row in scores])
    after = np.searchsorted(window_times, times)
    around = np.stack([after - 1, after]).clip(0, len(window_times) - 1)
    nearest = np.abs(window_times[around] - times).min(axis=0)  # (num_frames,) seconds
    relative = (found - found.max(axis=0, keepdims=True)).astype(np.float32)
    relative[:, nearest > MAX_WINDOW_DISTANCE] = 0
    return np.asarray(relative)


def who_speaks(
    scores: FrameScores, similarity: Frames, speech: npt.NDArray[np.bool_], options: FrameOptions
) -> npt.NDArray[np.bool_]:
    """The decision in every frame.

    Args:
        scores: what the segmentation says.
        similarity: (num_speakers, num_frames) ≤ 0 from ``frame_similarity``.
        speech: (num_frames,) what the detector says.
        options: weights.

    Returns:
        (num_speakers, num_frames) bool, at most two True in a frame.
    """
    num_speakers, num_frames = scores.activity.shape
    is_speech = speech | ((scores.speech > SPEECH_ONSET) & (scores.speech >= options.sure_speech))
    is_overlap = (
        is_speech & (scores.overlap > options.overlap_onset) & (scores.speech > SPEECH_ONSET)
    )
    is_known = scores.activity.max(axis=0, initial=0) > 0
    decided = np.zeros((num_speakers, num_frames), dtype=bool)
    if num_speakers == 0:
        return decided
    frames = np.flatnonzero(is_speech)
    first = (scores.activity + options.voice_weight * similarity).argmax(axis=0)
    decided[first[frames], frames] = True
    if num_speakers > 1:  # a sliding embedding tells nothing of the weaker of two voices
        frames = np.flatnonzero(is_overlap)
        others = scores.activity.copy()
        others[first, np.arange(num_frames)] = -1
        decided[others.argmax(axis=0)[frames], frames] = True
    decided &= is_known
    return decided


def speech_mask(speech: Timeline, num_frames: int) -> npt.NDArray[np.bool_]:
    """(num_frames,) bool: which frames of the segmentation are inside the regions."""
    mask = np.zeros(num_frames, dtype=bool)
    for region in speech:
        first, last = ((edge - FRAME_OFFSET) / FRAME_STEP for edge in (region.start, region.end))
        mask[max(0, round(first)) : max(0, round(last))] = True
    return mask


def to_annotation(decided: npt.NDArray[np.bool_], duration: float) -> Annotation:
    """Runs of frames as segments, labelled SPEAKER_00… in order of first appearance."""
    found = sorted(
        (first, last, speaker) for speaker, row in enumerate(decided) for first, last in runs(row)
    )
    labels: dict[int, str] = {}
    annotation = Annotation()
    for track, (first, last, speaker) in enumerate(found):
        start = first * FRAME_STEP + FRAME_OFFSET
        end = min(last * FRAME_STEP + FRAME_OFFSET, duration)
        label = labels.setdefault(speaker, f"SPEAKER_{len(labels):02d}")
        annotation[Segment(start, end), track] = label  # which leaves out what the cut emptied
    return annotation
