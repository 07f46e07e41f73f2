"""What a reader of a running meeting sees after each message."""

from pyannote.core import Segment

from benchmarks.streaming.captions import (
    Arrival,
    Captions,
    Display,
    ShownWord,
    as_turns,
    read_captions,
)
from meeting_app.domain import SpeakerSegment


def words(text: str, start: float = 0.0) -> list[list[object]]:
    """Half a second each."""
    return [[w, start + 0.5 * i, start + 0.5 * i + 0.5, 0.9] for i, w in enumerate(text.split())]


def partial(at: float, line: int, text: str, start: float = 0.0) -> Arrival:
    return Arrival(at, {"type": "partial", "line": line, "words": words(text, start)})


def stable(at: float, line: int, count: int) -> Arrival:
    return Arrival(at, {"type": "stable", "line": line, "count": count})


def final(at: float, line: int, text: str, start: float = 0.0) -> Arrival:
    return Arrival(at, {"type": "final", "line": line, "words": words(text, start)})


def speaker(at: float, line: int, *labels: str | None) -> Arrival:
    return Arrival(at, {"type": "speaker", "line": line, "labels": labels, "settled": False})


def voices(at: float, start: float, *segments: tuple[float, float, str | None]) -> Arrival:
    return Arrival(at, {"type": "voices", "start": start, "segments": segments, "settled": start})


def texts(captions: Captions) -> list[str]:
    return [" ".join(word.text for word in display.words) for display in captions.displays]


def test_partial_words_follow_the_stable_ones_of_their_line() -> None:
    captions = read_captions(
        [partial(1, 0, "we were"), stable(1.1, 0, 1), partial(2, 0, "are here", start=0.5)]
    )
    assert texts(captions) == ["we were", "we were", "we are here"]
    assert captions.displays[-1].num_stable == 1


def test_a_final_replaces_the_whole_line() -> None:
    captions = read_captions([partial(1, 0, "he low"), final(2, 0, "Hello.")])
    assert texts(captions) == ["he low", "Hello."]
    assert captions.displays[-1] == Display(2, 0, (ShownWord("Hello.", 0, 0.5),), 1, True)


def test_better_words_replace_those_that_are_counted() -> None:
    better = Arrival(3, {"type": "better", "line": 0, "count": 2, "words": words("Hello")})
    captions = read_captions([partial(1, 0, "he low you all"), stable(2, 0, 3), better])
    assert texts(captions)[-1] == "Hello you all"
    assert (captions.displays[-1].num_stable, captions.displays[-1].num_better) == (2, 1)
    late = read_captions([final(1, 0, "Hi."), better])
    assert texts(late) == ["Hi."]


def test_a_message_that_changes_nothing_is_no_new_display() -> None:
    assert texts(read_captions([partial(1, 0, "yes"), partial(2, 0, "yes")])) == ["yes"]


def test_a_partial_that_comes_after_the_final_is_too_late() -> None:
    assert texts(read_captions([final(1, 0, "Hello."), partial(2, 0, "he low")])) == ["Hello."]


def test_drafts_are_the_first_pass_and_finals_what_stands_at_the_end() -> None:
    captions = read_captions(
        [partial(1, 0, "he low"), partial(2, 1, "ten"), final(3, 0, "Hello."), final(4, 1, "")]
    )
    assert [[w.text for w in d.words] for d in captions.drafts()] == [["he", "low"], ["ten"]]
    # The second pass found nothing in line 1.
    assert [[w.text for w in d.words] for d in captions.finals()] == [["Hello."]]


def test_a_line_that_never_became_final_stands_as_it_was_shown() -> None:
    assert texts(read_captions([partial(1, 0, "bye")])) == ["bye"]
    assert len(read_captions([partial(1, 0, "bye")]).finals()) == 1


def test_labels_stay_at_their_places_until_new_ones_come() -> None:
    captions = read_captions(
        [partial(1, 0, "a b"), speaker(1.5, 0, "SPEAKER_00", "SPEAKER_01"), final(2, 0, "A B c")]
    )
    labels = [word.label for word in captions.displays[-1].words]
    assert labels == ["SPEAKER_00", "SPEAKER_01", None]


def test_voices_replace_what_was_known_from_their_start_on() -> None:
    captions = read_captions(
        [voices(1, 0.0, (0.0, 4.0, "A")), voices(2, 3.0, (3.0, 5.0, "B"), (5.0, 6.0, None))]
    )
    assert captions.voices[0].segments == (SpeakerSegment(Segment(0, 4), "A"),)
    assert captions.voices[1].segments == (
        SpeakerSegment(Segment(0, 3), "A"),
        SpeakerSegment(Segment(3, 5), "B"),
    )


def test_nothing_after_the_seal_belongs_to_the_running_meeting() -> None:
    sealed = Arrival(2, {"type": "sealed", "meeting": "m"})
    assert texts(read_captions([partial(1, 0, "yes"), sealed, partial(3, 0, "no")])) == ["yes"]


def test_the_most_that_the_text_was_late_is_kept() -> None:
    late = [Arrival(t, {"type": "behind", "seconds": s}) for t, s in ((1, 0.5), (2, 2.4), (3, 0))]
    assert read_captions(late).most_behind == 2.4


def test_lines_become_turns_of_nobody() -> None:
    (turn,) = as_turns(read_captions([partial(1, 4, "so it is")]).drafts())
    assert (turn.id, turn.speaker, turn.text) == (4, None, "so it is")
