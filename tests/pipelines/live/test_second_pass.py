"""Utterances of several meetings recognised as one recording."""

from collections.abc import Sequence

import numpy as np
from pyannote.core import Segment, Timeline

from meeting_app.domain import Transcript, Waveform, Word
from pipelines.live.second_pass import Utterance, recognize
from pipelines.protocols import ReportFraction, report_nothing


class Echo:
    """Hears one word per whole second of speech: the level of its sound."""

    def __call__(
        self,
        waveform: Waveform,
        speech: Timeline,
        language: str | None = None,
        hotwords: Sequence[str] = (),
        report: ReportFraction = report_nothing,
    ) -> Transcript:
        words = []
        for region in speech:
            for second in range(int(region.duration)):
                span = Segment(region.start + second, region.start + second + 1)
                level = float(waveform.crop(span).samples.mean())
                words.append(Word(span, f"{level:.1f}", 1.0))
        return Transcript(language, tuple(words))


def utterance(level: float, duration: float, context: float, start: float) -> Utterance:
    samples = np.full(round(duration * 16_000), level, np.float32)
    return Utterance(Waveform(samples), context, start)


def test_each_utterance_gets_its_own_words_at_its_own_time() -> None:
    first, second = utterance(0.1, 2.0, 10.0, 10.0), utterance(0.7, 1.0, 300.0, 300.0)
    found = recognize(Echo(), [first, second], "en")
    assert [[word.text for word in words] for words in found] == [["0.1", "0.1"], ["0.7"]]
    assert [word.segment.start for word in found[0]] == [10.0, 11.0]
    assert [round(word.segment.start, 6) for word in found[1]] == [300.0]


def test_words_of_the_context_are_left_to_the_earlier_utterance() -> None:
    (found,) = recognize(Echo(), [utterance(0.3, 3.0, 8.0, 10.0)], "en")
    assert [word.segment.start for word in found] == [10.0]


def test_no_sound_has_no_words() -> None:
    assert recognize(Echo(), [utterance(0.3, 0.0, 8.0, 8.0)], "en") == ((),)
