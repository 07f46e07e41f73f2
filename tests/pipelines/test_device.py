"""The device is chosen by the setting and by what the machine has."""

import os
import sys
from types import SimpleNamespace

import pytest

from meeting_app.config import DeviceConfig
from meeting_app.errors import ConfigError
from pipelines.device import Device, choose_device, limit_threads


class FakeTorch(SimpleNamespace):
    """torch, as far as choosing a device needs it."""

    def __init__(self, has_gpu: bool) -> None:
        super().__init__(cuda=SimpleNamespace(is_available=lambda: has_gpu))
        self.num_threads: int | None = None

    def set_num_threads(self, num_threads: int) -> None:
        self.num_threads = num_threads


@pytest.fixture
def with_gpu(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", FakeTorch(True))


@pytest.fixture
def without_gpu(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", FakeTorch(False))


def test_auto_takes_the_gpu(with_gpu):
    assert choose_device(DeviceConfig("auto", 3)) == Device("cuda", "float16", 3)


def test_auto_without_a_gpu_takes_the_cpu(without_gpu):
    assert choose_device(DeviceConfig("auto", 3)) == Device("cpu", "float32", 3)


def test_cpu_is_taken_though_there_is_a_gpu(with_gpu):
    assert choose_device(DeviceConfig("cpu", 3)) == Device("cpu", "float32", 3)


def test_cuda_is_taken_where_it_is(with_gpu):
    assert choose_device(DeviceConfig("cuda", 3)).name == "cuda"


def test_cuda_where_there_is_none_says_what_to_do(without_gpu):
    with pytest.raises(ConfigError, match=r"device\.name: cuda.*set cpu or auto"):
        choose_device(DeviceConfig("cuda"))


def test_no_number_of_threads_means_every_core_the_process_may_use(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 2, 5}, raising=False)
    assert choose_device(DeviceConfig("cpu", 0)).num_threads == 3


def test_where_the_system_does_not_tell_every_core_counts(monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    assert choose_device(DeviceConfig("cpu", 0)).num_threads == 6


def test_cpu_by_name_loads_no_torch(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)  # importing it would fail
    assert choose_device(DeviceConfig("cpu", 1)).name == "cpu"


def test_torch_keeps_to_the_threads(monkeypatch):
    torch = FakeTorch(False)
    monkeypatch.setitem(sys.modules, "torch", torch)
    limit_threads(Device("cpu", "float32", 5))
    assert torch.num_threads == 5
