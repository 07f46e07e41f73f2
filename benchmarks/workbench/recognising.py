"""Are people recognised in what they say later, and strangers left alone?

    python -m benchmarks.workbench.recognising DATA [--tested libri sim] [--seconds 10]

The recordings whose names begin with one of ``--tested`` are judged. Of every reader in them the
first half of the speech makes a voiceprint; from the second half stretches of ``--seconds`` are
drawn. They must be given the reader's name by the voiceprints of everybody, and no name once the
reader is taken out of the voiceprints: then the reader is a stranger. Who has too little speech
for two halves is a stranger only, and so is everybody in the other recordings.

The same readers, and the same passages, occur in several recordings. So a reader is tested with
the voiceprint of the same recording, of which nothing is heard twice; all other readers take part
with all their recordings.

Similarities in the other recordings, which are not judged, say where a threshold belongs: that is
how the shipped one, and what a similarity is worth as confidence, were chosen. The last line on
stdout is one JSON object.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pyannote.core import Segment

from benchmarks.corpora import Recording, read_corpus
from benchmarks.networks import networks_of
from meeting_app.bootstrap import Application
from meeting_app.config import VoicesConfig, load_config
from meeting_app.domain import SpeakerSegment, VoiceEvidence
from meeting_app.domain.people import Person, Voiceprint, VoiceSample
from meeting_app.errors import MeetingAppError
from pipelines.audio import decode_media
from pipelines.diarization.offline import evidence_of
from pipelines.voices import CosineMatcher, centroid, stretches_alone

NUM_EXCERPTS = 20  # drawn from each half
SEED = 6


@dataclass(frozen=True, slots=True)
class Reader:
    """One voice of one recording."""

    recording: str
    name: str  # the same in every recording of a corpus
    alone: tuple[Segment, ...]  # where nobody else speaks, in time order

    @property
    def seconds(self) -> float:
        """Of speech alone."""
        return float(sum(segment.duration for segment in self.alone))


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """What can be said of a reader's voice."""

    reader: Reader
    enrolled: VoiceSample | None  # of the first half; None for who has too little speech
    excerpts: tuple[VoiceSample, ...]  # of the second half, or of all


@dataclass(frozen=True, slots=True)
class Counts:
    """How often a name was right, missing, wrong, or given to a stranger."""

    right: int = 0
    missing: int = 0
    wrong: int = 0
    strangers: int = 0
    named_strangers: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.right + other.right,
            self.missing + other.missing,
            self.wrong + other.wrong,
            self.strangers + other.strangers,
            self.named_strangers + other.named_strangers,
        )

    @property
    def share_right(self) -> float | None:
        """Of the people who are known; None when there are none."""
        known = self.right + self.missing + self.wrong
        return self.right / known if known else None

    @property
    def share_false(self) -> float | None:
        """Of the strangers who were given a name; None when there are none."""
        return self.named_strangers / self.strangers if self.strangers else None


def readers_of(recording: Recording) -> tuple[Reader, ...]:
    """The voices of a recording."""
    alone = stretches_alone(recording.speech)
    return tuple(Reader(recording.name, name, alone[name]) for name in alone)


def part_of(stretches: Sequence[Segment], start: float, end: float) -> tuple[Segment, ...]:
    """What lies between two points of the speech, counted in seconds of the stretches."""
    found: list[Segment] = []
    passed = 0.0
    for stretch in stretches:
        first, last = max(start - passed, 0.0), min(end - passed, stretch.duration)
        if first < last:
            found.append(Segment(stretch.start + first, stretch.start + last))
        passed += stretch.duration
    return tuple(found)


def hear(
    reader: Reader, evidence: VoiceEvidence, matcher: CosineMatcher, random: np.random.Generator
) -> Heard | None:
    """The reader's voice in both halves; None for who says less than an excerpt.

    Excerpts are as long as the matcher needs, and drawn at random places; those of one reader
    overlap.
    """
    excerpt = matcher.config.min_speech

    def sample(stretches: Sequence[Segment]) -> VoiceSample | None:
        spoken = [SpeakerSegment(segment, reader.name) for segment in stretches]
        return matcher.samples(evidence, spoken).get(reader.name)

    if reader.seconds < excerpt:
        return None
    has_halves = reader.seconds >= 2 * excerpt
    begin = reader.seconds / 2 if has_halves else 0.0
    starts = random.uniform(begin, reader.seconds - excerpt, NUM_EXCERPTS)
    drawn = (sample(part_of(reader.alone, start, start + excerpt)) for start in starts)
    enrolled = sample(part_of(reader.alone, 0.0, begin)) if has_halves else None
    return Heard(reader, enrolled, tuple(found for found in drawn if found is not None))


def judge(tested: Sequence[Heard], strangers: Sequence[Heard], config: VoicesConfig) -> Counts:
    """Everybody of ``tested`` as known and as a stranger; ``strangers`` as strangers only."""
    counts = Counts()
    for heard in tested:
        own = heard.reader.name
        if heard.enrolled is not None:
            counts += _named(heard, _gallery(tested, own, heard.enrolled), config)
        counts += _unnamed(heard, _gallery(tested, own, None), config)
    for heard in strangers:
        counts += _unnamed(heard, _gallery(tested, heard.reader.name, None), config)
    return counts


