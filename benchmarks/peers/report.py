"""The application and its peers side by side, with ratios, as Markdown."""

from collections.abc import Iterable, Mapping, Sequence

from benchmarks import markdown
from benchmarks.records import OURS, Result, figures, pooled

_IN_PERCENT = frozenset(
    ("der", "miss", "false_alarm", "confusion", "wer", "cpwer", "cpwer_oracle", "boundary_error")
)
_COUNTS = frozenset({"files", "count_exact"})
_NOTE = (
    f"Ratio: {OURS} ÷ peer, so below 1 is better for errors and memory, above 1 for speed. Rates "
    "in percent, pooled from the sums; number of speakers found, not given; collar 0, overlap "
    "scored."
)


def by_system(results: Iterable[Result]) -> dict[str, dict[str, Result]]:
    """Results by system and name of recording; of two, the later in the list."""
    found: dict[str, dict[str, Result]] = {}
    for result in results:
        found.setdefault(result.circumstances.system, {})[result.name] = result
    return found


def comparison(ours: Sequence[Result], theirs: Sequence[Result]) -> str:
    """Pooled figures over the recordings that all have heard, and DER by recording."""
    systems = by_system([*ours, *theirs])
    if not systems:
        return "No results."
    common = [name for name in _names(systems) if all(name in rows for rows in systems.values())]
    parts = []
    if common:
        chosen = {
            system: figures(pooled(rows[name] for name in common))
            for system, rows in systems.items()
        }
        parts.append(_pooled_table(chosen))
    else:
        parts.append("No recording was heard by all of them, so nothing is pooled.")
    parts += [_recording_table(systems), _note(systems, common)]
    return "\n\n".join(parts)


def ratio(ours: float | None, theirs: float | None) -> float | None:
    """Ours ÷ theirs; None when one is not known or theirs is nothing."""
    return None if ours is None or not theirs else ours / theirs


def _pooled_table(chosen: Mapping[str, Mapping[str, float | None]]) -> str:
    ours = chosen.get(OURS)
    peers = [system for system in chosen if system != OURS]
    heads = ["figure", *([OURS] if ours else [])]
    for peer in peers:
        heads += [peer, "ratio"] if ours else [peer]
    rows = []
    for figure in next(iter(chosen.values())):
        row = [figure, *([_shown(figure, ours[figure])] if ours else [])]
        for peer in peers:
            value = chosen[peer][figure]
            row.append(_shown(figure, value))
            if ours:
                row.append("" if figure in _COUNTS else _times(ratio(ours[figure], value)))
        rows.append(row)
    return markdown.table(heads, rows)


def _recording_table(systems: Mapping[str, Mapping[str, Result]]) -> str:
    heads = ["recording", *(f"{system}: DER, speakers" for system in systems)]
    rows = [
        [name, *(_cell(rows.get(name)) for rows in systems.values())] for name in _names(systems)
    ]
    return markdown.table(heads, rows)


def _cell(result: Result | None) -> str:
    if result is None:
        return "–"
    speakers = result.score.speakers
    return f"{_shown('der', speakers.der)}, {speakers.num_found}/{speakers.num_speakers}"


def _names(systems: Mapping[str, Mapping[str, Result]]) -> list[str]:
    return sorted({name for rows in systems.values() for name in rows})


def _note(systems: Mapping[str, Mapping[str, Result]], common: Sequence[str]) -> str:
    left_out = [name for name in _names(systems) if name not in common]
    missing = f" Not pooled, as not all have heard them: {', '.join(left_out)}." if left_out else ""
    unknown = "" if OURS in systems else f" No results of {OURS} on these recordings were found."
    return f"{_NOTE}{missing}{unknown}"


def _shown(figure: str, value: float | None) -> str:
    if value is None:
        return "–"
    if figure in _IN_PERCENT:
        return f"{100 * value:.1f}"
    return f"{value:.0f}" if figure in _COUNTS or value >= 100 else f"{value:.2f}"


def _times(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
