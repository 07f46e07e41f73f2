"""One pass through the trunk over clean stretches, then embeddings of whatever is asked for.

The sound of frame k holds the number k, and the fake network hands it through: so what the
trunk and the pooling were given can be read off.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from meeting_app.domain import Waveform
from pipelines.diarization import extraction
from pipelines.diarization.embedding import DIMENSION, TrunkFrames
from pipelines.diarization.extraction import (
    Extractor,
    _anchors,
    around_middle,
    at_frame_rate,
)
from pipelines.diarization.segmentation import FRAME_STEP, chunk_starts

FRAME_SAMPLES = 160  # 10 ms
NUM_OUTPUTS = 589  # of the segmentation, per chunk


@dataclass
class FakeEmbedder:
    """Frames say their own number; a pooled embedding says the mean and spread of its frames."""

    trunks: list[list[int]] = field(default_factory=list)
    pooled: dict[bytes, list[int]] = field(default_factory=dict)

    def features(self, samples):
        # As the real filterbank: centred windows, so one frame more than whole steps.
        return torch.from_numpy(np.append(samples[::FRAME_SAMPLES], samples[-1]))[:, None]

    def trunk(self, features):
        self.trunks.append(features[:, 0].int().tolist())
        return TrunkFrames(features, features)

    def pool(self, trunk, rows):
        frames = trunk.frames[torch.from_numpy(rows), 0].numpy()
        embedding = np.zeros(DIMENSION, np.float32)
        embedding[:3] = 1000, frames.mean(), frames.std()
        self.pooled[(embedding / np.linalg.norm(embedding)).tobytes()] = frames.astype(int).tolist()
        return embedding

    def behind(self, embedding) -> list[int]:
        """The frames that an embedding was pooled from."""
        return self.pooled[embedding.tobytes()]


@dataclass
class Extraction:
    embedder: FakeEmbedder
    local: extraction.LocalSpeakers
    sliding: extraction.SlidingEmbeddings
    reported: list[float]


def extract(num_frames, activity, step=2.5, num_workers=1) -> Extraction:
    samples = np.repeat(np.arange(num_frames, dtype=np.float32), FRAME_SAMPLES)
    embedder = FakeEmbedder()
    reported: list[float] = []
    with ThreadPoolExecutor(num_workers) as executor:
        local, sliding = Extractor(embedder, step, num_workers)(
            Waveform(samples), activity, executor, reported.append
        )
    return Extraction(embedder, local, sliding, reported)


def num_chunks_of(num_frames: int, step: float = 2.5) -> int:
    return len(chunk_starts(num_frames * FRAME_SAMPLES, step))


def activity_of(turns, num_frames, step=2.5) -> np.ndarray:
    """What a perfect segmentation says of (start, end, speaker) in seconds.

    A person has another number in every chunk.
    """
    num_chunks = num_chunks_of(num_frames, step)
    activity = np.zeros((num_chunks, NUM_OUTPUTS, 3), np.float32)
    for chunk in range(num_chunks):
        times = chunk * step + (np.arange(NUM_OUTPUTS) + 0.5) * FRAME_STEP
        for start, end, speaker in turns:
            activity[chunk, (times >= start) & (times < end), (speaker + chunk) % 3] = 1
    return activity


# The overlap is from 8 s to 9 s.
DIALOGUE = [(0, 3, 0), (3.1, 6, 1), (6.1, 9, 0), (8, 12, 1), (13, 17.4, 2), (17.5, 25, 0)]


def speakers_at(frame: int, margin: float) -> set[int]:
    """Who talks there, give or take seconds for the rounding of frames."""
    return {who for start, end, who in DIALOGUE if start - margin <= frame / 100 < end + margin}


def is_alone(person: int, frames: list[int]) -> bool:
    """Nobody else is surely in the frames, and nowhere is the person surely absent."""
    return all(
        speakers_at(frame, -0.03) <= {person} <= speakers_at(frame, 0.03) for frame in frames
    )


@pytest.fixture
def dialogue() -> Extraction:
    return extract(2_500, activity_of(DIALOGUE, 2_500))


# --- the trunk ------------------------------------------------------------------------


def test_each_frame_goes_through_the_trunk_in_one_stretch(dialogue):
    frames = [frame for stretch in dialogue.embedder.trunks for frame in set(stretch)]
    assert len(frames) == len(set(frames))


def test_stretches_are_filled_from_their_own_beginning_to_one_of_few_lengths():
    heard = extract(1_000, activity_of([(1.0, 3.35, 0)], 1_000))
    (frames,) = heard.embedder.trunks
    spoken = sorted(set(frames))
    assert len(spoken) % 20 != 0
    assert frames == [*spoken, *spoken[: 20 - len(spoken) % 20]]


def test_a_stretch_holds_one_voice_alone(dialogue):
    for stretch in dialogue.embedder.trunks:
        assert sum(is_alone(person, stretch) for person in range(3)) == 1


def test_all_that_is_said_by_one_alone_goes_through_the_trunk(dialogue):
    frames = {frame for stretch in dialogue.embedder.trunks for frame in stretch}
    alone = {
        k for k in range(2_500) if len(speakers_at(k, -0.03)) == len(speakers_at(k, 0.03)) == 1
    }
    assert len(alone) > 2_000
    assert not alone - frames


@pytest.mark.parametrize(("seconds", "num_stretches"), [(0.15, 0), (0.25, 1)])
def test_a_voice_too_short_for_the_trunk_is_no_stretch(seconds, num_stretches):
    heard = extract(1_000, activity_of([(2, 2 + seconds, 0)], 1_000))
    by_itself = 1  # see local speakers
    assert len(heard.embedder.trunks) == num_stretches + by_itself


# --- local speakers -------------------------------------------------------------------


def test_local_speakers_are_in_order_of_chunk_and_number(dialogue):
    places = list(zip(dialogue.local.chunks, dialogue.local.speakers, strict=True))
    activity = activity_of(DIALOGUE, 2_500)
    assert places == [
        (chunk, speaker)
        for chunk in range(len(activity))
        for speaker in range(3)
        if activity[chunk, :, speaker].any()
    ]


def test_a_local_speaker_sounds_like_his_own_clean_frames(dialogue):
    for chunk, local, embedding, clean in zip(
        dialogue.local.chunks,
        dialogue.local.speakers,
        dialogue.local.embeddings,
        dialogue.local.clean,
        strict=True,
    ):
        frames = dialogue.embedder.behind(embedding)
        assert is_alone((local - chunk) % 3, frames)
        assert all(250 * chunk <= frame < 250 * chunk + 1_000 for frame in frames)
        assert len(frames) == pytest.approx(clean * 100 / 2, abs=1)  # every second frame


def test_clean_seconds_leave_overlap_out(dialogue):
    # In the first chunk the first speaker has 0-3 and 6.1-8, the second 3.1-6 and 9-10.
    first, second = dialogue.local.clean[:2]
    assert first == pytest.approx(4.9, abs=0.1)
    assert second == pytest.approx(3.9, abs=0.1)


def test_embeddings_have_norm_one(dialogue):
    assert np.linalg.norm(dialogue.local.embeddings, axis=1) == pytest.approx(1)
    assert np.linalg.norm(dialogue.sliding.embeddings, axis=1) == pytest.approx(1)
    assert dialogue.local.embeddings.dtype == dialogue.sliding.embeddings.dtype == np.float32


@pytest.mark.parametrize("num_seconds", [10, 20, 25, 30.2, 32.5, 35])
def test_every_chunk_is_heard_from_end_to_end(num_seconds):
    num_frames = round(num_seconds * 100)
    heard = extract(num_frames, activity_of([(0, 99, 0)], num_frames))
    for chunk, embedding in zip(heard.local.chunks, heard.local.embeddings, strict=True):
        frames = heard.embedder.behind(embedding)
        assert frames[0] == 250 * chunk
        assert frames[-1] in (last := min(250 * chunk + 1_000, num_frames), last - 1, last - 2)


@pytest.mark.parametrize(("alone", "begin"), [(0.4, 2.0), (0.6, 3.4)])
def test_who_is_hardly_heard_alone_is_embedded_with_who_talks_over_them(alone, begin):
    activity = activity_of([(2, 4, 0), (0, 4 - alone, 1)], 1_000)
    heard = extract(1_000, activity)
    frames = heard.embedder.behind(heard.local.embeddings[0])
    assert frames[0] / 100 == pytest.approx(begin, abs=0.03)
    assert frames[-1] / 100 == pytest.approx(4, abs=0.05)


def test_who_is_nowhere_heard_alone_is_in_no_window():
    heard = extract(1_000, activity_of([(0, 10, 0), (0, 10, 1)], 1_000))
    assert heard.local.clean.tolist() == [0, 0]
    for embedding in heard.local.embeddings:
        assert heard.embedder.behind(embedding) == list(range(0, 1_000, 2))
    assert not len(heard.sliding.times)


@pytest.mark.parametrize(("outputs", "is_heard"), [(5, False), (7, True)])
def test_a_flicker_of_the_segmentation_is_nobody(outputs, is_heard):
    activity = activity_of([(0, 10, 0)], 1_000)
    activity[0, 100 : 100 + outputs, 1] = 1  # 84 or 118 ms
    assert (1 in extract(1_000, activity).local.speakers) is is_heard


# --- sliding windows ------------------------------------------------------------------


@pytest.mark.parametrize("step", [2.5, 2.2])
def test_windows_slide_by_half_a_second_and_say_their_middle(step):
    heard = extract(2_500, activity_of([(0, 25, 0)], 2_500, step), step)
    starts = np.arange(0, 2_451, 50)
    assert heard.sliding.times == pytest.approx(starts / 100 + 0.75)
    for start, embedding in zip(starts[:-2], heard.sliding.embeddings[:-2], strict=True):
        assert heard.embedder.behind(embedding) == list(range(start, start + 150, 2))


def test_a_window_says_how_long_one_voice_was_alone_in_it():
    heard = extract(1_000, activity_of([(0, 2.25, 0)], 1_000))
    alone = dict(zip((heard.sliding.times - 0.75).tolist(), heard.sliding.clean, strict=True))
    assert alone[0.5] == 1.5
    assert alone[1.0] == pytest.approx(1.25, abs=0.03)  # frames of the segmentation last 17 ms


def heard_in(*spans, length=150) -> np.ndarray:
    mask = np.zeros(length, bool)
    for first, last in spans:
        mask[first:last] = True
    return mask


@pytest.mark.parametrize(
    ("spans", "kept"),
    [
        ([(0, 150)], (0, 150)),
        ([(0, 60), (84, 150)], (0, 150)),  # 24 frames are no pause
        ([(0, 100), (125, 150)], (0, 100)),
        ([(0, 40), (65, 150)], (65, 150)),
        ([(0, 20), (50, 110), (140, 150)], (50, 110)),
        ([(0, 60), (90, 140)], (0, 60)),  # a pause in the middle: 60 frames against 50
        ([(20, 60), (90, 150)], (90, 150)),  # 40 against 60
        ([], (150, 150)),
    ],
)
def test_a_window_does_not_reach_over_a_pause(spans, kept):
    part = around_middle(heard_in(*spans))
    assert heard_in(*spans)[part].sum() == heard_in(kept)[heard_in(*spans)].sum()
    assert (part.start, part.stop) == kept or not spans


def test_a_window_with_too_little_speech_says_nothing():
    heard = extract(1_000, activity_of([(0, 2, 0), (6, 10, 0)], 1_000))
    # Half a second of speech is in windows up to 1.5 s, and again from 5 s on.
    starts = [0.0, 0.5, 1.0, 1.5, 5.0, *np.arange(5.5, 9.6, 0.5)]
    found = (heard.sliding.times - 0.75).tolist()
    assert set(found) >= {start for start in starts if start not in (1.5, 5.0)}
    assert set(found) <= set(starts)  # the two at the edge hold 49 to 51 frames


# --- how the work is cut --------------------------------------------------------------


def equal(one: Extraction, other: Extraction) -> bool:
    return all(
        np.array_equal(getattr(left, name), getattr(right, name))
        for left, right in ((one.local, other.local), (one.sliding, other.sliding))
        for name in left.__slots__
    )


def test_workers_do_not_change_the_result(dialogue):
    assert equal(dialogue, extract(2_500, activity_of(DIALOGUE, 2_500), num_workers=3))


@pytest.mark.parametrize("size", [1, 2, 3])
def test_groups_do_not_change_the_result(size, dialogue, monkeypatch):
    monkeypatch.setattr(extraction, "_BLOCKS_PER_WORKER", size)
    assert equal(dialogue, extract(2_500, activity_of(DIALOGUE, 2_500)))


def test_progress_rises_to_one(monkeypatch):
    monkeypatch.setattr(extraction, "_BLOCKS_PER_WORKER", 2)
    reported = extract(3_500, activity_of(DIALOGUE, 3_500)).reported
    # Eleven chunks are blocks from 0, 2, 6 and 10.
    assert reported == [0.5, 1.0]


def test_nothing_gives_nothing():
    heard = extract(0, np.zeros((0, NUM_OUTPUTS, 3), np.float32))
    assert heard.local.embeddings.shape == heard.sliding.embeddings.shape == (0, DIMENSION)
    assert heard.local.chunks.shape == heard.local.clean.shape == heard.sliding.times.shape == (0,)


def test_silence_gives_nothing():
    heard = extract(1_200, activity_of([], 1_200))
    assert len(heard.local.chunks) == len(heard.sliding.times) == len(heard.embedder.trunks) == 0


def test_a_tail_too_short_for_the_trunk_is_unheard():
    activity = np.zeros((2, NUM_OUTPUTS, 3), np.float32)
    activity[:, :, 0] = 1
    heard = extract(1_009, activity, step=10.0)
    assert heard.local.chunks.tolist() == [0, 1]
    assert heard.local.clean.tolist() == [10, 0]
    assert not heard.local.embeddings[1].any()


# --- times ----------------------------------------------------------------------------


def test_outputs_of_the_segmentation_become_frames_of_10_ms():
    # Output 1 lasts from 16.9 to 33.75 ms, output 2 to 50.6 ms; the last output is held.
    activity = np.zeros((NUM_OUTPUTS, 3), np.float32)
    activity[1, 0] = activity[2, 1] = activity[588, 2] = 1
    mask = at_frame_rate(activity)
    assert mask.shape == (1000, 3)
    assert np.flatnonzero(mask[:, 0]).tolist() == [2, 3]
    assert np.flatnonzero(mask[:, 1]).tolist() == [4, 5]
    assert np.flatnonzero(mask[:, 2]).tolist() == list(range(993, 1000))


@given(st.integers(1, 60), st.integers(100, 1000))
def test_anchors_cover_all_and_no_chunk_reaches_beyond_the_next_block(num_chunks, hop):
    anchors = _anchors(num_chunks, hop)
    assert anchors[0] == 0
    assert anchors[-2:] == (num_chunks - 1, num_chunks)
    ends = [anchor * hop for anchor in anchors[1:-1]] + [(num_chunks - 1) * hop + 1000]
    starts = [anchor * hop for anchor in anchors[:-1]]
    assert all(0 < end - start <= 1000 for start, end in zip(starts, ends, strict=True))
    for chunk in range(num_chunks):
        block = max(i for i, start in enumerate(starts) if start <= chunk * hop)
        assert chunk * hop + 1000 <= ends[min(block + 1, len(ends) - 1)]


def test_anchors_by_hand():
    assert _anchors(10, 250) == (0, 1, 5, 9, 10)
    assert _anchors(9, 250) == (0, 4, 8, 9)
    assert _anchors(1, 250) == (0, 1)
    assert _anchors(0, 250) == (0,)
