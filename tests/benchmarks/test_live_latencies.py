"""Latencies worked out by hand: speech from 1 s on, half a second a word."""

from dataclasses import replace

import pytest
from pyannote.core import Segment

from benchmarks.streaming.captions import Captions, Display, ShownWord, VoicesShown
from benchmarks.streaming.latencies import (
    Latencies,
    final_latencies,
    first_partials,
    is_flipped,
    lag_slope,
    measure_latencies,
    percentile_ms,
    revisions,
    speech_stretches,
    voices_after,
)
from benchmarks.streaming.matching import SaidWord, WordHistory, word_histories
from meeting_app.domain import SpeakerSegment

SAID = tuple(
    SaidWord(word, 1.0 + 0.5 * i, 1.5 + 0.5 * i) for i, word in enumerate(("red", "green", "blue"))
)
SPEECH = (SpeakerSegment(Segment(1.0, 2.5), "a"),)


def line(at: float, text: str, label: str | None = None, *, is_final: bool = False) -> Display:
    shown = tuple(
        ShownWord(word, 1.0 + 0.5 * i, 1.5 + 0.5 * i, label) for i, word in enumerate(text.split())
    )
    return Display(at, 0, shown, is_final=is_final)


def segment(start: float, end: float, speaker: str) -> SpeakerSegment:
    return SpeakerSegment(Segment(start, end), speaker)


def test_a_meeting_is_measured_on_the_clock_of_its_sound() -> None:
    captions = Captions(
        (
            line(1.7, "red"),
            line(2.2, "red grin"),
            line(2.7, "red green"),
            line(3.0, "red green blue", is_final=True),
            line(3.5, "red green blue", "A", is_final=True),
            line(6.0, "red green blue", "B", is_final=True),
        )
    )
    found = measure_latencies(captions, word_histories(captions, SAID), SPEECH)
    assert found.first_partial == pytest.approx((0.7,))  # onset 1.0, text at 1.7
    assert found.word_emission == pytest.approx((0.2, 0.7, 0.5))  # ends 1.5, 2.0, 2.5
    assert found.first_pass == pytest.approx((0.2, 0.7))
    assert found.word_stable == pytest.approx((0.2, 0.7, 0.5))
    assert found.final == pytest.approx((0.5,))  # the line ends with "blue" at 2.5
    assert found.label == pytest.approx((2.0, 1.5, 1.0))
    assert (found.num_said, found.num_stretches, found.matched) == (3, 1, 1.0)
    # At 6.0 only the words that ended before 3.0 were older than 3 s: all three.
    assert (found.num_labelled, found.num_flipped, found.flip_rate) == (3, 3, 1.0)
    # Shown: red, grin, green; "grin" was taken back.
    assert (found.num_shown, found.num_revised) == (3, 1)


def test_latencies_of_meetings_add_up() -> None:
    one = Latencies(word_emission=(0.1,), num_said=2, num_shown=4, num_revised=1)
    both = one + Latencies(word_emission=(0.3,), num_said=2, num_shown=4)
    assert both.word_emission == (0.1, 0.3)
    assert (both.matched, both.revision_rate) == (0.5, 0.125)


def test_nothing_said_and_nothing_shown_has_no_rates() -> None:
    assert (Latencies().matched, Latencies().flip_rate, Latencies().revision_rate) == (None,) * 3
    assert measure_latencies(Captions(), (), ()) == Latencies()


def test_short_silences_do_not_part_stretches_of_speech() -> None:
    speech = [
        segment(0, 1, "a"),
        segment(1.4, 2, "b"),
        segment(2.5, 3, "a"),
        segment(0.2, 0.5, "b"),
    ]
    assert speech_stretches(speech) == (Segment(0, 2), Segment(2.5, 3))


def test_text_of_an_earlier_stretch_is_not_the_first_of_a_later_one() -> None:
    stretches = (Segment(1.0, 2.5), Segment(8.0, 9.0))
    displays = (line(1.7, "red"), Display(8.1, 0, line(0, "red green").words))
    later = Display(8.6, 1, (ShownWord("yes", 8.2, 8.5),))
    assert list(first_partials((*displays, later), stretches)) == pytest.approx([0.7, 0.6])


