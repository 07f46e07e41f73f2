"""WhisperX's rule for words and speakers."""

from pyannote.core import Segment

from benchmarks.peers.answers import Passage
from benchmarks.peers.assignment import assign_words
from meeting_app.domain import SpeakerSegment, Turn, Word


def heard(speaker: str, start: float, end: float) -> SpeakerSegment:
    return SpeakerSegment(Segment(start, end), speaker)


def word(text: str, start: float, end: float) -> Word:
    return Word(Segment(start, end), text, 1.0)


def passage(*words: Word) -> Passage:
    return Passage(Segment(words[0].segment.start, words[-1].segment.end), words)


def owners(turns: tuple[Turn, ...]) -> list[tuple[str | None, str]]:
    return [(turn.speaker, turn.text) for turn in turns]


def test_word_in_silence_goes_to_the_speaker_of_its_passage() -> None:
    # a is heard for 1.0 s of the passage, b for 0.5 s; "er" lies between them.
    segments = [heard("a", 0.0, 1.0), heard("b", 2.0, 2.5)]
    spoken = passage(word("Well", 0.0, 1.0), word("er", 1.2, 1.8), word("no", 2.0, 2.5))
    assert owners(assign_words([spoken], segments)) == [("a", "Well er"), ("b", "no")]


def test_passage_in_silence_is_nobodys() -> None:
    spoken = passage(word("Thanks", 5.0, 6.0))
    assert owners(assign_words([spoken], [heard("a", 0.0, 1.0)])) == [(None, "Thanks")]


def test_turn_goes_on_over_the_end_of_a_passage() -> None:
    spoken = [passage(word("one", 0.0, 1.0)), passage(word("two", 1.0, 2.0))]
    turns = assign_words(spoken, [heard("a", 0.0, 2.0)])
    assert owners(turns) == [("a", "one two")]
    assert [turn.id for turn in turns] == [0]


def test_no_words_make_no_turns() -> None:
    assert assign_words([], [heard("a", 0.0, 2.0)]) == ()
