"""Several running meetings on one set of models, with fakes for the networks."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pyannote.core import Segment, Timeline

from meeting_app.config import AttributionConfig
from meeting_app.domain import (
    BetterWords,
    Chapter,
    FinalWords,
    LiveUpdate,
    PartialWords,
    SpeakerSegment,
    Transcript,
    Turn,
    VoiceRecognised,
    VoicesHeard,
    Waveform,
    Word,
    WordSpeakers,
)
from meeting_app.domain.live_messages import ListenTo
from pipelines.attribution import WordAttributor
from pipelines.live.endpointing import FRAME, Endpointing
from pipelines.live.engine import LiveEngine, LiveModels
from pipelines.live.first_pass import REDECODING, Listening, OpenListening
from pipelines.protocols import ReportFraction, report_nothing

SECOND = 16_000
SPEECH, POISON = 8192, -8192  # samples; a quarter of full scale


class Scores:
    """Speech wherever there is sound."""

    def __init__(self) -> None:
        self._rest = np.zeros(0, np.float32)

    def accept(self, samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        sound = np.concatenate([self._rest, samples])
        size = round(FRAME * SECOND)
        whole = sound[: len(sound) // size * size]
        self._rest = sound[len(whole) :]
        return np.abs(whole).reshape(-1, size).max(axis=1).astype(np.float32) * 4


class Words:
    """One word per utterance; fails once on poisoned sound."""

    has_failed = False

    def __init__(self, start: float) -> None:
        self._now = start
        self._words: tuple[Word, ...] = ()

    def accept(self, samples: npt.NDArray[np.float32]) -> tuple[Word, ...]:
        self._now += len(samples) / SECOND
        if samples.min() < 0 and not Words.has_failed:
            Words.has_failed = True
            raise RuntimeError("poisoned")
        if samples.max() > 0 and not self._words:
            self._words = (Word(Segment(self._now - 0.04, self._now), "draft", 0.5),)
        return self._words

    def finish(self) -> tuple[Word, ...]:
        found, self._words = self._words, ()
        return found


class Whisper:
    def __call__(
        self,
        waveform: Waveform,
        speech: Timeline,
        language: str | None = None,
        hotwords: Sequence[str] = (),
        report: ReportFraction = report_nothing,
    ) -> Transcript:
        words = tuple(Word(Segment(r.start + 0.3, r.end - 0.3), "final", 1.0) for r in speech)
        return Transcript("en", words)


class OneVoice:
    def __init__(self) -> None:
        self._now = 0.0

    def __call__(self) -> "OneVoice":
        return OneVoice()

    def accept(self, samples: npt.NDArray[np.float32]) -> VoicesHeard | None:
        self._now += len(samples) / SECOND
        return VoicesHeard(0.0, (SpeakerSegment(Segment(0.0, self._now), "SPEAKER_00"),), 0.0)

    def finish(self) -> VoicesHeard | None:
        return VoicesHeard(self._now, (), self._now)

    def recognised(self) -> tuple[VoiceRecognised, ...]:
        return (VoiceRecognised("SPEAKER_00", "Ana"),)


class NoChapters:
    def __call__(
        self, turns: Sequence[Turn], duration: float, report: ReportFraction = report_nothing
    ) -> tuple[Chapter, ...]:
        return ()


class Reports:
    def __init__(self) -> None:
        self.updates: dict[str, list[LiveUpdate]] = {}
        self._flushed: set[str] = set()
        self._changed = threading.Condition()

    def __call__(self, meeting: str, update: LiveUpdate | None) -> None:
        with self._changed:
            if update is None:
                self._flushed.add(meeting)
            else:
                self.updates.setdefault(meeting, []).append(update)
            self._changed.notify_all()

    def wait_for(self, *meetings: str) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self._flushed >= set(meetings), timeout=60)


def begin(start: float, language: str | None) -> Listening:
    return Listening(Scores(), Words(start), Endpointing(), REDECODING, language)


def begin_rewritten(start: float, language: str | None) -> Listening:
    return replace(begin(start, language), is_rewritten=True)


def started(
    reports: Reports, begin: OpenListening = begin, whisper: Callable[[], Whisper] = Whisper
) -> LiveEngine:
    engine = LiveEngine(
        LiveModels(
            open_listening=lambda: begin,
            recognizer=whisper,
            diarizer=OneVoice,
            attributor=WordAttributor(AttributionConfig()),
            chapter_finder=NoChapters,
        ),
        reports,
    )
    engine.start()
    return engine


def recording(path: Path, *parts: tuple[int, float]) -> int:
    """Writes sound of (level, seconds); how many samples that are."""
    samples = np.concatenate([np.full(round(s * SECOND), level) for level, s in parts])
    header = b".snd" + np.array([24, 0xFFFFFFFF, 3, SECOND, 1], ">u4").tobytes()
    path.write_bytes(header + samples.astype(">i2").tobytes())
    return len(samples)


def follow(engine: LiveEngine, path: Path, num_samples: int) -> None:
    engine.open(ListenTo(path.stem, str(path), "en", 0, 0))
    engine.grow(path.stem, num_samples)
    engine.close(path.stem)


def test_each_utterance_becomes_a_draft_then_final_then_settled(tmp_path: Path) -> None:
    reports = Reports()
    path = tmp_path / "a.au"
    follow(started(reports), path, recording(path, (0, 1), (SPEECH, 2), (0, 1), (SPEECH, 2)))
    reports.wait_for("a")
    updates = reports.updates["a"]
    for line in (0, 1):
        kinds = [type(each) for each in updates if getattr(each, "line", None) == line]
        assert kinds.index(PartialWords) < kinds.index(FinalWords)
        settled = [u for u in updates if isinstance(u, WordSpeakers) and u.line == line][-1]
        assert settled == WordSpeakers(line, ("SPEAKER_00",), True)
    finals = [each for each in updates if isinstance(each, FinalWords)]
    assert [each.line for each in finals] == [0, 1]
    assert [round(each.words[0].segment.start, 1) for each in finals] == [1.1, 4.2]
    assert VoiceRecognised("SPEAKER_00", "Ana") in updates


def test_a_failure_in_one_meeting_ends_neither_it_nor_another(tmp_path: Path) -> None:
    Words.has_failed = False
    reports = Reports()
    engine = started(reports)
    ill, well = tmp_path / "ill.au", tmp_path / "well.au"
    follow(engine, ill, recording(ill, (SPEECH, 2), (POISON, 1), (0, 1), (SPEECH, 2)))
    follow(engine, well, recording(well, (SPEECH, 2)))
    reports.wait_for("ill", "well")
    assert Words.has_failed
    assert sum(isinstance(each, FinalWords) for each in reports.updates["well"]) == 1
    finals = [each for each in reports.updates["ill"] if isinstance(each, FinalWords)]
    assert finals[-1].words[-1].segment.start > 4.0  # what came after the failure


def test_a_recogniser_without_drafts_writes_lines_when_they_are_over(tmp_path: Path) -> None:
    reports = Reports()
    path = tmp_path / "a.au"
    engine = started(reports, begin_rewritten)
    follow(engine, path, recording(path, (0, 1), (SPEECH, 4), (0, 1)))
    reports.wait_for("a")
    kinds = [type(each) for each in reports.updates["a"]]
    assert FinalWords in kinds
    assert BetterWords not in kinds


def test_the_voices_are_told_when_somebody_waits_for_text(tmp_path: Path) -> None:
    seen: list[bool] = []
    engine: LiveEngine | None = None

    class Watched(Whisper):
        def __call__(self, *args: Any, **options: Any) -> Transcript:
            if engine is not None:  # before that the engine tries its models out
                seen.append(engine._second_pass.is_at_leisure.is_set())
            return super().__call__(*args, **options)

    reports = Reports()
    engine = started(reports, whisper=Watched)
    path = tmp_path / "a.au"
    follow(engine, path, recording(path, (SPEECH, 2), (0, 1), (SPEECH, 2)))
    reports.wait_for("a")
    assert seen
    assert not any(seen)
    assert engine._second_pass.is_at_leisure.wait(20)  # and when nobody does any more


def test_silence_has_no_lines(tmp_path: Path) -> None:
    reports = Reports()
    path = tmp_path / "quiet.au"
    follow(started(reports), path, recording(path, (0, 8)))
    reports.wait_for("quiet")
    assert not [each for each in reports.updates["quiet"] if hasattr(each, "line")]
