"""Diarization and words scored by hand."""

from pathlib import Path

import pytest
from pyannote.core import Annotation, Segment, Timeline

from benchmarks.corpora import Passage, Recording, ReferenceWords, Timing
from benchmarks.score import (
    Effort,
    Hypothesis,
    Score,
    SpeakerScore,
    WordScore,
    assignment,
    score,
    score_speaker_words,
    score_speakers,
    score_words,
)
from meeting_app.domain import SpeakerSegment, Turn, Word


def annotation(*spans: tuple[str, float, float]) -> Annotation:
    found = Annotation()
    for track, (speaker, start, end) in enumerate(spans):
        found[Segment(start, end), track] = speaker
    return found


def turn(number: int, speaker: str | None, text: str, start: float = 0.0) -> Turn:
    words = tuple(
        Word(Segment(start + i, start + i + 0.8), word, 1.0) for i, word in enumerate(text.split())
    )
    return Turn(number, speaker, words)


def passage(speaker: str, text: str, start: float = 0.0, end: float = 10.0) -> Passage:
    return Passage(speaker, Segment(start, end), text)


WHOLE = Timeline([Segment(0, 20)])
TWO_VOICES = annotation(("a", 0, 10), ("b", 8, 14))


def test_perfect_diarization_has_no_error_whatever_the_labels() -> None:
    found = score_speakers(TWO_VOICES, annotation(("x", 0, 10), ("y", 8, 14)), WHOLE)
    assert found == SpeakerScore(
        speech=16, num_speakers=2, num_found=2, num_recordings=1, num_counts_exact=1
    )
    assert (found.der, found.jer) == (0.0, 0.0)


def test_each_kind_of_diarization_error_is_counted_in_seconds() -> None:
    # x is a, y is b. 0–1 missed (a), 8–10 one of two voices missed, 10–12 confused (x for b),
    # 14–17 false alarm.
    found = score_speakers(TWO_VOICES, annotation(("x", 1, 12), ("y", 12, 17)), WHOLE)
    assert found.speech == pytest.approx(16)
    assert found.miss == pytest.approx(1 + 2)
    assert found.confusion == pytest.approx(2)
    assert found.false_alarm == pytest.approx(3)
    assert found.der == pytest.approx(8 / 16)
    # a: (1 missed + 2 false) of 12; b: (4 missed + 3 false) of 9.
    assert found.jer == pytest.approx((3 / 12 + 7 / 9) / 2)


def test_collar_is_left_out_on_each_side() -> None:
    # 0.25 s late at both ends is forgiven by a collar of 0.25 s on each side.
    reference, hypothesis = annotation(("a", 5, 10)), annotation(("x", 5.25, 10.25))
    assert score_speakers(reference, hypothesis, WHOLE).der == pytest.approx(0.5 / 5)
    assert score_speakers(reference, hypothesis, WHOLE, 0.25).der == pytest.approx(0.0)
    assert score_speakers(reference, hypothesis, WHOLE, 0.2).der == pytest.approx(0.1 / 4.6)


def test_only_the_scored_part_counts() -> None:
    found = score_speakers(TWO_VOICES, annotation(("x", 0, 8)), Timeline([Segment(0, 8)]))
    assert (found.speech, found.der) == (8, 0.0)


def test_nothing_found_is_all_missed() -> None:
    found = score_speakers(TWO_VOICES, Annotation(), WHOLE)
    assert (found.der, found.miss, found.num_found, found.num_counts_exact) == (1.0, 16, 0, 0)


def test_without_reference_speech_there_is_no_rate() -> None:
    found = score_speakers(Annotation(), annotation(("x", 0, 1)), WHOLE)
    assert (found.der, found.jer, found.false_alarm) == (None, None, 1)


def test_pooled_rate_is_of_the_sums() -> None:
    short = SpeakerScore(speech=10, miss=10, num_speakers=1, jaccard_error=1, num_recordings=1)
    long = SpeakerScore(speech=90, miss=0, num_speakers=3, num_recordings=1, num_counts_exact=1)
    total = short + long
    assert (total.der, total.jer) == (0.1, 0.25)
    assert (total.num_recordings, total.num_counts_exact) == (2, 1)


def test_words_are_compared_after_normalising() -> None:
    reference = ReferenceWords(Timing.PASSAGE, (passage("a", "Um, we're at COLOUR number five."),))
    assert score_words(reference, [turn(0, "x", "we are at color number 5")]).rate == 0.0


def test_each_kind_of_word_error_is_counted() -> None:
    reference = ReferenceWords(Timing.PASSAGE, (passage("a", "red green blue white"),))
    found = score_words(reference, [turn(0, "x", "red grey blue and")])
    # green → grey, white → and
    assert found == WordScore(4, substitutions=2)
    assert score_words(reference, [turn(0, "x", "red blue white")]) == WordScore(4, deletions=1)
    longer = [turn(0, "x", "red green blue white wine")]
    assert score_words(reference, longer) == WordScore(4, insertions=1)


