"""One JSON object for each recording that was played, and one for all of a run."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.records import FOLDER
from benchmarks.streaming.figures import LiveScore, Load, figures, more_figures

LIVE_FOLDER = FOLDER / "live"
ALL = "all"


@dataclass(frozen=True, slots=True)
class LiveCircumstances:
    """Under which recordings were played."""

    date: str  # ISO 8601, UTC
    commit: str
    machine: str
    mode: str  # "client", "browser", "virtual"


def to_line(name: str, clock: str, measured: tuple[LiveScore, Load], how: LiveCircumstances) -> str:
    """Figures for people; one line of JSON.

    Args:
        name: of the recording, or ``ALL``.
        clock: where the times of its reference words come from.
        measured: its score, and what the server took.
        how: the circumstances.
    """
    document = {
        "file": name,
        **figures(*measured),
        **more_figures(*measured),
        "clock": clock,
        "circumstances": asdict(how),
    }
    return json.dumps(document, ensure_ascii=False)


def append(lines: list[str], output: Path) -> None:
    """Adds the lines to the file of results."""
    output.parent.mkdir(parents=True, exist_ok=True)
    with output.open("a", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)
