"""Text as both sides of a word error rate are compared."""

import warnings
from collections.abc import Callable
from functools import cache


def normalise(text: str) -> str:
    """Lower-case words without punctuation and fillers; spelling and numbers made one.

    Source: Radford et al. 2022, "Robust Speech Recognition via Large-Scale Weak Supervision",
    appendix C, the English one.
    """
    return _normaliser()(text).strip()


@cache
def _normaliser() -> Callable[[str], str]:
    with warnings.catch_warnings():
        # A docstring of the library holds an escape that Python warns of while compiling it.
        warnings.simplefilter("ignore", SyntaxWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        from whisper_normalizer.english import EnglishTextNormalizer
    normaliser: Callable[[str], str] = EnglishTextNormalizer()
    return normaliser
