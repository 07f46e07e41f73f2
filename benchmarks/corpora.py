"""Recordings with references: which files belong together, and what they say.

A recording is a media file with an RTTM. Its other references are optional: ``.uem`` (the part
that is scored) and one of those that hold words. They lie beside the sound or anywhere below the
same folder, as in the layouts of AMI (``amicorpus/*/audio``, ``only_words/rttms``, ``uems``,
``words``) and VoxConverse (``audio``, ``dev``), and carry the name of the recording. RTTM, UEM and
STM about several recordings will do too.

    ================== ======== ============================================================
    words in           timed by what
    ================== ======== ============================================================
    .words.tsv         word     start, end, speaker, word: one a line, under a header
    .A.words.xml …     word     the NXT files of AMI, one for each speaker
    .stm               passage  recording, channel, speaker, start, end, tags, text
    .json              passage  ``turns`` with start, end, speaker, text
    .speakers.json     speaker  all words of each speaker in order, start and end of the whole
    ================== ======== ============================================================

The first of these that exists is read.
"""

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar
from xml.etree import ElementTree

from pyannote.core import Segment, Timeline

from meeting_app.domain import SpeakerSegment
from meeting_app.errors import FormatError
from meeting_app.formats.rttm import segments_from_rttm

Parsed = TypeVar("Parsed")

AUDIO_SUFFIXES = (".wav", ".flac", ".mp3", ".m4a", ".ogg", ".opus", ".webm", ".mp4", ".mkv")
_MIX = "Mix-Headset"
_STM_FIELDS = 6  # up to the tags; the text follows


class Timing(StrEnum):
    """What of a reference's words has times of its own."""

    WORD = "word"
    PASSAGE = "passage"
    SPEAKER = "speaker"


@dataclass(frozen=True, slots=True)
class Passage:
    """Words of one speaker in the order they were said: one word, a turn, or all."""

    speaker: str
    segment: Segment  # seconds
    text: str


@dataclass(frozen=True, slots=True)
class ReferenceWords:
    """Who said which words; in order of start."""

    timing: Timing
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Recording:
    """Sound and what is known of it."""

    name: str
    audio: Path
    speech: tuple[SpeakerSegment, ...]
    scored: Timeline | None  # the UEM; None scores all of the recording
    words: ReferenceWords | None  # None when nobody wrote them down

    @property
    def num_speakers(self) -> int:
        """Voices in the reference."""
        return len({item.speaker for item in self.speech})


