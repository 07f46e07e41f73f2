"""Peers that know the answers, compared on small recordings."""

import json
import wave
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
import pytest
from pyannote.core import Annotation, Segment

from benchmarks.corpora import Recording, read_corpus
from benchmarks.peers.answers import Answers
from benchmarks.peers.compare import Comparison, Crew, compare, sound_of, write_wav
from benchmarks.peers.errors import PeerFailedError, PeerUnavailableError
from benchmarks.peers.programs import Program
from benchmarks.records import figures, pooled, read_results
from meeting_app.domain import Transcript, Turn, Waveform

DURATION = 4.0
VOICES = Program("senko")
WORDS = Program("faster_whisper")
# In both recordings a speaks 0–2 s and b 2–3 s; this hears one voice from 0 to 3 s.
ONE_VOICE = {
    "segments": [{"start": 0.0, "end": 3.0, "speaker": "x"}],
    "seconds": {"speech": 0.5, "speakers": 1.5},
}
THREE_WORDS = {
    "passages": [
        {
            "start": 0.1,
            "end": 2.9,
            "words": [
                {"start": start, "end": start + 0.8, "text": text, "probability": 1.0}
                for start, text in ((0.1, "red"), (1.1, "green"), (2.1, "left"))
            ],
        }
    ],
    "seconds": {"words": 2.0},
}

Reply = Callable[[str], Mapping[str, Any]]


class FakeWorker:
    """Answers from a function of the recording's name; dies where that raises."""

    def __init__(self, reply: Reply, peak_memory: int) -> None:
        self.reply = reply
        self.peak_memory = peak_memory
        self.heard: list[str] = []
        self.is_alive = False

    def __enter__(self) -> Self:
        self.is_alive = True
        return self

    def __exit__(self, *_: object) -> None:
        self.is_alive = False

    def hear(self, audio: Path) -> tuple[Mapping[str, Any], int]:
        with wave.open(str(audio)) as sound:
            kind = (sound.getframerate(), sound.getnchannels(), sound.getsampwidth())
            assert kind == (16_000, 1, 2)
        self.heard.append(audio.stem)
        try:
            return self.reply(audio.stem), self.peak_memory
        except PeerFailedError:
            self.is_alive = False
            raise


class Stage:
    """Starts fake workers and remembers them."""

    def __init__(self, **replies: Reply) -> None:
        self.replies = replies
        self.started: list[tuple[str, FakeWorker]] = []

    def __call__(self, program: Program) -> Any:
        if program.name not in self.replies:
            raise PeerUnavailableError(f"{program.name}: no such thing; install it")
        peak_memory = 10_000_000 * (1 + len(self.started))
        worker = FakeWorker(self.replies[program.name], peak_memory)
        self.started.append((program.name, worker))
        return worker

    @property
    def heard(self) -> list[tuple[str, list[str]]]:
        return [(name, worker.heard) for name, worker in self.started]


def voices(_: str) -> Mapping[str, Any]:
    return ONE_VOICE


def words(_: str) -> Mapping[str, Any]:
    return THREE_WORDS


def attribute_by_middle(transcript: Transcript, annotation: Annotation) -> tuple[Turn, ...]:
    """A turn for each word, with the speaker heard in its middle."""
    spans = list(annotation.itertracks(yield_label=True))
    return tuple(
        Turn(i, next(who for s, _, who in spans if s.overlaps(word.segment.middle)), (word,))
        for i, word in enumerate(transcript.words)
    )


