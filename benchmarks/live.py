"""How late, how steady and how right the text and the voices of running meetings are.

    python -m benchmarks.live DATA [--sessions 1 2 4 8] [--only NAME …] [--limit SECONDS]
        [--browser] [--output FILE.jsonl] [--config FILE]

Starts the real server with an empty library, plays the recordings of DATA to it in real time over
the WebSocket, so many at once, and compares what came back with the references. What each figure
means stands in benchmarks/streaming/latencies.py; ``der_streaming`` is of the voices as they stood
3 s after each moment. Appends one JSON line for each recording to the output,
benchmarks/results/live/DATE.jsonl unless named, and prints tables to stderr; on stdout is one
JSON object with the figures of each number of sessions, in the order asked for.

``--browser`` plays through the page in Chromium, one session, with a microphone that plays the
file, and takes the times at which the text was painted. ``--virtual-hours`` joins the recordings
that have a time for each word to one meeting of so many hours, and plays it ``--speed`` times as
fast as it was spoken: for the slopes of delay and memory.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.corpora import read_corpus
from benchmarks.machine import describe_machine, git_commit
from benchmarks.run import chosen
from benchmarks.streaming.figures import LiveScore, Load, figures, table
from benchmarks.streaming.long import joined, play_long
from benchmarks.streaming.playing import (
    Player,
    Track,
    load_track,
    play_over_socket,
    play_round,
    rounds,
    warm_up,
)
from benchmarks.streaming.records import ALL, LIVE_FOLDER, LiveCircumstances, append, to_line
from benchmarks.streaming.reference import WordClock, word_clock
from benchmarks.streaming.server import ServerProcess
from meeting_app.errors import MeetingAppError


def measure(
    tracks: Sequence[Track], num_sessions: int, arguments: Sequence[str], play: Player
) -> tuple[dict[str, LiveScore], Load]:
    """Play all tracks, so many at a time, to a server of their own; scores by recording.

    Raises:
        MeetingAppError: the server or a session failed.
    """
    scores: dict[str, LiveScore] = {}
    load = Load(num_sessions)
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home,
        ServerProcess(Path(home), arguments) as server,
    ):
        warm_up(server, tracks[0])
        for batch in rounds(tracks, num_sessions):
            found, taken = play_round(server, batch, play)
            load |= taken
            for track, score in zip(batch, found, strict=True):
                name = track.recording.name
                scores[name] = scores.get(name, LiveScore()) + score
                _say(f"{name}: {json.dumps(figures(score, taken))}")
    return scores, load


def measure_long(
    tracks: Sequence[Track], hours: float, speed: float, arguments: Sequence[str]
) -> tuple[dict[str, LiveScore], Load]:
    """Play the tracks as one meeting of so many hours, so much faster than it is.

    Raises:
        MeetingAppError: no track can be used, or the server or the session failed.
    """
    track = joined(tracks, hours * 3600.0)
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home,
        ServerProcess(Path(home), arguments) as server,
    ):
        warm_up(server, tracks[0])
        score, load = play_long(server, track, speed)
    return {track.recording.name: score}, load


def write(
    measured: tuple[dict[str, LiveScore], Load],
    clocks: Mapping[str, str],
    how: LiveCircumstances,
    output: Path,
) -> dict[str, float | None]:
    """Results into the file, the table to stderr; the pooled figures."""
    scores, load = measured
    whole = sum(scores.values(), LiveScore())
    lines = [to_line(name, clocks[name], (score, load), how) for name, score in scores.items()]
    lines.append(to_line(ALL, " / ".join(dict.fromkeys(clocks.values())), (whole, load), how))
    append(lines, output)
    by_process = ", ".join(f"{name} {cores:.2f}" for name, cores in load.cores.items())
    _say(
        f"\n{table(scores, load)}\n\n{load.sessions} at once: {sum(load.cores.values()):.2f} cores "
        f"({by_process}), {load.live_memory / 1e6:.0f} MB, with the seal "
        f"{load.peak_memory / 1e6:.0f} MB; rates in percent, times in ms\n"
    )
    return figures(whole, load)


def _browser() -> Player:
    # Only who plays through the page needs a library that drives browsers.
    from benchmarks.streaming.browser import play_in_browser

    return play_in_browser


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path, help="folder of recordings and references")
    parser.add_argument("--sessions", type=int, nargs="+", default=[1], help="so many at once")
    parser.add_argument(
        "--only", action="append", default=[], help="recordings with this in their name; repeatable"
    )
    parser.add_argument("--limit", type=float, default=None, help="seconds of each recording")
    parser.add_argument("--output", type=Path, default=None, help="file that lines are added to")
    parser.add_argument("--config", type=Path, default=None, help="settings, a YAML file")
    modes = parser.add_mutually_exclusive_group()
    modes.add_argument("--browser", action="store_true", help="through the page in Chromium")
    modes.add_argument("--virtual-hours", type=float, default=None, help="length of one meeting")
    parser.add_argument("--speed", type=float, default=3.0, help="of the long meeting")
    options = parser.parse_args()
    if options.speed <= 0 or (options.virtual_hours or 1.0) <= 0:
        parser.error("--virtual-hours and --speed: give more than 0")
    if options.browser and options.sessions != [1]:
        parser.error("--browser has one microphone; leave --sessions out")
    if min(options.sessions) < 1:
        parser.error(f"--sessions {min(options.sessions)}: give at least 1")
    if options.limit is not None and options.limit <= 0:
        parser.error(f"--limit {options.limit:g}: give more than 0 seconds")
    return options


def main() -> int:
    """Measure what the command line names."""
    options = _options()
    now = datetime.now(UTC)
    output = options.output or LIVE_FOLDER / f"{now:%Y-%m-%d}.jsonl"
    mode = "browser" if options.browser else "client"
    if options.virtual_hours is not None:
        mode = f"virtual, {options.speed:g} times as fast"
    how = LiveCircumstances(
        now.isoformat(timespec="seconds"), git_commit(), describe_machine(), mode
    )
    arguments = () if options.config is None else ("--config", str(options.config.resolve()))
    try:
        corpus = chosen(read_corpus(options.data), options.only)
        tracks = [load_track(recording, options.limit) for recording in corpus]
        clocks = {recording.name: word_clock(recording).value for recording in corpus}
        if options.virtual_hours is not None:
            measured = measure_long(tracks, options.virtual_hours, options.speed, arguments)
            clocks = dict.fromkeys(measured[0], WordClock.REFERENCE.value)
            print(json.dumps(write(measured, clocks, how, output)), flush=True)
            return 0
        play = _browser() if options.browser else play_over_socket
        for num_sessions in options.sessions:
            measured = measure(tracks, num_sessions, arguments, play)
            print(json.dumps(write(measured, clocks, how, output)), flush=True)
    except (MeetingAppError, OSError) as error:
        _say(str(error))
        return 1
    _say(str(output))
    return 0


if __name__ == "__main__":
    sys.exit(main())
