from hypothesis import given
from hypothesis import strategies as st
from pyannote.core import Segment

from meeting_app.config import AsrConfig
from meeting_app.domain import Word
from pipelines.asr.engine import Hypothesis
from pipelines.asr.filters import (
    compression_ratio,
    is_failure,
    is_loop,
    is_silence,
    is_unheard,
    without_loops,
)

CONFIG = AsrConfig()


def words(text: str, seconds_each: float = 0.5, probability: float = 0.9) -> tuple[Word, ...]:
    return tuple(
        Word(Segment(i * seconds_each, (i + 1) * seconds_each), piece, probability)
        for i, piece in enumerate(text.split())
    )


def heard(text: str, log_probability: float = -0.2, no_speech: float = 0.05) -> Hypothesis:
    found = words(text)
    return Hypothesis(found, text, len(found) * 0.5, log_probability, no_speech)


def spelled(found: tuple[Word, ...]) -> str:
    return " ".join(word.text for word in found)


def test_text_that_repeats_compresses_better() -> None:
    plain = "We would like to move the deadline by a week."
    assert compression_ratio(plain) < 1.2
    assert compression_ratio(plain * 8) > CONFIG.max_compression_ratio


def test_a_loop_is_cut_down_to_its_first_round() -> None:
    assert spelled(without_loops(words("so " + "thank you " * 6 + "bye"))) == "so thank you bye"


def test_a_looping_sentence_is_found_after_three_rounds() -> None:
    sentence = "I do not know why. "
    assert spelled(without_loops(words(sentence * 3))) == "I do not know why."
    assert spelled(without_loops(words(sentence * 2))) == (sentence * 2).strip()


def test_case_and_punctuation_do_not_hide_a_loop() -> None:
    assert spelled(without_loops(words("No, no. NO no! no"))) == "No,"


def test_what_people_do_repeat_stays() -> None:
    said = "no no no no that is very very good"
    assert spelled(without_loops(words(said))) == said


def test_repeats_with_pauses_between_them_are_real() -> None:
    again = tuple(Word(Segment(3 * i, 3 * i + 0.4), "Okay.", 0.9) for i in range(6))
    assert without_loops(again) == again


@given(st.lists(st.sampled_from("abc"), max_size=40))
def test_no_loop_is_left_and_no_word_is_invented(letters: list[str]) -> None:
    found = words(" ".join(letters))
    kept = without_loops(found)
    assert set(kept) <= set(found)
    assert bool(kept) == bool(found)


@given(st.lists(st.sampled_from(["one", "two", "three"]), max_size=20, unique=True))
def test_text_without_repeats_is_untouched(letters: list[str]) -> None:
    assert without_loops(words(" ".join(letters))) == words(" ".join(letters))


def test_improbable_text_where_nobody_is_heard_is_silence() -> None:
    assert is_silence(heard("you", log_probability=-1.1, no_speech=0.7), CONFIG)


def test_fluent_text_where_nobody_is_heard_is_silence() -> None:
    # (1 - 0.8) · e^-0.4 = 0.13
    assert is_silence(heard("thanks for watching", log_probability=-0.4, no_speech=0.8), CONFIG)


def test_a_loop_where_nobody_is_heard_is_silence() -> None:
    assert is_silence(heard("you " * 9, log_probability=-0.1, no_speech=0.65), CONFIG)


def test_probable_text_outweighs_a_doubt_about_speech() -> None:
    # (1 - 0.65) · e^-0.3 = 0.26
    assert not is_silence(heard("thanks for watching", -0.3, no_speech=0.65), CONFIG)


def test_what_somebody_says_is_never_silence() -> None:
    assert not is_silence(heard("thanks for watching", -2.0, no_speech=0.1), CONFIG)


def test_improbable_and_looping_windows_are_tried_again() -> None:
    assert is_failure(heard("what", log_probability=-1.2), CONFIG)
    assert is_failure(heard("what " * 9), CONFIG)
    assert is_loop(heard("what " * 9), CONFIG)
    assert not is_failure(heard("what is that"), CONFIG)


def test_a_window_with_more_text_than_sound_is_tried_again() -> None:
    crammed = words("thanks for watching everybody", seconds_each=0.05)
    assert is_failure(Hypothesis(crammed, "thanks for watching everybody", 5, -0.2, 0.1), CONFIG)


def test_silence_is_not_tried_again() -> None:
    assert not is_failure(heard("you", log_probability=-1.5, no_speech=0.9), CONFIG)


def test_words_nobody_could_say_so_fast_were_not_said() -> None:
    assert is_unheard(words("thanks for watching everybody", seconds_each=0.05))
    assert not is_unheard(words("thanks for watching everybody", seconds_each=0.3))
    assert not is_unheard(words("yes indeed", seconds_each=0.05))  # too short to tell


def test_words_the_sound_does_not_support_were_not_said() -> None:
    assert is_unheard(words("thanks for watching", probability=0.2))
    assert not is_unheard(words("thanks for watching", probability=0.4))
    assert not is_unheard(())
