"""The whole recording pipeline: sound becomes a meeting."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from pyannote.core import Annotation

from meeting_app.domain import (
    STAGES,
    Diarization,
    Draft,
    Meeting,
    Minutes,
    ProcessingOptions,
    Progress,
    Speaker,
    Stage,
    Transcript,
    Waveform,
    overall_fraction,
    speaker_segments_of,
)
from pipelines.protocols import (
    Attributor,
    ChapterFinder,
    Diarizer,
    MinutesWriter,
    ReportFraction,
    SpeechRecognizer,
    VoiceActivityDetector,
    VoiceListener,
)

Result = TypeVar("Result")

# Where a stage leaves its result, so that a killed job resumes after it.
_CHECKPOINTS = {
    Stage.SPEECH: "speech",
    Stage.SPEAKERS: "annotation",
    Stage.WORDS: "transcript",
    Stage.TURNS: "turns",
    Stage.CHAPTERS: "chapters",
    Stage.MINUTES: "minutes",
}
_LEAST_FRACTION_FOR_ETA = 0.05  # of the whole job; what a shorter look promises is worthless


@dataclass(frozen=True, slots=True)
class Stages:
    """How to get each stage; a model is loaded when its stage begins, not before.

    ``recognizer`` is told the model that the user asked for, None for the configured one.
    """

    detector: Callable[[], VoiceActivityDetector]
    diarizer: Callable[[], Diarizer]
    recognizer: Callable[[str | None], SpeechRecognizer]
    listener: Callable[[], VoiceListener]
    attributor: Callable[[], Attributor]
    chapter_finder: Callable[[], ChapterFinder]
    minutes_writer: Callable[[], MinutesWriter]
    # What the recogniser that was got last has to do without, in words for the user.
    notices: Callable[[], Sequence[str]] = tuple


@dataclass(frozen=True, slots=True)
class OfflinePipeline:
    """The ``RecordingPipeline`` that runs all stages one after the other."""

    stages: Stages
    clock: Callable[[], float] = time.monotonic  # seconds

    def __call__(
        self,
        waveform: Waveform,
        title: str,
        options: ProcessingOptions,
        draft: Draft,
        save: Callable[[Draft], None],
        report: Callable[[Progress], None],
    ) -> Meeting:
        """Stages already in ``draft`` are not run again; ``save`` is called after each stage.

        A recording in which no speech is found becomes a meeting without speakers and words.

        Raises:
            ModelError: a model cannot be loaded or run.
            WeightsError: a model cannot be had.
            JobCancelledError: ``report`` raised it.
        """

        def report_and_release(progress: Progress) -> None:
            waveform.release()  # or an hour of sound would stay in memory once it was heard
            report(progress)

        run = _Run(draft, save, _Meter(report_and_release, self.clock, self.stages.notices))
        use, duration = self.stages, waveform.duration
        speech = run(Stage.SPEECH, draft.speech, lambda tell: use.detector()(waveform, tell))
        if not speech:
            return _meeting(title, duration, Annotation(), Transcript(None, ()))
        annotation = run(
            Stage.SPEAKERS,
            draft.annotation,
            lambda tell: run.noting(use.diarizer()(waveform, speech, options.speakers, tell)),
        )
        heard = speech.union(annotation.get_timeline()).support()
        transcript = run(
            Stage.WORDS,
            draft.transcript,
            lambda tell: use.recognizer(options.asr_model)(
                waveform, heard, options.language, options.hotwords, tell
            ),
        )
        turns = run(
            Stage.TURNS,
            draft.turns,
            lambda tell: use.attributor()(
                transcript, annotation, use.listener()(waveform, annotation, tell)
            ),
        )
        chapters = run(
            Stage.CHAPTERS,
            draft.chapters,
            lambda tell: use.chapter_finder()(turns, duration, tell),
        )
        minutes = run(
            Stage.MINUTES,
            draft.minutes,
            lambda tell: use.minutes_writer()(turns, chapters, tell),
        )
        meeting = _meeting(title, duration, annotation, transcript)
        return replace(meeting, turns=turns, chapters=chapters, minutes=minutes)


class _Run:
    """One pass over the stages; remembers in a draft what is done."""

    def __init__(self, draft: Draft, save: Callable[[Draft], None], meter: "_Meter") -> None:
        self._draft = draft
        self._save = save
        self._meter = meter

    def __call__(
        self,
        stage: Stage,
        known: Result | None,
        compute: Callable[[ReportFraction], Result],
    ) -> Result:
        """What an earlier run left for the stage, else what it computes now."""
        if known is not None:
            return known
        tell = self._meter.of(stage)
        tell(0.0)
        result = compute(tell)
        tell(1.0)
        changes: dict[str, Any] = {_CHECKPOINTS[stage]: result}
        self._draft = replace(self._draft, **changes)
        self._save(self._draft)
        self._draft = replace(self._draft, evidence=None)  # saved once, and large
        return result

    def noting(self, found: Diarization) -> Annotation:
        """The annotation; its evidence is saved with it."""
        self._draft = replace(self._draft, evidence=found.evidence)
        return found.annotation


class _Meter:
    """Turns the fraction of a stage into the fraction of the job and the time to go."""

    def __init__(
        self,
        report: Callable[[Progress], None],
        clock: Callable[[], float],
        notices: Callable[[], Sequence[str]],
    ) -> None:
        self._report = report
        self._clock = clock
        self._notices = notices
        self._began: tuple[float, float] | None = None  # (clock, fraction) of the first report
        self._fraction = 0.0

    def of(self, stage: Stage) -> ReportFraction:
        """What the stage is to call with its own fraction."""

        def tell(stage_fraction: float) -> None:
            within = min(1.0, max(0.0, stage_fraction))
            # A stage that reports less than before must not move the bar back.
            self._fraction = max(self._fraction, overall_fraction(stage, within))
            # Before the words, the recogniser at hand may be that of an earlier job.
            is_recognised = STAGES.index(stage) >= STAGES.index(Stage.WORDS)
            notices = tuple(self._notices()) if is_recognised else ()
            self._report(Progress(stage, within, self._fraction, self._eta(), notices))

        return tell

    def _eta(self) -> float | None:
        now = self._clock()
        if self._began is None:
            self._began = (now, self._fraction)
        then, fraction = self._began
        gained = self._fraction - fraction
        if gained < _LEAST_FRACTION_FOR_ETA:
            return None
        return (now - then) / gained * (1.0 - self._fraction)


def _meeting(
    title: str, duration: float, annotation: Annotation, transcript: Transcript
) -> Meeting:
    """A meeting in which nobody has looked for turns, chapters and minutes yet."""
    return Meeting(
        title=title,
        duration=duration,
        language=transcript.language,
        speakers=tuple(Speaker(label) for label in sorted(map(str, annotation.labels()))),
        speaker_segments=speaker_segments_of(annotation),
        turns=(),
        chapters=(),
        minutes=Minutes(),
    )
