"""Words while they are spoken."""

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from pyannote.core import Segment

from meeting_app.domain import Word
from meeting_app.errors import ModelError
from pipelines.asr.vosk import VoskRecognizer, with_times

JFK = Path("../shared/eval/audio/jfk.flac")


def test_a_new_word_ends_where_the_network_has_heard_it_to() -> None:
    (word,) = with_times((), ["hello"], 5.0)
    assert word.segment.end == pytest.approx(4.85)
    assert word.segment.start == pytest.approx(4.5)


def test_a_word_that_was_there_keeps_its_time() -> None:
    before = (Word(Segment(1.0, 1.4), "ask", 0.5), Word(Segment(1.5, 1.6), "knot", 0.5))
    words = with_times(before, ["ask", "not", "what"], 3.0)
    assert words[0] == before[0]
    assert [word.text for word in words] == ["ask", "not", "what"]
    times = [time for word in words for time in word.segment]
    assert times == sorted(times)


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"model\.conf missing"):
        VoskRecognizer(tmp_path)


def speech(path: Path) -> np.ndarray:
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("s16", "mono", 16_000)
        pieces = [
            piece.to_ndarray()[0]
            for frame in container.decode(audio=0)
            for piece in resampler.resample(frame)
        ]
    return np.concatenate(pieces).astype(np.float32) / np.float32(32768.0)


@pytest.mark.model
@pytest.mark.skipif(not JFK.exists(), reason="no evaluation data")
def test_english_words_come_before_the_utterance_ends(models: Callable[[str], Path]) -> None:
    stream = VoskRecognizer(models("vosk-small") / "en")(100.0)
    samples = speech(JFK)
    heard = [
        [word.text for word in stream.accept(samples[first : first + 640])]
        for first in range(0, len(samples), 640)
    ]
    words = stream.finish()
    text = " ".join(word.text for word in words)
    assert "ask not what your country can do for you" in text
    assert "americans" in " ".join(heard[round(3.5 / 0.04)])  # of 11 s
    assert all(100.0 <= word.segment.start < word.segment.end <= 111.1 for word in words)
    assert stream.accept(np.zeros(640, np.float32)) == ()  # another utterance


@pytest.mark.model
@pytest.mark.parametrize("language", ["en", "zh"])
def test_silence_has_no_words(models: Callable[[str], Path], language: str) -> None:
    stream = VoskRecognizer(models("vosk-small") / language)(0.0)
    assert stream.accept(np.zeros(48_000, np.float32)) == ()
    assert stream.finish() == ()
