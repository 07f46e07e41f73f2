"""What is made of what the networks heard, without networks.

Somebody talks until 7 s; from 12.0 to 12.5 s somebody else says a word that the detector misses.
Chunks begin every 2.5 s. Three see the word whole: those from 5, 7.5 and 10 s.
"""

from dataclasses import replace

import numpy as np
import pytest
from pyannote.core import Annotation, Segment, Timeline

from meeting_app.config import DiarizationConfig
from meeting_app.domain import SpeakerCount
from pipelines.diarization import decision
from pipelines.diarization.decision import Heard, decide
from pipelines.diarization.extraction import LocalSpeakers, SlidingEmbeddings
from pipelines.diarization.segmentation import FRAME_STEP, NUM_FRAMES
from pipelines.diarization.stitching import condensed

STEP, DURATION, TALK_END, WORD = 2.5, 20.0, 7.0, Segment(12.0, 12.5)
SPEECH = Timeline([Segment(0.0, TALK_END)])
KNOWN, STRANGE = [1.0, 0.0], [0.0, 1.0]
# chunk, local speaker, embedding, seconds alone
LOCAL = [
    (0, 0, KNOWN, 7.0),
    (1, 0, KNOWN, 4.5),
    (2, 0, KNOWN, 2.0),
    (2, 1, STRANGE, 0.5),
    (3, 0, STRANGE, 0.5),
    (4, 0, STRANGE, 0.5),
]


def heard(certainty: float = 0.9) -> Heard:
    """``certainty`` is the probability of the word in the chunk from 7.5 s."""
    probabilities = np.zeros((5, NUM_FRAMES, 7), np.float32)
    probabilities[..., 0] = 1
    for chunk, speaker, embedding, _ in LOCAL:
        span = Segment(0.0, TALK_END) if embedding is KNOWN else WORD
        first, last = (max(0, round((t - chunk * STEP) / FRAME_STEP)) for t in span)
        probability = certainty if chunk == 3 else 0.9
        probabilities[chunk, first:last] = 0
        probabilities[chunk, first:last, 1 + speaker] = probability
        probabilities[chunk, first:last, 0] = 1 - probability
    chunks, speakers, embeddings, clean = zip(*LOCAL, strict=True)
    with np.errstate(divide="ignore"):
        scores = condensed([np.log(probabilities)], 5, NUM_FRAMES, STEP)
    local = LocalSpeakers(
        np.array(chunks), np.array(speakers), np.array(embeddings, np.float32), np.array(clean)
    )
    nothing = SlidingEmbeddings(np.zeros(0), np.zeros((0, 2), np.float32), np.zeros(0))
    return Heard(scores, local, nothing, STEP, DURATION)


def decided(found: Heard) -> Annotation:
    return decide(found, SPEECH, SpeakerCount(), DiarizationConfig())


def test_a_stranger_whom_all_chunks_hear_is_shown_though_the_detector_missed_the_word():
    annotation = decided(heard())
    assert annotation.labels() == ["SPEAKER_00", "SPEAKER_01"]
    (word,) = annotation.label_timeline("SPEAKER_01")
    assert (word.start, word.end) == pytest.approx((12.0, 12.5), abs=0.05)


def test_a_word_of_which_one_chunk_is_not_sure_is_nobody():
    annotation = decided(heard(certainty=0.55))
    assert annotation.labels() == ["SPEAKER_00"]
    assert annotation.get_timeline().extent().end == pytest.approx(TALK_END, abs=0.05)


def test_who_is_known_already_is_not_shown_where_the_detector_hears_nothing():
    found = heard()
    same = replace(found.local, embeddings=np.tile(np.float32(KNOWN), (len(LOCAL), 1)))
    annotation = decided(replace(found, local=same))
    assert annotation.get_timeline().extent().end == pytest.approx(TALK_END, abs=0.05)


@pytest.mark.parametrize("block", [1, 100, 737, 100_000])
def test_deciding_in_parts_changes_nothing(block, monkeypatch):
    whole = decided(heard())
    monkeypatch.setattr(decision, "_BLOCK", block)
    assert decided(heard()) == whole
