"""What peers make of recordings, scored as the application's own results are."""

import json
import logging
import tempfile
import time
import wave
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from pyannote.core import Segment

from benchmarks.corpora import Recording
from benchmarks.machine import describe_machine, git_commit
from benchmarks.peers.answers import Answer, Answers
from benchmarks.peers.assignment import assign_words
from benchmarks.peers.errors import PeerFailedError, PeerUnavailableError
from benchmarks.peers.programs import Program
from benchmarks.peers.worker import Worker
from benchmarks.records import Circumstances, Result, figures, to_line
from benchmarks.run import WARM_UP
from benchmarks.score import Effort, Hypothesis, Score, score
from meeting_app.domain import Stage, Transcript, Turn, Waveform, Word, annotation_of
from pipelines.audio import decode_media
from pipelines.protocols import Attributor

logger = logging.getLogger(__name__)

Start = Callable[[Program], Worker]


@dataclass(frozen=True, slots=True)
class Sound:
    """A recording as every program is given it."""

    path: Path  # 16 kHz mono WAV of 16 bits
    duration: float  # seconds


class Crew:
    """The programs at work: started when they are first asked, and warm before it counts."""

    def __init__(self, start: Start, answers: Answers, warm_up: Recording) -> None:
        """Nobody is started yet.

        Args:
            start: makes a worker of a program, not entered; may raise PeerUnavailableError.
            answers: where answers are kept and known ones are found.
            warm_up: each program hears its beginning first.
        """
        self._start = start
        self._answers = answers
        self._warm_up = warm_up
        self._workers: dict[str, Worker] = {}

    def answer(self, program: Program, recording: Recording, sound: Sound) -> Answer:
        """What the program hears, or is known to have heard.

        Raises:
            PeerUnavailableError: it cannot be installed or started.
            PeerFailedError: it gave no usable answer.
        """
        known = self._answers.get(program, recording.audio)
        if known is not None:
            return known
        document, peak_memory = self._worker(program).hear(sound.path)
        try:
            return self._answers.keep(program, recording.audio, document, peak_memory)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise PeerFailedError(
                f"{program.name}: {recording.name}: not an answer ({error!r}); see its worker"
            ) from error

    def dismiss(self) -> None:
        """Let all end, so that they hold no memory while others work."""
        while self._workers:
            _, worker = self._workers.popitem()
            worker.__exit__(None, None, None)

    def _worker(self, program: Program) -> Worker:
        worker = self._workers.get(program.name)
        if worker is None or not worker.is_alive:
            worker = self._workers[program.name] = self._start(program)
            worker.__enter__()
            with sound_of(self._warm_up, WARM_UP) as sound:
                worker.hear(sound.path)
        return worker


@contextmanager
def sound_of(recording: Recording, part: Segment | None = None) -> Iterator[Sound]:
    """The recording, or a part of it, decoded for programs that read other files or none.

    Raises:
        MediaError: it cannot be decoded.
    """
    with tempfile.TemporaryDirectory() as folder:
        scratch, path = Path(folder) / "sound", Path(folder) / f"{recording.name}.wav"
        waveform = decode_media(recording.audio, scratch, recording.audio.name)
        write_wav(waveform if part is None else waveform.crop(part), path)
        yield Sound(path, waveform.duration)


def write_wav(waveform: Waveform, path: Path) -> None:
    """16-bit PCM, which is what all of them read."""
    samples = np.clip(np.round(waveform.samples * 32768), -32768, 32767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(waveform.sample_rate)
        file.writeframes(samples.tobytes())


def judge(
    recording: Recording, duration: float, answers: Sequence[Answer], attributor: Attributor
) -> Score:
    """The score of a peer whose programs gave these answers.

    Args:
        recording: what is right; its words count only for a peer that writes words.
        duration: seconds of sound.
        answers: of the programs that the peer consists of, one of which tells voices apart.
        attributor: gives the same words to the reference's speakers.
    """
    segments = next((a.segments for a in answers if a.segments is not None), ())
    passages = next((a.passages for a in answers if a.passages is not None), None)
    stages = {stage: spent for answer in answers for stage, spent in answer.seconds.items()}
    turns: tuple[Turn, ...] = ()
    oracle: tuple[Turn, ...] = ()
    words: tuple[Word, ...] = ()
    if passages is not None:
        began = time.perf_counter()
        turns = assign_words(passages, segments)
        stages[Stage.TURNS.value] = time.perf_counter() - began
        words = tuple(word for passage in passages for word in passage.words)
        oracle = attributor(Transcript(None, words), annotation_of(recording.speech))
    # They run one after the other, so memory does not add up.
    effort = Effort(duration, stages, max(answer.peak_memory for answer in answers))
    found = Hypothesis(annotation_of(segments, recording.name), turns, oracle, words, effort)
    judged = recording if passages is not None else replace(recording, words=None)
    return score(judged, found)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of it."""

    results: tuple[Result, ...]
    failures: tuple[str, ...]  # why some are missing


def compare(
    corpus: Sequence[Recording],
    peers: Mapping[str, Sequence[Program]],
    crew: Crew,
    attributor: Attributor,
    output: Path,
) -> Comparison:
    """Every peer on every recording; each result is in ``output`` before the next begins.

    A recording that a peer fails on, and a peer that cannot be run, are left out and named.

    Raises:
        MediaError: a recording cannot be decoded.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    results: list[Result] = []
    failures: list[str] = []
    for peer, programs in peers.items():
        try:
            for recording in corpus:
                try:
                    result = _result(peer, programs, recording, crew, attributor)
                except PeerFailedError as error:
                    failures.append(f"{peer}: {recording.name} is left out ({error})")
                    logger.warning("%s", failures[-1])
                    continue
                with output.open("a", encoding="utf-8") as lines:
                    lines.write(f"{to_line(result)}\n")
                logger.warning("%s: %s: %s", peer, recording.name, _brief(result))
                results.append(result)
        except PeerUnavailableError as error:
            failures.append(f"{peer}: left out ({error})")
            logger.warning("%s", failures[-1])
        finally:
            crew.dismiss()
    return Comparison(tuple(results), tuple(failures))


def _result(
    peer: str, programs: Sequence[Program], recording: Recording, crew: Crew, attributor: Attributor
) -> Result:
    with sound_of(recording) as sound:
        answers = [crew.answer(program, recording, sound) for program in programs]
    circumstances = Circumstances(
        date=max(answer.date for answer in answers),
        commit=git_commit(),
        machine=describe_machine(),
        speakers="auto",
        collar=0.0,
        system=peer,
    )
    return Result(
        recording.name, judge(recording, sound.duration, answers, attributor), circumstances
    )


def _brief(result: Result) -> str:
    return json.dumps(figures(result.score))
