"""Words around speaker changes, placed and counted by hand."""

from pathlib import Path

import pytest
from pyannote.core import Segment

from benchmarks.changes import (
    ChangeScore,
    Token,
    change_times,
    match_words,
    said_tokens,
    score_changes,
    spread,
)
from benchmarks.corpora import Passage, Recording, ReferenceWords, Timing
from meeting_app.domain import SpeakerSegment, Turn, Word


def speech(*spans: tuple[str, float, float]) -> tuple[SpeakerSegment, ...]:
    return tuple(SpeakerSegment(Segment(start, end), speaker) for speaker, start, end in spans)


def tokens(text: str, start: float = 0.0, step: float = 0.5) -> tuple[Token, ...]:
    return tuple(Token(word, start + i * step, None) for i, word in enumerate(text.split()))


def turn(number: int, speaker: str | None, text: str, start: float, step: float = 0.25) -> Turn:
    """Words of 0.2 s, one every ``step``."""
    words = tuple(
        Word(Segment(start + i * step, start + i * step + 0.2), word, 1.0)
        for i, word in enumerate(text.split())
    )
    return Turn(number, speaker, words)


def test_change_with_a_pause_is_at_the_end_and_at_the_start() -> None:
    assert change_times(speech(("a", 0, 4), ("b", 6, 8))) == (4, 6)


def test_pause_of_one_speaker_is_no_change() -> None:
    assert change_times(speech(("a", 0, 4), ("a", 6, 8))) == ()


def test_overlapping_change_is_at_both_edges_of_the_overlap() -> None:
    assert change_times(speech(("a", 0, 5), ("b", 4, 8))) == (4, 5)


def test_interjection_changes_the_speaker_twice() -> None:
    assert change_times(speech(("a", 0, 10), ("b", 4, 5))) == (4, 5)


def test_pause_under_another_voice_is_a_change() -> None:
    # b stops at 3 and begins at 4 while a goes on.
    assert change_times(speech(("a", 0, 10), ("b", 2, 3), ("b", 4, 5))) == (2, 3, 4, 5)


def test_words_are_spread_by_their_letters() -> None:
    # Ten letters over ten seconds: middles after 2, 5 and 8 letters.
    assert spread(["four", "to", "five"], [Segment(0, 10)]) == pytest.approx((2, 5, 8))


def test_words_are_not_spread_into_pauses() -> None:
    # 4 s of speech, 1 s for each letter pair: middles at 0.5 and 1.5, then 5.5 and 6.5.
    stretches = [Segment(5, 7), Segment(0, 2)]
    assert spread(["aa", "bb", "cc", "dd"], stretches) == pytest.approx((0.5, 1.5, 5.5, 6.5))
    assert spread([], stretches) == ()


def test_words_by_speaker_are_spread_over_all_the_speaker_says() -> None:
    words = ReferenceWords(Timing.SPEAKER, (Passage("a", Segment(0, 7), "aa bb cc dd"),))
    spans = speech(("a", 0, 2), ("b", 2, 5), ("a", 5, 7))
    recording = Recording("r", Path("r.wav"), spans, None, words)
    times = [token.time for token in said_tokens(recording)["a"]]
    assert times == pytest.approx([0.5, 1.5, 5.5, 6.5])


def test_equal_words_are_matched_in_order() -> None:
    heard, said = tokens("so we begin now"), tokens("so we start now")
    assert [(m.heard, m.said) for m in match_words(heard, said, 1.0)] == [(0, 0), (1, 1), (3, 3)]


def test_words_of_others_between_are_passed_over() -> None:
    heard = tokens("so we yeah right okay begin now")
    found = match_words(heard, tokens("so we begin now"), 4.0)
    assert [(m.heard, m.said, m.run) for m in found] == [(0, 0, 2), (1, 1, 2), (5, 2, 2), (6, 3, 2)]


def test_run_of_neighbours_beats_a_nearer_lone_word() -> None:
    heard = tokens("the the cat sat", step=1.0)
    found = match_words(heard, tokens("the cat sat"), 4.0)
    assert [(m.heard, m.said) for m in found] == [(1, 0), (2, 1), (3, 2)]


def test_lone_match_must_be_near_in_time() -> None:
    assert match_words(tokens("yeah", 3.0), tokens("yeah", 1.5), 15.0) == ()
    assert len(match_words(tokens("yeah", 2.5), tokens("yeah", 1.5), 15.0)) == 1


def test_nothing_in_common_gives_no_match() -> None:
    assert match_words(tokens("yes"), tokens("no"), 1.0) == ()
    assert match_words((), (), 1.0) == ()


# a says "one two three four" at 0.1, 0.35, 0.6, 0.85 (middles), b "five six" from 1.0 on.
REFERENCE = Recording(
    "r",
    Path("r.wav"),
    speech(("a", 0.0, 1.0), ("b", 1.0, 2.0)),
    None,
    ReferenceWords(
        Timing.WORD,
        (
            Passage("a", Segment(0.0, 0.2), "one"),
            Passage("a", Segment(0.25, 0.45), "too"),
            Passage("a", Segment(0.5, 0.7), "tree"),
            Passage("a", Segment(0.75, 0.95), "fore"),
            Passage("b", Segment(1.0, 1.2), "hive"),
            Passage("b", Segment(1.25, 1.45), "sticks"),
            Passage("b", Segment(1.8, 2.0), "seventh"),
        ),
    ),
)
SPEAKERS = {"S0": "a", "S1": "b"}


def test_only_words_near_the_change_count() -> None:
    # The change is at 1.0; tree, fore, hive and sticks are within 0.5 s of it.
    turns = (turn(0, "S0", "one too tree fore", 0.0), turn(1, "S1", "hive sticks", 1.0))
    assert score_changes(REFERENCE, turns, SPEAKERS) == ChangeScore(4, 0)


def test_word_on_the_wrong_side_of_the_change_is_wrong() -> None:
    turns = (turn(0, "S0", "one too tree", 0.0), turn(1, "S1", "fore hive sticks", 0.75))
    assert score_changes(REFERENCE, turns, SPEAKERS) == ChangeScore(4, 1)


def test_word_that_nobody_carries_is_wrong() -> None:
    turns = (turn(0, "S0", "one too tree fore", 0.0), turn(1, None, "hive sticks", 1.0))
    assert score_changes(REFERENCE, turns, SPEAKERS) == ChangeScore(4, 2)


def test_misrecognised_word_is_not_judged() -> None:
    turns = (turn(0, "S0", "one too tree poor", 0.0), turn(1, "S1", "hive sticks", 1.0))
    assert score_changes(REFERENCE, turns, SPEAKERS) == ChangeScore(3, 0)


def test_recording_without_changes_has_no_rate() -> None:
    alone = Recording("r", Path("r.wav"), speech(("a", 0, 1)), None, REFERENCE.words)
    score = score_changes(alone, (turn(0, "S0", "one too tree fore", 0.0),), SPEAKERS)
    assert (score, score.boundary_error) == (ChangeScore(0, 0), None)


def test_rate_is_of_the_sums() -> None:
    assert (ChangeScore(10, 1) + ChangeScore(30, 7)).boundary_error == 0.2
