"""Speaker embeddings of many choices of frames, with one pass through the trunk.

ECAPA-TDNN splits into a trunk that yields one vector per 10 ms frame and a pooling layer that
weighs frames and summarises them. The trunk is nearly all of the cost; so it runs once over each
stretch of sound, and only the pooling runs once for every choice of frames.

Source: Desplanques et al. 2020, arXiv:2005.07143; weights speechbrain/spkrec-ecapa-voxceleb.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from speechbrain.lobes.features import Fbank
from speechbrain.lobes.models.ECAPA_TDNN import ECAPA_TDNN
from speechbrain.utils.importutils import LazyModule
from torch import Tensor
from torch.nn import functional

from pipelines.diarization.checkpoint import weights_from

DIMENSION = 192
VOICE_SPACE = "ecapa-voxceleb"  # embeddings of another name do not compare with these
FRAME_RATE = 100  # trunk frames per second
_CHANNELS = [1024, 1024, 1024, 1024, 3072]
_EPSILON = 1e-12  # of the variance, as in training

# Training left tens of thousands of weights so small that a processor multiplies them by a slow
# way: the trunk takes three times as long, and the result is the same to the last bit.
_SMALLEST_NORMAL = torch.finfo(torch.float32).smallest_normal

Embedding = npt.NDArray[np.float32]  # (192,)

# SpeechBrain leaves names of former modules in sys.modules that import optional libraries, or
# fail to, once an attribute is asked for. Whoever walks all modules (pickle does) would do so.
for _name in [name for name, module in sys.modules.items() if isinstance(module, LazyModule)]:
    del sys.modules[_name]


@dataclass(frozen=True, slots=True, eq=False)
class TrunkFrames:
    """What the trunk says of a stretch of sound, one row every 10 ms."""

    frames: Tensor  # (num_frames, 3072)
    attention: Tensor  # (num_frames, 128) the frames' own part of the attention's first layer


class EcapaEmbedder:
    """ECAPA-TDNN, cut between trunk and pooling."""

    def __init__(
        self, folder: Path, device: str = "cpu", precision: torch.dtype = torch.float32
    ) -> None:
        self._device = torch.device(device)
        self._precision = precision
        self._filterbank = Fbank(n_mels=80).to(self._device)
        self._network = _load(folder).to(self._device)
        first_layer = self._network.asp.tdnn.conv.conv.weight.detach()[:, :, 0]
        parts = first_layer.split(_CHANNELS[-1], dim=1)  # each (128, 3072)
        self._attention_of_frame, self._attention_of_mean, self._attention_of_deviation = parts

    @torch.inference_mode()
    def features(self, samples: npt.NDArray[np.float32]) -> Tensor:
        """Log-mel energies.

        Args:
            samples: (num_samples,) float32 at 16 kHz.

        Returns:
            (num_frames, 80) on the device, one frame every 10 ms.
        """
        sound = torch.from_numpy(np.array(samples, dtype=np.float32)).to(self._device)
        features: Tensor = self._filterbank(sound.unsqueeze(0))[0]
        return features

    @torch.inference_mode()
    def trunk(self, features: Tensor) -> TrunkFrames:
        """Frame vectors of the sound of one speaker.

        Args:
            features: (num_frames, 80); its mean is taken for the channel and removed.
        """
        return self.trunks(features.unsqueeze(0))[0]

    @torch.inference_mode()
    def trunks(self, features: Tensor) -> tuple[TrunkFrames, ...]:
        """The same for several stretches at once, which is half the work where they are short.

        Args:
            features: (num_stretches, num_frames, 80).
        """
        hidden = (features - features.mean(dim=1, keepdim=True)).transpose(1, 2)
        with torch.autocast(
            self._device.type, self._precision, enabled=self._precision != torch.float32
        ):
            outputs = []
            for block in self._network.blocks:
                hidden = block(hidden)
                outputs.append(hidden)
            frames = self._network.mfa(torch.cat(outputs[1:], dim=1)).transpose(1, 2)
        frames = frames.float().contiguous()  # (num_stretches, num_frames, 3072)
        return tuple(TrunkFrames(own, own @ self._attention_of_frame.T) for own in frames)

    @torch.inference_mode()
    def pool(self, trunk: TrunkFrames, rows: npt.NDArray[np.intp]) -> Embedding:
        """The embedding of chosen frames.

        Attentive statistics pooling: the attention sees each frame beside mean and deviation of
        all chosen frames. Its weight matrix is split in these three, so that the first product
        is shared by all choices over the same frames.

        Args:
            trunk: num_frames frames.
            rows: (num_chosen,) which of them, at least one.

        Returns:
            (192,) float32, not normalised.
        """
        chosen = torch.from_numpy(rows).to(self._device)
        frames = trunk.frames[chosen]  # (num_chosen, 3072)
        pooling = self._network.asp
        deviation, mean = torch.std_mean(frames, dim=0, correction=0)
        context = self._attention_of_mean @ mean + self._attention_of_deviation @ deviation
        hidden = trunk.attention[chosen] + (context + pooling.tdnn.conv.conv.bias)
        hidden = pooling.tdnn.norm(pooling.tdnn.activation(hidden).T.unsqueeze(0))
        weights = torch.softmax(self._score(torch.tanh(hidden)[0].T), dim=0)  # (num_chosen, 3072)
        weighted = weights * frames
        mean = weighted.sum(dim=0)
        variance = (weighted * frames).sum(dim=0) - mean.square()
        statistics = torch.cat([mean, variance.clamp(_EPSILON).sqrt()])
        normalised = self._network.asp_bn(statistics[None, :, None])
        embedding: Embedding = self._network.fc(normalised).flatten().cpu().numpy()
        return embedding

    def _score(self, hidden: Tensor) -> Tensor:
        convolution = self._network.asp.conv.conv
        return functional.linear(hidden, convolution.weight[:, :, 0], convolution.bias)


def _load(folder: Path) -> ECAPA_TDNN:
    path = folder / "embedding_model.ckpt"
    network = ECAPA_TDNN(80, channels=_CHANNELS, lin_neurons=DIMENSION)
    with weights_from(path, "ECAPA"):
        network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    with torch.no_grad():
        for parameter in network.parameters():
            parameter[parameter.abs() < _SMALLEST_NORMAL] = 0
    return network.eval()


def choose_precision(asked: str, device: str) -> torch.dtype:
    """The type in which the trunk multiplies.

    bfloat16 is two to four times as fast where the processor has instructions for it, and
    moves an embedding by less than 0.0001 of its cosine.

    Args:
        asked: "auto", "float32" or "bfloat16".
        device: "cpu" or "cuda".
    """
    if asked == "auto":
        is_native = (
            torch.cuda.is_bf16_supported()
            if device == "cuda"
            else bool(torch.cpu.get_capabilities().get("amx_bf16", False))
        )
        return torch.bfloat16 if is_native else torch.float32
    return torch.bfloat16 if asked == "bfloat16" else torch.float32
