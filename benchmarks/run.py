"""How accurate and how fast the recording pipeline is, on recordings with references.

    python -m benchmarks.run DATA [--speakers exact] [--only NAME …] [--output FILE.jsonl]

Appends one JSON line for each recording to the output, benchmarks/results/DATE.jsonl unless
named, and prints a table to stderr; the last line on stdout is one JSON object with the pooled
figures. The models are loaded and run once before anything is timed.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pyannote.core import Segment

from benchmarks.corpora import Recording, read_corpus
from benchmarks.machine import PeakMemory, describe_machine, git_commit
from benchmarks.records import (
    FOLDER,
    Circumstances,
    Result,
    figures,
    pooled,
    stage_table,
    table,
    to_line,
)
from benchmarks.score import Effort, Hypothesis, score
from meeting_app.bootstrap import Application
from meeting_app.config import load_config
from meeting_app.domain import (
    Draft,
    Meeting,
    ProcessingOptions,
    Progress,
    SpeakerCount,
    Stage,
    Transcript,
    annotation_of,
)
from meeting_app.errors import FormatError, MeetingAppError
from pipelines.attribution import WordAttributor
from pipelines.audio import decode_media
from pipelines.protocols import Attributor, RecordingPipeline

WARM_UP = Segment(0.0, 30.0)  # of the first recording


@dataclass(frozen=True, slots=True)
class Bench:
    """What is measured, and how."""

    pipeline: RecordingPipeline
    attributor: Attributor  # the pipeline's own, to give words to the reference's speakers
    is_count_given: bool = False
    collar: float = 0.0  # seconds on each side
    num_repeats: int = 1  # the median run is the one that is kept


@dataclass(slots=True)
class StageClock:
    """Listens to a pipeline's progress and knows how long each stage took."""

    clock: Callable[[], float] = time.perf_counter
    _first: dict[Stage, float] = field(default_factory=dict)
    _last: dict[Stage, float] = field(default_factory=dict)

    def __call__(self, progress: Progress) -> None:
        """A stage reports when it begins, on its way and when it is done."""
        now = self.clock()
        self._first.setdefault(progress.stage, now)
        self._last[progress.stage] = now

    @property
    def seconds(self) -> dict[str, float]:
        """By name of stage, in the order they ran."""
        return {stage.value: self._last[stage] - began for stage, began in self._first.items()}


@dataclass(slots=True)
class _Notebook:
    """Keeps the last draft: the words before they were given to speakers."""

    draft: Draft = field(default_factory=Draft)

    def __call__(self, draft: Draft) -> None:
        self.draft = draft


