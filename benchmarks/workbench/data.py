"""A made-up meeting of many hours, and its sound: the same from the same seed."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from random import Random

import av
import numpy as np
import numpy.typing as npt
from av.audio.stream import AudioStream
from pyannote.core import Segment

from meeting_app.domain import (
    SAMPLE_RATE,
    ActionItem,
    Chapter,
    Decision,
    Meeting,
    Minutes,
    Speaker,
    SpeakerSegment,
    Statement,
    Turn,
    Word,
)

_TEXT = """
the we to and a of that is it in on for this with be as have not are at will can if so but what
there they our about now one when then all from or just which out some more would think need know
should time well right good question plan next week budget release team customer design test
number report problem change data today tomorrow meeting agree decide review system server user
screen button colour remote battery market price cost design feature schedule deadline project
manager engineer draft document version branch build deploy monitor alert incident summary action
owner risk decision option quarter target forecast revenue growth hiring candidate interview offer
contract vendor invoice policy security access password network storage backup latency throughput
benchmark experiment result figure chart table paper reviewer comment translation language speaker
"""
_VOCABULARY = _TEXT.split()
_MARKS = (".", ".", ".", ".", ",", "?", "!")
_WORDS_PER_SENTENCE = (4, 16)
_SENTENCES_PER_TURN = (1, 1, 1, 2, 4)
_LISTENERS_SIGNALS = ("Mhm.", "Yeah.", "Right.", "Okay.")
_OVERLAP, _SIGNAL, _DOUBT, _CUT_IN = 0.15, 0.12, 0.08, 0.3  # how often, of 1
_SPOKEN = 0.9  # of the time
_CHAPTER = 600.0  # seconds
_FRAME = 1024  # samples of one packet of AAC
_BLOCK = 60  # seconds of sound that are made once and repeated


@dataclass(frozen=True, slots=True)
class Size:
    """How large a meeting to make up."""

    duration: float = 4 * 3600.0  # seconds
    num_speakers: int = 8
    num_words: int = 40_000


def made_up_meeting(size: Size = Size(), seed: int = 0) -> Meeting:
    """A meeting with overlaps, listeners' signals, doubtful words, chapters and minutes."""
    random = Random(seed)  # noqa: S311 - no secret
    turns = tuple(_turns(random, size))
    segments = tuple(
        SpeakerSegment(turn.segment, turn.speaker) for turn in turns if turn.speaker is not None
    )
    return Meeting(
        title="Planning day",
        duration=size.duration,
        language="en",
        speakers=tuple(Speaker(_label(number)) for number in range(size.num_speakers)),
        speaker_segments=segments,
        turns=turns,
        chapters=_chapters(random, turns, size.duration),
        minutes=_minutes(random, turns),
    )


def write_waveform(path: Path, duration: float, seed: int = 0) -> None:
    """Raw 16 kHz float32 of syllables of noise, to be mapped as the samples of a Waveform."""
    block = _noise(seed)
    with path.open("wb") as file:
        for first in range(0, round(duration), _BLOCK):
            length = min(_BLOCK, duration - first)
            file.write(block[: round(length * SAMPLE_RATE)].tobytes())


def write_playback(path: Path, duration: float, seed: int = 0) -> None:
    """The sound of ``write_waveform`` as the library keeps it for the player, within a block.

    One block is encoded and its packets are repeated, so that hours take a second.
    """
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as file:
        stream = file.add_stream("aac", rate=SAMPLE_RATE, layout="mono")
        stream.bit_rate = 48_000
        packets = _encoded(stream, _noise(seed))
        num_packets = round(duration * SAMPLE_RATE / _FRAME)
        for number, body in enumerate(itertools.islice(itertools.cycle(packets), num_packets)):
            packet = av.Packet(body)
            packet.stream, packet.time_base = stream, Fraction(1, SAMPLE_RATE)
            packet.pts = packet.dts = number * _FRAME
            packet.duration = _FRAME
            file.mux(packet)


