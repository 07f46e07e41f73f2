"""How accurate and how fast speech recognition is, beside faster-whisper with the same weights.

    python -m benchmarks.asr DATA [--only NAME … | --all] [--repeats 3] [--grid]

Both programs get the file, the threads, the precision and the beam, find the language themselves
and are timed in turn, from the file to the words. Tables go to stderr; the last line on stdout is
one JSON object with the pooled figures. Without --only and --all it is spoken_ES2004a alone that
is measured, where DATA has it.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, reduce
from operator import add
from pathlib import Path

from faster_whisper import BatchedInferencePipeline, WhisperModel
from pyannote.core import Segment

from benchmarks import markdown
from benchmarks.corpora import Recording, read_corpus
from benchmarks.machine import PeakMemory, describe_machine
from benchmarks.run import chosen
from benchmarks.score import WordScore, score_words
from meeting_app.config import Config, load_config
from meeting_app.domain import Turn, Word
from meeting_app.errors import FormatError, MeetingAppError
from pipelines.asr.whisper_ct2 import WhisperCt2
from pipelines.audio import decode_media, probe_media
from pipelines.device import choose_device, limit_threads
from pipelines.vad.silero import SileroDetector
from pipelines.weights.store import WeightsStore

_USUAL = "spoken_ES2004a"
_PRECISIONS = ("int8", "float32")
_BEAMS = (1, 5)

Program = Callable[[Path], tuple[Word, ...]]
"""Words of a media file; how many make one Word is not asked here."""


@dataclass(frozen=True, slots=True)
class Setting:
    """How both programs compute."""

    folder: Path  # of the weights
    precision: str  # CTranslate2's name of it
    num_threads: int
    config: Config


@dataclass(frozen=True, slots=True)
class Figures:
    """What one program did with some recordings; adds up."""

    words: WordScore = field(default_factory=WordScore)
    audio: float = 0.0  # seconds
    spent: float = 0.0  # seconds

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(self.words + other.words, self.audio + other.audio, self.spent + other.spent)

    @property
    def rtfx(self) -> float:
        """Audio seconds ÷ processing seconds."""
        return self.audio / self.spent


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both programs on the same recordings."""

    ours: Figures
    theirs: Figures
    peak_memory: int = 0  # bytes, of ours, before the other program was loaded

    def __add__(self, other: "Comparison") -> "Comparison":
        return Comparison(
            self.ours + other.ours,
            self.theirs + other.theirs,
            max(self.peak_memory, other.peak_memory),
        )


def our_program(setting: Setting) -> Program:
    """Voice activity, packing, recognition: as the recording pipeline does it."""
    detector = SileroDetector(setting.config.vad)
    recognizer = WhisperCt2(
        setting.folder,
        setting.config.asr,
        compute_type=setting.precision,
        num_threads=setting.num_threads,
        num_workers=setting.config.asr.num_workers,
    )

    def run(path: Path) -> tuple[Word, ...]:
        with tempfile.TemporaryDirectory() as folder:
            waveform = decode_media(path, Path(folder) / "sound", path.name)
            return recognizer(waveform, detector(waveform)).words

    return run


def their_program(setting: Setting, has_word_times: bool) -> Program:
    """faster-whisper in batches, with the defaults of its authors where ours say nothing."""
    model = WhisperModel(
        str(setting.folder),
        device="cpu",
        compute_type=setting.precision,
        cpu_threads=setting.num_threads,
    )
    pipeline = BatchedInferencePipeline(model)
    asr = setting.config.asr

    def run(path: Path) -> tuple[Word, ...]:
        segments, _ = pipeline.transcribe(
            str(path),
            batch_size=asr.batch_size,
            beam_size=asr.beam_size,
            word_timestamps=has_word_times,
        )
        return tuple(
            Word(Segment(s.start, max(s.end, s.start + 0.01)), s.text.strip(), 1.0)
            for s in segments
            if s.text.strip()
        )

    return run


def compare(
    recording: Recording, ours: Program, load_theirs: Callable[[], Program], num_repeats: int
) -> Comparison:
    """Both programs in turn on one recording; the median of the times is the one that is kept.

    The other program is loaded after the first run of ours, whose memory is measured.
    """
    with PeakMemory() as memory:
        one = [_measure(recording, ours)]
    theirs = load_theirs()
    other = [_measure(recording, theirs)]
    for _ in range(num_repeats - 1):
        one.append(_measure(recording, ours))
        other.append(_measure(recording, theirs))
    return Comparison(_median(one), _median(other), memory.num_bytes)


def _measure(recording: Recording, program: Program) -> Figures:
    began = time.perf_counter()
    words = program(recording.audio)
    spent = time.perf_counter() - began
    return Figures(score_text(recording, words), _duration(recording.audio), spent)


def score_text(recording: Recording, words: Sequence[Word]) -> WordScore:
    """The word errors of one text; nothing where the reference has no words in order."""
    if recording.words is None:
        return WordScore()
    return score_words(recording.words, (Turn(0, None, tuple(words)),) if words else ())