def _gallery(
    tested: Sequence[Heard], own: str, enrolled: VoiceSample | None
) -> tuple[Voiceprint, ...]:
    """Everybody's voiceprint but that of ``own``, who is known by ``enrolled`` or not at all."""
    samples: dict[str, list[VoiceSample]] = {} if enrolled is None else {own: [enrolled]}
    for heard in tested:
        if heard.reader.name != own and heard.enrolled is not None:
            samples.setdefault(heard.reader.name, []).append(heard.enrolled)
    return tuple(Voiceprint(Person(name, name), tuple(samples[name])) for name in sorted(samples))


def _answers(
    heard: Heard, gallery: Sequence[Voiceprint], config: VoicesConfig
) -> Iterator[str | None]:
    # An excerpt may lack a rounding error of its length.
    matcher = CosineMatcher(config)
    for excerpt in heard.excerpts:
        seconds = max(excerpt.seconds, config.min_speech)
        whole = VoiceSample(excerpt.model, excerpt.embedding, seconds)
        found = matcher.recognise({"A": whole}, gallery, config.min_speech).get("A")
        yield None if found is None else found.person.name


def _named(heard: Heard, gallery: Sequence[Voiceprint], config: VoicesConfig) -> Counts:
    names = list(_answers(heard, gallery, config))
    right, missing = names.count(heard.reader.name), names.count(None)
    return Counts(right, missing, len(names) - right - missing)


def _unnamed(heard: Heard, gallery: Sequence[Voiceprint], config: VoicesConfig) -> Counts:
    names = list(_answers(heard, gallery, config))
    return Counts(strangers=len(names), named_strangers=len(names) - names.count(None))


def similarities(
    others: Sequence[Heard],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Cosines of excerpts with voiceprints of the same person, and of somebody else."""
    same: list[float] = []
    different: list[float] = []
    for one in others:
        for other in others:
            if other.enrolled is None:
                continue
            known = centroid([other.enrolled])
            found = [float(excerpt.embedding @ known) for excerpt in one.excerpts]
            is_same = one.reader.name == other.reader.name
            (same if is_same else different).extend(found)
    return np.array(same), np.array(different)


def listener(app: Application) -> Callable[[Recording], VoiceEvidence]:
    """Runs the networks over a recording.

    Raises:
        MeetingAppError: a model cannot be had.
    """
    _, diarizer = networks_of(app)

    def listen(recording: Recording) -> VoiceEvidence:
        with tempfile.TemporaryDirectory() as folder:
            sound = decode_media(recording.audio, Path(folder) / "sound", recording.audio.name)
            return evidence_of(diarizer.listen(sound).sliding)

    return listen


def figures(
    corpus: Sequence[Recording],
    listen: Callable[[Recording], VoiceEvidence],
    prefixes: Sequence[str],
    config: VoicesConfig,
) -> Mapping[str, float | int | list[float] | None]:
    """``voices_right`` and ``voices_false`` as shares of 1, and the counts behind them.

    Args:
        corpus: recordings with a reference.
        listen: makes evidence of one.
        prefixes: of the names of the recordings that are judged.
        config: thresholds.
    """
    random, matcher = np.random.default_rng(SEED), CosineMatcher(config)
    tested: list[Heard] = []
    others: list[Heard] = []
    for recording in corpus:
        evidence = listen(recording)
        place = tested if recording.name.startswith(tuple(prefixes)) else others
        for reader in readers_of(recording):
            if (heard := hear(reader, evidence, matcher, random)) is not None:
                place.append(heard)
    readers, foreign = judge(tested, (), config), judge(tested, others, config)
    same, different = similarities(others)
    return {
        "voices_right": readers.share_right,
        "voices_false": readers.share_false,
        "known_trials": readers.right + readers.missing + readers.wrong,
        "known_missing": readers.missing,
        "known_wrong": readers.wrong,
        "known_people": len({h.reader.name for h in tested if h.enrolled is not None}),
        "stranger_trials": readers.strangers,
        "strangers_named": readers.named_strangers,
        "stranger_people": len({heard.reader.name for heard in tested}),
        "other_stranger_trials": foreign.strangers - readers.strangers,
        "other_strangers_named": foreign.named_strangers - readers.named_strangers,
        "other_people": len(others),
        "other_same": _quantiles(same),
        "other_different": _quantiles(different),
    }


def _quantiles(values: npt.NDArray[np.float64]) -> list[float]:
    """Least, 5 %, median, 95 % and most; empty for none."""
    found = np.quantile(values, (0, 0.05, 0.5, 0.95, 1)) if len(values) else ()
    return [round(float(value), 3) for value in found]


def main() -> int:
    """Judge the recordings of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path, help="folder of recordings and references")
    parser.add_argument(
        "--tested", nargs="+", default=["libri", "sim"], help="beginnings of names that are judged"
    )
    parser.add_argument(
        "--seconds", type=float, help="of speech that is to be recognised; else voices.min_speech"
    )
    options = parser.parse_args()
    try:
        app = Application(load_config(None))
        seconds = options.seconds or app.config.voices.min_speech
        corpus = read_corpus(options.data)
        config = replace(app.config.voices, min_speech=seconds)
        found = figures(corpus, listener(app), options.tested, config)
    except (MeetingAppError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