@pytest.fixture
def corpus(tmp_path: Path) -> tuple[Recording, ...]:
    folder = tmp_path / "data"
    folder.mkdir()
    for number, name in enumerate(("one", "two")):
        with wave.open(str(folder / f"{name}.wav"), "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(16_000)
            sound.writeframes(bytes([number + 1, 0]) * int(16_000 * DURATION))
        (folder / f"{name}.rttm").write_text(
            f"SPEAKER {name} 1 0.000 2.000 <NA> <NA> a <NA> <NA>\n"
            f"SPEAKER {name} 1 2.000 1.000 <NA> <NA> b <NA> <NA>\n"
        )
    (folder / "one.stm").write_text("one 1 a 0 2 <NA> Red, green.\none 1 b 2 3 <NA> Left.\n")
    return read_corpus(folder)


class Desk:
    """Where the comparisons of a test are made."""

    def __init__(self, corpus: tuple[Recording, ...], folder: Path) -> None:
        self.corpus = corpus
        self.output = folder / "results" / "peers.jsonl"
        self.answers = folder / "answers"

    def compare(self, stage: Stage, is_resumed: bool = False, **peers: Any) -> Comparison:
        crew = Crew(stage, Answers(self.answers, is_resumed), self.corpus[0])
        return compare(self.corpus, peers, crew, attribute_by_middle, self.output)


@pytest.fixture
def desk(corpus: tuple[Recording, ...], tmp_path: Path) -> Desk:
    return Desk(corpus, tmp_path)


def test_peer_without_words_has_no_figures_of_words(desk: Desk) -> None:
    found = figures(pooled(desk.compare(Stage(senko=voices), alone=[VOICES]).results))
    # One of three seconds belongs to b, in both recordings.
    assert (found["der"], found["confusion"], found["miss"]) == (0.3333, 0.3333, 0.0)
    assert (found["count_exact"], found["files"]) == (0, 2)
    assert all(found[name] is None for name in ("wer", "cpwer", "cpwer_oracle", "boundary_error"))
    # 4 s in 0.5 + 1.5 s, twice; the memory is the worker's.
    assert (found["rtfx"], found["diarization_rtfx"], found["peak_memory_mb"]) == (2.0, 2.0, 10)


def test_words_of_one_program_and_voices_of_another_make_a_peer(desk: Desk) -> None:
    stage = Stage(senko=voices, faster_whisper=words)
    found = figures(pooled(desk.compare(stage, both=[WORDS, VOICES]).results))
    # "left" was b's, and is x's with the words of a.
    assert (found["wer"], found["cpwer"], found["cpwer_oracle"]) == (0.0, 0.6667, 0.0)
    # The times add up, 0.5 + 1.5 + 2.0 s; the memory does not, as the larger was the second's.
    assert found["rtfx"] == pytest.approx(1.0, abs=0.01)
    assert (found["diarization_rtfx"], found["peak_memory_mb"]) == (2.0, 20)


def test_peers_that_share_a_program_run_it_once(desk: Desk) -> None:
    stage = Stage(senko=voices, faster_whisper=words)
    desk.compare(stage, alone=[VOICES], both=[WORDS, VOICES])
    # The first recording once more at the start, which does not count.
    assert stage.heard == [
        ("senko", ["one", "one", "two"]),
        ("faster_whisper", ["one", "one", "two"]),
    ]
    assert not any(worker.is_alive for _, worker in stage.started)


def test_resumed_run_asks_nobody_and_finds_the_same(desk: Desk) -> None:
    first = desk.compare(Stage(senko=voices), alone=[VOICES])
    stage = Stage(senko=voices)
    again = desk.compare(stage, is_resumed=True, alone=[VOICES])
    assert stage.started == []
    assert again.results == first.results
    anew = Stage(senko=voices)
    desk.compare(anew, alone=[VOICES])
    assert len(anew.started) == 1


def test_each_result_is_a_line_that_names_the_peer(desk: Desk) -> None:
    found = desk.compare(Stage(senko=voices), alone=[VOICES], other=[VOICES])
    lines = [json.loads(line) for line in desk.output.read_text().splitlines()]
    assert [(line["circumstances"]["system"], line["file"]) for line in lines] == [
        ("alone", "one"),
        ("alone", "two"),
        ("other", "one"),
        ("other", "two"),
    ]
    assert read_results(desk.output) == found.results


def test_recording_that_a_peer_dies_of_is_left_out_and_the_next_has_a_new_worker(
    desk: Desk,
) -> None:
    asked: list[str] = []

    def dies_of_the_second(name: str) -> Mapping[str, Any]:
        asked.append(name)
        if len(asked) == 2:
            raise PeerFailedError("senko: ended with code 7: out of luck")
        return ONE_VOICE

    stage = Stage(senko=dies_of_the_second)
    found = desk.compare(stage, alone=[VOICES])
    assert [result.name for result in found.results] == ["two"]
    assert found.failures == ("alone: one is left out (senko: ended with code 7: out of luck)",)
    assert len(stage.started) == 2


def test_answer_without_sense_is_a_failure_on_that_recording(desk: Desk) -> None:
    found = desk.compare(Stage(senko=lambda name: {"segments": 3}), alone=[VOICES])
    assert found.results == ()
    assert "senko: one: not an answer" in found.failures[0]
    assert len(found.failures) == 2


def test_peer_that_cannot_be_run_is_left_out_once_and_others_go_on(desk: Desk) -> None:
    stage = Stage(senko=voices)
    found = desk.compare(stage, absent=[WORDS], alone=[VOICES])
    assert found.failures == ("absent: left out (faster_whisper: no such thing; install it)",)
    assert {result.circumstances.system for result in found.results} == {"alone"}


def test_silence_is_an_answer(desk: Desk) -> None:
    nothing = {"segments": [], "seconds": {"speakers": 1.0}}
    found = figures(pooled(desk.compare(Stage(senko=lambda name: nothing), alone=[VOICES]).results))
    assert (found["der"], found["miss"]) == (1.0, 1.0)


def test_part_of_a_recording_is_cut_for_warming_up(corpus: tuple[Recording, ...]) -> None:
    with sound_of(corpus[0], Segment(0.0, 1.5)) as sound, wave.open(str(sound.path)) as file:
        assert file.getnframes() == 24_000


def test_sixteen_bit_samples_come_out_as_they_went_in_and_loud_ones_are_clipped(
    tmp_path: Path,
) -> None:
    samples = np.array([0.0, 1 / 32768, -1.0, 0.5, 1.5], dtype=np.float32)
    write_wav(Waveform(samples), tmp_path / "sound.wav")
    with wave.open(str(tmp_path / "sound.wav")) as file:
        assert np.frombuffer(file.readframes(5), "<i2").tolist() == [0, 1, -32768, 16384, 32767]
