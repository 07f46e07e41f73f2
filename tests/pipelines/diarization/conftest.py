"""A real telephone call with its reference, as sound and as an annotation."""

import wave
from pathlib import Path

import numpy as np
import pytest
from pyannote.core import Annotation, Segment

from meeting_app.domain import Waveform


@pytest.fixture(scope="session")
def phone_call(models) -> Waveform:
    with wave.open(str(models("sample-phone-call") / "sample.wav")) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (16_000, 1, 2)
        content = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    return Waveform((content / 32768).astype(np.float32))


@pytest.fixture(scope="session")
def reference(models) -> Annotation:
    annotation = Annotation()
    path: Path = models("sample-phone-call") / "sample.rttm"
    for index, line in enumerate(path.read_text().splitlines()):
        _, _, _, start, duration, _, _, speaker, *_ = line.split()
        annotation[Segment(float(start), float(start) + float(duration)), index] = speaker
    return annotation