def test_words_are_in_order_of_time_whoever_said_them() -> None:
    reference = ReferenceWords(
        Timing.PASSAGE, (passage("a", "red", 0, 1), passage("b", "green", 1, 2))
    )
    turns = [turn(0, "x", "green", start=1.2), turn(1, "y", "red", start=0.2)]
    assert score_words(reference, turns).rate == 0.0


def test_order_that_nobody_wrote_down_is_not_scored() -> None:
    reference = ReferenceWords(Timing.SPEAKER, (passage("a", "red"), passage("b", "green")))
    assert score_words(reference, [turn(0, "x", "green red")]).rate is None


def test_nothing_recognised_is_all_deleted() -> None:
    reference = ReferenceWords(Timing.PASSAGE, (passage("a", "red green"),))
    assert score_words(reference, ()) == WordScore(2, deletions=2)
    assert score_speaker_words(reference, ()) == WordScore(2, deletions=2)


def test_words_where_there_should_be_none_are_insertions() -> None:
    reference = ReferenceWords(Timing.PASSAGE, (passage("a", "Um."),))
    assert score_words(reference, [turn(0, "x", "thank you")]) == WordScore(0, insertions=2)


TWO_TALKERS = ReferenceWords(
    Timing.PASSAGE,
    (passage("a", "red green", 0, 2), passage("b", "left", 2, 3), passage("a", "blue", 3, 4)),
)


def test_speakers_of_words_are_assigned_at_best() -> None:
    turns = [turn(0, "S1", "red green"), turn(1, "S0", "left", 2), turn(2, "S1", "blue", 3)]
    assert score_speaker_words(TWO_TALKERS, turns).rate == 0.0
    assert assignment(TWO_TALKERS, turns) == {"S1": "a", "S0": "b"}


def test_word_of_the_wrong_speaker_is_deleted_here_and_inserted_there() -> None:
    turns = [turn(0, "S1", "red green"), turn(1, "S0", "left blue", 2)]
    assert score_speaker_words(TWO_TALKERS, turns) == WordScore(4, deletions=1, insertions=1)


def test_words_of_nobody_are_words_of_one_more_speaker() -> None:
    turns = [turn(0, "S1", "red green"), turn(1, "S0", "left", 2), turn(2, None, "blue", 3)]
    assert score_speaker_words(TWO_TALKERS, turns) == WordScore(4, deletions=1, insertions=1)


def test_effort_adds_times_and_keeps_the_higher_peak() -> None:
    total = Effort(60, {"decode": 1, "words": 9}, 500) + Effort(40, {"words": 6, "turns": 4}, 400)
    assert total == Effort(100, {"decode": 1, "words": 15, "turns": 4}, 500)
    assert total.rtfx == 5.0
    assert total.rtfx_of("decode", "turns") == 20.0
    assert total.rtfx_of("minutes") is None
    assert total.shares == {"decode": 0.05, "words": 0.75, "turns": 0.2}


def recording(words: ReferenceWords | None) -> Recording:
    spoken = (SpeakerSegment(Segment(0, 2), "a"), SpeakerSegment(Segment(2, 3), "b"))
    return Recording("r", Path("r.wav"), spoken, None, words)


def test_recording_without_words_counts_for_diarization_only() -> None:
    hypothesis = Hypothesis(annotation(("x", 0, 3)), (turn(0, "x", "red"),), (), (), Effort(4.0))
    found = score(recording(None), hypothesis)
    assert found.speakers.confusion == pytest.approx(1)
    assert (found.words, found.speaker_words, found.oracle_words) == (WordScore(),) * 3


def test_oracle_is_scored_beside_the_real_turns() -> None:
    real = (turn(0, "x", "red green left blue"),)
    oracle = (turn(0, "a", "red green"), turn(1, "b", "left", 2), turn(2, "a", "blue", 3))
    hypothesis = Hypothesis(annotation(("x", 0, 3)), real, oracle, (), Effort(4.0))
    found = score(recording(TWO_TALKERS), hypothesis)
    assert found.words.rate == 0.0
    assert found.speaker_words.rate == 0.5  # "left" is inserted for a and missing for b
    assert found.oracle_words.rate == 0.0


def test_scores_of_recordings_add_up() -> None:
    hypothesis = Hypothesis(annotation(("x", 0, 3)), (), (), (), Effort(4.0, {"words": 2.0}, 7))
    one = score(recording(TWO_TALKERS), hypothesis)
    both = one + one
    assert both.speakers.speech == 2 * one.speakers.speech
    assert both.speaker_words == WordScore(8, deletions=8)
    assert both.effort == Effort(8.0, {"words": 4.0}, 7)
    assert one + Score() == one