def read_corpus(folder: Path) -> tuple[Recording, ...]:
    """The recordings below ``folder``, in order of name; sound without an RTTM is left out.

    Raises:
        FormatError: there is no recording, or a reference cannot be read; says which.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    shelf = _Shelf(files)
    found: dict[str, Recording] = {}
    # Of the many channels of one meeting the mixed headsets are what diarization is scored on.
    for path in sorted(files, key=lambda path: (_MIX not in path.name, path)):
        if path.suffix.lower() in AUDIO_SUFFIXES:
            recording = _recording(path, shelf)
            if recording is not None:
                found.setdefault(recording.name, recording)
    if not found:
        raise FormatError(f"{folder}: no recording with an RTTM; give a folder that holds both")
    return tuple(found[name] for name in sorted(found))


class _Shelf:
    """The reference files of a folder by the name they carry."""

    def __init__(self, files: Sequence[Path]) -> None:
        self._files = files

    def named(self, name: str, suffix: str) -> Path | None:
        """The file ``name`` + ``suffix``, wherever it lies."""
        return next((path for path in self._files if path.name == name + suffix), None)

    def parts(self, name: str, suffix: str) -> tuple[Path, ...]:
        """Files ``name`` + anything + ``suffix``, such as one for each speaker."""
        return tuple(
            path
            for path in self._files
            if path.name.startswith(f"{name}.") and path.name.endswith(suffix)
        )

    def lines(self, name: str, suffix: str, field: int) -> tuple[Path, str] | None:
        """The file about ``name`` and its lines; one about several is searched for the name.

        Args:
            name: of the recording.
            suffix: of the file, with its dot.
            field: where in a line the recording stands.
        """
        own = self.named(name, suffix)
        if own is not None:
            return own, _text(own)
        for path in self._files:
            if path.suffix == suffix:
                lines = [
                    line
                    for line in _text(path).splitlines()
                    if line.split()[field : field + 1] == [name]
                ]
                if lines:
                    return path, "\n".join(lines)
        return None


def _recording(audio: Path, shelf: _Shelf) -> Recording | None:
    # AMI calls the mixed headsets of ES2004a "ES2004a.Mix-Headset.wav".
    for name in dict.fromkeys((audio.stem, audio.name.partition(".")[0])):
        rttm = shelf.lines(name, ".rttm", field=1)
        if rttm is not None:
            speech = _read(*rttm, segments_from_rttm)
            scored = shelf.lines(name, ".uem", field=0)
            return Recording(
                name=name,
                audio=audio,
                speech=speech,
                scored=None if scored is None else _read(*scored, timeline_from_uem),
                words=_words(name, shelf),
            )
    return None


def _words(name: str, shelf: _Shelf) -> ReferenceWords | None:
    table = shelf.named(name, ".words.tsv")
    if table is not None:
        return _ordered(Timing.WORD, _read(table, _text(table), passages_from_table))
    sheets = shelf.parts(name, ".words.xml")
    if sheets:
        spoken = [p for sheet in sheets for p in _read(sheet, _text(sheet), _from_nxt(sheet))]
        return _ordered(Timing.WORD, spoken)
    stm = shelf.lines(name, ".stm", field=0)
    if stm is not None:
        return _ordered(Timing.PASSAGE, _read(*stm, passages_from_stm))
    turns = shelf.named(name, ".json")
    if turns is not None:
        return _ordered(Timing.PASSAGE, _read(turns, _text(turns), passages_from_turns))
    speakers = shelf.named(name, ".speakers.json")
    if speakers is not None:
        return _ordered(Timing.SPEAKER, _read(speakers, _text(speakers), passages_from_speakers))
    return None


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8-sig", errors="replace")


def _ordered(timing: Timing, passages: Sequence[Passage]) -> ReferenceWords:
    return ReferenceWords(timing, tuple(sorted(passages, key=lambda p: p.segment.start)))


def _read(path: Path, text: str, parse: Callable[[str], Parsed]) -> Parsed:
    try:
        return parse(text)
    except (FormatError, ValueError, KeyError, IndexError, SyntaxError) as error:
        raise FormatError(f"{path}: {error}; correct the reference or leave it out") from error


def timeline_from_uem(text: str) -> Timeline:
    """The scored stretches: recording, channel, start, end on each line."""
    rows = [line.split() for line in text.splitlines() if line.strip()]
    return Timeline([Segment(float(row[2]), float(row[3])) for row in rows])


def passages_from_table(text: str) -> tuple[Passage, ...]:
    """Tab-separated words under a header that names start, end, speaker and word."""
    rows = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    return tuple(_passage(row, "word") for row in rows)


def passages_from_stm(text: str) -> tuple[Passage, ...]:
    """Utterances as sclite reads them; comments and stretches to ignore are passed over."""
    return tuple(_stm_passages(text))


def _stm_passages(text: str) -> Iterator[Passage]:
    for line in text.splitlines():
        fields = line.split()
        if not fields or fields[0].startswith(";"):
            continue
        speaker, start, end = fields[2:5]
        has_tags = fields[5:6] and fields[5].startswith("<")
        words = " ".join(fields[_STM_FIELDS if has_tags else _STM_FIELDS - 1 :])
        if words != "ignore_time_segment_in_scoring":
            yield Passage(speaker, Segment(float(start), float(end)), words)


def passages_from_turns(text: str) -> tuple[Passage, ...]:
    """A JSON object with ``turns``."""
    return tuple(_passage(turn, "text") for turn in json.loads(text)["turns"])


def passages_from_speakers(text: str) -> tuple[Passage, ...]:
    """A JSON object with start, end and words under each speaker."""
    return tuple(
        _passage({**spoken, "speaker": speaker}, "words")
        for speaker, spoken in json.loads(text).items()
    )


def _passage(row: Mapping[str, str], key: str) -> Passage:
    segment = Segment(float(row["start"]), float(row["end"]))
    return Passage(str(row["speaker"]), segment, str(row[key]))


def _from_nxt(path: Path) -> Callable[[str], tuple[Passage, ...]]:
    speaker = path.name.split(".")[-3]  # ES2004a.A.words.xml
    return lambda text: passages_from_nxt(text, speaker)


def passages_from_nxt(text: str, speaker: str) -> tuple[Passage, ...]:
    """The words of one speaker in NXT's XML; punctuation and words without times are left out.

    Source: Carletta et al. 2005, "The AMI Meeting Corpus", doi:10.1007/11677482_3.
    """
    return tuple(
        Passage(speaker, Segment(float(w.attrib["starttime"]), float(w.attrib["endtime"])), w.text)
        for w in ElementTree.fromstring(text).iter("w")  # noqa: S314 - the user's own corpus
        if w.text and "starttime" in w.attrib and "endtime" in w.attrib and "punc" not in w.attrib
    )
