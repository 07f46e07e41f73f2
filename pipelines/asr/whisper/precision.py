"""How precisely a network computes, and how its weights are kept."""

from enum import Enum

import torch
import torch.nn.functional as F  # noqa: N812 - as everybody calls it
from torch import Tensor, nn

from pipelines.asr.whisper.model import Whisper

_LARGEST = 127  # of a signed byte, used symmetrically


class Precision(Enum):
    """From the most precise to the smallest."""

    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"
    FLOAT16 = "float16"
    INT8 = "int8"  # weights; what is computed is float16 on a GPU, float32 on a CPU

    def compute_type(self, device: torch.device) -> torch.dtype:
        """What sums and products are computed in."""
        if self is Precision.INT8:
            return torch.float16 if device.type == "cuda" else torch.float32
        kinds = {
            Precision.FLOAT32: torch.float32,
            Precision.BFLOAT16: torch.bfloat16,
            Precision.FLOAT16: torch.float16,
        }
        return kinds[self]


class ByteLinear(nn.Module):
    """A product with weights of eight bits, one scale per row.

    Source: Dettmers et al. 2022, arXiv:2208.07339, section 2 (absmax quantisation, per row).
    """

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        weight = linear.weight.detach().float()
        scale = weight.abs().amax(dim=1, keepdim=True).clamp(min=1e-12) / _LARGEST
        self.weight = nn.Buffer((weight / scale).round().to(torch.int8))
        self.scale = nn.Buffer(scale[:, 0].to(linear.weight.dtype))
        self.bias = linear.bias

    def forward(self, x: Tensor) -> Tensor:
        """Of (…, in_features)."""
        found = F.linear(x, self.weight.to(x.dtype)) * self.scale
        return found if self.bias is None else found + self.bias


def prepared(network: Whisper, precision: Precision, device: torch.device) -> Whisper:
    """The network, itself changed, on ``device`` and in ``precision``."""
    if precision is Precision.INT8:
        for module in list(network.modules()):
            for name, child in list(module.named_children()):
                if isinstance(child, nn.Linear):
                    setattr(module, name, ByteLinear(child))
    kind = precision.compute_type(device)
    # Made smaller before they move: a small device never sees the large ones.
    for tensor in (*network.parameters(), *network.buffers()):
        if tensor.is_floating_point():
            tensor.data = tensor.data.to(kind)
    return network.to(device)
