"""The device is chosen by the setting and by what the machine has."""

import os
import sys
from types import SimpleNamespace

import pytest

from meeting_app.config import DeviceConfig
from meeting_app.errors import ConfigError
from pipelines.device import Device, choose_device, limit_threads, worker_environments


class FakeTorch(SimpleNamespace):
    """torch, as far as choosing a device needs it."""

    def __init__(self, has_gpu: bool, num_gpus: int = 4) -> None:
        cuda = SimpleNamespace(is_available=lambda: has_gpu, device_count=lambda: num_gpus)
        super().__init__(cuda=cuda)
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
    assert choose_device(DeviceConfig("auto", num_threads=3)) == Device("cuda", "float16", 3)


def test_auto_without_a_gpu_takes_the_cpu(without_gpu):
    assert choose_device(DeviceConfig("auto", num_threads=3)) == Device("cpu", "float32", 3)


def test_cpu_is_taken_though_there_is_a_gpu(with_gpu):
    assert choose_device(DeviceConfig("cpu", num_threads=3)) == Device("cpu", "float32", 3)


def test_cuda_is_taken_where_it_is(with_gpu):
    assert choose_device(DeviceConfig("cuda", num_threads=3)).name == "cuda"


def test_cuda_where_there_is_none_says_what_to_do(without_gpu):
    with pytest.raises(ConfigError, match=r"device\.name: cuda.*set cpu or auto"):
        choose_device(DeviceConfig("cuda"))


def test_no_number_of_threads_means_every_core_the_process_may_use(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 2, 5}, raising=False)
    assert choose_device(DeviceConfig("cpu", num_threads=0)).num_threads == 3


def test_where_the_system_does_not_tell_every_core_counts(monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    assert choose_device(DeviceConfig("cpu", num_threads=0)).num_threads == 6


def test_cpu_by_name_loads_no_torch(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)  # importing it would fail
    assert choose_device(DeviceConfig("cpu", num_threads=1)).name == "cpu"


def test_torch_keeps_to_the_threads(monkeypatch):
    torch = FakeTorch(False)
    monkeypatch.setitem(sys.modules, "torch", torch)
    limit_threads(5)
    assert torch.num_threads == 5


def seen(*names: str) -> tuple[dict[str, str], ...]:
    return tuple({"CUDA_VISIBLE_DEVICES": name} for name in names)


def test_the_first_gpu_alone_needs_no_environment_and_no_torch(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)  # importing it would fail
    assert worker_environments(DeviceConfig(), {}) == ({},)
    assert worker_environments(DeviceConfig("cpu", "all"), {}) == ({},)


def test_each_chosen_gpu_gets_a_worker_that_sees_no_other(with_gpu):
    assert worker_environments(DeviceConfig("auto", "0, 2"), {}) == seen("0", "2")
    assert worker_environments(DeviceConfig("auto", "all"), {}) == seen("0", "1", "2", "3")
    assert worker_environments(DeviceConfig("auto", "3,3"), {}) == seen("3")


def test_gpus_are_counted_among_those_that_may_be_seen(with_gpu):
    environ = {"CUDA_VISIBLE_DEVICES": "5,GPU-8932f937"}
    assert worker_environments(DeviceConfig("cuda", "all"), environ) == seen("5", "GPU-8932f937")
    assert worker_environments(DeviceConfig("cuda", "1"), environ) == seen("GPU-8932f937")


def test_without_a_gpu_there_is_one_worker(without_gpu):
    assert worker_environments(DeviceConfig("auto", "all"), {}) == ({},)


@pytest.mark.parametrize(
    ("gpus", "message"), [("0,4", r"no GPU 4; there are 4"), ("first", r"'first' is no list")]
)
def test_a_gpu_that_is_not_there_is_refused(with_gpu, gpus, message):
    with pytest.raises(ConfigError, match=rf"device\.gpus: .*{message}"):
        worker_environments(DeviceConfig("cuda", gpus), {})
