"""What one recording, played through a running meeting, is worth; several add up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Self

from pyannote.core import Segment, Timeline

from benchmarks import markdown
from benchmarks.corpora import Recording
from benchmarks.score import SpeakerScore, WordScore, score_speakers, score_words
from benchmarks.streaming.captions import Captions, as_turns
from benchmarks.streaming.latencies import (
    Latencies,
    measure_latencies,
    percentile_ms,
    voices_after,
)
from benchmarks.streaming.matching import word_histories
from benchmarks.streaming.reference import said_words
from meeting_app.domain import Meeting, SpeakerSegment, Turn, annotation_of

# How long after each moment the voices are looked at (s); the second one is `der_streaming`,
# since that is when labels should have settled.
SOON, SETTLED, AT_THE_END = 1.0, 3.0, float("inf")
_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Played:
    """One recording as a reader of its running meeting saw it."""

    captions: Captions
    acks: tuple[float, ...]  # seconds of sound from the end of each frame until it was safe
    duration: float  # seconds of sound, the silence at the end left out
    sealed: Meeting | None  # None when it was not asked for
    speed: float = 1.0  # seconds of sound played in a second


@dataclass(frozen=True, slots=True)
class LiveScore:
    """Everything measured on one recording, or on several added up."""

    latencies: Latencies = field(default_factory=Latencies)
    acks: tuple[float, ...] = ()  # seconds
    words_partial: WordScore = field(default_factory=WordScore)
    words_final: WordScore = field(default_factory=WordScore)
    words_sealed: WordScore = field(default_factory=WordScore)
    speakers_soon: SpeakerScore = field(default_factory=SpeakerScore)
    speakers_settled: SpeakerScore = field(default_factory=SpeakerScore)
    speakers_end: SpeakerScore = field(default_factory=SpeakerScore)
    speakers_sealed: SpeakerScore = field(default_factory=SpeakerScore)
    behind: tuple[float, ...] = ()  # seconds, the most of each recording

    def __add__(self, other: Self) -> Self:
        return type(self)(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


@dataclass(frozen=True, slots=True)
class Load:
    """What the server and its processes took."""

    sessions: int
    peak_memory: int = 0  # bytes, whole tree, from the first sample to the last seal
    live_memory: int = 0  # bytes, the same until the last sample
    memory_slope: float | None = None  # bytes per hour of sound; None when it was not watched
    # Seconds of processor per second while the recordings were played, by process.
    cores: Mapping[str, float] = field(default_factory=dict)

    def __or__(self, other: Self) -> Self:
        """The heavier of two rounds, figure by figure."""
        return type(self)(
            max(self.sessions, other.sessions),
            max(self.peak_memory, other.peak_memory),
            max(self.live_memory, other.live_memory),
            self.memory_slope,
            {
                name: max(self.cores.get(name, 0.0), other.cores.get(name, 0.0))
                for name in {**self.cores, **other.cores}
            },
        )


def score_live(recording: Recording, played: Played) -> LiveScore:
    """The score of one recording.

    Args:
        recording: what is right, no longer than what was played.
        played: what was shown.
    """
    captions, words = played.captions, recording.words
    sealed_turns = () if played.sealed is None else played.sealed.turns
    histories = word_histories(captions, said_words(recording, sealed_turns))
    scored = recording.scored or Timeline([Segment(0.0, played.duration)])
    reference = annotation_of(recording.speech, recording.name)

    def voices(segments: Sequence[SpeakerSegment]) -> SpeakerScore:
        return score_speakers(reference, annotation_of(segments), scored)

    def known(delay: float) -> SpeakerScore:
        return voices(voices_after(captions.voices, delay, played.duration))

    def heard(turns: Sequence[Turn]) -> WordScore:
        return WordScore() if words is None else score_words(words, turns)

    score = LiveScore(
        latencies=measure_latencies(captions, histories, recording.speech).over(played.speed),
        acks=tuple(late / played.speed for late in played.acks),
        words_partial=heard(as_turns(captions.drafts())),
        words_final=heard(as_turns(captions.finals())),
        speakers_soon=known(SOON),
        speakers_settled=known(SETTLED),
        speakers_end=known(AT_THE_END),
        behind=(captions.most_behind,),
    )
    if played.sealed is None:
        return score
    return replace(
        score,
        words_sealed=heard(sealed_turns),
        speakers_sealed=voices(played.sealed.speaker_segments),
    )


def figures(score: LiveScore, load: Load) -> dict[str, float | None]:
    """Under the names that outside readers expect; None where nothing could be measured.

    Rates are shares of 1, memory is in MB (10⁶ bytes).
    """
    late = score.latencies
    return {
        "sessions": load.sessions,
        "first_partial_p50_ms": percentile_ms(late.first_partial, 50),
        "word_emission_p50_ms": percentile_ms(late.word_emission, 50),
        "word_emission_p95_ms": percentile_ms(late.word_emission, 95),
        "word_stable_p50_ms": percentile_ms(late.word_stable, 50),
        "final_p50_ms": percentile_ms(late.final, 50),
        "final_p95_ms": percentile_ms(late.final, 95),
        "label_latency_p50_ms": percentile_ms(late.label, 50),
        "label_flip_rate": _rounded(late.flip_rate),
        "revision_rate": _rounded(late.revision_rate),
        "lag_slope_ms_per_hour": _rounded(late.lag_slope, 1),
        "wer_partial": _rounded(score.words_partial.rate),
        "wer_final": _rounded(score.words_final.rate),
        "wer_sealed": _rounded(score.words_sealed.rate),
        "der_streaming": _rounded(score.speakers_settled.der),
        "peak_memory_mb": round(load.peak_memory / 1e6),
    }


def more_figures(score: LiveScore, load: Load) -> dict[str, float | None]:
    """What explains the figures; kept in the file of results."""
    late = score.latencies
    return {
        "words_matched": _rounded(late.matched),
        "words_said": late.num_said,
        "first_partial_p95_ms": percentile_ms(late.first_partial, 95),
        "word_emission_p99_ms": percentile_ms(late.word_emission, 99),
        "first_pass_emission_p50_ms": percentile_ms(late.first_pass, 50),
        "first_pass_emission_p95_ms": percentile_ms(late.first_pass, 95),
        "first_pass_matched": _rounded(
            len(late.first_pass) / late.num_said if late.num_said else None
        ),
        "rewritten_rate": _rounded(late.rewritten_rate),
        "word_stable_p95_ms": percentile_ms(late.word_stable, 95),
        "final_p99_ms": percentile_ms(late.final, 99),
        "label_latency_p95_ms": percentile_ms(late.label, 95),
        "ack_p50_ms": percentile_ms(score.acks, 50),
        "ack_p95_ms": percentile_ms(score.acks, 95),
        "most_behind_s": max(score.behind, default=None),
        "der_after_1s": _rounded(score.speakers_soon.der),
        "der_after_3s": _rounded(score.speakers_settled.der),
        "der_at_the_end": _rounded(score.speakers_end.der),
        "der_sealed": _rounded(score.speakers_sealed.der),
        "live_memory_mb": round(load.live_memory / 1e6),
        "memory_slope_mb_per_hour": _rounded(
            None if load.memory_slope is None else load.memory_slope / 1e6, 1
        ),
        "cores": _rounded(sum(load.cores.values()), 2),
        **{f"cores_{name}": _rounded(cores, 2) for name, cores in load.cores.items()},
    }


def table(scores: Mapping[str, LiveScore], load: Load) -> str:
    """Markdown: a line for each recording and one for all; rates in percent, times in ms."""
    rows = [*scores.items(), ("**all**", sum(scores.values(), LiveScore()))]
    heads = ("recording", *(name for name, _ in _COLUMNS))
    shown = [(name, {**figures(s, load), **more_figures(s, load)}) for name, s in rows]
    return markdown.table(
        heads, ([name, *(_shown(key, found[key]) for _, key in _COLUMNS)] for name, found in shown)
    )


def _shown(key: str, value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.0f}" if key.endswith(("_ms", "_mb")) else f"{100 * value:.1f}"


def _rounded(value: float | None, digits: int = _DIGITS) -> float | None:
    return None if value is None else round(value, digits)


_COLUMNS = (
    ("first partial", "first_partial_p50_ms"),
    ("word p50", "word_emission_p50_ms"),
    ("p95", "word_emission_p95_ms"),
    ("first pass p50", "first_pass_emission_p50_ms"),
    ("p95", "first_pass_emission_p95_ms"),
    ("stable", "word_stable_p50_ms"),
    ("final p50", "final_p50_ms"),
    ("p95", "final_p95_ms"),
    ("label", "label_latency_p50_ms"),
    ("flips", "label_flip_rate"),
    ("revised", "revision_rate"),
    ("matched", "words_matched"),
    ("WER partial", "wer_partial"),
    ("final", "wer_final"),
    ("sealed", "wer_sealed"),
    ("DER 1 s", "der_after_1s"),
    ("3 s", "der_after_3s"),
    ("end", "der_at_the_end"),
    ("sealed", "der_sealed"),
    ("ack", "ack_p50_ms"),
)
