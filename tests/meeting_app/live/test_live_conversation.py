"""What is known of a conversation after each piece of news."""

from hypothesis import given
from hypothesis import strategies as st
from pyannote.core import Segment

from meeting_app.domain import (
    Behind,
    BetterWords,
    FinalWords,
    PartialWords,
    SpeakerSegment,
    StableWords,
    VoiceNamed,
    VoiceRecognised,
    VoicesHeard,
    WordSpeakers,
)
from meeting_app.live.conversation import Conversation
from meeting_app.live.voices import Voices
from tests.builders import words


def talk(*updates) -> Conversation:
    found = Conversation()
    for update in updates:
        found.apply(update)
    return found


def text(found: Conversation, line: int = 0) -> str:
    return " ".join(word.text for word in found.lines[line].words)


def test_partial_words_follow_the_stable_ones() -> None:
    found = talk(
        PartialWords(0, words("we will chip")),
        StableWords(0, 2),
        PartialWords(0, words("ship it", start=1.0)),
    )
    assert text(found) == "we will ship it"
    assert found.lines[0].num_stable == 2


def test_better_words_replace_those_that_are_counted_and_stay() -> None:
    found = talk(
        PartialWords(0, words("wreck a nice beach today")),
        StableWords(0, 4),
        BetterWords(0, 3, words("recognise")),
        PartialWords(0, words("now", start=1.0)),
    )
    # Stable are "recognise" and what was the fourth word.
    assert text(found) == "recognise beach now"
    assert found.lines[0].num_stable == 2


def test_better_words_of_a_final_line_come_too_late() -> None:
    assert text(talk(FinalWords(0, words("done")), BetterWords(0, 1, words("dun")))) == "done"


def test_final_words_replace_all_and_later_partial_ones_come_too_late() -> None:
    found = talk(
        PartialWords(0, words("wreck a nice")),
        FinalWords(0, words("recognise")),
        PartialWords(0, words("beach")),
        StableWords(0, 0),
    )
    assert text(found) == "recognise"
    assert (found.lines[0].is_final, found.lines[0].num_stable) == (True, 1)


def test_a_final_line_without_words_is_gone() -> None:
    assert talk(PartialWords(0, words("hm")), FinalWords(0, ())).lines == {}


def test_labels_stay_with_the_time_when_words_change() -> None:
    found = talk(
        PartialWords(0, words("a b c d")),
        WordSpeakers(0, ("SPEAKER_00", "SPEAKER_00", "SPEAKER_01", "SPEAKER_01")),
        FinalWords(0, (*words("ab"), *words("cd", start=1.5))),
    )
    assert found.lines[0].speakers == ("SPEAKER_00", "SPEAKER_01")


def test_labels_that_are_fewer_or_more_than_the_words_do_no_harm() -> None:
    found = talk(PartialWords(0, words("a b c")), WordSpeakers(0, ("SPEAKER_00",)))
    assert found.lines[0].speakers == ("SPEAKER_00", None, None)
    found.apply(WordSpeakers(0, ("SPEAKER_01",) * 9))
    assert found.lines[0].speakers == ("SPEAKER_01",) * 3


def test_an_edited_line_keeps_the_users_words_and_gets_new_labels() -> None:
    found = talk(FinalWords(0, words("we will chip")))
    found.edit(0, "ship")
    found.apply(FinalWords(0, words("we will sip")))
    found.apply(WordSpeakers(0, ("SPEAKER_00", "SPEAKER_00", "SPEAKER_01"), True))
    line = found.lines[0]
    assert (text(found), line.is_edited, line.is_settled) == ("ship", True, True)
    found.apply(FinalWords(0, ()))
    assert text(found) == "ship"
    found.edit(0, "we will sip")  # edited again: times come from what was heard
    assert [w.segment for w in found.lines[0].words] == [w.segment for w in words("a b c")]


def test_the_name_that_a_user_gives_counts_more_than_one_that_is_recognised() -> None:
    found = talk(VoiceRecognised("SPEAKER_00", "Ana"))
    assert (found.name_of("SPEAKER_00"), found.name_of("SPEAKER_01")) == ("Ana", None)
    found.apply(VoiceNamed("SPEAKER_00", "Anita"))
    found.apply(VoiceRecognised("SPEAKER_00", "Eve"))
    assert found.name_of("SPEAKER_00") == "Anita"
    found.apply(VoiceNamed("SPEAKER_00", None))
    assert found.name_of("SPEAKER_00") == "Eve"
    found.apply(VoiceRecognised("SPEAKER_00", None))
    assert found.name_of("SPEAKER_00") is None


def test_behind_is_what_was_said_last() -> None:
    assert talk(Behind(2.0), Behind(0.5)).behind == 0.5


def voices(*items: tuple[float, float, str]) -> list[SpeakerSegment]:
    return [SpeakerSegment(Segment(start, end), label) for start, end, label in items]


def test_voices_are_replaced_from_a_moment_on_and_cut_there() -> None:
    found = Voices()
    found.revise(0.0, voices((0, 4, "A"), (3, 6, "B"), (7, 8, "A")))
    found.revise(3.5, voices((5, 6, "C")))
    assert found.snapshot() == tuple(voices((0, 3.5, "A"), (3, 3.5, "B"), (5, 6, "C")))


def test_a_voice_that_goes_on_stays_one_stretch() -> None:
    found = Voices()
    for second in range(5):
        found.revise(float(second), voices((second, second + 1, "A")))
    assert found.snapshot() == tuple(voices((0, 5, "A")))


REVISION = st.tuples(
    st.integers(0, 10),
    st.lists(st.tuples(st.integers(0, 10), st.integers(1, 10), st.sampled_from("AB")), max_size=4),
)


@given(st.lists(REVISION, max_size=8))
def test_voices_at_every_moment_are_those_of_the_last_revision_there(revisions) -> None:
    found = Voices()
    expected: list[set[str]] = [set() for _ in range(40)]
    for start, items in revisions:
        spans = [(start + offset, start + offset + length, who) for offset, length, who in items]
        found.revise(start, voices(*spans))
        for moment in range(start, 40):
            expected[moment] = {who for a, b, who in spans if a <= moment < b}
    for moment in range(40):
        here = {s.speaker for s in found.snapshot() if s.segment.start <= moment < s.segment.end}
        assert here == expected[moment]


def test_news_cost_the_same_however_long_the_meeting_is() -> None:
    found = Conversation()
    for second in range(3000):
        label = f"SPEAKER_0{second % 2}"
        news = voices((second, second + 1, label))
        found.apply(VoicesHeard(float(second), tuple(news), float(second)))
    assert len(found._voices._open_at(2999.0)) <= 2
