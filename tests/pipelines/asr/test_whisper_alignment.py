"""Warping against the textbook's two loops, and what padding may change: nothing."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from meeting_app.domain import Waveform
from pipelines.asr.whisper.alignment import _median, attention_cost, first_frames
from pipelines.asr.whisper.features import LogMel

CPU = torch.device("cpu")


def textbook(cost: np.ndarray) -> list[int]:
    """First column of each row on the cheapest path, one cell at a time."""
    rows, columns = cost.shape
    total = np.full((rows + 1, columns + 1), np.inf)
    steps = np.zeros((rows + 1, columns + 1), int)
    total[0, 0] = 0.0
    for i in range(1, rows + 1):
        for j in range(1, columns + 1):
            options = (total[i - 1, j - 1], total[i - 1, j], total[i, j - 1])
            steps[i, j] = int(np.argmin(options))
            total[i, j] = cost[i - 1, j - 1] + min(options)
    i, j = rows, columns
    first = [0] * rows
    while i > 0:
        first[i - 1] = j - 1
        step = steps[i, j]
        i, j = i - (step != 2), j - (step != 1)
    return first


def test_a_diagonal_is_followed() -> None:
    cost = 1.0 - torch.eye(4)
    found = first_frames(cost[None], torch.tensor([4]), torch.tensor([4]))
    assert found.tolist() == [[0, 1, 2, 3]]


def test_a_token_that_is_held_begins_at_its_first_frame() -> None:
    # Two tokens over five frames: the first fits frames 0 to 2, the second 3 and 4.
    cost = torch.tensor([[0.0, 0.0, 0.0, 9.0, 9.0], [9.0, 9.0, 9.0, 0.0, 0.0]])
    found = first_frames(cost[None], torch.tensor([2]), torch.tensor([5]))
    assert found.tolist() == [[0, 3]]


@settings(max_examples=40)
@given(rows=st.integers(1, 8), columns=st.integers(1, 12), seed=st.integers(0, 2**31 - 1))
def test_rows_at_once_find_the_path_of_the_textbook(rows: int, columns: int, seed: int) -> None:
    cost = np.random.default_rng(seed).normal(size=(rows, columns)).astype(np.float32)
    found = first_frames(
        torch.from_numpy(cost)[None], torch.tensor([rows]), torch.tensor([columns])
    )
    assert found[0].tolist() == textbook(cost)


def test_padding_changes_nothing() -> None:
    rng = np.random.default_rng(0)
    sizes = [(3, 9), (7, 20), (5, 4)]
    attention = torch.zeros(len(sizes), 2, 12, 24)
    for index, (tokens, frames) in enumerate(sizes):
        noise = rng.normal(size=(2, tokens + 3, frames)).astype(np.float32)
        attention[index, :, : tokens + 3, :frames] = torch.from_numpy(noise)
    lengths = torch.tensor([tokens + 3 for tokens, _ in sizes])
    num_frames = torch.tensor([frames for _, frames in sizes])
    cost = attention_cost(attention, lengths, num_frames, 2)
    together = first_frames(cost, lengths - 3, num_frames)
    for index, (tokens, frames) in enumerate(sizes):
        own = attention[index : index + 1, :, : tokens + 3, :frames]
        alone = attention_cost(own, lengths[index : index + 1], num_frames[index : index + 1], 2)
        torch.testing.assert_close(cost[index, :tokens, :frames], alone[0], atol=1e-5, rtol=1e-4)
        expected = first_frames(alone, torch.tensor([tokens]), torch.tensor([frames]))
        assert together[index, :tokens].tolist() == expected[0, :tokens].tolist()


def test_the_median_of_seven_frames_is_mirrored_at_the_end_of_each_window() -> None:
    values = torch.randn(2, 1, 3, 30, generator=torch.Generator().manual_seed(0))
    found = _median(values, torch.tensor([30, 11]))
    for item, frames in ((0, 30), (1, 11)):
        row = values[item, 0, 0, :frames].numpy()
        wide = np.pad(row, 3, mode="reflect")
        expected = [np.median(wide[i : i + 7]) for i in range(frames)]
        np.testing.assert_allclose(found[item, 0, 0, :frames], expected)


def test_windows_too_short_for_a_median_are_left_alone() -> None:
    values = torch.randn(1, 1, 2, 5)
    assert torch.equal(_median(values, torch.tensor([3])), values)


@pytest.mark.parametrize("num_mels", [80, 128])
def test_features_are_those_of_faster_whisper(num_mels: int) -> None:
    from faster_whisper.feature_extractor import FeatureExtractor

    rng = np.random.default_rng(0)
    sizes = (16_000, 31_999, 5_120, 230)
    waves = [(0.1 * rng.standard_normal(size)).astype(np.float32) for size in sizes]
    found = LogMel(num_mels, CPU)([Waveform(wave) for wave in waves], 250).numpy()
    extract = FeatureExtractor(feature_size=num_mels)
    for features, wave in zip(found, waves, strict=True):
        expected = extract(wave)[:, :-1]
        assert features.shape == (num_mels, 250)
        np.testing.assert_allclose(features[:, : expected.shape[1]], expected, atol=2e-4)
        assert not features[:, expected.shape[1] :].any()


def test_a_window_that_is_too_long_is_cut() -> None:
    noise = np.random.default_rng(0).standard_normal(32_000).astype(np.float32)
    assert LogMel(80, CPU)([Waveform(noise)], 100).shape == (1, 80, 100)
