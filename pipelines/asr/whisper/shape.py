"""How large a Whisper network is, and which of its tokens mean what."""

from dataclasses import dataclass

MAX_FRAMES = 1500  # encoder frames of 30 s
MAX_POSITIONS = 448  # tokens of prompt and text together
FRAME_RATE = 50  # encoder frames per second; a timestamp token counts them


@dataclass(frozen=True, slots=True)
class WhisperShape:
    """The sizes of one network; heads have equal width."""

    num_mels: int
    dimension: int
    num_encoder_layers: int
    num_decoder_layers: int
    num_heads: int
    vocabulary_size: int

    @property
    def head_dimension(self) -> int:
        """Numbers per head and token."""
        return self.dimension // self.num_heads


# Source: Radford et al. 2022, arXiv:2212.04356, table 1; large-v3 and its turbo form have 128
# mel bands and one more language (model cards of openai/whisper-large-v3 and -turbo).
SHAPES = {
    "tiny": WhisperShape(80, 384, 4, 4, 6, 51865),
    "base": WhisperShape(80, 512, 6, 6, 8, 51865),
    "small": WhisperShape(80, 768, 12, 12, 12, 51865),
    "medium": WhisperShape(80, 1024, 24, 24, 16, 51865),
    "large-v3-turbo": WhisperShape(128, 1280, 32, 4, 20, 51866),
    "large-v3": WhisperShape(128, 1280, 32, 32, 20, 51866),
}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The tokens that steer decoding; timestamps fill the vocabulary from ``timestamp_begin``."""

    size: int
    start: int  # <|startoftranscript|>
    end: int  # <|endoftext|>; every token of text is below it
    no_speech: int
    timestamp_begin: int  # <|0.00|>, just behind <|notimestamps|>
    suppressed: tuple[int, ...] = ()  # never written
    suppressed_first: tuple[int, ...] = ()  # not written as the first token
    languages: tuple[tuple[str, int], ...] = ()  # ISO 639-1 code, token; empty: English only
    alignment_heads: tuple[tuple[int, int], ...] = ()  # decoder layer, head

    @property
    def no_timestamps(self) -> int:
        """The token <|notimestamps|>."""
        return self.timestamp_begin - 1
