"""Two recognisers side by side, both made up."""

import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pyannote.core import Segment

from benchmarks.asr import Comparison, Figures, compare, figures, score_text, table
from benchmarks.corpora import Passage, Recording, ReferenceWords, Timing
from benchmarks.score import WordScore
from meeting_app.domain import Word

SAID = "we move the deadline"


def spoken(text: str) -> tuple[Word, ...]:
    return tuple(Word(Segment(i, i + 1), word, 1.0) for i, word in enumerate(text.split()))


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    path = tmp_path / "standup.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(bytes(2 * 16_000 * 10))
    words = ReferenceWords(Timing.PASSAGE, (Passage("A", Segment(0, 4), SAID),))
    return Recording("standup", path, (), None, words)


def saying(*texts: str) -> Callable[[Path], tuple[Word, ...]]:
    left: Iterator[str] = iter(texts)
    return lambda path: spoken(next(left))


def test_each_program_is_scored_on_its_own_words(recording: Recording) -> None:
    found = compare(recording, saying(SAID), lambda: saying("we moved a deadline"), 1)
    assert found.ours.words == WordScore(4)
    assert found.theirs.words == WordScore(4, substitutions=2)
    assert found.ours.audio == pytest.approx(10.0)
    assert found.peak_memory > 0


def test_a_program_that_hears_nothing_misses_every_word(recording: Recording) -> None:
    assert score_text(recording, ()) == WordScore(4, deletions=4)


def test_without_a_reference_there_is_nothing_to_score(recording: Recording) -> None:
    mute = Recording("standup", recording.audio, (), None, None)
    assert score_text(mute, spoken(SAID)) == WordScore()


def test_the_median_run_is_kept(recording: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([0, 3, 10, 17, 20, 21, 30, 34, 40, 42, 50, 55])  # ours 3 1 2, theirs 7 4 5
    monkeypatch.setattr("benchmarks.asr.time.perf_counter", lambda: next(moments))
    found = compare(recording, saying(*[SAID] * 3), lambda: saying(*[SAID] * 3), 3)
    assert (found.ours.spent, found.theirs.spent) == (2, 5)


def test_figures_are_pooled_from_sums() -> None:
    one = Comparison(
        Figures(WordScore(10, 1), 100, 5), Figures(WordScore(10, 2), 100, 10), 3 * 10**6
    )
    other = Comparison(Figures(WordScore(30, 5), 50, 10), Figures(WordScore(30, 6), 50, 15), 10**6)
    assert figures(one + other) == {
        "wer": 0.15,
        "wer_faster_whisper": 0.2,
        "rtfx": 10.0,
        "rtfx_faster_whisper": 6.0,
        "ratio": 1.6667,
        "peak_memory_mb": 3.0,
    }


def test_a_recording_without_words_leaves_its_error_rates_out_of_the_table() -> None:
    found = Comparison(Figures(WordScore(), 10, 2), Figures(WordScore(), 10, 4))
    assert "| standup |  |  | 5.00 | 2.50 | 2.00 |" in table([("standup", found)])