def _turns(random: Random, size: Size) -> Iterator[Turn]:
    """Turns whose words spread evenly over the duration, the last sentence cut to fit."""
    pace = size.duration / size.num_words  # seconds from word to word
    speaker, left, time = 0, size.num_words, 0.0
    for number in itertools.count():
        if left <= 0:
            return
        speaker = _next_speaker(random, speaker, size.num_speakers)
        texts = _texts(random)[:left]
        left -= len(texts)
        start = max(0.0, time - random.uniform(0.2, 1.0)) if random.random() < _OVERLAP else time
        words = tuple(_words(random, texts, start, _SPOKEN * pace))
        yield Turn(number, _label(speaker), words)
        time = start + pace * len(texts)


def _next_speaker(random: Random, speaker: int, num_speakers: int) -> int:
    return (speaker + random.choice((1, 1, 1, 2, 3))) % num_speakers


def _texts(random: Random) -> list[str]:
    if random.random() < _SIGNAL:
        return [random.choice(_LISTENERS_SIGNALS)]
    texts: list[str] = []
    for _ in range(random.choice(_SENTENCES_PER_TURN)):
        sentence = random.choices(_VOCABULARY, k=random.randint(*_WORDS_PER_SENTENCE))
        sentence[0] = sentence[0].capitalize()
        sentence[-1] += random.choice(_MARKS)
        texts += sentence
    return texts


def _words(random: Random, texts: list[str], start: float, pace: float) -> Iterator[Word]:
    for number, text in enumerate(texts):
        begin = start + pace * number
        certain = random.random() >= _DOUBT
        probability = random.uniform(0.6, 1.0) if certain else random.uniform(0.1, 0.5)
        length = pace * random.uniform(0.6, 0.95)
        yield Word(Segment(round(begin, 2), round(begin + length, 2)), text, probability)


def _chapters(random: Random, turns: tuple[Turn, ...], duration: float) -> tuple[Chapter, ...]:
    starts = [0.0]
    for turn in turns:
        if turn.segment.start >= starts[-1] + _CHAPTER and turn.segment.start < duration - 60:
            starts.append(turn.segment.start)
    return tuple(
        Chapter(Segment(start, end), " ".join(topic).capitalize(), tuple(topic))
        for start, end in itertools.pairwise([*starts, duration])
        for topic in [random.sample(_VOCABULARY[60:], 3)]
    )


def _minutes(random: Random, turns: tuple[Turn, ...]) -> Minutes:
    long = [turn for turn in turns if len(turn.words) > 8]
    picked = sorted(random.sample(long, min(len(long), 100)), key=lambda turn: turn.id)
    return Minutes(
        summary=tuple(Statement(turn.text, (turn.id,)) for turn in picked[::2]),
        decisions=tuple(Decision(turn.text, (turn.id,)) for turn in picked[1::4]),
        action_items=tuple(
            ActionItem(turn.text, (turn.id,), turn.speaker, "by Friday") for turn in picked[3::4]
        ),
    )


def _label(number: int) -> str:
    return f"SPEAKER_{number:02}"


def _noise(seed: int) -> npt.NDArray[np.float32]:
    """(_BLOCK · 16 000,) in [-1, 1]: noise that swells and falls four times a second."""
    random = np.random.default_rng(seed)
    num_samples = _BLOCK * SAMPLE_RATE
    syllables = random.uniform(0.05, 1.0, 4 * _BLOCK)
    loudness = np.repeat(syllables, SAMPLE_RATE // 4) * np.abs(
        np.sin(np.pi * 4 * np.arange(num_samples) / SAMPLE_RATE)
    )
    return (0.3 * loudness * random.uniform(-1, 1, num_samples)).astype(np.float32)


def _encoded(stream: AudioStream, samples: npt.NDArray[np.float32]) -> list[bytes]:
    """The packets of some sound."""
    packets = []
    for first in range(0, len(samples), _FRAME):
        block = samples[np.newaxis, first : first + _FRAME]
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="mono")
        frame.sample_rate, frame.pts = SAMPLE_RATE, first
        packets += stream.encode(frame)
    return [bytes(packet) for packet in packets if packet.size]
