import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import pytest
from pyannote.core import Segment, Timeline

from meeting_app.config import AsrConfig
from meeting_app.domain import Transcript, Waveform, Word
from meeting_app.errors import ConfigError, JobCancelledError, ModelError
from pipelines.asr.engine import Decoding, Hypothesis
from pipelines.asr.recognizer import WhisperRecognizer
from pipelines.asr.scheduling import Lane

RATE = 1_000
# Each sample tells its own time in thousands of seconds, so that the fake knows where it listens.
RAMP = Waveform((np.arange(600 * RATE) / RATE / 1_000).astype(np.float32), RATE)
CONFIG = AsrConfig(window=20, longest_pause=2, padding=0)

Answer = Callable[[float, float, Decoding], Hypothesis]


def one_word(start: float, duration: float, decoding: Decoding) -> Hypothesis:
    """Hears a word of half a second that names the start of the window."""
    return heard(f"w{start:.0f}", end=duration)


def heard(
    text: str,
    end: float,
    starts: Sequence[float] = (0.0,),
    log_probability: float = -0.2,
    no_speech: float = 0.05,
) -> Hypothesis:
    words = tuple(
        Word(Segment(start, start + 0.5), piece, 0.9)
        for start, piece in zip(starts, text.split(), strict=True)
    )
    return Hypothesis(words, text, end, log_probability, no_speech)


@dataclass
class FakeEngine:
    answer: Answer = one_word
    languages: tuple[str, ...] = ("en", "de", "zh")
    probabilities: Callable[[float], Mapping[str, float]] = lambda start: {"en": 1.0}
    calls: list[tuple[tuple[float, ...], Decoding]] = field(default_factory=list)

    def detect(self, windows: Sequence[Waveform]) -> tuple[Mapping[str, float], ...]:
        return tuple(self.probabilities(start_of(window)) for window in windows)

    def decode(self, windows: Sequence[Waveform], decoding: Decoding) -> tuple[Hypothesis, ...]:
        self.calls.append((tuple(start_of(window) for window in windows), decoding))
        return tuple(self.answer(start_of(w), w.duration, decoding) for w in windows)


def start_of(window: Waveform) -> float:
    return round(float(window.samples[0]) * 1_000, 2)


def recognize(
    engine: FakeEngine,
    *regions: tuple[float, float],
    config: AsrConfig = CONFIG,
    language: str | None = None,
    hotwords: Sequence[str] = (),
) -> Transcript:
    speech = Timeline([Segment(*region) for region in regions])
    return WhisperRecognizer(engine, config)(RAMP, speech, language, hotwords)


def test_words_are_told_in_the_time_of_the_recording() -> None:
    transcript = recognize(FakeEngine(), (10, 20), (100, 104))
    assert [(w.segment.start, w.text) for w in transcript.words] == [(10, "w10"), (100, "w100")]
    assert transcript.language == "en"


def test_no_speech_gives_no_words_and_no_language_without_running_a_model() -> None:
    engine = FakeEngine()
    assert recognize(engine) == Transcript(None, ())
    assert engine.calls == []


def test_the_whole_recording_votes_on_the_language() -> None:
    def probabilities(start: float) -> Mapping[str, float]:
        return {"de": 0.9, "zh": 0.1} if start < 100 else {"de": 0.2, "zh": 0.8}

    engine = FakeEngine(probabilities=probabilities)
    transcript = recognize(engine, (0, 10), (200, 210), (300, 310), (400, 410), (500, 510))
    assert transcript.language == "zh"
    assert {decoding.language for _, decoding in engine.calls} == {"zh"}


def test_a_given_language_is_taken() -> None:
    assert recognize(FakeEngine(), (0, 5), language="de").language == "de"


def test_an_unknown_language_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"'zk'.*'zh'"):
        recognize(FakeEngine(), (0, 5), language="zk")


def test_an_english_only_model_refuses_another_language() -> None:
    engine = FakeEngine(languages=("en",))
    with pytest.raises(ModelError, match=r"English only, not 'de'.*whisper-base"):
        recognize(engine, (0, 5), language="de")
    assert recognize(engine, (0, 5)).language == "en"


def test_hotwords_reach_the_engine() -> None:
    engine = FakeEngine()
    recognize(engine, (0, 5), hotwords=("Merneptah",), config=replace(CONFIG, hotword_weight=0.5))
    assert engine.calls[0][1].hotwords == ("Merneptah",)
    assert engine.calls[0][1].hotword_weight == 0.5


