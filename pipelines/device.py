"""What the models run on, chosen once."""

import os
from dataclasses import dataclass
from typing import Literal

from meeting_app.config import DeviceConfig
from meeting_app.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Device:
    """Where and how precisely networks compute."""

    name: Literal["cpu", "cuda"]  # as torch and CTranslate2 call it
    # Of speech recognition. Speaker networks stay in float32: half precision has moved their
    # error by tens of points.
    dtype: Literal["float32", "float16"]
    num_threads: int  # on the CPU


def choose_device(config: DeviceConfig) -> Device:
    """The device that ``config`` asks for.

    Raises:
        ConfigError: a GPU is asked for and there is none.
    """
    num_threads = config.num_threads or _num_cores()
    if config.name == "cpu" or (config.name == "auto" and not _has_gpu()):
        return Device("cpu", "float32", num_threads)
    if not _has_gpu():
        raise ConfigError(
            "device.name: cuda, but no GPU can be used; install its driver, or set cpu or auto"
        )
    return Device("cuda", "float16", num_threads)


def limit_threads(device: Device) -> None:
    """Keeps torch, in this process, to the threads of ``device``."""
    import torch

    torch.set_num_threads(device.num_threads)


def _has_gpu() -> bool:
    import torch

    return torch.cuda.is_available()


def _num_cores() -> int:
    """Cores this process may use, which in a container are fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
