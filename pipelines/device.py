"""What the models run on, chosen once."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from meeting_app.config import DeviceConfig
from meeting_app.errors import ConfigError

_VISIBLE = "CUDA_VISIBLE_DEVICES"


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


def worker_environments(
    config: DeviceConfig, environ: Mapping[str, str] = os.environ
) -> tuple[Mapping[str, str], ...]:
    """What to set in the environment of each worker, so that it sees one device as its first.

    Args:
        config: on a CPU, or with the first GPU alone, there is one worker with nothing to set.
        environ: a list of visible GPUs in it is what ``device.gpus`` counts in.

    Raises:
        ConfigError: ``device.gpus`` names a GPU that is not there, or is no list of numbers.
    """
    if config.gpus.strip() == "0" or config.name == "cpu" or not _has_gpu():
        return ({},)
    visible = tuple(name.strip() for name in environ.get(_VISIBLE, "").split(",") if name.strip())
    names = visible or tuple(str(number) for number in range(_num_gpus()))
    return tuple({_VISIBLE: names[number]} for number in _chosen(config.gpus, len(names)))


def _chosen(gpus: str, count: int) -> tuple[int, ...]:
    if gpus.strip() == "all":
        return tuple(range(count))
    try:
        numbers = tuple(dict.fromkeys(int(number) for number in gpus.split(",")))
    except ValueError as error:
        raise ConfigError(
            f"device.gpus: {gpus!r} is no list of numbers; give such as 0,1, or all"
        ) from error
    missing = [str(number) for number in numbers if not 0 <= number < count]
    if missing:
        raise ConfigError(
            f"device.gpus: no GPU {', '.join(missing)}; there are {count}, counted from 0"
        )
    return numbers


def limit_threads(num_threads: int) -> None:
    """Keeps torch, in this process, to so many threads on the CPU."""
    import torch

    torch.set_num_threads(num_threads)


def _has_gpu() -> bool:
    import torch

    return torch.cuda.is_available()


def _num_gpus() -> int:
    import torch

    return torch.cuda.device_count()


def _num_cores() -> int:
    """Cores this process may use, which in a container are fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
