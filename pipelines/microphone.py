"""Sound of an input device of this machine, block by block, for as long as it gives any."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import av
import numpy as np
import numpy.typing as npt

from meeting_app.domain import SAMPLE_RATE
from meeting_app.errors import ConfigError, MediaError

# What the system calls its sound devices, best first; a build of PyAV has some of them.
_KINDS = {"linux": ("pulse", "alsa"), "darwin": ("avfoundation",), "win32": ("dshow",)}


@contextmanager
def microphone(name: str, block: int) -> Iterator[Iterator[npt.NDArray[np.int16]]]:
    """Opens the device; gives blocks of ``block`` samples at 16 kHz, mono, in real time.

    Args:
        name: as the system calls the device, such as "default" or "hw:1".
        block: samples of each block.

    Raises:
        ConfigError: this build cannot record from devices.
        MediaError: there is no such device, or it refuses.
    """
    kind = next((k for k in _KINDS.get(sys.platform, ()) if _is_known(k)), None)
    if kind is None:
        raise ConfigError(
            f"{name}: this installation cannot record from devices; record in the browser instead"
        )
    try:
        container = av.open(name, format=kind)
    except (av.FFmpegError, OSError) as error:
        raise MediaError(
            f"{name}: cannot be recorded from ({error.strerror or error}); name another {kind} "
            "device, or record in the browser"
        ) from error
    with container:
        yield _blocks(container, name, block)


def _is_known(kind: str) -> bool:
    try:
        av.ContainerFormat(kind, "r")
    except ValueError:
        return False
    return True


def _blocks(
    container: "av.container.InputContainer", name: str, block: int
) -> Iterator[npt.NDArray[np.int16]]:
    resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
    rest = np.zeros(0, np.int16)
    try:
        for frame in container.decode(audio=0):
            for piece in resampler.resample(frame):
                rest = np.concatenate([rest, piece.to_ndarray().reshape(-1)])
            while len(rest) >= block:
                yield rest[:block]
                rest = rest[block:]
    except (av.FFmpegError, OSError) as error:
        raise MediaError(f"{name}: the device is gone ({error}); plug it in again") from error
