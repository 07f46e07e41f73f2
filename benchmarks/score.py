"""How good a hypothesis is: counts and durations that add up, rates derived from the sums.

    ============  ==============================================  =================
    figure        what is counted                                 scorer
    ============  ==============================================  =================
    DER, JER      collar 0 unless given, overlap scored           pyannote.metrics
    WER           words in order of time, whoever said them       jiwer
    cpWER         words by speaker, best assignment of speakers   meeteval
    boundary      words within 0.5 s of a change, see changes     ours
    ============  ==============================================  =================

WER is left out where a reference gives words by speaker without times: nothing says in which
order they were spoken.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Self

import jiwer
from meeteval.wer.wer.cp import CPErrorRate, cp_word_error_rate
from pyannote.core import Annotation, Segment, Timeline
from pyannote.metrics.diarization import DiarizationErrorRate, JaccardErrorRate

from benchmarks.baselines import by_overlap, by_sentence
from benchmarks.changes import ChangeScore, score_changes
from benchmarks.corpora import Recording, ReferenceWords, Timing
from benchmarks.normalise import normalise
from meeting_app.domain import Turn, Word, annotation_of, speaker_segments_of

NOBODY = "unknown"  # carries the words that were given to no speaker


@dataclass(frozen=True, slots=True)
class SpeakerScore:
    """Who spoke when."""

    speech: float = 0.0  # seconds of reference speech, overlap counted for each voice
    miss: float = 0.0  # seconds, as are the next two
    false_alarm: float = 0.0
    confusion: float = 0.0
    jaccard_error: float = 0.0  # summed over reference speakers, 0..1 each
    num_speakers: int = 0  # in the reference
    num_found: int = 0
    num_recordings: int = 0
    num_counts_exact: int = 0  # recordings in which as many were found as there are

    def __add__(self, other: Self) -> Self:
        return type(self)(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    @property
    def der(self) -> float | None:
        """Diarization error rate; None without reference speech."""
        return self.share_of(self.miss + self.false_alarm + self.confusion)

    @property
    def jer(self) -> float | None:
        """Jaccard error rate, the mean over speakers; None without any."""
        return self.jaccard_error / self.num_speakers if self.num_speakers else None

    def share_of(self, duration: float) -> float | None:
        """Seconds as a share of reference speech; None without it."""
        return duration / self.speech if self.speech else None


@dataclass(frozen=True, slots=True)
class WordScore:
    """Words that differ from the reference."""

    num_words: int = 0  # in the reference
    substitutions: int = 0
    deletions: int = 0
    insertions: int = 0

    def __add__(self, other: Self) -> Self:
        return type(self)(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    @property
    def rate(self) -> float | None:
        """Errors ÷ reference words; None without them."""
        errors = self.substitutions + self.deletions + self.insertions
        return errors / self.num_words if self.num_words else None


@dataclass(frozen=True, slots=True)
class Effort:
    """What it took."""

    audio: float = 0.0  # seconds of sound
    stages: Mapping[str, float] = field(default_factory=dict)  # seconds of work, by stage
    peak_memory: int = 0  # bytes, process tree

    def __add__(self, other: "Effort") -> "Effort":
        names = dict.fromkeys([*self.stages, *other.stages])
        stages = {name: self.stages.get(name, 0.0) + other.stages.get(name, 0.0) for name in names}
        peak_memory = max(self.peak_memory, other.peak_memory)
        return Effort(self.audio + other.audio, stages, peak_memory)

    @property
    def rtfx(self) -> float | None:
        """Audio seconds ÷ processing seconds, everything included."""
        return self.rtfx_of(*self.stages)

    def rtfx_of(self, *names: str) -> float | None:
        """The same for some stages alone; None when they took no time."""
        spent = sum(self.stages.get(name, 0.0) for name in names)
        return self.audio / spent if spent else None

    @property
    def shares(self) -> dict[str, float]:
        """Share of the time by stage, 0..1."""
        total = sum(self.stages.values())
        return {name: spent / total for name, spent in self.stages.items()} if total else {}


@dataclass(frozen=True, slots=True)
class Score:
    """Everything measured on one recording, or on several added up."""

    speakers: SpeakerScore = SpeakerScore()
    words: WordScore = WordScore()
    speaker_words: WordScore = WordScore()  # cpWER
    oracle_words: WordScore = WordScore()  # cpWER when the reference says who spoke when
    changes: ChangeScore = field(default_factory=ChangeScore)
    changes_by_overlap: ChangeScore = field(default_factory=ChangeScore)  # see baselines
    changes_by_sentence: ChangeScore = field(default_factory=ChangeScore)
    effort: Effort = Effort()

    def __add__(self, other: "Score") -> "Score":
        return Score(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What is to be scored."""

    speech: Annotation
    turns: tuple[Turn, ...]
    oracle_turns: tuple[Turn, ...]  # the same words, given to speakers by the reference
    words: tuple[Word, ...]  # before they were given to anybody
    effort: Effort


