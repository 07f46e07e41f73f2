"""Fixtures that every part may use."""

import gc
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# Of workers beside each other each has a core: with a thread for every core they would mostly wait
# for one another. Set before anything imports torch, and inherited by what tests start.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# Who runs the tests in the background of a script runs them with Ctrl-C ignored, and so would run
# every server that they start: it would end by itself and with 0 where a test presses Ctrl-C.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes says how busy the machine is, and nothing of the code.
settings.register_profile("project", deadline=None)
settings.load_profile("project")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What is imported stays: the garbage collector need not look at it again and again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session")
def models() -> Callable[[str], Path]:
    """The verified folder of a model, pulled through the project's own store where it must be."""
    from meeting_app.config import load_config
    from pipelines.weights.store import WeightsStore

    config = load_config().weights
    return WeightsStore(config.cache, offline=config.offline).get