@pytest.mark.parametrize("batch_size", [1, 2, 8])
def test_the_batch_size_bounds_what_is_decoded_at_once_and_changes_nothing(
    batch_size: int,
) -> None:
    regions = [(20.0 * i, 20.0 * i + 3 + 2 * (i % 5)) for i in range(20)]
    engine = FakeEngine()
    transcript = recognize(engine, *regions, config=replace(CONFIG, batch_size=batch_size))
    assert [w.text for w in transcript.words] == [f"w{20 * i}" for i in range(20)]
    assert max(len(starts) for starts, _ in engine.calls) <= batch_size


def test_only_failing_windows_are_decoded_again_until_they_pass() -> None:
    def answer(start: float, duration: float, decoding: Decoding) -> Hypothesis:
        passes = start != 30 or decoding.no_repeat_ngram > 0
        return heard(f"w{start:.0f}", duration, log_probability=-0.2 if passes else -1.5)

    engine = FakeEngine(answer)
    transcript = recognize(engine, (0, 5), (30, 35), (60, 65))
    assert [w.text for w in transcript.words] == ["w0", "w30", "w60"]
    assert [starts for starts, _ in engine.calls] == [(0, 30, 60), (30,), (30,)]
    assert [decoding.is_padded for _, decoding in engine.calls] == [False, True, True]


def test_live_an_improbable_text_stays_and_a_loop_has_one_more_attempt() -> None:
    def answer(start: float, duration: float, decoding: Decoding) -> Hypothesis:
        if start >= 10 and not decoding.no_repeat_ngram:
            return heard("so " * 8, duration, range(8))
        return heard("hm", duration, log_probability=-2.0)

    engine = FakeEngine(answer)
    live = WhisperRecognizer(engine, CONFIG).shared(Lane.LIVE)
    assert live(RAMP, Timeline([Segment(1, 4)]), "en").words
    assert live(RAMP, Timeline([Segment(10, 19)]), "en").words[0].text == "hm"
    assert [(d.no_repeat_ngram, d.is_padded) for _, d in engine.calls] == [
        (0, False),
        (0, False),
        (4, False),
    ]


def test_a_draft_has_one_hypothesis_and_one_attempt() -> None:
    engine = FakeEngine(lambda start, duration, decoding: heard("so " * 8, duration, range(8)))
    drafting = WhisperRecognizer(engine, CONFIG).drafting()
    drafting(RAMP, Timeline([Segment(1, 9)]), "en")
    assert [decoding.beam_size for _, decoding in engine.calls] == [1]


def test_the_best_of_failing_attempts_is_kept_and_its_loop_cut_down() -> None:
    def answer(start: float, duration: float, decoding: Decoding) -> Hypothesis:
        likely = -0.3 if decoding.is_padded else -0.5
        return heard("you " * 9, duration, [i * 0.5 for i in range(9)], likely)

    transcript = recognize(FakeEngine(answer), (0, 5))
    assert [w.text for w in transcript.words] == ["you"]


def test_what_was_said_before_a_loop_survives_it() -> None:
    # The loop alone has 60 letters in the last second: more than anybody can say.
    starts = [0.0, 1.0, 2.0, *(3 + i / 20 for i in range(20))]
    engine = FakeEngine(
        lambda start, duration, decoding: heard("we will meet " + "you " * 20, duration, starts)
    )
    words = recognize(engine, (0, 5)).words
    assert [w.text for w in words] == ["we", "will", "meet", "you"]


def test_what_a_window_leaves_unsaid_is_decoded_next() -> None:
    def answer(start: float, duration: float, decoding: Decoding) -> Hypothesis:
        return heard(f"w{start:.0f}", end=8.0 if start == 100 else duration)

    engine = FakeEngine(answer)
    transcript = recognize(engine, (100, 115))
    assert [w.text for w in transcript.words] == ["w100", "w108"]


def test_silence_left_over_is_not_decoded() -> None:
    engine = FakeEngine(lambda start, duration, decoding: heard("hello", end=9.5))
    recognize(engine, (0, 10))
    assert len(engine.calls) == 1


def test_an_engine_that_makes_no_progress_does_not_run_for_ever() -> None:
    engine = FakeEngine(lambda start, duration, decoding: heard("hello", end=0.0))
    assert len(recognize(engine, (0, 10)).words) == 1


def test_a_window_in_which_nobody_is_heard_gives_no_words() -> None:
    engine = FakeEngine(
        lambda start, duration, decoding: heard("thanks", duration, (0.0,), -0.5, no_speech=0.9)
    )
    assert recognize(engine, (0, 5)) == Transcript(None, ())
    assert len(engine.calls) == 1


