"""How late, how steady and how right the text and the voices of a running meeting are.

    ===============  =========================================================================
    figure           from what to what
    ===============  =========================================================================
    first partial    onset of speech after a silence → first text of that speech
    word emission    end of a reference word → that word first shown, by either pass
    first pass       the same for the words that the first pass got right by itself
    word stable      end of a reference word → shown for good
    final            end of speech → the line's text by the second pass
    label latency    end of a reference word → its first label
    label flips      words whose label changes later than 3 s after their end
    revisions        words the first pass changed or took away, of all that it showed
    rewritten        words the second pass took away while the line went on, of the same
    lag slope        growth of word emission over the meeting
    ===============  =========================================================================

All times are on the clock of the sound: 0 is when the first sample was spoken.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from difflib import SequenceMatcher
from typing import Any, Self

import numpy as np
from pyannote.core import Segment

from benchmarks.streaming.captions import Captions, Display, VoicesShown
from benchmarks.streaming.matching import SaidWord, WordHistory, normal
from meeting_app.domain import SpeakerSegment

SETTLING = 3.0  # seconds after the end of a word from which its label should stay
_SILENCE = 0.5  # seconds; shorter ones do not part two stretches of speech
_END_TOLERANCE = 0.5  # seconds between the end of a line and the reference's end of speech
_PATIENCE = 30.0  # seconds after which no text of a stretch is looked for any more
_LONG_ENOUGH = 600.0  # seconds; the slope of less says nothing about an hour
_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Latencies:
    """Everything measured in one meeting, in seconds; several add up."""

    first_partial: tuple[float, ...] = ()
    word_emission: tuple[float, ...] = ()
    first_pass: tuple[float, ...] = ()
    word_stable: tuple[float, ...] = ()
    final: tuple[float, ...] = ()
    label: tuple[float, ...] = ()
    emitted_at: tuple[float, ...] = ()  # where the words of ``word_emission`` end
    num_said: int = 0  # reference words with a time
    num_stretches: int = 0  # onsets of speech after a silence
    num_labelled: int = 0
    num_flipped: int = 0
    num_shown: int = 0  # words the first pass ever showed
    num_revised: int = 0
    num_rewritten: int = 0  # words the second pass took away while the line went on

    def __add__(self, other: Self) -> Self:
        return type(self)(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def over(self, speed: float) -> "Latencies":
        """The same on the clock of the wall, when the sound was played so much faster."""
        timed = ("first_partial", "word_emission", "first_pass", "word_stable", "final", "label")
        slower: dict[str, Any] = {
            name: tuple(late / speed for late in getattr(self, name)) for name in timed
        }
        return replace(self, **slower)

    @property
    def matched(self) -> float | None:
        """Share of the reference words that were ever shown; None without any."""
        return len(self.word_emission) / self.num_said if self.num_said else None

    @property
    def flip_rate(self) -> float | None:
        """Share of the labelled words; None without any."""
        return self.num_flipped / self.num_labelled if self.num_labelled else None

    @property
    def revision_rate(self) -> float | None:
        """Share of the words shown by the first pass; None without any."""
        return self.num_revised / self.num_shown if self.num_shown else None

    @property
    def rewritten_rate(self) -> float | None:
        """Share of the words shown by the first pass; None without any."""
        return self.num_rewritten / self.num_shown if self.num_shown else None

    @property
    def lag_slope(self) -> float | None:
        """Milliseconds of delay gained per hour; None when the meeting is too short to tell."""
        return lag_slope(self.emitted_at, self.word_emission)


def measure_latencies(
    captions: Captions, histories: Sequence[WordHistory], speech: Sequence[SpeakerSegment]
) -> Latencies:
    """The latencies of one meeting.

    Args:
        captions: what was shown.
        histories: of the reference words, in order of start.
        speech: who spoke when, of the reference.
    """
    stretches = speech_stretches(speech)
    emitted = [
        (h.first_shown - h.said.end, h.said.end) for h in histories if h.first_shown is not None
    ]
    labelled = [history for history in histories if history.labels]
    num_shown, num_revised, num_rewritten = revisions(captions.displays)
    return Latencies(
        first_partial=tuple(first_partials(captions.displays, stretches)),
        word_emission=tuple(late for late, _ in emitted),
        first_pass=tuple(
            h.first_pass_shown - h.said.end for h in histories if h.first_pass_shown is not None
        ),
        word_stable=tuple(
            h.shown_since - h.said.end for h in histories if h.shown_since is not None
        ),
        final=tuple(final_latencies(captions.displays, [h.said for h in histories])),
        label=tuple(h.labels[0][0] - h.said.end for h in labelled),
        emitted_at=tuple(end for _, end in emitted),
        num_said=len(histories),
        num_stretches=len(stretches),
        num_labelled=len(labelled),
        num_flipped=sum(is_flipped(history) for history in labelled),
        num_shown=num_shown,
        num_revised=num_revised,
        num_rewritten=num_rewritten,
    )


def speech_stretches(
    speech: Sequence[SpeakerSegment], silence: float = _SILENCE
) -> tuple[Segment, ...]:
    """Where anybody speaks; silences shorter than ``silence`` seconds do not count."""
    merged: list[Segment] = []
    for item in sorted(item.segment for item in speech):
        if merged and item.start - merged[-1].end < silence:
            merged[-1] = Segment(merged[-1].start, max(merged[-1].end, item.end))
        else:
            merged.append(item)
    return tuple(merged)


def first_partials(displays: Sequence[Display], stretches: Sequence[Segment]) -> Iterator[float]:
    """For each stretch of which anything was shown, how long after its onset that was."""
    times = [display.at for display in displays]
    for stretch in stretches:
        begin = bisect_left(times, stretch.start)
        end = bisect_left(times, stretch.end + _PATIENCE)
        shown = (d.at for d in displays[begin:end] if _is_about(d, stretch))
        first = next(shown, None)
        if first is not None:
            yield first - stretch.start


def _is_about(display: Display, stretch: Segment) -> bool:
    return any(word.end > stretch.start and word.start < stretch.end for word in display.words)


def final_latencies(displays: Sequence[Display], said: Sequence[SaidWord]) -> Iterator[float]:
    """For each line whose end lies at the end of a reference word, how long its text took."""
    ends = np.array([word.end for word in said])
    seen: set[int] = set()
    for display in displays:
        if display.is_final and display.words and display.line not in seen:
            seen.add(display.line)
            distances = np.abs(ends - max(word.end for word in display.words))
            if len(ends) and distances.min() <= _END_TOLERANCE:
                yield display.at - float(ends[distances.argmin()])


def is_flipped(history: WordHistory) -> bool:
    """Whether the label changes later than ``SETTLING`` after the end of the word."""
    return any(at > history.said.end + SETTLING for at, _ in history.labels[1:])


def revisions(displays: Sequence[Display]) -> tuple[int, int, int]:
    """Words that the first pass ever showed, that it took back, that the second took away."""
    num_shown = num_revised = num_rewritten = 0
    before: dict[int, Display] = {}
    for display in displays:
        if display.is_final:
            continue
        last = before.get(display.line, Display(display.at, display.line))
        old, new = _texts(last), _texts(display)
        matcher = SequenceMatcher(None, old, new, autojunk=False)
        num_kept = sum(block.size for block in matcher.get_matching_blocks())
        if display.num_better == last.num_better:
            num_shown += len(new) - num_kept
            num_revised += len(old) - num_kept
        else:
            num_rewritten += len(old) - num_kept
        before[display.line] = display
    return num_shown, num_revised, num_rewritten


def _texts(display: Display) -> list[str]:
    # Another case or a comma is no other word.
    return [" ".join(normal(word.text)) or word.text for word in display.words]


def lag_slope(times: Sequence[float], latencies: Sequence[float]) -> float | None:
    """Milliseconds of delay gained per hour: the median slope of the medians of each minute.

    Args:
        times: seconds, where each latency was taken.
        latencies: seconds.
    """
    at, late = np.array(times), np.array(latencies)
    if len(at) < 2 or np.ptp(at) < _LONG_ENOUGH:
        return None
    minutes = (at // _MINUTE).astype(int)
    known = np.unique(minutes)
    medians = [float(np.median(late[minutes == minute])) for minute in known]
    return median_slope((known * _MINUTE).tolist(), medians) * 1000.0 * 3600.0


def median_slope(x: Sequence[float], y: Sequence[float]) -> float:
    """The median of the slopes between all pairs of points, at least two.

    Source: Sen 1968, "Estimates of the regression coefficient based on Kendall's tau".
    """
    at, value = np.array(x), np.array(y)
    first, second = np.triu_indices(len(at), k=1)
    return float(np.median((value[second] - value[first]) / (at[second] - at[first])))


def voices_after(
    shown: Sequence[VoicesShown], delay: float, duration: float
) -> tuple[SpeakerSegment, ...]:
    """Who spoke at each moment as it was known ``delay`` later.

    Args:
        shown: in order of time.
        delay: seconds; infinite for what was known in the end.
        duration: seconds of sound.
    """
    if delay == np.inf:
        return shown[-1].segments if shown else ()
    ends = [later.at - delay for later in shown[1:]] + [duration]
    found: list[SpeakerSegment] = []
    for known, end in zip(shown, ends, strict=False):
        window = Segment(max(known.at - delay, 0.0), min(end, duration))
        for item in known.segments:
            part = item.segment & window
            if window and part:
                found.append(SpeakerSegment(part, item.speaker))
    return tuple(found)


def percentile_ms(latencies: Sequence[float], percent: float) -> float | None:
    """In milliseconds; None of nothing."""
    return round(1000.0 * float(np.percentile(latencies, percent)), 1) if latencies else None
