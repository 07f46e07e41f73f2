"""Moonshine on real speech."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from pyannote.core import Segment

from meeting_app.domain import SAMPLE_RATE, Waveform
from pipelines.asr.engine import Decoding
from pipelines.asr.moonshine.engine import MoonshineEngine
from pipelines.asr.moonshine.network import load_network
from pipelines.audio import decode_media

pytestmark = pytest.mark.model
ENGLISH = Decoding("en")


@pytest.fixture(scope="module")
def folder(models: Callable[[str], Path]) -> Path:
    return models("moonshine-base")


@pytest.fixture(scope="module")
def engine(folder: Path) -> MoonshineEngine:
    return MoonshineEngine(folder)


@pytest.fixture(scope="module")
def call(models: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Waveform:
    """Two people who greet each other on the telephone; before that it only rings."""
    scratch = tmp_path_factory.mktemp("call") / "samples"
    whole = decode_media(models("sample-phone-call") / "sample.wav", scratch, "sample.wav")
    return whole.crop(Segment(6.0, 20.0))


def test_words_come_with_times_in_order(engine: MoonshineEngine, call: Waveform) -> None:
    (heard,) = engine.decode([call], ENGLISH)
    assert "I didn't know you were there" in heard.text
    assert heard.text == " ".join(word.text for word in heard.words)
    starts = [word.segment.start for word in heard.words]
    assert starts == sorted(starts)
    assert starts[0] >= 0.0 and heard.words[-1].segment.end <= call.duration
    assert all(0.0 < word.probability <= 1.0 for word in heard.words)


def test_a_window_that_grew_reads_as_if_it_were_new(folder: Path, call: Waveform) -> None:
    # In half precision what is checked and what is written may differ in the last bit.
    growing, fresh = (MoonshineEngine(folder, dtype=torch.float32) for _ in range(2))
    for end in (3.0, 5.0, 8.0):
        window = call.crop(Segment(0.0, end))
        (heard,), (again,) = growing.decode([window], ENGLISH), fresh.decode([window], ENGLISH)
        fresh = MoonshineEngine(folder, dtype=torch.float32) if end < 8.0 else fresh
        assert heard.text == again.text


def test_silence_and_less_than_a_word_are_no_error(engine: MoonshineEngine) -> None:
    for num_samples in (0, 100, SAMPLE_RATE):
        (heard,) = engine.decode([Waveform(np.zeros(num_samples, np.float32))], ENGLISH)
        assert len(heard.words) <= 1


def test_halves_are_used_where_the_machine_computes_with_them(folder: Path) -> None:
    network = load_network(folder, torch.bfloat16)
    assert network.proj_out.weight.dtype is torch.bfloat16
    assert network.proj_out.weight is network.model.decoder.embed_tokens.weight