def test_words_outside_speech_are_left_out() -> None:
    def answer(start: float, duration: float, decoding: Decoding) -> Hypothesis:
        return heard("said invented", duration, [0.0, 2.9])

    transcript = recognize(FakeEngine(answer), (0, 2), (4, 10), config=replace(CONFIG, window=20))
    assert [w.text for w in transcript.words] == ["said"]


def test_a_loop_across_windows_is_cut_down() -> None:
    engine = FakeEngine(
        lambda start, duration, decoding: heard("you you", duration, [0.0, duration - 0.5])
    )
    regions = [(float(i), i + 0.99) for i in range(0, 8)]
    words = recognize(engine, *regions, config=replace(CONFIG, window=5)).words
    assert [w.text for w in words] == ["you", "you", "you", "you"]  # with pauses: people do that
    close = FakeEngine(
        lambda start, duration, decoding: heard("you " * 4, duration, [0.0, 1.2, 2.4, 3.6])
    )
    assert len(recognize(close, (0, 12), config=replace(CONFIG, window=4.2)).words) == 1


def test_progress_rises_to_one() -> None:
    fractions: list[float] = []
    speech = Timeline([Segment(20 * i, 20 * i + 5) for i in range(20)])
    config = replace(CONFIG, batch_size=3)
    WhisperRecognizer(FakeEngine(), config)(RAMP, speech, report=fractions.append)
    assert len(fractions) == 7  # 20 windows, 3 at a time
    assert all(a < b for a, b in pairwise(fractions))
    assert fractions[-1] == pytest.approx(1.0)


def test_a_cancelled_job_stops_between_batches() -> None:
    def cancel(fraction: float) -> None:
        raise JobCancelledError("cancelled")

    engine = FakeEngine()
    speech = Timeline([Segment(20 * i, 20 * i + 5) for i in range(20)])
    with pytest.raises(JobCancelledError):
        WhisperRecognizer(engine, CONFIG)(RAMP, speech, report=cancel)
    assert len(engine.calls) == 1


def test_batches_side_by_side_find_the_words_of_batches_in_turn() -> None:
    speech = Timeline([Segment(20 * i, 20 * i + 1 + i % 7) for i in range(20)])
    config = replace(CONFIG, batch_size=3)
    fractions: list[float] = []
    in_turn = WhisperRecognizer(FakeEngine(), config)(RAMP, speech)
    together = WhisperRecognizer(FakeEngine(), config, num_workers=3)(
        RAMP, speech, report=fractions.append
    )
    assert together == in_turn
    assert all(a < b for a, b in pairwise(fractions))


def test_as_many_batches_as_there_are_workers_are_decoded_at_once() -> None:
    both_are_here = threading.Barrier(2, timeout=60)

    def answer(start: float, duration: float, decoding: Decoding) -> Hypothesis:
        both_are_here.wait()  # would break if the second came after the first
        return one_word(start, duration, decoding)

    speech = Timeline([Segment(0, 5), Segment(20, 25)])
    config = replace(CONFIG, batch_size=1)
    found = WhisperRecognizer(FakeEngine(answer), config, num_workers=2)(RAMP, speech)
    assert len(found.words) == 2


def test_a_cancelled_job_leaves_batches_that_no_worker_has_begun() -> None:
    is_cancelled = threading.Event()

    def answer(start: float, duration: float, decoding: Decoding) -> Hypothesis:
        if start > 0:
            is_cancelled.wait(60)
        return one_word(start, duration, decoding)

    def cancel(fraction: float) -> None:
        threading.Timer(0.05, is_cancelled.set).start()
        raise JobCancelledError("cancelled")

    engine = FakeEngine(answer)
    speech = Timeline([Segment(20 * i, 20 * i + 5) for i in range(20)])
    config = replace(CONFIG, batch_size=1)
    with pytest.raises(JobCancelledError):
        WhisperRecognizer(engine, config, num_workers=2)(RAMP, speech, report=cancel)
    assert len(engine.calls) <= 3  # that which was done, and those that were under way


def test_some_sound_around_speech_is_given_to_the_model_but_none_beyond_the_recording() -> None:
    windows: list[tuple[float, float]] = []

    def answer(start: float, duration: float, decoding: Decoding) -> Hypothesis:
        windows.append((start, duration))
        return one_word(start, duration, decoding)

    config = replace(CONFIG, padding=0.5)
    recognize(FakeEngine(answer), (0, 2), (60, 62), (599, 600), config=config)
    assert sorted(windows) == [(0, 2.5), (59.5, 3.0), (598.5, 1.5)]
