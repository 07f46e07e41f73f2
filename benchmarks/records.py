"""One JSON object for each measured recording, and the figures pooled from many."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks import markdown
from benchmarks.changes import ChangeScore
from benchmarks.score import Effort, Score, SpeakerScore, WordScore
from meeting_app.domain import Stage
from meeting_app.errors import FormatError

FOLDER = Path(__file__).parent / "results"
OURS = "meeting-app"
# Who spoke when stands on the regions of speech, so finding them is part of its time.
DIARIZATION = (Stage.SPEECH.value, Stage.SPEAKERS.value)
_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Under which a recording was measured."""

    date: str  # ISO 8601, UTC
    commit: str
    machine: str
    speakers: str  # "auto", or "exact" when the true number was given
    collar: float  # seconds on each side
    system: str = OURS  # or the program that it is compared with


@dataclass(frozen=True, slots=True)
class Result:
    """One measured recording."""

    name: str
    score: Score
    circumstances: Circumstances


def figures(score: Score) -> dict[str, float | None]:
    """The pooled figures under the names that outside readers expect.

    Rates are shares of 1, None where nothing could be counted; memory is in MB (10⁶ bytes).
    """
    speakers, effort = score.speakers, score.effort
    return {
        "der": _rounded(speakers.der),
        "miss": _rounded(speakers.share_of(speakers.miss)),
        "false_alarm": _rounded(speakers.share_of(speakers.false_alarm)),
        "confusion": _rounded(speakers.share_of(speakers.confusion)),
        "count_exact": speakers.num_counts_exact,
        "files": speakers.num_recordings,
        "wer": _rounded(score.words.rate),
        "cpwer": _rounded(score.speaker_words.rate),
        "cpwer_oracle": _rounded(score.oracle_words.rate),
        "boundary_error": _rounded(score.changes.boundary_error),
        "rtfx": _rounded(effort.rtfx),
        "diarization_rtfx": _rounded(effort.rtfx_of(*DIARIZATION)),
        "peak_memory_mb": round(effort.peak_memory / 1e6),
    }


def to_line(result: Result) -> str:
    """Figures for people, counts to pool again; one line of JSON."""
    speakers = result.score.speakers
    document = {
        "file": result.name,
        **figures(result.score),
        "jer": _rounded(speakers.jer),
        "boundary_error_by_overlap": _rounded(result.score.changes_by_overlap.boundary_error),
        "boundary_error_by_sentence": _rounded(result.score.changes_by_sentence.boundary_error),
        "speakers_found": speakers.num_found,
        "speakers_true": speakers.num_speakers,
        "stage_shares": {
            name: _rounded(share) for name, share in result.score.effort.shares.items()
        },
        "circumstances": asdict(result.circumstances),
        "counts": asdict(result.score),
    }
    return json.dumps(document, ensure_ascii=False)


def from_line(line: str) -> Result:
    """What `to_line` wrote.

    Raises:
        FormatError: it is not such a line.
    """
    try:
        document = json.loads(line)
        return Result(
            document["file"],
            _score(document["counts"]),
            Circumstances(**document["circumstances"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise FormatError(
            f"{line[:60]!r}: no line of results ({error}); run the benchmark"
        ) from error


def read_results(path: Path) -> tuple[Result, ...]:
    """The results of a file; of a recording that a system heard more than once, the last.

    Raises:
        FormatError: a line is no result.
        OSError: the file cannot be read.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    results = (from_line(line) for line in lines if line.strip())
    return tuple({(r.circumstances.system, r.name): r for r in results}.values())


def pooled(results: Iterable[Result]) -> Score:
    """All scores added up."""
    return sum((result.score for result in results), Score())


def table(results: Sequence[Result]) -> str:
    """Markdown: a line for each recording and one for all, rates in percent."""
    rows = [(result.name, result.score) for result in results]
    heads = ("recording", *(name for name, _ in _COLUMNS))
    return markdown.table(
        heads,
        (
            [name, *(show(score) for _, show in _COLUMNS)]
            for name, score in [*rows, ("**all**", pooled(results))]
        ),
    )


def stage_table(results: Sequence[Result]) -> str:
    """Markdown: what part of the time each stage took, over all recordings."""
    shares = pooled(results).effort.shares
    return markdown.table(
        ["stage", *shares], [["share of time", *(_percent(share) for share in shares.values())]]
    )


def _score(counts: Mapping[str, Any]) -> Score:
    return Score(
        speakers=SpeakerScore(**counts["speakers"]),
        words=WordScore(**counts["words"]),
        speaker_words=WordScore(**counts["speaker_words"]),
        oracle_words=WordScore(**counts["oracle_words"]),
        changes=ChangeScore(**counts["changes"]),
        changes_by_overlap=ChangeScore(**counts["changes_by_overlap"]),
        changes_by_sentence=ChangeScore(**counts["changes_by_sentence"]),
        effort=Effort(**counts["effort"]),
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}"


def _times(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def _counts(score: Score) -> str:
    speakers = score.speakers
    if speakers.num_recordings == 1:
        return f"{speakers.num_found}/{speakers.num_speakers}"
    return f"{speakers.num_counts_exact} of {speakers.num_recordings} exact"


_COLUMNS = (
    ("DER", lambda s: _percent(s.speakers.der)),
    ("miss", lambda s: _percent(s.speakers.share_of(s.speakers.miss))),
    ("false alarm", lambda s: _percent(s.speakers.share_of(s.speakers.false_alarm))),
    ("confusion", lambda s: _percent(s.speakers.share_of(s.speakers.confusion))),
    ("JER", lambda s: _percent(s.speakers.jer)),
    ("speakers", _counts),
    ("WER", lambda s: _percent(s.words.rate)),
    ("cpWER", lambda s: _percent(s.speaker_words.rate)),
    ("cpWER oracle", lambda s: _percent(s.oracle_words.rate)),
    ("at changes", lambda s: _percent(s.changes.boundary_error)),
    ("by overlap", lambda s: _percent(s.changes_by_overlap.boundary_error)),
    ("by sentence", lambda s: _percent(s.changes_by_sentence.boundary_error)),
    ("RTFx", lambda s: _times(s.effort.rtfx)),
    ("diarization RTFx", lambda s: _times(s.effort.rtfx_of(*DIARIZATION))),
    ("peak MB", lambda s: f"{s.effort.peak_memory / 1e6:.0f}"),
)
