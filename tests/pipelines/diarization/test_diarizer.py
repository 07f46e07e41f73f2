"""Who speaks when in whole recordings, with the real networks."""

import logging
from dataclasses import replace

import numpy as np
import pytest
import torch
from pyannote.core import Annotation, Segment, Timeline

from meeting_app.config import DiarizationConfig, VadConfig
from meeting_app.domain import SAMPLE_RATE, Diarization, SpeakerCount, Waveform
from meeting_app.errors import JobCancelledError, ModelError
from pipelines.diarization import decision
from pipelines.diarization.close_ups import samples_of
from pipelines.diarization.offline import OfflineDiarizer
from pipelines.vad.silero import SileroDetector

pytestmark = pytest.mark.model

CONFIG = DiarizationConfig()
TWO = SpeakerCount.exactly(2)


@pytest.fixture(scope="module")
def build(models):
    """A diarizer of given configuration; the same one for the same arguments."""
    built = {}

    def diarizer(config: DiarizationConfig = CONFIG, num_threads: int = 1) -> OfflineDiarizer:
        if (config, num_threads) not in built:
            folders = models("segmentation-3.0"), models("ecapa-voxceleb")
            built[config, num_threads] = OfflineDiarizer(*folders, config, num_threads=num_threads)
        return built[config, num_threads]

    return diarizer


@pytest.fixture(scope="module")
def speech(phone_call) -> Timeline:
    return SileroDetector(VadConfig())(phone_call)


@pytest.fixture(scope="module")
def excerpt(phone_call) -> Waveform:
    """Fifteen seconds that end while somebody talks."""
    return phone_call.crop(Segment(5, 20))


@pytest.fixture(scope="module")
def reported() -> list[float]:
    """What was reported while the whole call was worked on."""
    return []


@pytest.fixture(scope="module")
def diarization(build, phone_call, speech, reported) -> Diarization:
    return build()(phone_call, speech, report=reported.append)


@pytest.fixture(scope="module")
def found(diarization) -> Annotation:
    return diarization.annotation


def waveform_of(samples) -> Waveform:
    return Waveform(np.asarray(samples, dtype=np.float32))


def whole(waveform: Waveform) -> Timeline:
    return Timeline([Segment(0, waveform.duration)])


# --- a telephone call -----------------------------------------------------------------


def test_two_people_on_the_telephone_are_told_apart(found, reference):
    metrics = pytest.importorskip("pyannote.metrics.diarization")
    error_rate = metrics.DiarizationErrorRate(collar=0.0, skip_overlap=False)
    assert found.labels() == ["SPEAKER_00", "SPEAKER_01"]
    assert error_rate(reference, found, uem=Timeline([Segment(0, 30)])) < 0.12


def test_evidence_holds_the_windows_in_which_one_voice_is_alone(diarization, found):
    evidence = diarization.evidence
    assert evidence.model == "ecapa-voxceleb"
    assert evidence.embeddings.shape == (len(evidence.times), 192)
    assert len(evidence.times) > 40  # one every half second of half a minute of talk
    assert (evidence.durations >= 0.3).all()
    assert (evidence.durations <= 1.5).all()
    first, second = (evidence.mean(found.label_timeline(label)) for label in found.labels())
    # Halves of one voice are at 0.7 and above.
    assert first @ second / np.linalg.norm(first) / np.linalg.norm(second) < 0.6


def test_overlap_is_kept(found, reference):
    both = found.get_overlap()
    assert both.duration() > 0.5
    assert both.crop(reference.get_overlap()).duration() > 0.5 * both.duration()


def test_labels_are_in_order_of_first_appearance(found):
    assert next(found.itertracks(yield_label=True))[2] == "SPEAKER_00"


@pytest.mark.parametrize("count", [1, 3])
def test_a_known_number_of_speakers_is_found(count, build, phone_call, speech):
    annotation = build()(phone_call, speech, SpeakerCount.exactly(count)).annotation
    assert len(annotation.labels()) == count


def test_threads_do_not_change_the_result(found, build, phone_call, speech):
    threads = torch.get_num_threads()
    assert build(num_threads=2)(phone_call, speech).annotation == found
    assert torch.get_num_threads() == threads


def test_a_step_between_hundredths_of_a_second_does_not_drift(build, excerpt):
    odd, even = (build(replace(CONFIG, step=step)) for step in (2.5049, 2.5))
    annotation = even(excerpt, whole(excerpt), TWO).annotation
    assert len(annotation) > 2
    assert odd(excerpt, whole(excerpt), TWO).annotation == annotation


def test_speech_that_the_detector_missed_is_found_where_the_segmentation_is_sure(build, excerpt):
    sure = build()(excerpt, Timeline()).annotation.get_timeline().support()
    assert sure.duration() > 5
    never_sure = build(replace(CONFIG, sure_speech=1.0))
    assert not never_sure(excerpt.crop(Segment(8, 12)), Timeline()).annotation


