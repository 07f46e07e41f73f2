"""Recognition of running speech with Vosk: words while they are spoken.

How soon a word is there is decided by how many frames the network takes at once. The models
leave that at Kaldi's 20 frames of 10 ms; with 3 of them words come 70 ms sooner at the median
and 150 ms sooner at the 95th percentile, for a third more work. Asking for the words of a
partial result with their times would cost a second (Vosk then looks only at the settled part of
the lattice), so provisional words get their times from when they were first heard.
"""

import difflib
import json
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import vosk
from pyannote.core import Segment

from meeting_app.domain import SAMPLE_RATE, Word
from meeting_app.errors import ModelError

_FRAMES_AT_ONCE = 3  # of 10 ms; one step of the network's output
_NEVER = 100_000.0  # seconds; who uses this decides where an utterance ends
_SETTINGS: Mapping[str, str] = {
    "frames-per-chunk": str(_FRAMES_AT_ONCE),
    **{f"endpoint.rule{number}.min-trailing-silence": str(_NEVER) for number in range(1, 5)},
    "endpoint.rule5.min-utterance-length": str(_NEVER),
}
_CONFIG = Path("conf", "model.conf")
_RIGHT_CONTEXT = 0.15  # seconds of sound after a word that the network wants to hear
_LETTER = 0.07  # seconds; how long a provisional word lasted is guessed from its length
_UNKNOWN_WORD = re.compile(r"\[.*\]|<.*>")  # "[unk]", "<UNK>"
_WARM_UP = 1.0  # seconds of silence; the first call builds the computation of the network


class VoskRecognizer:
    """One model of one language, for any number of conversations and threads at once."""

    def __init__(self, folder: Path) -> None:
        """Loads the model and warms it up.

        Args:
            folder: holds am, conf, graph and ivector.

        Raises:
            ModelError: the folder holds no such model.
        """
        if not (folder / _CONFIG).is_file():
            raise ModelError(
                f"{folder}: {_CONFIG} missing; give a folder with a Vosk model, or run "
                "`meeting-app models pull`"
            )
        vosk.SetLogLevel(-1)  # Kaldi writes pages to the standard error
        self._model = _load(folder)
        self(0.0).accept(np.zeros(round(_WARM_UP * SAMPLE_RATE), np.float32))

    def __call__(self, start: float) -> "VoskStream":
        """Its first sample is ``start`` seconds into the meeting; its words say so."""
        return VoskStream(self._model, start)


class VoskStream:
    """One conversation. Adapts to its voices, from utterance to utterance."""

    def __init__(self, model: vosk.Model, start: float) -> None:
        self._recognizer = vosk.KaldiRecognizer(model, SAMPLE_RATE)
        self._recognizer.SetWords(True)  # times, in the result that ends an utterance
        self._start = start
        self._num_samples = 0
        self._words: tuple[Word, ...] = ()  # of the present utterance

    def accept(self, samples: npt.NDArray[np.float32]) -> tuple[Word, ...]:
        """Listens on; returns all words of the utterance so far, the last ones provisional.

        Args:
            samples: (num_samples,) in [-1, 1], following the last ones without a gap.

        Raises:
            ModelError: the recogniser fails.
        """
        pcm = np.clip(np.rint(samples * 32768.0), -32768, 32767).astype(np.int16)
        try:
            self._recognizer.AcceptWaveform(pcm.tobytes())
        except Exception as error:  # vosk raises nothing more exact
            raise ModelError(f"vosk: {error}; the sound is to be given again") from error
        self._num_samples += len(samples)
        texts = json.loads(self._recognizer.PartialResult()).get("partial", "").split()
        self._words = with_times(self._words, _known(texts), self._now)
        return self._words

    def finish(self) -> tuple[Word, ...]:
        """Ends the utterance: its words for good. What follows begins another."""
        self._words = ()
        found = json.loads(self._recognizer.Result()).get("result", [])
        return tuple(
            Word(
                Segment(self._start + item["start"], self._start + item["end"]),
                item["word"],
                min(1.0, item["conf"]),
            )
            for item in found
            if item["end"] > item["start"] and not _UNKNOWN_WORD.fullmatch(item["word"])
        )

    @property
    def _now(self) -> float:
        return self._start + self._num_samples / SAMPLE_RATE


def with_times(before: Sequence[Word], texts: Sequence[str], now: float) -> tuple[Word, ...]:
    """Words of a hypothesis that has no times.

    A word that was there before keeps its time; a new one has just ended.

    Args:
        before: the hypothesis before this one.
        texts: the present one.
        now: seconds, the end of the sound that was heard.
    """
    known: dict[int, Word] = {}
    matcher = difflib.SequenceMatcher(None, [word.text for word in before], texts, autojunk=False)
    for block in matcher.get_matching_blocks():
        known.update(zip(range(block.b, block.b + block.size), before[block.a :], strict=False))
    words: list[Word] = []
    for index, text in enumerate(texts):
        earliest = words[-1].segment.end if words else 0.0
        if index in known and known[index].segment.start >= earliest:
            words.append(known[index])
        else:
            end = max(now - _RIGHT_CONTEXT, earliest + _LETTER)
            start = max(earliest, end - _LETTER * len(text))
            words.append(Word(Segment(start, end), text, 0.5))
    return tuple(words)


def _known(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(text for text in texts if not _UNKNOWN_WORD.fullmatch(text))


def _load(folder: Path) -> vosk.Model:
    """The model of ``folder`` with our settings, which Vosk takes from a file of the folder."""
    with tempfile.TemporaryDirectory(prefix="vosk-") as scratch:
        for part in folder.iterdir():
            if part.name != _CONFIG.parent.name:
                (Path(scratch) / part.name).symlink_to(part.resolve())
        shutil.copytree(folder / _CONFIG.parent, Path(scratch) / _CONFIG.parent)
        config = Path(scratch) / _CONFIG
        config.write_text(_configured(config.read_text(encoding="utf-8")), encoding="utf-8")
        try:
            return vosk.Model(scratch)
        except Exception as error:  # vosk raises nothing more exact
            raise ModelError(
                f"{folder}: cannot be loaded ({error}); run `meeting-app models verify`"
            ) from error


def _configured(text: str) -> str:
    """The settings of the model, with ours in place of its own."""
    kept = [line for line in text.splitlines() if _key(line) not in _SETTINGS]
    return "\n".join([*kept, *(f"--{key}={value}" for key, value in _SETTINGS.items()), ""])


def _key(line: str) -> str:
    return line.strip().removeprefix("--").partition("=")[0]