def test_a_stretch_without_text_has_no_first_partial() -> None:
    assert list(first_partials((line(1.7, "red"),), (Segment(20, 21),))) == []


def test_only_the_first_final_of_a_line_counts() -> None:
    displays = [line(at, "red green blue", is_final=True) for at in (3.0, 4.0)]
    assert list(final_latencies(displays, SAID)) == pytest.approx([0.5])


def test_a_line_that_ends_where_nobody_speaks_has_no_final_latency() -> None:
    stray = Display(9.0, 0, (ShownWord("thanks", 6.0, 6.5),), is_final=True)
    assert list(final_latencies([stray], SAID)) == []
    assert list(final_latencies([stray], [])) == []


def test_a_label_flips_when_it_changes_later_than_three_seconds_after_its_word() -> None:
    word = SaidWord("red", 1.0, 1.5)
    assert not is_flipped(WordHistory(word, labels=[(5.0, "A")]))  # late, but the first
    assert not is_flipped(WordHistory(word, labels=[(2.0, "A"), (4.4, "B")]))
    assert is_flipped(WordHistory(word, labels=[(2.0, "A"), (4.6, "B")]))


def test_a_comma_or_a_capital_is_no_revision() -> None:
    assert revisions((line(1, "red green"), line(2, "Red, green"))) == (2, 0, 0)


def test_what_the_second_pass_changes_is_no_revision() -> None:
    assert revisions((line(1, "rid green"), line(2, "red green", is_final=True))) == (2, 0, 0)


def test_what_the_second_pass_takes_away_before_the_end_is_counted_apart() -> None:
    better = replace(line(2, "red green"), num_better=1)
    later = replace(line(3, "red green blue"), num_better=1)
    # Shown: rid, green, blue; "rid" was rewritten.
    assert revisions((line(1, "rid green"), better, later)) == (3, 0, 1)


def test_a_word_that_the_second_pass_shows_first_is_none_of_the_first_pass() -> None:
    better = replace(line(3.0, "red green"), num_better=1)
    captions = Captions((line(1.7, "rid"), line(2.2, "rid green"), better))
    red, green, _ = word_histories(captions, SAID)
    assert (red.first_shown, red.first_pass_shown) == (3.0, None)
    assert (green.first_shown, green.first_pass_shown) == (2.2, 2.2)


def test_a_word_before_the_others_changes_only_itself() -> None:
    # "we" is new, "you" replaces "green": four shown, one taken back.
    assert revisions((line(1, "red green"), line(2, "we red you"))) == (4, 1, 0)


def test_a_delay_that_grows_by_a_millisecond_a_minute_grows_by_sixty_an_hour() -> None:
    times = [10.0 * i for i in range(120)]  # 20 minutes
    latencies = [0.2 + 0.001 * (time // 60) for time in times]
    assert lag_slope(times, latencies) == pytest.approx(60.0)


def test_a_few_very_late_words_do_not_bend_the_slope() -> None:
    times = [10.0 * i for i in range(120)]
    latencies = [0.2 if i % 6 else 5.0 + i for i in range(120)]
    assert lag_slope(times, latencies) == pytest.approx(0.0)


def test_minutes_say_nothing_about_an_hour() -> None:
    assert lag_slope([0.0, 300.0], [0.2, 0.3]) is None
    assert lag_slope([], []) is None


def test_voices_are_taken_as_they_were_known_a_delay_later() -> None:
    # Until 5 s everything was "A"; then from 2 s on it became "B".
    shown = (
        VoicesShown(1.0, (segment(0, 10, "A"),)),
        VoicesShown(5.0, (segment(0, 2, "A"), segment(2, 10, "B"))),
    )
    # With a delay of 1 s: what was said before 4 s was looked at before 5 s.
    assert voices_after(shown, 1.0, 10.0) == (segment(0, 4, "A"), segment(4, 10, "B"))
    assert voices_after(shown, 3.0, 10.0) == (
        segment(0, 2, "A"),
        segment(2, 10, "B"),
    )
    assert voices_after(shown, float("inf"), 10.0) == shown[-1].segments
    assert voices_after((), 1.0, 10.0) == ()


def test_percentiles_are_milliseconds() -> None:
    assert percentile_ms([0.1, 0.2, 0.3], 50) == 200.0
    assert percentile_ms([], 50) is None
