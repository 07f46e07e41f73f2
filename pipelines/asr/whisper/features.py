"""The log-mel spectrogram, computed where the network is."""

from collections.abc import Sequence

import numpy as np
import torch
from faster_whisper.feature_extractor import FeatureExtractor
from torch import Tensor

from meeting_app.domain import Waveform

SAMPLE_RATE = 16_000
_WINDOW = 400  # samples of the Fourier transform
_HOP = 160  # samples per frame
_FLOOR = 1e-10  # of power
_RANGE = 8.0  # decades below the loudest band that are told apart


class LogMel:
    """Whisper's features of a batch of windows, equal to faster-whisper's within rounding.

    Source: Radford et al. 2022, arXiv:2212.04356, section 2.2.
    """

    def __init__(self, num_mels: int, device: torch.device) -> None:
        filters = FeatureExtractor.get_mel_filters(SAMPLE_RATE, _WINDOW, num_mels)
        self._filters = torch.from_numpy(filters.astype(np.float32)).to(device)
        self._window = torch.hann_window(_WINDOW, device=device)
        self._device = device

    def __call__(self, windows: Sequence[Waveform], num_frames: int) -> Tensor:
        """Every window on its own loudness, followed by zeros.

        Args:
            windows: 16 kHz.
            num_frames: of the result, 100 a second; longer windows are cut.

        Returns:
            (batch, num_mels, num_frames) float32.
        """
        lengths = [len(window.samples) for window in windows]
        samples = np.zeros((len(windows), max(*lengths, _WINDOW) + _HOP), np.float32)
        for row, window in zip(samples, windows, strict=True):
            row[: len(window.samples)] = window.samples
        power = self._power(torch.from_numpy(samples).to(self._device))
        frames = torch.tensor([length // _HOP for length in lengths], device=self._device)
        columns = torch.arange(power.shape[2], device=self._device)
        mel = torch.log10((self._filters @ power).clamp(min=_FLOOR))
        # The loudest frame of all is taken from one frame more than is kept, as elsewhere.
        heard = (columns <= frames[:, None])[:, None]  # (batch, 1, frames)
        loudest = mel.masked_fill(~heard, -torch.inf).amax(dim=(1, 2), keepdim=True)
        mel = (torch.maximum(mel, loudest - _RANGE) + 4.0) / 4.0
        mel = mel.masked_fill(~(columns < frames[:, None])[:, None], 0.0)[..., :num_frames]
        return torch.nn.functional.pad(mel, (0, num_frames - mel.shape[2]))

    def _power(self, samples: Tensor) -> Tensor:
        """(batch, num_samples) to (batch, bins, frames)."""
        spectrum = torch.stft(
            samples, _WINDOW, _HOP, window=self._window, center=True, return_complex=True
        )
        return spectrum.abs().square()
