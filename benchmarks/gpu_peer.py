"""Transformers' own Whisper on the same device, and the device's clock and memory."""

import time
from typing import Any

import torch

from benchmarks.gpu_results import Settings
from pipelines.asr.whisper.shape import SHAPES, WhisperShape


def generate_ms(name: str, batch: int, settings: Settings) -> float | None:
    """Milliseconds of transformers' own generate; None when it runs out of memory."""
    try:
        return _generate_ms(SHAPES[name], batch, settings)
    except torch.OutOfMemoryError:
        return None
    finally:
        reset_peak(settings.device)


@torch.inference_mode()
def _generate_ms(shape: WhisperShape, batch: int, settings: Settings) -> float:
    model = _model(shape, settings)
    features = torch.randn(batch, shape.num_mels, 3000, device=settings.device).to(model.dtype)

    def generate(num_tokens: int) -> int:
        written = model.generate(
            features,
            num_beams=settings.beam,
            min_new_tokens=num_tokens,
            max_new_tokens=num_tokens,
            do_sample=False,
        )
        return int(written.shape[1])

    generate(2)
    start = now(settings.device)
    length = generate(settings.num_tokens)
    spent = 1000 * (now(settings.device) - start)
    if length < settings.num_tokens:
        raise RuntimeError(
            f"transformers wrote {length} tokens, not {settings.num_tokens}; "
            "its time cannot be compared"
        )
    return spent


def _model(shape: WhisperShape, settings: Settings) -> Any:
    """The same shape with random weights and the attention that transformers chooses."""
    from transformers import WhisperConfig, WhisperForConditionalGeneration

    config = WhisperConfig(
        vocab_size=shape.vocabulary_size,
        num_mel_bins=shape.num_mels,
        d_model=shape.dimension,
        encoder_layers=shape.num_encoder_layers,
        decoder_layers=shape.num_decoder_layers,
        encoder_attention_heads=shape.num_heads,
        decoder_attention_heads=shape.num_heads,
        encoder_ffn_dim=4 * shape.dimension,
        decoder_ffn_dim=4 * shape.dimension,
        max_target_positions=448,
    )
    with settings.device:
        model: Any = WhisperForConditionalGeneration(config)
    return model.to(settings.precision.compute_type(settings.device)).eval()


def now(device: torch.device) -> float:
    """Seconds, when everything asked of the device is done."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter()


def reset_peak(device: torch.device) -> None:
    """Frees what is not used and measures the peak anew."""
    if device.type == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats(device)


def peak(device: torch.device) -> float | None:
    """Megabytes of the device that were in use at most; None on a CPU."""
    if device.type != "cuda":
        return None
    return torch.cuda.max_memory_allocated(device) / 2**20
