"""Words while they are spoken, of a recogniser that knows whole recordings only.

The growing utterance is decoded again and again, and what two decodings in a row agree on is
given out. A decoding costs more the longer the utterance is, so the next begins once as much new
sound has come as the last one took, and not before half a second.

Source: the agreement of two is that of Liu, Niehues & Waibel 2020, arXiv:2005.11185.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from pyannote.core import Segment, Timeline

from meeting_app.domain import SAMPLE_RATE, Waveform, Word
from pipelines.protocols import SpeechRecognizer

_SHORTEST_PAUSE = 0.5  # seconds of new sound between two decodings
_LONGEST = 25.0  # seconds that are decoded again; what is older is left as it was


class RedecodingRecognizer:
    """Any recogniser as a streaming one, in one language."""

    def __init__(
        self,
        recognizer: SpeechRecognizer,
        language: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._recognizer = recognizer
        self._language = language
        self._clock = clock

    def __call__(self, start: float) -> "RedecodingStream":
        """Its first sample is ``start`` seconds into the meeting; its words say so."""
        return RedecodingStream(self._decode, start, self._clock)

    def _decode(self, samples: npt.NDArray[np.float32]) -> tuple[Word, ...]:
        waveform = Waveform(samples)
        whole = Timeline([Segment(0.0, waveform.duration)])
        return self._recognizer(waveform, whole, self._language).words


class RedecodingStream:
    """One conversation."""

    def __init__(
        self,
        decode: Callable[[npt.NDArray[np.float32]], tuple[Word, ...]],
        start: float,
        clock: Callable[[], float],
    ) -> None:
        self._decode = decode
        self._clock = clock
        self._start = start  # of the sound that is kept
        self._sound = np.zeros(0, np.float32)
        self._num_new = 0  # samples since the last decoding
        self._pause = _SHORTEST_PAUSE
        self._last: tuple[Word, ...] = ()  # what the last decoding found
        self._agreed: tuple[Word, ...] = ()

    def accept(self, samples: npt.NDArray[np.float32]) -> tuple[Word, ...]:
        """Listens on; returns the words of the utterance that two decodings agree on.

        Args:
            samples: (num_samples,) in [-1, 1], following the last ones without a gap.
        """
        sound = np.concatenate([self._sound, samples])
        num_dropped = max(0, len(sound) - round(_LONGEST * SAMPLE_RATE))
        self._sound = sound[num_dropped:]
        self._start += num_dropped / SAMPLE_RATE
        self._num_new += len(samples)
        if self._num_new >= self._pause * SAMPLE_RATE:
            self._listen_again()
        return self._agreed

    def finish(self) -> tuple[Word, ...]:
        """Ends the utterance: its words so far. What follows begins another."""
        words = self._agreed
        self._start += len(self._sound) / SAMPLE_RATE
        self._sound = np.zeros(0, np.float32)
        self._num_new, self._last, self._agreed = 0, (), ()
        return words

    def _listen_again(self) -> None:
        began = self._clock()
        found = tuple(
            replace(
                word,
                segment=Segment(word.segment.start + self._start, word.segment.end + self._start),
            )
            for word in self._decode(self._sound)
        )
        self._pause = max(_SHORTEST_PAUSE, self._clock() - began)
        self._num_new = 0
        self._agreed = max(agreeing(self._last, found), self._agreed, key=len)
        self._last = found


def agreeing(one: Sequence[Word], other: Sequence[Word]) -> tuple[Word, ...]:
    """The leading words of ``other`` that ``one`` has too; case and punctuation do not count."""
    count = 0
    for first, second in zip(one, other, strict=False):
        if plain(first.text) != plain(second.text):
            break
        count += 1
    return tuple(other[:count])


def plain(text: str) -> str:
    """What makes a word the same word."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())
