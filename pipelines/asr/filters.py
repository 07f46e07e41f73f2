"""What a recogniser wrote down although nobody said it: loops, and words put into silence.

The evidence is how the text repeats and what the sound says, never a list of known phrases:
somebody may well say "thanks for watching".
"""

import math
import zlib
from collections.abc import Sequence
from itertools import pairwise

from meeting_app.config import AsrConfig
from meeting_app.domain import Word
from pipelines.asr.engine import Hypothesis

_LONGEST_LOOP = 12  # words; what loops is a phrase or a sentence
_SPOKEN_REPEATS = 4  # "no, no, no, no" is said; five times the same is a loop
_LONG_PHRASE = 4  # words; from here on, three times the same is a loop
_LONG_REPEATS = 2
_LOOP_PAUSE = 1.0  # seconds; people pause between real repeats ("thank you." ... "thank you.")
_FASTEST = 25.0  # letters per second; the fastest of 42 real windows had 19, three loops 28 to 30
_FEWEST_LETTERS = 12  # below it a rate is too uncertain
# Of speech and text together. Of 77 windows of meetings and debates, decoded greedily, one was
# above 0.5 in no-speech, and it had 0.27; synthesised tones, chords, clicks and noise above the
# limit on no-speech had 0.05 to 0.14, loops left out.
_LEAST_BELIEF = 0.2
_UNHEARD = 0.25  # mean probability of a text that the sound does not support


def compression_ratio(text: str) -> float:
    """How much smaller zlib makes the text; above 2.4 it mostly repeats itself.

    Source: Radford et al. 2022, arXiv:2212.04356, section 4.5.
    """
    encoded = text.encode()
    return len(encoded) / len(zlib.compress(encoded))


def is_silence(hypothesis: Hypothesis, config: AsrConfig) -> bool:
    """Whether the network hears nobody, and its own text does not outweigh that.

    Whisper drops such a window when the text is improbable, log probability below -1. On music
    and noise it also writes fluent text, which only the two probabilities together give away,
    or the loop it ends in.

    Source: Radford et al. 2022, arXiv:2212.04356, section 4.5, made stricter.
    """
    if hypothesis.no_speech <= config.max_no_speech:
        return False
    belief = (1.0 - hypothesis.no_speech) * math.exp(hypothesis.log_probability)
    return (
        hypothesis.log_probability < config.min_log_probability
        or belief < _LEAST_BELIEF
        or is_loop(hypothesis, config)
    )


def is_loop(hypothesis: Hypothesis, config: AsrConfig) -> bool:
    """Whether the text repeats itself more than people do."""
    if compression_ratio(hypothesis.text.strip()) > config.max_compression_ratio:
        return True
    return len(without_loops(hypothesis.words)) < len(hypothesis.words)


def is_failure(hypothesis: Hypothesis, config: AsrConfig) -> bool:
    """Whether the window deserves another attempt."""
    if is_silence(hypothesis, config):
        return False
    return (
        hypothesis.log_probability < config.min_log_probability
        or is_loop(hypothesis, config)
        or is_unheard(hypothesis.words)
    )


def is_unheard(words: Sequence[Word]) -> bool:
    """Whether a window's words are more than the sound can hold, or hardly supported by it."""
    if not words:
        return False
    if sum(word.probability for word in words) / len(words) < _UNHEARD:
        return True
    num_letters = sum(len(word.text) for word in words)
    duration = words[-1].segment.end - words[0].segment.start
    return num_letters >= _FEWEST_LETTERS and num_letters > _FASTEST * duration


def without_loops(words: Sequence[Word]) -> tuple[Word, ...]:
    """The words with each loop cut down to its first round.

    A loop is a phrase of up to twelve words said more often in a row, without a pause, than
    people do; case and punctuation do not count.
    """
    kept: list[Word] = []
    spelled = [_plain(word.text) for word in words]
    first = 0
    while first < len(words):
        length, rounds = _loop_at(words, spelled, first)
        kept.extend(words[first : first + length])
        first += length * rounds
    return tuple(kept)


def _loop_at(words: Sequence[Word], spelled: Sequence[str], first: int) -> tuple[int, int]:
    """Length of the phrase that loops from ``first`` on, and its rounds; (1, 1) for none."""
    for length in range(1, min(_LONGEST_LOOP, (len(words) - first) // 2) + 1):
        phrase = spelled[first : first + length]
        rounds = 1
        while spelled[first + rounds * length : first + (rounds + 1) * length] == phrase:
            rounds += 1
        spoken = _LONG_REPEATS if length >= _LONG_PHRASE else _SPOKEN_REPEATS
        run = words[first : first + rounds * length]
        if rounds > spoken and any(phrase) and not _has_pause(run):
            return length, rounds
    return 1, 1


def _has_pause(words: Sequence[Word]) -> bool:
    return any(b.segment.start - a.segment.end > _LOOP_PAUSE for a, b in pairwise(words))


def _plain(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
