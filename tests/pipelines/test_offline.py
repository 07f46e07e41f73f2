"""The order of the stages, the checkpoints and the progress of the offline pipeline."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from pyannote.core import Annotation, Segment, Timeline

from meeting_app.domain import (
    STAGES,
    Chapter,
    Diarization,
    Draft,
    Meeting,
    Minutes,
    ProcessingOptions,
    Progress,
    Speaker,
    SpeakerCount,
    SpeakerSegment,
    Stage,
    Statement,
    Transcript,
    Turn,
    VoiceEvidence,
    Waveform,
    Word,
)
from meeting_app.errors import JobCancelledError
from pipelines.offline import OfflinePipeline, Stages
from pipelines.protocols import ReportFraction, report_nothing

WAVEFORM = Waveform(np.zeros(32_000, dtype=np.float32))  # 2 s
WORDS = (Word(Segment(0.1, 0.5), "Hello.", 0.9), Word(Segment(1.0, 1.4), "Hi.", 0.8))
SPEECH = Timeline([Segment(0.0, 1.5)])
TRANSCRIPT = Transcript("en", WORDS)
TURNS = (Turn(0, "SPEAKER_00", WORDS[:1]), Turn(1, "SPEAKER_01", WORDS[1:]))
CHAPTERS = (Chapter(Segment(0.0, 2.0), "Greetings", ("hello",)),)
EVIDENCE = VoiceEvidence.nothing("fake", 2)
MINUTES = Minutes(summary=(Statement("Hello.", (0,)),))
WORKING_STAGES = tuple(stage for stage in Stage if stage is not Stage.DECODE)


def _annotation() -> Annotation:
    annotation = Annotation()
    annotation[Segment(0.9, 1.5), "b"] = "SPEAKER_01"
    annotation[Segment(0.0, 0.6), "a"] = "SPEAKER_00"
    return annotation


@dataclass
class FakeStages:
    """Known answers, and a record of which stage was built with what."""

    speech: Timeline = field(default_factory=lambda: SPEECH)
    built: list[str] = field(default_factory=list)
    heard: dict[str, object] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)

    def _note(self, name: str, stage: Callable[..., object]) -> Callable[..., object]:
        self.built.append(name)
        return stage

    def detect(self, waveform: Waveform, report: ReportFraction = report_nothing) -> Timeline:
        report(0.5)
        return self.speech

    def diarize(
        self,
        waveform: Waveform,
        speech: Timeline,
        speakers: SpeakerCount = SpeakerCount(),  # noqa: B008
        report: ReportFraction = report_nothing,
    ) -> Diarization:
        self.heard |= {"detected": speech, "speakers": speakers}
        report(0.5)
        return Diarization(_annotation(), EVIDENCE)

    def recognize(self, waveform, speech, language=None, hotwords=(), report=report_nothing):  # type: ignore[no-untyped-def]
        self.heard |= {"speech": speech, "language": language, "hotwords": hotwords}
        for fraction in (0.25, 0.75, 0.5):  # a stage that falls back
            report(fraction)
        return TRANSCRIPT

    def listen(self, waveform: Waveform, annotation: Annotation, report: ReportFraction) -> str:
        assert waveform is WAVEFORM
        assert annotation == _annotation()
        report(1.0)
        return "how voices sound"

    def attribute(
        self, transcript: Transcript, annotation: Annotation, resemblance: str
    ) -> tuple[Turn, ...]:
        self.heard |= {"attributed": transcript, "resemblance": resemblance}
        return TURNS

    def find_chapters(self, turns, duration, report=report_nothing):  # type: ignore[no-untyped-def]
        self.heard["duration"] = duration
        return CHAPTERS

    def write_minutes(self, turns, chapters, report=report_nothing):  # type: ignore[no-untyped-def]
        self.heard["chapters"] = chapters
        return MINUTES

    def recognizer(self, model: str | None):  # type: ignore[no-untyped-def]
        self.heard["model"] = model
        return self._note("words", self.recognize)

    def stages(self) -> Stages:
        return Stages(
            detector=lambda: self._note("speech", self.detect),  # type: ignore[arg-type,return-value]
            diarizer=lambda: self._note("speakers", self.diarize),  # type: ignore[arg-type,return-value]
            recognizer=self.recognizer,
            listener=lambda: self.listen,  # type: ignore[arg-type,return-value]
            attributor=lambda: self._note("turns", self.attribute),  # type: ignore[arg-type,return-value]
            chapter_finder=lambda: self._note("chapters", self.find_chapters),  # type: ignore[arg-type,return-value]
            minutes_writer=lambda: self._note("minutes", self.write_minutes),  # type: ignore[arg-type,return-value]
            notices=lambda: self.notices,
        )


@dataclass
class Clock:
    """One second passes with every look."""

    now: float = -1.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


@dataclass
class Outcome:
    meeting: Meeting
    drafts: list[Draft]
    reports: list[Progress]


def _run(
    fakes: FakeStages,
    draft: Draft = Draft(),  # noqa: B008
    options: ProcessingOptions = ProcessingOptions(),  # noqa: B008
) -> Outcome:
    drafts: list[Draft] = []
    reports: list[Progress] = []
    pipeline = OfflinePipeline(fakes.stages(), clock=Clock())
    meeting = pipeline(WAVEFORM, "Standup", options, draft, drafts.append, reports.append)
    return Outcome(meeting, drafts, reports)


def _full_draft() -> Draft:
    return Draft(SPEECH, _annotation(), TRANSCRIPT, TURNS, CHAPTERS, MINUTES)


def test_a_recording_becomes_a_meeting() -> None:
    assert _run(FakeStages()).meeting == Meeting(
        title="Standup",
        duration=2.0,
        language="en",
        speakers=(Speaker("SPEAKER_00"), Speaker("SPEAKER_01")),
        speaker_segments=(
            SpeakerSegment(Segment(0.0, 0.6), "SPEAKER_00"),
            SpeakerSegment(Segment(0.9, 1.5), "SPEAKER_01"),
        ),
        turns=TURNS,
        chapters=CHAPTERS,
        minutes=MINUTES,
    )


def test_stages_run_in_the_order_of_the_enumeration() -> None:
    fakes = FakeStages()
    _run(fakes)
    assert fakes.built == [stage.value for stage in WORKING_STAGES]


def test_every_stage_gets_what_the_ones_before_it_found() -> None:
    fakes = FakeStages()
    options = ProcessingOptions("de", SpeakerCount.exactly(2), "whisper-tiny.en", ("Ohm",))
    _run(fakes, options=options)
    assert fakes.heard == {
        "detected": SPEECH,
        "speakers": SpeakerCount.exactly(2),
        "model": "whisper-tiny.en",
        "speech": SPEECH.union(_annotation().get_timeline()).support(),
        "language": "de",
        "hotwords": ("Ohm",),
        "attributed": TRANSCRIPT,
        "resemblance": "how voices sound",
        "duration": 2.0,
        "chapters": CHAPTERS,
    }


def test_words_are_looked_for_where_only_the_diarization_heard_somebody() -> None:
    fakes = FakeStages(speech=Timeline([Segment(0.0, 0.6)]))
    _run(fakes)
    assert fakes.heard["speech"] == Timeline([Segment(0.0, 0.6), Segment(0.9, 1.5)])


def test_a_checkpoint_is_saved_after_each_stage() -> None:
    full = _full_draft()
    assert _run(FakeStages()).drafts == [
        Draft(speech=full.speech),
        Draft(speech=full.speech, annotation=full.annotation, evidence=EVIDENCE),
        replace(full, turns=None, chapters=None, minutes=None),
        replace(full, chapters=None, minutes=None),
        replace(full, minutes=None),
        full,
    ]


@pytest.mark.parametrize("num_done", range(7))
def test_a_resumed_job_loads_only_the_stages_that_are_missing(num_done: int) -> None:
    fresh = _run(FakeStages())
    checkpoint = replace([Draft(), *fresh.drafts][num_done], evidence=None)  # as read back
    fakes = FakeStages()
    resumed = _run(fakes, draft=checkpoint)
    assert fakes.built == [stage.value for stage in WORKING_STAGES[num_done:]]
    assert resumed.meeting == fresh.meeting
    assert resumed.drafts == fresh.drafts[num_done:]


def test_silence_becomes_an_empty_meeting_and_loads_no_further_model() -> None:
    fakes = FakeStages(speech=Timeline())
    meeting = _run(fakes).meeting
    assert meeting == Meeting("Standup", 2.0, None, (), (), (), (), Minutes())
    assert fakes.built == ["speech"]


def test_the_overall_fraction_never_falls_and_ends_at_one() -> None:
    fractions = [progress.fraction for progress in _run(FakeStages()).reports]
    assert fractions == sorted(fractions)
    assert fractions[0] == pytest.approx(0.01)  # what the decoding before it takes
    assert fractions[-1] == pytest.approx(1.0)


def test_a_report_names_the_stage_and_its_own_fraction() -> None:
    reports = _run(FakeStages()).reports
    assert [(p.stage, p.stage_fraction) for p in reports[:4]] == [
        (Stage.SPEECH, 0.0),
        (Stage.SPEECH, 0.5),
        (Stage.SPEECH, 1.0),
        (Stage.SPEAKERS, 0.0),
    ]


def test_the_time_to_go_follows_from_the_time_it_took() -> None:
    reports = _run(FakeStages()).reports
    by_place = {(report.stage, report.stage_fraction): report for report in reports}
    assert by_place[Stage.SPEECH, 1.0].eta is None  # a fiftieth of the work foretells nothing
    # After 4 s of the clock 2 % of SPEECH and 17 % of SPEAKERS are done, 80 % are to come.
    half_way = by_place[Stage.SPEAKERS, 0.5]
    assert half_way.fraction == pytest.approx(0.2)
    assert half_way.eta == pytest.approx(4 / 0.19 * 0.8)
    assert reports[-1].eta == pytest.approx(0.0, abs=1e-9)


def test_the_time_to_go_of_a_resumed_job_counts_only_what_it_did_itself() -> None:
    done = replace(_full_draft(), turns=None, chapters=None, minutes=None)
    reports = _run(FakeStages(), draft=done).reports
    first, last = reports[0], reports[-1]
    assert first.stage is Stage.TURNS
    assert first.fraction == pytest.approx(0.77)
    assert first.eta is None
    assert last.fraction == pytest.approx(1.0)


def test_what_the_recogniser_does_without_is_told_from_its_stage_on() -> None:
    reports = _run(FakeStages(notices=["no memory; slower"])).reports
    told = {report.stage: report.notices for report in reports}
    before, after = STAGES[1:3], STAGES[3:]
    assert told == dict.fromkeys(before, ()) | dict.fromkeys(after, ("no memory; slower",))


def test_a_cancellation_stops_before_the_next_stage_is_loaded() -> None:
    fakes = FakeStages()
    drafts: list[Draft] = []

    def cancel(progress: Progress) -> None:
        if progress.stage is Stage.SPEAKERS:
            raise JobCancelledError("standup.wav: cancelled")

    pipeline = OfflinePipeline(fakes.stages())
    with pytest.raises(JobCancelledError):
        pipeline(WAVEFORM, "Standup", ProcessingOptions(), Draft(), drafts.append, cancel)
    assert fakes.built == ["speech"]
    assert drafts == [Draft(speech=SPEECH)]
