"""Each language by the recogniser that knows it best."""

from collections.abc import Sequence

import numpy as np
import pytest
from pyannote.core import Segment, Timeline

from meeting_app.config import AsrConfig
from meeting_app.domain import Waveform
from pipelines.asr.by_language import ByLanguage, drafting_recognizer
from pipelines.asr.engine import Decoding, Hypothesis
from pipelines.asr.recognizer import WhisperRecognizer
from pipelines.asr.scheduling import Lane

SOUND = Waveform(np.full(16_000, 0.1, np.float32))
SPEECH = Timeline([Segment(0.0, 1.0)])


class Engine:
    """Notes what it was asked."""

    def __init__(self, *languages: str) -> None:
        self.languages = languages
        self.asked: list[tuple[str, int]] = []

    def detect(self, windows: Sequence[Waveform]) -> tuple[dict[str, float], ...]:
        return tuple(dict.fromkeys(self.languages, 0.1) | {"de": 0.9} for _ in windows)

    def decode(self, windows: Sequence[Waveform], decoding: Decoding) -> tuple[Hypothesis, ...]:
        self.asked.append((decoding.language, decoding.beam_size))
        return tuple(Hypothesis((), "", window.duration, -0.1, 0.9) for window in windows)


@pytest.fixture
def general() -> Engine:
    return Engine("de", "en", "zh")


@pytest.fixture
def english() -> Engine:
    return Engine("en")


@pytest.fixture
def recognizer(general: Engine, english: Engine) -> ByLanguage:
    config = AsrConfig()
    return ByLanguage(
        WhisperRecognizer(general, config, ()), {"en": WhisperRecognizer(english, config, ())}
    )


def test_a_language_with_its_own_recogniser_goes_there(recognizer, general, english) -> None:
    recognizer(SOUND, SPEECH, "en")
    assert (english.asked, general.asked) == ([("en", 5)], [])


def test_other_languages_and_one_to_be_found_out_do_not(recognizer, general, english) -> None:
    recognizer(SOUND, SPEECH, "zh")
    recognizer(SOUND, SPEECH)
    assert (english.asked, general.asked) == ([], [("zh", 5), ("de", 5)])


def test_drafts_keep_the_languages_apart(recognizer, general, english) -> None:
    drafting = drafting_recognizer(recognizer.shared(Lane.LIVE))
    assert drafting is not None
    drafting(SOUND, SPEECH, "en")
    drafting(SOUND, SPEECH, "zh")
    assert (english.asked, general.asked) == ([("en", 1)], [("zh", 1)])


def test_a_recogniser_of_another_kind_does_not_draft() -> None:
    assert drafting_recognizer(lambda *_: None) is None  # type: ignore[arg-type]
