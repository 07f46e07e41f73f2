"""Threads that share one engine; the fake engine is let go by the tests, so nothing sleeps."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import pytest
from pyannote.core import Segment, Timeline

from meeting_app.config import AsrConfig
from meeting_app.domain import Waveform, Word
from meeting_app.errors import BusyError, JobCancelledError, ModelError
from pipelines.asr.batching import BatchingEngine, share
from pipelines.asr.engine import Decoding, Hypothesis
from pipelines.asr.recognizer import WhisperRecognizer
from pipelines.asr.scheduling import BatchPolicy, Lane

RATE = 16_000
ENGLISH = Decoding("en")
EAGER = BatchPolicy(max_batch_size=8, max_wait=0.0, patience=10.0)
PATIENCE = 10.0  # seconds after which a test that hangs has failed


def window(name: float, seconds: float = 3.0) -> Waveform:
    """Sound whose every sample is its name."""
    return Waveform(np.full(round(seconds * RATE), name, np.float32))


def name_of(sound: Waveform) -> float:
    return round(float(sound.samples[0]), 3)


def heard(sound: Waveform) -> Hypothesis:
    text = f"{name_of(sound)}"
    return Hypothesis((Word(Segment(0, 0.5), text, 0.9),), text, sound.duration, -0.2, 0.05)


@dataclass
class FakeEngine:
    """Decodes what it is given, one batch for each permit."""

    languages: tuple[str, ...] = ("en", "de")
    is_open: bool = True
    calls: list[tuple[list[float], object]] = field(default_factory=list)
    threads: set[int] = field(default_factory=set)  # from which it was called
    has_begun: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    may_end: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def detect(self, windows: Sequence[Waveform]) -> tuple[Mapping[str, float], ...]:
        self._run(windows, None)
        return tuple({"en": name_of(sound)} for sound in windows)

    def decode(self, windows: Sequence[Waveform], decoding: Decoding) -> tuple[Hypothesis, ...]:
        self._run(windows, decoding)
        if any(name_of(sound) < 0 for sound in windows):
            raise ModelError("a bad window; give a better one")
        return tuple(heard(sound) for sound in windows)

    def _run(self, windows: Sequence[Waveform], decoding: object) -> None:
        self.calls.append(([name_of(sound) for sound in windows], decoding))
        self.threads.add(threading.get_ident())
        self.has_begun.release()
        if not self.is_open:
            assert self.may_end.acquire(timeout=PATIENCE)

    def await_call(self) -> None:
        assert self.has_begun.acquire(timeout=PATIENCE)


@contextmanager
def busy_engine(max_queue: int = 100) -> Iterator[tuple[FakeEngine, BatchingEngine]]:
    """One whose device is in the middle of a batch until ``may_end`` is released."""
    engine = FakeEngine(is_open=False)
    with BatchingEngine(engine, EAGER, max_queue) as shared, ThreadPoolExecutor(1) as pool:
        running = pool.submit(shared.session(Lane.FILE).decode, [window(0.9)], ENGLISH)
        engine.await_call()
        try:
            yield engine, shared
        finally:
            engine.is_open = True
            engine.may_end.release()
            running.result(PATIENCE)


def texts(found: Sequence[Hypothesis]) -> list[str]:
    return [hypothesis.text for hypothesis in found]


def until_waiting(shared: BatchingEngine, count: int) -> None:
    with shared._changed:
        assert shared._changed.wait_for(lambda: len(shared._waiting) == count, PATIENCE)


def test_answers_come_back_in_the_order_of_the_windows() -> None:
    with BatchingEngine(FakeEngine(), EAGER, 100) as shared:
        session = shared.session(Lane.FILE)
        found = session.decode([window(0.1), window(0.2, 9.0), window(0.3)], ENGLISH)
        assert texts(found) == ["0.1", "0.2", "0.3"]
        assert session.detect([window(0.5)]) == ({"en": 0.5},)
        assert session.languages == shared.languages == ("en", "de")
        assert session.decode([], ENGLISH) == ()


def test_the_limits_are_those_of_the_settings() -> None:
    config = AsrConfig(batch_size=2, max_wait=0.0, max_queue=3)
    engine = FakeEngine()
    with share(engine, config) as shared:
        session = shared.session(Lane.FILE)
        assert texts(session.decode([window(0.1)] * 3, ENGLISH)) == ["0.1"] * 3
        with pytest.raises(BusyError, match="3 may"):
            session.decode([window(0.1)] * 4, ENGLISH)
    assert max(len(names) for names, _ in engine.calls) == 2


def test_sessions_that_wait_share_a_batch_live_first() -> None:
    with busy_engine() as (engine, shared), ThreadPoolExecutor(3) as pool:
        answers = []
        for count, (lane, name) in enumerate(
            [(Lane.FILE, 0.1), (Lane.FILE, 0.2), (Lane.LIVE, 0.3)], start=1
        ):
            answers.append(pool.submit(shared.session(lane).decode, [window(name)], ENGLISH))
            until_waiting(shared, count)
        engine.is_open = True
        engine.may_end.release()
        assert [texts(a.result(PATIENCE)) for a in answers] == [["0.1"], ["0.2"], ["0.3"]]
        assert engine.calls[1:] == [([0.3, 0.1, 0.2], ENGLISH)]


def test_windows_that_are_decoded_differently_share_no_batch() -> None:
    german, padded = Decoding("de"), Decoding("en", is_padded=True)
    with busy_engine() as (engine, shared), ThreadPoolExecutor(4) as pool:
        answers = []
        for count, (sound, decoding) in enumerate(
            [
                (window(0.1), ENGLISH),
                (window(0.2), german),
                (window(0.3), padded),
                (window(0.4, 12.0), ENGLISH),
            ],
            start=1,
        ):
            answers.append(pool.submit(shared.session(Lane.FILE).decode, [sound], decoding))
            until_waiting(shared, count)
        engine.is_open = True
        engine.may_end.release()
        for answer in answers:
            answer.result(PATIENCE)
    assert [names for names, _ in engine.calls[1:]] == [[0.1], [0.2], [0.3], [0.4]]


def test_a_full_queue_says_that_it_is_busy_and_takes_nothing() -> None:
    with busy_engine(max_queue=2) as (engine, shared), ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(shared.session(Lane.FILE).decode, [window(0.1), window(0.2)], ENGLISH)
        until_waiting(shared, 2)
        with pytest.raises(BusyError, match=r"2 windows wait and 2 may.*asr\.max_queue"):
            shared.session(Lane.FILE).decode([window(0.3)], ENGLISH)
        engine.is_open = True
        engine.may_end.release()
        assert texts(waiting.result(PATIENCE)) == ["0.1", "0.2"]
    assert 0.3 not in [name for names, _ in engine.calls for name in names]


def test_a_full_lane_leaves_the_other_open() -> None:
    with busy_engine(max_queue=1) as (engine, shared), ThreadPoolExecutor(2) as pool:
        file = pool.submit(shared.session(Lane.FILE).decode, [window(0.1)], ENGLISH)
        until_waiting(shared, 1)
        live = pool.submit(shared.session(Lane.LIVE).decode, [window(0.2)], ENGLISH)
        until_waiting(shared, 2)
        engine.is_open = True
        engine.may_end.release()
        assert texts(live.result(PATIENCE)) == ["0.2"]
        assert texts(file.result(PATIENCE)) == ["0.1"]


def test_a_cancelled_session_gives_up_what_waits_and_nobody_else_does() -> None:
    with busy_engine() as (engine, shared), ThreadPoolExecutor(2) as pool:
        one, other = shared.session(Lane.LIVE), shared.session(Lane.LIVE)
        given_up = pool.submit(one.decode, [window(0.1), window(0.2)], ENGLISH)
        until_waiting(shared, 2)
        kept = pool.submit(other.decode, [window(0.3)], ENGLISH)
        until_waiting(shared, 3)
        one.cancel()
        with pytest.raises(JobCancelledError, match="cancelled while it waited"):
            given_up.result(PATIENCE)
        engine.is_open = True
        engine.may_end.release()
        assert texts(kept.result(PATIENCE)) == ["0.3"]
    assert [names for names, _ in engine.calls] == [[0.9], [0.3]]


def test_a_bad_window_fails_alone() -> None:
    with busy_engine() as (engine, shared), ThreadPoolExecutor(2) as pool:
        bad = pool.submit(shared.session(Lane.FILE).decode, [window(-0.1)], ENGLISH)
        until_waiting(shared, 1)
        good = pool.submit(shared.session(Lane.FILE).decode, [window(0.2)], ENGLISH)
        until_waiting(shared, 2)
        engine.is_open = True
        engine.may_end.release()
        assert texts(good.result(PATIENCE)) == ["0.2"]
        with pytest.raises(ModelError, match="a bad window"):
            bad.result(PATIENCE)
    assert [names for names, _ in engine.calls[1:]] == [[-0.1, 0.2], [-0.1], [0.2]]


def test_what_waits_when_the_engine_is_closed_is_told_so() -> None:
    with busy_engine() as (engine, shared), ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(shared.session(Lane.FILE).decode, [window(0.1)], ENGLISH)
        until_waiting(shared, 1)
        closing = threading.Thread(target=shared.close)
        closing.start()
        with shared._changed:
            assert shared._changed.wait_for(lambda: shared._is_closed, PATIENCE)
        engine.is_open = True
        engine.may_end.release()
        closing.join(PATIENCE)
        with pytest.raises(ModelError, match="closed"):
            waiting.result(PATIENCE)
        with pytest.raises(ModelError, match="closed"):
            shared.session(Lane.LIVE).decode([window(0.1)], ENGLISH)


def test_many_recognisers_share_an_engine_and_each_gets_its_own_words() -> None:
    engine = FakeEngine()
    policy = BatchPolicy(max_batch_size=4, max_wait=0.005, patience=1.0)
    with BatchingEngine(engine, policy, 1_000) as shared, ThreadPoolExecutor(6) as pool:

        def recognize(index: int) -> list[str]:
            name = (index + 1) / 100
            lane = Lane.LIVE if index % 2 else Lane.FILE
            recognizer = WhisperRecognizer(shared.session(lane), AsrConfig(batch_size=3))
            sound = window(name, 200.0)
            speech = Timeline([Segment(20 * i, 20 * i + 3) for i in range(10)])
            return [word.text for word in recognizer(sound, speech, "en").words]

        for index, found in enumerate(pool.map(recognize, range(6))):
            assert found == [f"{(index + 1) / 100}"] * 10
    assert sum(len(names) for names, _ in engine.calls) == 60
    assert max(len(names) for names, _ in engine.calls) <= 4


def test_a_shared_recogniser_runs_its_engine_in_one_thread_for_all_callers() -> None:
    engine = FakeEngine()
    recognizer = WhisperRecognizer(engine, AsrConfig(padding=0.0)).shared(Lane.LIVE)

    def recognize(index: int) -> list[str]:
        name = (index + 1) / 100
        speech = Timeline([Segment(0, 3), Segment(20, 23)])
        return [word.text for word in recognizer(window(name, 30.0), speech, "en").words]

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(recognize, range(4)))
    assert found == [[f"{(index + 1) / 100}"] * 2 for index in range(4)]
    assert len(engine.threads) == 1