def _median(runs: Sequence[Figures]) -> Figures:
    return sorted(runs, key=lambda run: run.spent)[len(runs) // 2]


def _duration(audio: Path) -> float:
    found = probe_media(audio, audio.name).duration
    if found is None:
        raise FormatError(f"{audio}: its length is not told; give a WAV or FLAC file")
    return found


def figures(found: Comparison) -> dict[str, float | None]:
    """The figures under the names that outside readers expect; rates are shares of 1."""
    return {
        "wer": _rounded(found.ours.words.rate),
        "wer_faster_whisper": _rounded(found.theirs.words.rate),
        "rtfx": _rounded(found.ours.rtfx),
        "rtfx_faster_whisper": _rounded(found.theirs.rtfx),
        "ratio": _rounded(found.theirs.spent / found.ours.spent),
        "peak_memory_mb": _rounded(found.peak_memory / 1e6),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def table(found: Sequence[tuple[str, Comparison]]) -> str:
    """A row for each name."""
    heads = ("", "WER, ours", "WER, theirs", "RTFx, ours", "RTFx, theirs", "ratio")
    return markdown.table(heads, (_row(name, figures(one)) for name, one in found))


def _row(name: str, known: dict[str, float | None]) -> tuple[str, ...]:
    rates = (known["wer"], known["wer_faster_whisper"])
    others = (known["rtfx"], known["rtfx_faster_whisper"], known["ratio"])
    return (
        name,
        *("" if rate is None else f"{rate:.2%}" for rate in rates),
        *(f"{value:.2f}" for value in others if value is not None),
    )


def run(
    corpus: Sequence[Recording], setting: Setting, num_repeats: int, has_word_times: bool
) -> list[tuple[str, Comparison]]:
    """Both programs on every recording under one setting, the longest first; all in the last row.

    Raises:
        MeetingAppError: a recording or a model cannot be had.
    """
    longest, *others = sorted(corpus, key=lambda one: _duration(one.audio), reverse=True)
    sample = others[-1] if others else longest  # what the first call takes is nobody's time
    ours = our_program(setting)
    ours(sample.audio)

    @cache
    def load_theirs() -> Program:
        theirs = their_program(setting, has_word_times)
        theirs(sample.audio)
        return theirs

    found = [(longest.name, compare(longest, ours, load_theirs, num_repeats))]
    for recording in others:
        compared = compare(recording, ours, load_theirs, num_repeats)
        # From here on the other program is in memory as well.
        found.append((recording.name, replace(compared, peak_memory=0)))
    for name, one in found:
        _say(f"{name}: {json.dumps(figures(one))}")
    return [*found, ("all", reduce(add, (one for _, one in found)))]


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _selected(folder: Path, names: Sequence[str], is_all: bool) -> tuple[Recording, ...]:
    corpus = read_corpus(folder)
    has_usual = any(_USUAL in recording.name for recording in corpus)
    return chosen(corpus, names or ([_USUAL] if has_usual and not is_all else []))


def _setting(options: argparse.Namespace) -> Setting:
    config = load_config(options.config)
    device = choose_device(replace(config.device, name="cpu"))
    limit_threads(device.num_threads)
    store = WeightsStore(config.weights.cache, offline=config.weights.offline)
    folder = Path(config.asr.model)
    if not folder.is_dir():
        folder = store.get(config.asr.model)
    return Setting(folder, options.precision, device.num_threads, config)


def _grid(setting: Setting) -> Iterator[tuple[str, Setting]]:
    for precision in _PRECISIONS:
        for beam_size in _BEAMS:
            asr = replace(setting.config.asr, beam_size=beam_size)
            yield (
                f"{precision}, beam {beam_size}",
                replace(setting, precision=precision, config=replace(setting.config, asr=asr)),
            )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path, help="folder of recordings and references")
    parser.add_argument(
        "--only", action="append", default=[], help="recordings with this in their name; repeatable"
    )
    parser.add_argument("--all", action="store_true", help="every recording below the folder")
    parser.add_argument("--repeats", type=int, default=1, help="runs, of which the median counts")
    parser.add_argument("--precision", choices=_PRECISIONS, default="int8", help="of both")
    parser.add_argument(
        "--without-word-times",
        action="store_true",
        help="spare faster-whisper the times of words, which our recogniser always finds",
    )
    parser.add_argument(
        "--grid", action="store_true", help="a row for each precision and beam as well"
    )
    parser.add_argument("--config", type=Path, default=None, help="settings, a YAML file")
    options = parser.parse_args()
    if options.repeats < 1:
        parser.error(f"--repeats {options.repeats}: give at least 1")
    return options


def main() -> int:
    """Measure what the command line names."""
    options = _options()
    has_word_times = not options.without_word_times
    try:
        corpus = _selected(options.data, options.only, options.all)
        setting = _setting(options)
        found = run(corpus, setting, options.repeats, has_word_times)
        if options.grid:
            rows = [
                (name, run(corpus, one, options.repeats, has_word_times)[-1][1])
                for name, one in _grid(setting)
            ]
            _say(f"\n{table(rows)}")
    except (MeetingAppError, OSError) as error:
        _say(str(error))
        return 1
    _say(f"\n{table(found)}\n\n{describe_machine()}, {setting.num_threads} threads")
    print(json.dumps(figures(found[-1][1])))
    return 0


if __name__ == "__main__":
    sys.exit(main())
