"""Running a step many times: recorded once on a GPU, as it is elsewhere."""

from collections.abc import Callable
from typing import Protocol

import torch

_NUM_WARM_UPS = 3  # runs before recording, in which libraries choose and allocate


class Recorder(Protocol):
    """Makes a step cheap to repeat."""

    def __call__(self, step: Callable[[], None]) -> Callable[[], None]:
        """What does the same as ``step``, on the same tensors; ``step`` may run meanwhile."""


def run_directly(step: Callable[[], None]) -> Callable[[], None]:
    """The step itself: nothing is gained by recording on a CPU."""
    return step


class CudaGraphs:
    """Records a step as a CUDA graph, so that it costs one launch instead of hundreds."""

    def __init__(self, device: torch.device) -> None:
        self._device = device

    def __call__(self, step: Callable[[], None]) -> Callable[[], None]:
        """Raises torch.cuda.OutOfMemoryError when there is no room for it."""
        stream = torch.cuda.Stream(self._device)  # type: ignore[no-untyped-call]
        stream.wait_stream(torch.cuda.current_stream(self._device))
        with torch.cuda.stream(stream):
            for _ in range(_NUM_WARM_UPS):
                step()
        torch.cuda.current_stream(self._device).wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        # Other threads may use the device meanwhile. Each graph has its own memory, so that the
        # memory of one that is no longer needed comes back.
        with torch.cuda.graph(graph, capture_error_mode="thread_local"):
            step()
        replay: Callable[[], None] = graph.replay
        return replay


def recorder_for(device: torch.device) -> Recorder:
    """The way of running steps that suits ``device``."""
    return CudaGraphs(device) if device.type == "cuda" else run_directly