def measure(recording: Recording, bench: Bench) -> Hypothesis:
    """What the pipeline makes of one recording, and what that took; the median of the runs.

    Raises:
        MeetingAppError: it cannot be processed.
    """
    runs = [_run(recording, bench) for _ in range(bench.num_repeats)]
    return sorted(runs, key=lambda run: sum(run.effort.stages.values()))[len(runs) // 2]


def _run(recording: Recording, bench: Bench) -> Hypothesis:
    count = recording.num_speakers
    speakers = SpeakerCount.exactly(count) if bench.is_count_given else SpeakerCount()
    clock, notes = StageClock(), _Notebook()
    with tempfile.TemporaryDirectory() as folder, PeakMemory() as memory:
        began = time.perf_counter()
        waveform = decode_media(recording.audio, Path(folder) / "sound", recording.audio.name)
        decoding = time.perf_counter() - began
        options = ProcessingOptions(speakers=speakers)
        meeting = bench.pipeline(waveform, recording.name, options, Draft(), notes, clock)
        duration = waveform.duration
    stages = {Stage.DECODE.value: decoding, **clock.seconds}
    return _hypothesis(
        recording, bench, meeting, notes.draft, Effort(duration, stages, memory.num_bytes)
    )


def _hypothesis(
    recording: Recording, bench: Bench, meeting: Meeting, draft: Draft, effort: Effort
) -> Hypothesis:
    transcript = draft.transcript or Transcript(None, ())
    return Hypothesis(
        speech=annotation_of(meeting.speaker_segments, recording.name),
        turns=meeting.turns,
        oracle_turns=bench.attributor(transcript, annotation_of(recording.speech)),
        words=transcript.words,
        effort=effort,
    )


def warm_up(recording: Recording, pipeline: RecordingPipeline) -> None:
    """Load the models and run them once; what that takes is nobody's time.

    Raises:
        MeetingAppError: a model or the recording cannot be had.
    """
    with tempfile.TemporaryDirectory() as folder:
        sound = decode_media(recording.audio, Path(folder) / "sound", recording.audio.name)
        options = ProcessingOptions()
        pipeline(sound.crop(WARM_UP), recording.name, options, Draft(), _ignore, _ignore)


def _ignore(_: object) -> None:
    """For what nobody wants to know."""


def chosen(corpus: Sequence[Recording], names: Sequence[str]) -> tuple[Recording, ...]:
    """The recordings whose names contain one of ``names``; all when none are given.

    Raises:
        FormatError: there are none.
    """
    found = tuple(r for r in corpus if not names or any(name in r.name for name in names))
    if not found:
        known = ", ".join(recording.name for recording in corpus)
        raise FormatError(f"{', '.join(names)}: no such recording; there are {known}")
    return found


def run(corpus: Sequence[Recording], bench: Bench, output: Path) -> tuple[Result, ...]:
    """Measure all; each result is in ``output`` before the next recording begins.

    Raises:
        MeetingAppError: a recording cannot be processed.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    circumstances = Circumstances(
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        commit=git_commit(),
        machine=describe_machine(),
        speakers="exact" if bench.is_count_given else "auto",
        collar=bench.collar,
    )
    results = []
    for recording in corpus:
        found = score(recording, measure(recording, bench), bench.collar)
        result = Result(recording.name, found, circumstances)
        with output.open("a", encoding="utf-8") as lines:
            lines.write(f"{to_line(result)}\n")
        _say(f"{recording.name}: {json.dumps(figures(found))}")
        results.append(result)
    return tuple(results)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path, help="folder of recordings and references")
    parser.add_argument(
        "--speakers",
        choices=("auto", "exact"),
        default="auto",
        help="exact tells the pipeline the true number of speakers",
    )
    parser.add_argument(
        "--only", action="append", default=[], help="recordings with this in their name; repeatable"
    )
    parser.add_argument("--output", type=Path, default=None, help="file that lines are added to")
    parser.add_argument("--repeats", type=int, default=1, help="runs, of which the median counts")
    parser.add_argument(
        "--collar", type=float, default=0.0, help="seconds on each side that DER leaves out"
    )
    parser.add_argument("--config", type=Path, default=None, help="settings, a YAML file")
    options = parser.parse_args()
    if options.repeats < 1:
        parser.error(f"--repeats {options.repeats}: give at least 1")
    if options.collar < 0:
        parser.error(f"--collar {options.collar:g}: give 0 or more seconds")
    return options


def main() -> int:
    """Measure what the command line names."""
    options = _options()
    output = options.output or FOLDER / f"{datetime.now(UTC):%Y-%m-%d}.jsonl"
    try:
        corpus = chosen(read_corpus(options.data), options.only)
        app = Application(load_config(options.config))
        bench = Bench(
            pipeline=app.pipeline,
            attributor=WordAttributor(app.config.attribution),
            is_count_given=options.speakers == "exact",
            collar=options.collar,
            num_repeats=options.repeats,
        )
        warm_up(corpus[0], bench.pipeline)
        results = run(corpus, bench, output)
    except (MeetingAppError, OSError) as error:
        _say(str(error))
        return 1
    _say(f"\n{table(results)}\n\n{stage_table(results)}\n\n{output}")
    print(json.dumps(figures(pooled(results))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
