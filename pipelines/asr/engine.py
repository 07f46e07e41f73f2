"""What every Whisper engine offers, whatever library computes it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from meeting_app.domain import Waveform, Word

Notify = Callable[[str], None]
"""Is told, in words for the user, what an engine has to do without."""


def ignore_notice(notice: str) -> None:
    """For callers who do not mind."""


@dataclass(frozen=True, slots=True)
class Decoding:
    """How a batch of windows is to be decoded."""

    language: str  # one of the engine's languages
    hotwords: tuple[str, ...] = ()
    hotword_weight: float = 0.0  # of shallow fusion, where the engine can; 0 only prompts
    beam_size: int = 5
    is_padded: bool = False  # by much silence, as in training: slower, less prone to loops
    no_repeat_ngram: int = 0  # tokens; no run of so many comes twice; 0 allows every repeat
    repetition_penalty: float = 1.0  # divides the score of tokens that were already said
    temperature: float = 0.0  # above 0 tokens are drawn instead of searched for


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What an engine heard in one window."""

    words: tuple[Word, ...]  # seconds from the start of the window
    text: str  # of all words together, as the model spelled it
    end: float  # seconds from the start of the window up to which the model has written down
    log_probability: float  # mean over the tokens
    no_speech: float  # probability that nobody speaks, 0..1


class WhisperEngine(Protocol):
    """A Whisper network and its tokenizer on a device."""

    @property
    def languages(self) -> tuple[str, ...]:
        """ISO 639-1 codes of what it understands; one that is English-only has just "en"."""

    def detect(self, windows: Sequence[Waveform]) -> tuple[Mapping[str, float], ...]:
        """Per window the probability of each language."""

    def decode(self, windows: Sequence[Waveform], decoding: Decoding) -> tuple[Hypothesis, ...]:
        """One hypothesis per window; windows are at most 30 s and alike in padded length."""
