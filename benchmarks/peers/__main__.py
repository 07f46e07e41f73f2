"""The application beside other programs, on the same recordings.

    python -m benchmarks.peers DATA [--peer NAME …] [--only NAME …] [--resume]

Appends one JSON line for each peer and recording to the output, benchmarks/results/peers/DATE.jsonl
unless named, and prints Markdown to stderr; the last line on stdout is one JSON object with the
pooled figures of each peer. Each program runs in an environment of its own, made at first use.
"""

import argparse
import json
import logging
import math
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from platformdirs import user_cache_path

from benchmarks.corpora import Recording, read_corpus
from benchmarks.peers.answers import Answers
from benchmarks.peers.compare import Crew, Start, compare
from benchmarks.peers.environments import python_of
from benchmarks.peers.programs import PEERS, SERVER, Program
from benchmarks.peers.report import by_system, comparison
from benchmarks.peers.worker import Worker
from benchmarks.records import FOLDER, OURS, Result, figures, pooled, read_results
from benchmarks.run import chosen
from meeting_app.bootstrap import Application
from meeting_app.config import load_config
from meeting_app.errors import MeetingAppError
from pipelines.attribution import WordAttributor
from pipelines.audio import probe_media
from pipelines.weights.store import WeightsStore


def starter(cache: Path, weights: WeightsStore) -> Start:
    """How a program is started in the environment that the cache holds for it."""

    def start(program: Program) -> Worker:
        python = python_of(program, cache)
        folders = {ours: str(weights.get(name)) for ours, name in program.weights}
        command: list[str | Path] = [python, "-I", SERVER, program.script, json.dumps(folders)]
        return Worker(program.name, command)

    return start


def shortest_first(corpus: Sequence[Recording]) -> tuple[Recording, ...]:
    """So that something is known soon; recordings that do not say how long they are come last."""

    def duration(recording: Recording) -> float:
        return probe_media(recording.audio, recording.audio.name).duration or math.inf

    return tuple(sorted(corpus, key=duration))


def our_results(corpus: Sequence[Recording], files: Sequence[Path]) -> tuple[Result, ...]:
    """The application's latest results on these recordings, found without hints or collar.

    Raises:
        FormatError: a file holds something else.
        OSError: it cannot be read.
    """
    names = {recording.name for recording in corpus}
    latest: dict[str, Result] = {}
    for result in sorted(
        (result for path in files for result in read_results(path)),
        key=lambda result: result.circumstances.date,
    ):
        seen = result.circumstances
        is_comparable = (seen.system, seen.speakers, seen.collar) == (OURS, "auto", 0.0)
        if is_comparable and result.name in names:
            latest[result.name] = result
    return tuple(latest.values())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.peers", description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path, help="folder of recordings and references")
    parser.add_argument(
        "--peer", action="append", choices=[*PEERS], help="only this one; repeatable"
    )
    parser.add_argument(
        "--only", action="append", default=[], help="recordings with this in their name; repeatable"
    )
    parser.add_argument("--output", type=Path, default=None, help="file that lines are added to")
    parser.add_argument(
        "--ours",
        type=Path,
        default=None,
        help="what benchmarks.run wrote; the latest in benchmarks/results unless named",
    )
    parser.add_argument(
        "--resume", action="store_true", help="take answers that earlier runs have kept"
    )
    return parser.parse_args()


def main() -> int:
    """Compare what the command line names."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    options = _options()
    cache = user_cache_path("meeting-app", appauthor=False) / "peers"
    output = options.output or FOLDER / "peers" / f"{datetime.now(UTC):%Y-%m-%d}.jsonl"
    try:
        corpus = shortest_first(chosen(read_corpus(options.data), options.only))
        ours = our_results(corpus, [options.ours] if options.ours else [*FOLDER.glob("*.jsonl")])
        app = Application(load_config(None))
        answers = Answers(cache / "answers", is_resumed=options.resume)
        crew = Crew(starter(cache, app.weights), answers, corpus[0])
        peers = {name: PEERS[name] for name in PEERS if name in (options.peer or PEERS)}
        found = compare(corpus, peers, crew, WordAttributor(app.config.attribution), output)
    except (MeetingAppError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"\n{comparison(ours, found.results)}\n\n{output}", file=sys.stderr)
    print("".join(f"{failure}\n" for failure in found.failures), end="", file=sys.stderr)
    systems = by_system(found.results)
    print(json.dumps({peer: figures(pooled(rows.values())) for peer, rows in systems.items()}))
    return 1 if found.failures else 0


if __name__ == "__main__":
    sys.exit(main())
