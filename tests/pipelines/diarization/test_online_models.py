"""Who speaks while they speak, with the real networks."""

from pathlib import Path

import numpy as np
import pytest
from pyannote.core import Annotation, Segment, Timeline

from meeting_app.config import DiarizationConfig, OnlineDiarizationConfig, VadConfig
from meeting_app.domain import SAMPLE_RATE
from pipelines.diarization.online import OnlineDiarizer, load_networks
from pipelines.vad.running import RunningDetector
from pipelines.vad.silero import SileroScorer

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def diarizer(models) -> OnlineDiarizer:
    config = DiarizationConfig(precision="float32")
    folders: tuple[Path, Path] = models("segmentation-3.0"), models("ecapa-voxceleb")
    detector = RunningDetector(SileroScorer(), VadConfig())
    return OnlineDiarizer(
        load_networks(*folders, detector, config), config, OnlineDiarizationConfig()
    )


def listen(diarizer: OnlineDiarizer, samples: np.ndarray) -> Annotation:
    """What is settled at the end."""
    stream, annotation = diarizer(), Annotation()
    blocks = [samples[first : first + 3_200] for first in range(0, len(samples), 3_200)]
    for update in [*map(stream.accept, blocks), stream.finish()]:
        if update is None:
            continue
        if update.start:
            annotation = annotation.crop(Timeline([Segment(0, update.start)]))
        else:
            annotation = Annotation()
        for track, item in enumerate(update.segments):
            annotation[item.segment, f"{update.start}-{track}"] = item.speaker
    return annotation.support(1e-3)


@pytest.fixture(scope="module")
def meeting() -> tuple[np.ndarray, Annotation]:
    """The first minute of a simulated meeting of three, and who speaks when."""
    folder = Path(__file__).resolve().parents[4] / "shared" / "eval" / "audio"
    if not folder.exists():
        pytest.skip("no evaluation recordings beside the checkout")
    av = pytest.importorskip("av")
    with av.open(str(folder / "sim_3spk.flac")) as container:
        resampler = av.AudioResampler("flt", "mono", SAMPLE_RATE)
        frames = [f for frame in container.decode(audio=0) for f in resampler.resample(frame)]
    samples = np.concatenate([frame.to_ndarray()[0] for frame in frames])[: 60 * SAMPLE_RATE]
    reference = Annotation()
    for track, line in enumerate((folder / "sim_3spk.rttm").read_text().splitlines()):
        _, _, _, start, duration, _, _, speaker, *_ = line.split()
        reference[Segment(float(start), float(start) + float(duration)), track] = speaker
    return samples, reference


def test_who_speaks_in_a_meeting_is_known_while_it_goes_on(diarizer, meeting):
    metrics = pytest.importorskip("pyannote.metrics.diarization")
    error_rate = metrics.DiarizationErrorRate(collar=0.0, skip_overlap=False)
    samples, reference = meeting
    found = listen(diarizer, samples)
    assert error_rate(reference, found, uem=Timeline([Segment(0, 60)])) < 0.10
    assert found.get_overlap().duration() > 1


def test_two_voices_of_a_telephone_call_are_told_apart(diarizer, phone_call, reference):
    metrics = pytest.importorskip("pyannote.metrics.diarization")
    error_rate = metrics.DiarizationErrorRate(collar=0.0, skip_overlap=False)
    found = listen(diarizer, phone_call.samples)
    assert len(found.labels()) == 2
    assert error_rate(reference, found, uem=Timeline([Segment(0, phone_call.duration)])) < 0.15


def test_one_person_alone_is_one_speaker(diarizer, phone_call, reference):
    speaker = reference.labels()[0]
    alone = reference.label_timeline(speaker).extrude(reference.get_overlap())
    samples = np.concatenate([phone_call.crop(part).samples for part in alone])
    assert listen(diarizer, samples).labels() == ["SPEAKER_00"]


def test_music_without_speech_has_no_speaker(diarizer):
    seconds = np.arange(12 * SAMPLE_RATE) / SAMPLE_RATE
    chord = sum(np.sin(2 * np.pi * pitch * seconds) for pitch in (220.0, 277.2, 329.6, 440.0))
    beat = 0.5 + 0.5 * np.sign(np.sin(2 * np.pi * 2 * seconds))
    found = listen(diarizer, (0.1 * chord * beat).astype(np.float32))
    assert found.get_timeline().duration() < 1
