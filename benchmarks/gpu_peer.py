"""Transformers' own Whisper on the same device, and the device's clock and memory."""

import time

import torch

from benchmarks.gpu_results import Settings
from pipelines.asr.whisper.shape import SHAPES


def generate_ms(name: str, batch: int, settings: Settings) -> float | None:
    """Milliseconds of transformers' own generate; None when it runs out of memory."""
    from transformers import WhisperConfig, WhisperForConditionalGeneration

    shape = SHAPES[name]
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
    kind = settings.precision.compute_type(settings.device)
    with settings.device:
        model = WhisperForConditionalGeneration(config)
        model.train(False)
        model.to(dtype=kind)
        features = torch.randn(batch, shape.num_mels, 3000).to(kind)
    options = {
        "num_beams": settings.beam,
        "min_new_tokens": settings.num_tokens,
        "max_new_tokens": settings.num_tokens,
        "do_sample": False,
    }
    try:
        with torch.inference_mode():
            model.generate(features, **{**options, "min_new_tokens": 2, "max_new_tokens": 2})
            start = now(settings.device)
            written = model.generate(features, **options)
            spent = 1000 * (now(settings.device) - start)
        if written.shape[1] < settings.num_tokens:
            raise RuntimeError(
                f"transformers wrote {written.shape[1]} tokens, not {settings.num_tokens}; "
                "its time cannot be compared"
            )
        return spent
    except torch.OutOfMemoryError:
        return None
    finally:
        del model, features
        reset_peak(settings.device)


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
