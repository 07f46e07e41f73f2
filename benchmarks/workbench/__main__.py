"""What it is like to work with meetings: page, search, correction and voices in one run.

    python -m benchmarks.workbench DATA

Each part runs in a process of its own, one after the other, so that none measures what another
left in memory; each can be run alone, as ``python -m benchmarks.workbench.PART``. What they say
on the way goes to stderr. The last line on stdout is one JSON object with the figures of all.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

FIGURES = (
    "first_paint_ms",
    "interaction_p95_ms",
    "click_to_sound_p95_ms",
    "tab_memory_mb",
    "search_words_p95_ms",
    "search_meaning_p95_ms",
    "correction_actions",
    "correction_error",
    "voices_right",
    "voices_false",
)

Figures = Mapping[str, float | None]
Run = Callable[[Sequence[str]], str]
"""Runs a module with arguments and returns what it wrote to stdout."""


def parts(data: Path) -> tuple[tuple[str, ...], ...]:
    """Module and arguments of each part."""
    return (
        ("benchmarks.workbench.page",),
        ("benchmarks.workbench.searching",),
        ("benchmarks.workbench.correcting", str(data)),
        ("benchmarks.workbench.recognising", str(data)),
    )


def measure(data: Path, run: Run) -> Figures:
    """The figures of all parts under the names of ``FIGURES``.

    Raises:
        ValueError: a part does not say one of them.
    """
    found: dict[str, float | None] = {}
    for part in parts(data):
        found |= json.loads(run(part).splitlines()[-1])
    if missing := [name for name in FIGURES if name not in found]:
        raise ValueError(f"{', '.join(missing)}: no part says it; look at what they printed")
    return {name: found[name] for name in FIGURES}


def run_module(part: Sequence[str]) -> str:
    """Raises CalledProcessError when the module fails; it has said why."""
    command = [sys.executable, "-m", *part]
    print(" ".join(part), file=sys.stderr, flush=True)
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    print(output, end="", file=sys.stderr, flush=True)
    return output


def main() -> int:
    """Run all parts."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path, help="folder of recordings and references")
    try:
        found = measure(parser.parse_args().data, run_module)
    except (subprocess.CalledProcessError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
