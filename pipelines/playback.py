"""Sound becomes AAC in .m4a, which every browser plays and seeks exactly."""

from pathlib import Path

import av
import numpy as np

from meeting_app.domain import Waveform
from meeting_app.errors import MediaError
from pipelines.files import written_whole
from pipelines.protocols import ReportFraction, report_nothing

BIT_RATE = 48_000  # bit/s; transparent for one voice at 16 kHz
BLOCK_DURATION = 10.0  # seconds encoded at a time


def encode_playback(
    waveform: Waveform, path: Path, report: ReportFraction = report_nothing
) -> None:
    """Writes ``path``: AAC-LC, mono, the index in front so that playing starts at once.

    The encoder's delay is cut off by an edit list, so that times in ``path`` are those of
    ``waveform`` (within one sample in players that honour it, as browsers do).

    Raises:
        MediaError: the waveform is empty.
        DiskFullError: no room for ``path``.
    """
    num_samples = len(waveform.samples)
    if num_samples == 0:
        raise MediaError(f"{path.name}: there is no sound to encode; decode a recording first")
    step = round(BLOCK_DURATION * waveform.sample_rate)
    with (
        written_whole(path) as partial,
        # "mp4" wherever "ipod" would do: browsers read either, and it is what they are tested on.
        av.open(f"file:{partial}", "w", format="mp4", options={"movflags": "+faststart"}) as file,
    ):
        stream = file.add_stream("aac", rate=waveform.sample_rate, layout="mono")
        stream.bit_rate = BIT_RATE
        for first in range(0, num_samples, step):
            file.mux(stream.encode(_frame(waveform, first, step)))
            report(min(1.0, (first + step) / num_samples))
        file.mux(stream.encode(None))


def _frame(waveform: Waveform, first: int, num_samples: int) -> av.AudioFrame:
    samples = np.array(waveform.samples[first : first + num_samples], np.float32)
    frame = av.AudioFrame.from_ndarray(samples[np.newaxis], format="fltp", layout="mono")
    frame.sample_rate = waveform.sample_rate
    frame.pts = first
    return frame
