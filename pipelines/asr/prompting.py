"""What Whisper is told before a window, and how far it says it has written: for every engine."""

from collections.abc import Sequence

from faster_whisper.tokenizer import Tokenizer

from meeting_app.domain import Word

TOKEN_STEP = 0.02  # seconds per step of the decoder's attention, and per timestamp token
_MAX_HOTWORDS = 223  # tokens; Whisper gives the text before the window half of its positions


def hotword_prompt(tokenizer: Tokenizer, hotwords: Sequence[str]) -> list[int]:
    """The words as if they had been said just before the window."""
    if not hotwords:
        return []
    tokens = tokenizer.encode(" " + ", ".join(word.strip() for word in hotwords))
    return [tokenizer.sot_prev, *tokens[:_MAX_HOTWORDS]]


def written_until(
    tokens: Sequence[int], tokenizer: Tokenizer, words: Sequence[Word], duration: float
) -> float:
    """Seconds up to which a window is written down: its last timestamp, when it ends with one."""
    if tokens and tokens[-1] >= tokenizer.timestamp_begin:
        return min(duration, float(tokens[-1] - tokenizer.timestamp_begin) * TOKEN_STEP)
    return words[-1].segment.end if words else 0.0
