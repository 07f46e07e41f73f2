"""Stages that need no models: a recording is a text file, a line per turn, `label: words`."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from pyannote.core import Annotation, Segment, Timeline

from meeting_app.config import ExportConfig, SubtitlesConfig
from meeting_app.domain import (
    ClipKind,
    Draft,
    MediaFacts,
    Meeting,
    ProcessingOptions,
    Progress,
    Stage,
    Transcript,
    VoiceEvidence,
    Waveform,
    overall_fraction,
)
from meeting_app.errors import BrokenMediaError
from meeting_app.exports import ExportTools
from meeting_app.formats import Exporter
from pipelines.protocols import ReportFraction, report_nothing
from tests.builders import a_meeting

LINES = (("SPEAKER_00", "We agreed to ship."), ("SPEAKER_01", "I will write the notes."))
RECORDING = b"RIFF" + bytes(range(256)) * 64  # what the fakes take for a recording
EVIDENCE = VoiceEvidence(
    "fake", np.array([0.75]), np.array([[1, 0]], np.float32), np.array([1.5], np.float32)
)
STEPS = 5  # reports of each stage


def probe(path: Path, filename: str) -> MediaFacts:
    """Anything that begins with RIFF, or was encoded here, is three seconds of sound."""
    if not path.read_bytes().startswith((b"RIFF", b"playback")):
        raise BrokenMediaError(f"{filename}: not a media file; choose a recording")
    return MediaFacts("wav", "pcm_s16le", 3.0)


def write_peaks_of_file(media: Path, path: Path) -> None:
    """What is in the file, in words."""
    path.write_text(f"peaks of {media.read_text(encoding='utf-8')}", encoding="utf-8")


def no_font() -> Path:
    """For those who never ask for a PDF."""
    raise AssertionError("a font was asked for")


def cut_clip(path: Path, segment: Segment, kind: ClipKind = ClipKind.M4A) -> bytes:
    """What was asked for, where sound would be."""
    return f"{path.read_text('utf-8')}: {segment.start} to {segment.end} as {kind}".encode()


EXPORT_TOOLS = ExportTools(
    Exporter(no_font, SubtitlesConfig()),
    cut_clip,
    write_peaks_of_file,
    ExportConfig(largest_restore=1),
)


@dataclass
class Stages:
    """Decoder, encoder and pipeline that note what they do and take ``pause`` s per step."""

    pause: float = 0.0
    note: Callable[[str], None] = lambda line: None
    failure: dict[Stage, Exception] = field(default_factory=dict)
    lines: tuple[tuple[str, str], ...] = LINES  # what is found in any recording

    def decode(
        self, path: Path, scratch: Path, filename: str, report: ReportFraction = report_nothing
    ) -> Waveform:
        """Three seconds of silence."""
        self._work(Stage.DECODE, report)
        np.zeros(48_000, np.float32).tofile(scratch)
        return Waveform(np.memmap(scratch, dtype=np.float32, mode="r"))

    def encode_playback(
        self, waveform: Waveform, path: Path, report: ReportFraction = report_nothing
    ) -> None:
        """The length of the sound, in words."""
        path.write_text(f"playback of {waveform.duration} s", encoding="utf-8")
        report(1.0)

    def write_peaks(self, waveform: Waveform, path: Path) -> None:
        """The length of the sound, in words."""
        path.write_text(f"peaks of {waveform.duration} s", encoding="utf-8")

    def pipeline(
        self,
        waveform: Waveform,
        title: str,
        options: ProcessingOptions,
        draft: Draft,
        save: Callable[[Draft], None],
        report: Callable[[Progress], None],
    ) -> Meeting:
        """The meeting of the lines, stage by stage."""
        meeting = replace(a_meeting(*self.lines, title=title), duration=waveform.duration)
        words = tuple(word for turn in meeting.turns for word in turn.words)
        results: dict[Stage, tuple[str, Any]] = {
            Stage.SPEECH: ("speech", Timeline([Segment(0, 3)])),
            Stage.SPEAKERS: ("annotation", Annotation()),
            Stage.WORDS: ("transcript", Transcript("en", words)),
            Stage.TURNS: ("turns", meeting.turns),
            Stage.CHAPTERS: ("chapters", meeting.chapters),
            Stage.MINUTES: ("minutes", meeting.minutes),
        }
        for stage, (name, value) in results.items():
            if getattr(draft, name) is not None:
                continue

            def tell(fraction: float, stage: Stage = stage) -> None:
                report(Progress(stage, fraction, overall_fraction(stage, fraction), 1.0))

            self._work(stage, tell)
            draft = replace(draft, **{name: value})
            save(replace(draft, evidence=EVIDENCE) if stage is Stage.SPEAKERS else draft)
            self.note(f"saved {stage}")
        return meeting

    def _work(self, stage: Stage, report: ReportFraction) -> None:
        self.note(f"begin {stage}")
        if stage in self.failure:
            raise self.failure[stage]
        for step in range(STEPS):
            report(step / STEPS)
            time.sleep(self.pause)