def score(recording: Recording, hypothesis: Hypothesis, collar: float = 0.0) -> Score:
    """The score of one recording.

    Args:
        recording: what is right.
        hypothesis: what was found.
        collar: seconds on each side of a reference boundary that DER and JER leave out.
    """
    duration = hypothesis.effort.audio
    scored = recording.scored or Timeline([Segment(0.0, duration)])
    speakers = score_speakers(
        annotation_of(recording.speech, recording.name), hypothesis.speech, scored, collar
    )
    words = recording.words
    if words is None:
        return Score(speakers=speakers, effort=hypothesis.effort)
    segments = speaker_segments_of(hypothesis.speech)
    return Score(
        speakers=speakers,
        words=score_words(words, hypothesis.turns),
        speaker_words=score_speaker_words(words, hypothesis.turns),
        oracle_words=score_speaker_words(words, hypothesis.oracle_turns),
        changes=_changes(recording, words, hypothesis.turns),
        changes_by_overlap=_changes(recording, words, by_overlap(hypothesis.words, segments)),
        changes_by_sentence=_changes(recording, words, by_sentence(hypothesis.words, segments)),
        effort=hypothesis.effort,
    )


def _changes(recording: Recording, words: ReferenceWords, turns: Sequence[Turn]) -> ChangeScore:
    return score_changes(recording, turns, assignment(words, turns))


def score_speakers(
    reference: Annotation, hypothesis: Annotation, scored: Timeline, collar: float = 0.0
) -> SpeakerScore:
    """DER and JER with overlap, and the number of speakers, inside ``scored``.

    Args:
        reference: who spoke when.
        hypothesis: who was found when.
        scored: what is looked at.
        collar: seconds on each side.
    """
    width = 2 * collar  # pyannote.metrics counts both sides
    parts = DiarizationErrorRate(collar=width)(reference, hypothesis, uem=scored, detailed=True)
    # Its __init__ alone has no annotations.
    jaccard_error_rate = JaccardErrorRate(collar=width)  # type: ignore[no-untyped-call]
    jaccard = jaccard_error_rate(reference, hypothesis, uem=scored, detailed=True)
    num_speakers, num_found = len(reference.labels()), len(hypothesis.labels())
    return SpeakerScore(
        speech=float(parts["total"]),
        miss=float(parts["missed detection"]),
        false_alarm=float(parts["false alarm"]),
        confusion=float(parts["confusion"]),
        jaccard_error=float(jaccard["speaker error"]),
        num_speakers=num_speakers,
        num_found=num_found,
        num_recordings=1,
        num_counts_exact=int(num_speakers == num_found),
    )


def score_words(reference: ReferenceWords, turns: Sequence[Turn]) -> WordScore:
    """WER over all speakers, words in order of time; nothing where that order is not known."""
    if reference.timing is Timing.SPEAKER:
        return WordScore()
    said = normalise(" ".join(passage.text for passage in reference.passages))
    words = sorted((w for turn in turns for w in turn.words), key=lambda w: w.segment.start)
    heard = normalise(" ".join(word.text for word in words))
    if not said:
        return WordScore(insertions=len(heard.split()))
    counts = jiwer.process_words(said, heard)
    return WordScore(len(said.split()), counts.substitutions, counts.deletions, counts.insertions)


def score_speaker_words(reference: ReferenceWords, turns: Sequence[Turn]) -> WordScore:
    """The counts of cpWER: words of each speaker in order, speakers assigned to err least."""
    counts = _compared(reference, turns)
    return WordScore(counts.length, counts.substitutions, counts.deletions, counts.insertions)


def assignment(reference: ReferenceWords, turns: Sequence[Turn]) -> dict[str, str]:
    """The reference speaker of each label in the turns, as cpWER assigns them."""
    pairs = _compared(reference, turns).assignment
    return {label: speaker for speaker, label in pairs if speaker is not None and label is not None}


def _compared(reference: ReferenceWords, turns: Sequence[Turn]) -> CPErrorRate:
    # Both are in order of time already.
    return cp_word_error_rate(_by_speaker(reference), _by_label(turns), False, False)


def _by_speaker(reference: ReferenceWords) -> dict[str, str]:
    said: dict[str, list[str]] = {}
    for passage in reference.passages:
        said.setdefault(passage.speaker, []).append(passage.text)
    return {speaker: normalise(" ".join(texts)) for speaker, texts in said.items()}


def _by_label(turns: Sequence[Turn]) -> dict[str, str]:
    heard: dict[str, list[str]] = {}
    for turn in turns:
        heard.setdefault(turn.speaker or NOBODY, []).append(turn.text)
    # A hypothesis without anybody is one with somebody who says nothing.
    return {label: normalise(" ".join(texts)) for label, texts in heard.items()} or {NOBODY: ""}
