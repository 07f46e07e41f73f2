"""faster-whisper in batches, with the times of words.

Runs in faster-whisper's environment, started by ``serve.py``. Batch size and beam are the
defaults of both faster-whisper and WhisperX, int8 is what WhisperX names for a CPU.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

from faster_whisper import BatchedInferencePipeline, WhisperModel
from faster_whisper.transcribe import Segment


def load(weights: Mapping[str, str]) -> Callable[[str], dict[str, Any]]:
    """The recogniser ready to run.

    Args:
        weights: folder of ``whisper``.
    """
    model = WhisperModel(weights["whisper"], device="cpu", compute_type="int8")
    batched = BatchedInferencePipeline(model)
    return lambda audio: _transcribe(batched, audio)


def _transcribe(batched: BatchedInferencePipeline, audio: str) -> dict[str, Any]:
    began = time.perf_counter()
    segments, _ = batched.transcribe(audio, batch_size=8, beam_size=5, word_timestamps=True)
    passages = [_passage(segment) for segment in segments]  # the work is done on the way
    return {"passages": passages, "seconds": {"words": time.perf_counter() - began}}


def _passage(segment: Segment) -> dict[str, Any]:
    return {
        "start": segment.start,
        "end": segment.end,
        "words": [
            {
                "start": float(word.start),
                "end": float(word.end),
                "text": word.word.strip(),
                "probability": float(word.probability),
            }
            for word in segment.words or ()
        ],
    }
