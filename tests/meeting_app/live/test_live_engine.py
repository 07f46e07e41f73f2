"""The recognition as a process: it may die, babble or get stuck."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from meeting_app.domain import Behind
from meeting_app.domain.live_messages import ListenTo, SoundGrew, StopListening
from meeting_app.live import engine
from meeting_app.live.engine import EngineProcess

HEAD = """
import json, sys, os, time
def tell(**d): print(json.dumps(d), flush=True)
def heard(id, seconds): tell(id=id, update={"type": "behind", "seconds": seconds})
tell(ready=True, sessions=3)
"""
ECHO = """
for line in sys.stdin:
    order = json.loads(line)
    if "grow" in order: heard(order["grow"], order["samples"])
    elif "close" in order: tell(id=order["close"], flushed=True)
    elif order["path"] == "die": os._exit(1)
"""


class Ears:
    def __init__(self) -> None:
        self.ready: list[int] = []
        self.num_lost = 0
        self.news: list[tuple[str, object]] = []
        self.done: list[str] = []

    def recognition_ready(self, num_meetings: int) -> None:
        self.ready.append(num_meetings)

    def recognition_lost(self) -> None:
        self.num_lost += 1

    def heard(self, meeting_id: str, update: object) -> None:
        if meeting_id == "bad":
            raise ValueError("a bug")
        self.news.append((meeting_id, update))

    def flushed(self, meeting_id: str) -> None:
        self.done.append(meeting_id)


@contextmanager
def running(script: str) -> Iterator[tuple[EngineProcess, Ears]]:
    ears, process = Ears(), EngineProcess((sys.executable, "-c", HEAD + script))
    process._child._first_pause = 0.01
    process.start(ears)
    try:
        until(lambda: ears.ready)
        yield process, ears
    finally:
        process.stop()


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def listen(path: str = "x") -> ListenTo:
    return ListenTo("a", path, None, 0, 0)


def test_orders_reach_the_process_and_reports_come_back() -> None:
    with running(ECHO) as (process, ears):
        assert ears.ready == [3]
        process.order(listen())
        process.order(SoundGrew("a", 7))
        process.order(StopListening("a"))
        until(lambda: ears.done)
        assert ears.news == [("a", Behind(7.0))]


def test_one_that_dies_is_started_again_and_forgets_its_orders() -> None:
    with running(ECHO) as (process, ears):
        process.order(listen("die"))
        until(lambda: len(ears.ready) == 2)
        assert ears.num_lost == 1
        process.order(SoundGrew("a", 1))
        until(lambda: ears.news)


def test_garbage_is_ignored_and_a_bug_behind_one_report_deafens_nobody(caplog) -> None:
    script = """
print("not JSON", flush=True)
print('{"id": 1}', flush=True)
sys.stdout.buffer.write(bytes([255, 10])); sys.stdout.flush()
heard("bad", 1)
"""
    with running(script + ECHO) as (process, ears):
        process.order(SoundGrew("a", 2))
        until(lambda: ears.news)
        assert ears.news == [("a", Behind(2.0))]
    assert caplog.text.count("cannot be read") == 3
    assert "a bug" in caplog.text


def test_an_endless_line_ends_the_process(monkeypatch) -> None:
    monkeypatch.setattr(engine, "MAX_LINE_BYTES", 1000)
    with running("sys.stdout.write('x' * 5000); sys.stdout.flush(); time.sleep(60)") as (_, ears):
        until(lambda: len(ears.ready) == 2)
        assert ears.num_lost >= 1


@pytest.mark.slow
def test_one_that_reads_nothing_holds_nobody_up_and_is_started_again(monkeypatch) -> None:
    monkeypatch.setattr(engine, "_STUCK_AFTER", 3.0)
    with running("time.sleep(600)") as (process, ears):
        slowest = 0.0
        for number in range(20_000):
            began = time.perf_counter()
            process.order(SoundGrew(f"{number % 8}", number))
            process.order(StopListening("a" * 60)) if number % 10 == 0 else None
            slowest = max(slowest, time.perf_counter() - began)
        assert slowest < 2.0
        until(lambda: len(ears.ready) == 2)
        assert ears.num_lost == 1


def test_growth_that_waits_is_told_once() -> None:
    orders = engine._Orders()
    orders.is_open = True
    for samples in (1, 2, 3):
        orders.put(SoundGrew("a", samples))
    orders.put(StopListening("a"))
    assert [orders.next(), orders.next()] == [SoundGrew("a", 3), StopListening("a")]
    orders.retire()
    orders.put(SoundGrew("a", 4))
    assert orders.next() is None
