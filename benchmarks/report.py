"""The measured figures as Markdown, for a README.

    python -m benchmarks.report RESULTS.jsonl [MORE.jsonl …]

Of a recording that was measured more than once, the last line counts.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.records import Result, read_results, stage_table, table
from meeting_app.errors import MeetingAppError


def report(results: Sequence[Result]) -> str:
    """Both tables, and under which circumstances they were measured."""
    return "\n\n".join([table(results), stage_table(results), _footnote(results)])


def _footnote(results: Sequence[Result]) -> str:
    seen = [result.circumstances for result in results]
    machines = " / ".join(dict.fromkeys(c.machine for c in seen))
    commits = ", ".join(dict.fromkeys(c.commit for c in seen))
    dates = sorted({c.date[:10] for c in seen})
    counts = "; ".join(
        dict.fromkeys(
            "number of speakers given" if c.speakers == "exact" else "number of speakers found"
            for c in seen
        )
    )
    collars = ", ".join(dict.fromkeys(f"{c.collar:g}" for c in seen))
    return (
        f"Rates in percent, the last line pooled from the sums; {counts}; DER with collar "
        f"{collars} s and overlap scored. {machines}; "
        f"{' to '.join(dict.fromkeys([dates[0], dates[-1]]))}; commit {commits}."
    )


def main() -> int:
    """Print the report of the files named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("results", type=Path, nargs="+", help="what benchmarks.run wrote")
    options = parser.parse_args()
    try:
        found = [result for path in options.results for result in read_results(path)]
    except (MeetingAppError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    if not found:
        print(f"{options.results[0]}: no results; run the benchmark first", file=sys.stderr)
        return 1
    print(report(list({result.name: result for result in found}.values())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
