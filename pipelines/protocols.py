"""What a stage is: one callable each, so that any can be replaced by another or by a fake."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
from pyannote.core import Annotation, Segment, Timeline

from meeting_app.domain import (
    Chapter,
    ClipKind,
    Diarization,
    Draft,
    MediaFacts,
    Meeting,
    Minutes,
    ProcessingOptions,
    Progress,
    Relabelling,
    SpeakerCount,
    SpeakerSegment,
    Transcript,
    Turn,
    VoiceConstraints,
    VoiceEvidence,
    VoiceRecognised,
    VoicesHeard,
    Waveform,
    Word,
)
from meeting_app.domain.people import NameSuggestion, Recognition, Voiceprint, VoiceSample

ReportFraction = Callable[[float], None]
"""Called by a running stage with how much of it is done, 0..1, rising.

It may raise JobCancelledError; a stage lets that pass.
"""


def report_nothing(fraction: float) -> None:
    """For callers that do not watch."""


class MediaProbe(Protocol):
    """What kind of file is this?"""

    def __call__(self, path: Path, filename: str) -> MediaFacts:
        """Cheap. ``filename`` is for messages. Raises MediaError when no sound can be had."""


class MediaDecoder(Protocol):
    """Any media file becomes sound."""

    def __call__(
        self, path: Path, scratch: Path, filename: str, report: ReportFraction = report_nothing
    ) -> Waveform:
        """16 kHz mono, memory-mapped from the file ``scratch``, which this call writes whole."""


class PlaybackEncoder(Protocol):
    """Sound becomes a small file that every browser plays and seeks exactly."""

    def __call__(
        self, waveform: Waveform, path: Path, report: ReportFraction = report_nothing
    ) -> None:
        """Writes ``path`` (.m4a) atomically."""


class PeaksWriter(Protocol):
    """Sound becomes an outline that can be drawn at once; ``pipelines.peaks`` says its form."""

    def __call__(self, waveform: Waveform, path: Path) -> None:
        """Writes ``path`` atomically."""


class FilePeaksWriter(Protocol):
    """``PeaksWriter`` for a media file."""

    def __call__(self, media: Path, path: Path) -> None:
        """Writes ``path`` atomically. Raises MediaError when ``media`` cannot be decoded."""


class ClipCutter(Protocol):
    """A stretch of a recording as a sound file of its own."""

    def __call__(self, path: Path, segment: Segment, kind: ClipKind = ClipKind.M4A) -> bytes:
        """Of a playback file, to the sample. Raises MediaError when there is no sound there."""


class VoiceActivityDetector(Protocol):
    """Where is speech?"""

    def __call__(self, waveform: Waveform, report: ReportFraction = report_nothing) -> Timeline:
        """Regions of speech, disjoint, in time order; empty for silence."""


class SpeechRecognizer(Protocol):
    """Which words, when?"""

    def __call__(
        self,
        waveform: Waveform,
        speech: Timeline,
        language: str | None = None,
        hotwords: Sequence[str] = (),
        report: ReportFraction = report_nothing,
    ) -> Transcript:
        """Words in time order, found inside ``speech`` only."""


class Diarizer(Protocol):
    """Who spoke when?"""

    def __call__(
        self,
        waveform: Waveform,
        speech: Timeline,
        speakers: SpeakerCount = SpeakerCount(),  # noqa: B008 - frozen
        report: ReportFraction = report_nothing,
    ) -> Diarization:
        """Labels SPEAKER_00… in order of first appearance; overlap kept; empty for silence."""


class Reclusterer(Protocol):
    """Who spoke when, after what users have said about it? Needs no model and no sound."""

    def split(
        self, evidence: VoiceEvidence, meeting: Meeting, label: str, *, insist: bool = False
    ) -> tuple[Segment, ...]:
        """What of a speaker's segments belongs to another voice, the one that says less.

        Args:
            evidence: of the meeting.
            meeting: as it is now, corrections included.
            label: of the speaker who is two people.
            insist: cut even what sounds like one voice.

        Raises:
            NotFoundError: nobody in the meeting has that label.
            OneVoiceError: it sounds like one voice, and nobody insists.
            ConflictError: there is too little speech to tell voices apart.
        """

    def propose(
        self, evidence: VoiceEvidence, meeting: Meeting, constraints: VoiceConstraints
    ) -> tuple[Relabelling, ...]:
        """What else should change its speaker, given what users have said; in time order.

        Confirmed segments never change, and a refused speaker is never proposed again. Nothing
        is proposed that is not clearly better.
        """


class RecognitionStream(Protocol):
    """The words of one running conversation, utterance by utterance."""

    def accept(self, samples: npt.NDArray[np.float32]) -> tuple[Word, ...]:
        """Listens on; returns all words of the utterance so far, the last ones provisional.

        Args:
            samples: (num_samples,) in [-1, 1], following the last ones without a gap.
        """

    def finish(self) -> tuple[Word, ...]:
        """Ends the utterance: its words for good. What follows begins another."""


class StreamingRecognizer(Protocol):
    """Which words, while they are spoken?"""

    def __call__(self, start: float) -> RecognitionStream:
        """Its first sample is ``start`` seconds into the meeting; its words say so."""


class SpeechStream(Protocol):
    """Where was speech just now, in one running conversation?"""

    def accept(self, samples: npt.NDArray[np.float32]) -> Timeline:
        """Listens on; regions of speech in the last seconds, at least ten.

        Args:
            samples: (num_samples,) in [-1, 1], following the last ones without a gap.
        """


class StreamingDetector(Protocol):
    """Where is speech, while it is spoken?"""

    def __call__(self) -> SpeechStream:
        """Begins with a conversation in which nothing was heard yet."""


class SpeakerStream(Protocol):
    """Who speaks in one running conversation."""

    def accept(self, samples: npt.NDArray[np.float32]) -> VoicesHeard | None:
        """Listens on; says what is new about who spoke when, or None.

        Args:
            samples: (num_samples,) in [-1, 1], following the last ones without a gap.
        """

    def finish(self) -> VoicesHeard | None:
        """What can still be said now that nothing follows."""

    def recognised(self) -> tuple[VoiceRecognised, ...]:
        """Voices that were recognised, or are no longer, since this was last asked."""


class VoiceNamer(Protocol):
    """Which voices of a running meeting are known?"""

    def __call__(self, samples: Mapping[str, VoiceSample]) -> Mapping[str, str]:
        """Label → name, of those who surely are somebody known; nobody is two voices."""


class OnlineDiarizer(Protocol):
    """Who speaks, while they speak?"""

    def __call__(self) -> SpeakerStream:
        """Begins with a conversation in which nobody was heard yet."""


class Resemblance(Protocol):
    """Whom do moments of a recording sound like?"""

    def __call__(
        self, times: npt.NDArray[np.float64], labels: Sequence[str]
    ) -> npt.NDArray[np.float32]:
        """(num_times, num_labels) cosine of the sound to each voice; NaN where it is not known.

        Args:
            times: (num_times,) seconds.
            labels: speakers.
        """


class VoiceListener(Protocol):
    """How to look closely at the voices of one recording."""

    def __call__(
        self,
        waveform: Waveform,
        annotation: Annotation,
        report: ReportFraction = report_nothing,
    ) -> Resemblance:
        """Cheap; what it returns is costly to ask, and reports meanwhile."""


class Attributor(Protocol):
    """Who said which word?"""

    def __call__(
        self,
        transcript: Transcript,
        annotation: Annotation,
        resemblance: Resemblance | None = None,
    ) -> tuple[Turn, ...]:
        """Turns in time order that hold every word exactly once, ids 0, 1, 2…

        Args:
            transcript: the words.
            annotation: who speaks when.
            resemblance: asked where speakers are near each other, if there is one.
        """


class ChapterFinder(Protocol):
    """Which topics, from when to when?"""

    def __call__(
        self, turns: Sequence[Turn], duration: float, report: ReportFraction = report_nothing
    ) -> tuple[Chapter, ...]:
        """Chapters that cover 0..duration without gaps; none when there are no turns."""


class MinutesWriter(Protocol):
    """What was said, decided and promised?"""

    def __call__(
        self,
        turns: Sequence[Turn],
        chapters: Sequence[Chapter],
        report: ReportFraction = report_nothing,
    ) -> Minutes:
        """Every line proven by at least one turn."""


class QueryEncoder(Protocol):
    """What does one short text mean?"""

    def __call__(self, text: str) -> npt.NDArray[np.float32]:
        """(dimension,) of norm one; close to those of texts that mean the like."""


class NameFinder(Protocol):
    """Which names do speakers say they have?"""

    def __call__(self, turns: Sequence[Turn], language: str | None) -> tuple[NameSuggestion, ...]:
        """With the turn that says so; by label, best first; each name for one speaker only."""


class VoiceMatcher(Protocol):
    """Whose voice is it?"""

    def samples(
        self, evidence: VoiceEvidence, segments: Sequence[SpeakerSegment]
    ) -> Mapping[str, VoiceSample]:
        """Label → what the speaker sounds like; who is never heard alone is missing."""

    def recognise(
        self,
        samples: Mapping[str, VoiceSample],
        voiceprints: Sequence[Voiceprint],
        min_speech: float,
    ) -> Mapping[str, Recognition]:
        """Label → person, for those speakers who surely are somebody; nobody is two speakers.

        Args:
            samples: of the speakers of one meeting.
            voiceprints: everybody's, from the model that made the samples.
            min_speech: seconds; who is heard for less is not recognised.
        """


class RecordingPipeline(Protocol):
    """Sound becomes a meeting, stage by stage."""

    def __call__(
        self,
        waveform: Waveform,
        title: str,
        options: ProcessingOptions,
        draft: Draft,
        save: Callable[[Draft], None],
        report: Callable[[Progress], None],
    ) -> Meeting:
        """Stages already in ``draft`` are not run again; ``save`` is called after each stage."""
