"""How much accuracy hangs on each tuned threshold, and on the recordings it was tuned with.

    python -m benchmarks.thresholds DATA [--only NAME …]

The networks hear every recording once; then one threshold at a time takes other values, while
the rest stay as shipped. *Left out* is the figure to trust: each recording is scored with the
value that is best on all the others. A table goes to stderr; the last line on stdout is one JSON
object with the same figures.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from pyannote.core import Segment, Timeline

from benchmarks import markdown
from benchmarks.corpora import Recording, read_corpus
from benchmarks.networks import networks_of
from benchmarks.run import chosen
from benchmarks.score import SpeakerScore, score_speakers
from meeting_app.bootstrap import Application
from meeting_app.config import Config, load_config, override
from meeting_app.domain import SAMPLE_RATE, SpeakerCount, annotation_of
from meeting_app.errors import MeetingAppError
from pipelines.audio import decode_media
from pipelines.diarization.decision import Heard, decide
from pipelines.vad.hysteresis import to_timeline
from pipelines.vad.silero import FRAME_SAMPLES

# Setting → values to try, the shipped one among them.
GRID: Mapping[str, tuple[float, ...]] = MappingProxyType(
    {
        "vad.onset": (0.3, 0.4, 0.5, 0.6),
        "vad.offset": (0.1, 0.2, 0.3),
        "vad.min_silence": (0.1, 0.25, 0.4),
        "vad.padding": (0.0, 0.05, 0.1),
        "diarization.max_distance": (0.5, 0.56, 0.59, 0.62, 0.65, 0.68, 0.74),
        "diarization.min_vote": (1.0, 1.5, 2.0, 3.0),
        "diarization.min_speaker": (3.0, 4.0, 5.0, 6.0, 8.0),
        "diarization.min_distinct_speaker": (0.75, 1.5, 3.0),
        "diarization.overlap_onset": (0.3, 0.4, 0.5, 0.6),
        "diarization.sure_speech": (0.9, 0.95, 0.98, 1.0),
        "diarization.voice_weight": (2.5, 8.0, 16.0, 32.0, 64.0),
    }
)

Score = Callable[[Recording, Config], SpeakerScore]


@dataclass(frozen=True, slots=True)
class Listened:
    """A recording as the networks hear it; nothing is decided yet."""

    speech: npt.NDArray[np.float32]  # (num_frames,) probability, every 32 ms
    heard: Heard


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one threshold is worth."""

    setting: str
    shipped: float
    best: float  # on all recordings
    scores: Mapping[str, SpeakerScore]  # "shipped", "best", "left out"

    def figures(self) -> dict[str, float | str | None]:
        """Rates are shares of 1; counts are of recordings."""
        found: dict[str, float | str | None] = {
            "setting": self.setting,
            "shipped": self.shipped,
            "best": self.best,
        }
        for name, score in self.scores.items():
            key = name.replace(" ", "_")
            found[f"der_{key}"] = None if score.der is None else round(score.der, 4)
            found[f"count_exact_{key}"] = score.num_counts_exact
        return found


def judge(
    setting: str, values: Sequence[float], corpus: Sequence[Recording], config: Config, score: Score
) -> Verdict:
    """Tries the values; the best has the lowest pooled DER, and of equals the first.

    Args:
        setting: its name, as in a configuration file.
        values: among them the one of ``config``.
        corpus: at least two recordings.
        config: all other settings.
        score: who spoke when in a recording, under a configuration.
    """
    section, _, name = setting.partition(".")
    shipped = getattr(getattr(config, section), name)
    tried = {
        value: [score(recording, override(config, setting, value)) for recording in corpus]
        for value in values
    }
    left_out = SpeakerScore()
    for index in range(len(corpus)):
        others = {value: [*s[:index], *s[index + 1 :]] for value, s in tried.items()}
        left_out += tried[_best(others)][index]
    best = _best(tried)
    return Verdict(
        setting,
        shipped,
        best,
        {"shipped": _sum(tried[shipped]), "best": _sum(tried[best]), "left out": left_out},
    )


def table(verdicts: Sequence[Verdict]) -> str:
    """Markdown: a line for each threshold, rates in percent."""
    heads = ("threshold", "shipped", "DER", "best here", "DER", "left out: DER", "counts exact")
    rows = []
    for verdict in verdicts:
        shipped, best, left_out = (verdict.scores[n] for n in ("shipped", "best", "left out"))
        counts = " / ".join(str(s.num_counts_exact) for s in (shipped, best, left_out))
        rows.append(
            [
                *(f"`{verdict.setting}`", f"{verdict.shipped:g}", _percent(shipped)),
                *(f"{verdict.best:g}", _percent(best), _percent(left_out), counts),
            ]
        )
    return markdown.table(heads, rows)


def listener(app: Application) -> Callable[[Recording], Listened]:
    """Runs the networks over a recording.

    Raises:
        MeetingAppError: a model cannot be had.
    """
    detector, diarizer = networks_of(app)

    def listen(recording: Recording) -> Listened:
        with tempfile.TemporaryDirectory() as folder:
            sound = decode_media(recording.audio, Path(folder) / "sound", recording.audio.name)
            return Listened(detector.scores(sound), diarizer.listen(sound))

    return listen


def scorer(heard: Mapping[str, Listened]) -> Score:
    """Decides and scores what was heard before, by name of recording."""

    def score(recording: Recording, config: Config) -> SpeakerScore:
        found = heard[recording.name]
        duration = found.heard.duration
        speech = to_timeline(found.speech, FRAME_SAMPLES / SAMPLE_RATE, duration, config.vad)
        hypothesis = decide(found.heard, speech, SpeakerCount(), config.diarization)
        scored = recording.scored or Timeline([Segment(0.0, duration)])
        return score_speakers(annotation_of(recording.speech), hypothesis, scored)

    return score


def _best(tried: Mapping[float, Sequence[SpeakerScore]]) -> float:
    return min(tried, key=lambda value: _sum(tried[value]).der or 0.0)


def _sum(scores: Sequence[SpeakerScore]) -> SpeakerScore:
    return sum(scores, SpeakerScore())


def _percent(score: SpeakerScore) -> str:
    return "–" if score.der is None else f"{100 * score.der:.2f}"


def main() -> int:
    """Judge every threshold on the recordings of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path, help="folder of recordings and references")
    parser.add_argument(
        "--only", action="append", default=[], help="recordings with this in their name; repeatable"
    )
    options = parser.parse_args()
    try:
        corpus = chosen(read_corpus(options.data), options.only)
        if len(corpus) < 2:
            parser.error(f"{corpus[0].name}: one recording; leaving it out leaves none")
        app = Application(load_config(None))
        listen = listener(app)
        score = scorer({recording.name: listen(recording) for recording in corpus})
        verdicts = []
        for setting, values in GRID.items():
            verdicts.append(judge(setting, values, corpus, app.config, score))
            print(table(verdicts[-1:]).splitlines()[-1], file=sys.stderr, flush=True)
    except (MeetingAppError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"\n{table(verdicts)}", file=sys.stderr)
    print(json.dumps([verdict.figures() for verdict in verdicts]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