def test_more_speakers_than_were_measured_warn(build, excerpt, monkeypatch, caplog):
    monkeypatch.setattr(decision, "MAX_SPEAKERS", 1)
    with caplog.at_level(logging.WARNING, "pipelines.diarization.offline"):
        build()(excerpt, whole(excerpt), TWO)
    assert "2 speakers: more than the 1 " in caplog.text


def test_progress_rises_to_one(found, reported):
    assert reported == sorted(reported)
    assert reported[-1] == 1.0
    assert any(0.2 < fraction < 0.8 for fraction in reported)


def test_cancelling_stops_it(build, excerpt):
    def cancel(fraction: float) -> None:
        raise JobCancelledError("standup.mp4: cancelled; nothing to do")

    with pytest.raises(JobCancelledError):
        build()(excerpt, whole(excerpt), report=cancel)


# --- sound that is odd ----------------------------------------------------------------


@pytest.mark.parametrize(
    "samples", [np.zeros(0), np.zeros(1), np.zeros(12 * SAMPLE_RATE)], ids=lambda s: str(len(s))
)
@pytest.mark.parametrize("count", [SpeakerCount(), TWO], ids=["any", "two"])
def test_silence_has_no_speaker(samples, count, build):
    assert not build()(waveform_of(samples), Timeline(), count).annotation


@pytest.mark.parametrize("num_samples", [1, 399, 4_800])
def test_a_moment_of_noise_is_no_error(num_samples, build):
    rng = np.random.default_rng(0)
    waveform = waveform_of(0.3 * rng.standard_normal(num_samples))
    annotation = build()(waveform, whole(waveform)).annotation
    assert all(segment.end <= waveform.duration for segment in annotation.itersegments())


def test_one_person_alone_is_one_speaker(build, phone_call, reference):
    speaker = reference.labels()[0]
    alone = reference.label_timeline(speaker).extrude(reference.get_overlap())
    monologue = waveform_of(np.concatenate([phone_call.crop(part).samples for part in alone]))
    assert monologue.duration > 9
    assert build()(monologue, whole(monologue)).annotation.labels() == ["SPEAKER_00"]


def test_as_many_speakers_as_are_said_are_looked_for_but_nine_are_not_made_of_two(
    build, phone_call, speech
):
    annotation = build()(phone_call, speech, SpeakerCount.exactly(40 // 2)).annotation
    assert 2 <= len(annotation.labels()) <= 20
    assert len(build()(phone_call, speech, SpeakerCount.about(9)).annotation.labels()) <= 3


def test_music_without_speech_has_no_speaker(build):
    seconds = np.arange(20 * SAMPLE_RATE) / SAMPLE_RATE
    chord = sum(np.sin(2 * np.pi * pitch * seconds) for pitch in (220.0, 277.2, 329.6, 440.0))
    beat = 0.5 + 0.5 * np.sign(np.sin(2 * np.pi * 2 * seconds))
    music = waveform_of(0.1 * chord * beat)
    heard = SileroDetector(VadConfig())(music)
    assert build()(music, heard).annotation.get_timeline().duration() < 1


def test_batches_do_not_change_who_speaks(found, build, phone_call, speech):
    assert build(replace(CONFIG, batch_size=3))(phone_call, speech).annotation == found


def test_a_word_of_one_second_has_one_speaker(build, phone_call):
    word = phone_call.crop(Segment(15, 16))
    assert build()(word, whole(word)).annotation.labels() == ["SPEAKER_00"]


def test_samples_that_are_no_number_spoil_only_the_chunks_that_hold_them(build, excerpt):
    samples = excerpt.samples.copy()
    samples[14 * SAMPLE_RATE] = np.nan  # only the chunk from 5 to 15 s holds it
    found = build()(waveform_of(samples), whole(excerpt), TWO)
    annotation = found.annotation
    assert np.isfinite(found.evidence.embeddings).all()
    assert annotation.labels() == ["SPEAKER_00", "SPEAKER_01"]
    assert annotation.get_timeline().extent().end == pytest.approx(12.5, abs=0.1)


def test_other_sample_rate_is_refused(build):
    with pytest.raises(ModelError, match="8000 Hz; give 16000 Hz"):
        build()(Waveform(np.zeros(8_000, np.float32), 8_000), Timeline())


def test_close_ups_are_like_who_speaks_there(build, phone_call, diarization):
    heard = diarization.annotation
    labels = sorted(heard.labels())
    alone = [[s.middle for s in samples_of(heard, label)] for label in labels]
    times = np.concatenate(alone)
    alike = build().close_ups(phone_call, heard)(times, labels)
    truth = np.repeat(np.arange(len(labels)), [len(found) for found in alone])
    assert len(truth) >= 8
    assert (alike.argmax(axis=1) == truth).mean() > 0.9
