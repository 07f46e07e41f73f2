"""Utterances recognised again by the better model, several at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from pyannote.core import Segment, Timeline

from meeting_app.domain import SAMPLE_RATE, Waveform, Word
from pipelines.protocols import SpeechRecognizer

# Seconds of silence between two utterances. More than what a recogniser bridges within a
# window, or takes for a pause in a repetition.
_GAP = 3.0


@dataclass(frozen=True, slots=True)
class Utterance:
    """What is to be recognised, with sound before it that helps to understand it."""

    waveform: Waveform  # from ``context`` on
    context: float  # seconds into the meeting
    start: float  # words before it belong to an earlier utterance

    @property
    def end(self) -> float:
        """Seconds into the meeting."""
        return self.context + self.waveform.duration


def recognize(
    recognizer: SpeechRecognizer, utterances: Sequence[Utterance], language: str | None
) -> tuple[tuple[Word, ...], ...]:
    """The words of each utterance, in time order, in seconds into its own meeting.

    The utterances are put behind each other as if they were one recording, which the recogniser
    cuts at the silence between them and decodes in batches.
    """
    places: list[float] = []
    pieces: list[np.ndarray] = []
    length = 0
    for utterance in utterances:
        places.append(length / SAMPLE_RATE)
        pieces += [utterance.waveform.samples, np.zeros(round(_GAP * SAMPLE_RATE), np.float32)]
        length += len(pieces[-2]) + len(pieces[-1])
    speech = Timeline(
        Segment(place, place + utterance.waveform.duration)
        for place, utterance in zip(places, utterances, strict=True)
        if len(utterance.waveform.samples)
    )
    transcript = recognizer(Waveform(np.concatenate(pieces)), speech, language)
    return tuple(
        _own_words(transcript.words, place, utterance)
        for place, utterance in zip(places, utterances, strict=True)
    )


def _own_words(words: Sequence[Word], place: float, utterance: Utterance) -> tuple[Word, ...]:
    """The words between ``place`` and the next utterance, without those of the context."""
    end = place + utterance.waveform.duration + _GAP / 2
    shift = utterance.context - place
    own = (
        replace(word, segment=Segment(word.segment.start + shift, word.segment.end + shift))
        for word in words
        if place <= word.segment.middle < end
    )
    return tuple(word for word in own if word.segment.middle >= utterance.start)
