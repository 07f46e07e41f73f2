"""Who said which word."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pyannote.core import Annotation, Segment

from meeting_app.config import AttributionConfig
from meeting_app.domain import Transcript, Turn, Word
from pipelines.attribution import WordAttributor, _cheapest_path

Spoken = tuple[float, float, str]
Heard = tuple[float, float, str]


def transcript(*words: Spoken) -> Transcript:
    return Transcript("en", tuple(Word(Segment(s, e), text, 0.9) for s, e, text in words))


def annotation(*heard: Heard) -> Annotation:
    found = Annotation()
    for track, (start, end, label) in enumerate(heard):
        found[Segment(start, end), track] = label
    return found


def attribute(words: Transcript, heard: Annotation) -> tuple[Turn, ...]:
    return WordAttributor()(words, heard)


def said(turns: tuple[Turn, ...]) -> list[tuple[str | None, str]]:
    return [(turn.speaker, turn.text) for turn in turns]


def test_words_under_one_speaker_are_that_speakers() -> None:
    words = transcript((0.0, 0.5, "Good"), (0.5, 1.0, "morning."), (1.5, 2.0, "Hello."))
    heard = annotation((0.0, 1.1, "A"), (1.4, 2.1, "B"))
    assert said(attribute(words, heard)) == [("A", "Good morning."), ("B", "Hello.")]


def test_turns_are_numbered_from_zero_in_time_order() -> None:
    words = transcript((0.0, 1.0, "One."), (2.0, 3.0, "Two."), (4.0, 5.0, "Three."))
    heard = annotation((0.0, 1.0, "A"), (2.0, 3.0, "B"), (4.0, 5.0, "A"))
    assert [turn.id for turn in attribute(words, heard)] == [0, 1, 2]


def test_word_in_overlap_continues_its_sentence() -> None:
    words = transcript(
        (0.0, 1.0, "we"), (1.0, 2.0, "start"), (2.0, 3.0, "now."), (3.2, 4.0, "Yes.")
    )
    heard = annotation((0.0, 3.0, "A"), (2.0, 4.0, "B"))
    assert said(attribute(words, heard)) == [("A", "we start now."), ("B", "Yes.")]


def test_word_across_a_change_goes_with_its_sentence() -> None:
    # "it." lies 0.25 s under A and 0.35 s under B, but ends the sentence of A.
    words = transcript(
        (0.0, 1.0, "about"), (1.05, 1.65, "it."), (1.7, 2.5, "Right"), (2.5, 3, "so")
    )
    heard = annotation((0.0, 1.3, "A"), (1.3, 3.0, "B"))
    assert said(attribute(words, heard)) == [("A", "about it."), ("B", "Right so")]


def test_word_across_a_change_between_sentences_goes_to_who_is_heard_more() -> None:
    words = transcript((0.0, 1.0, "Done."), (1.0, 2.0, "Good."), (2.0, 3.0, "Thanks."))
    heard = annotation((0.0, 1.2, "A"), (1.2, 3.0, "B"))
    assert said(attribute(words, heard)) == [("A", "Done."), ("B", "Good. Thanks.")]


def test_only_the_sounding_part_of_a_stretched_word_counts() -> None:
    # The recogniser began "Hello" 1.5 s early: A's end is nearer to that start, B sounds in it.
    words = transcript((0.0, 1.0, "Bye."), (1.3, 3.3, "Hello"), (3.3, 4.0, "there."))
    heard = annotation((0.0, 1.0, "A"), (2.8, 4.0, "B"))
    assert said(attribute(words, heard)) == [("A", "Bye."), ("B", "Hello there.")]


def test_word_between_segments_goes_to_the_nearest() -> None:
    words = transcript((0.0, 1.0, "Yes."), (1.6, 1.8, "Well."), (2.0, 3.0, "Maybe."))
    heard = annotation((0.0, 1.0, "A"), (2.0, 3.0, "B"))
    assert said(attribute(words, heard)) == [("A", "Yes."), ("B", "Well. Maybe.")]


def test_word_beyond_max_distance_is_nobodys() -> None:
    words = transcript((0.0, 1.0, "Yes."), (2.5, 2.9, "ghost"))
    assert said(attribute(words, annotation((0.0, 1.0, "A")))) == [("A", "Yes."), (None, "ghost")]


def test_max_distance_is_configurable() -> None:
    words = transcript((0.0, 1.0, "Yes."), (2.5, 2.9, "ghost"))
    attributor = WordAttributor(AttributionConfig(max_distance=2.0))
    turns = attributor(words, annotation((0.0, 1.0, "A")))
    assert said(turns) == [("A", "Yes. ghost")]


def test_lone_word_with_weak_evidence_stays_in_the_sentence() -> None:
    # B is heard for a moment while A's voice drops out in the middle of a sentence.
    words = transcript((0.0, 1.0, "I"), (1.0, 1.3, "think"), (1.3, 2.0, "so."))
    heard = annotation((0.0, 1.0, "A"), (1.0, 1.3, "B"), (1.3, 2.0, "A"))
    assert said(attribute(words, heard)) == [("A", "I think so.")]


def test_lone_word_with_strong_evidence_is_a_turn() -> None:
    words = transcript((0.0, 1.0, "Done."), (1.5, 2.0, "Right."), (2.5, 3.0, "Next."))
    heard = annotation((0.0, 1.1, "A"), (1.4, 2.1, "B"), (2.4, 3.0, "A"))
    assert said(attribute(words, heard)) == [("A", "Done."), ("B", "Right."), ("A", "Next.")]


def test_two_words_at_once_have_two_speakers_and_simultaneous_turns() -> None:
    words = transcript(
        (0.0, 1.0, "we"), (1.0, 2.0, "could"), (1.1, 1.9, "Yeah."), (2.0, 3.0, "try")
    )
    heard = annotation((0.0, 3.0, "A"), (1.1, 1.9, "B"))
    assert said(attribute(words, heard)) == [("A", "we could try"), ("B", "Yeah.")]


def test_pause_longer_than_max_pause_breaks_a_turn() -> None:
    words = transcript((0.0, 1.0, "One."), (3.0, 4.0, "Two."), (6.5, 7.0, "Three."))
    turns = attribute(words, annotation((0.0, 7.0, "A")))
    assert said(turns) == [("A", "One. Two."), ("A", "Three.")]


def test_no_words_make_no_turns() -> None:
    assert attribute(Transcript(None, ()), annotation((0.0, 1.0, "A"))) == ()


def test_word_without_length_is_given_to_who_is_heard() -> None:
    turns = attribute(transcript((0.5, 0.5, "Hm")), annotation((0.0, 1.0, "A")))
    assert said(turns) == [("A", "Hm")]


# Times in sixty-fourths of a second, so that shifts are exact.
ticks = st.integers(0, 1920)
spans = st.tuples(ticks, st.integers(1, 256))
texts = st.sampled_from(["yes", "no.", "well", "right?", "so"])
word_lists = st.lists(st.tuples(spans, texts), max_size=25)
heard_lists = st.lists(st.tuples(spans, st.sampled_from("ABC")), max_size=12)


def words_at(drawn: list[tuple[tuple[int, int], str]], shift: float = 0.0) -> Transcript:
    ordered = sorted(drawn, key=lambda item: item[0])
    spoken = [(shift + s / 64, shift + (s + d) / 64, text) for (s, d), text in ordered]
    return transcript(*spoken)


def heard_at(drawn: list[tuple[tuple[int, int], str]], shift: float = 0.0) -> Annotation:
    return annotation(*((shift + s / 64, shift + (s + d) / 64, label) for (s, d), label in drawn))


@given(word_lists, heard_lists)
def test_every_word_is_kept_once_and_in_order(words: list, heard: list) -> None:
    given_words = words_at(words)
    turns = attribute(given_words, heard_at(heard))
    kept = [id(word) for turn in turns for word in turn.words]
    assert sorted(kept) == sorted(id(word) for word in given_words.words)
    position = {id(word): index for index, word in enumerate(given_words.words)}
    for turn in turns:
        places = [position[id(word)] for word in turn.words]
        assert places == sorted(places)
    starts = [turn.segment.start for turn in turns]
    assert starts == sorted(starts)
    assert [turn.id for turn in turns] == list(range(len(turns)))


@given(word_lists, heard_lists, st.integers(1, 1000))
def test_shifting_time_changes_no_label(words: list, heard: list, shift: int) -> None:
    here = attribute(words_at(words), heard_at(heard))
    there = attribute(words_at(words, float(shift)), heard_at(heard, float(shift)))
    assert said(here) == said(there)


@given(word_lists, heard_lists)
def test_permuting_labels_permutes_the_result(words: list, heard: list) -> None:
    # Speakers who are heard at the very same times cannot be told apart by anything but names.
    supports = [tuple(heard_at(heard).label_timeline(name).support()) for name in "ABC"]
    if len(set(supports)) < len(supports) - supports.count(()) + (() in supports):
        return
    swapped = dict(zip("ABC", "CAB", strict=True))
    renamed = [(span, swapped[label]) for span, label in heard]
    plain = said(attribute(words_at(words), heard_at(heard)))
    permuted = said(attribute(words_at(words), heard_at(renamed)))
    assert [(swapped.get(speaker or ""), text) for speaker, text in plain] == permuted


@given(word_lists, heard_lists)
def test_splitting_a_segment_into_two_that_touch_changes_nothing(words: list, heard: list) -> None:
    pieces = []
    for (start, length), label in heard:
        half = max(1, length // 2)
        pieces.append(((start, half), label))
        if length > half:
            pieces.append(((start + half, length - half), label))
    whole = attribute(words_at(words), heard_at(heard))
    assert attribute(words_at(words), heard_at(pieces)) == whole


@given(word_lists)
def test_empty_annotation_leaves_every_word_unowned(words: list) -> None:
    turns = attribute(words_at(words), Annotation())
    assert all(turn.speaker is None for turn in turns)
    assert sum(len(turn.words) for turn in turns) == len(words)


small_costs = st.integers(0, 8)


@settings(max_examples=50)
@given(st.lists(st.tuples(*[small_costs] * 5), min_size=1, max_size=5))
def test_path_is_the_cheapest_of_all(drawn: list[tuple[int, ...]]) -> None:
    costs = np.array([row[:3] for row in drawn], dtype=float)
    changing = [float(row[3]) for row in drawn[1:]]
    staying = [float(row[4]) for row in drawn[1:]]

    def price(path: Sequence[int]) -> float:
        steps = zip(pairwise(path), changing, staying, strict=True)
        moves = sum(keep if a == b else change for (a, b), change, keep in steps)
        return float(moves + sum(costs[i, state] for i, state in enumerate(path)))

    best = min(price(path) for path in product(range(3), repeat=len(costs)))
    assert price(_cheapest_path(costs, changing, staying)) == best


@settings(max_examples=10)
@given(st.permutations("ABCDE"))
def test_order_of_tracks_does_not_matter(order: list[str]) -> None:
    segments = [(float(i), i + 1.25, label) for i, label in enumerate("ABCDE")]
    words = transcript(*((i / 2, i / 2 + 0.4, "word") for i in range(12)))
    mixed = [segments["ABCDE".index(label)] for label in order]
    assert attribute(words, annotation(*mixed)) == attribute(words, annotation(*segments))


def test_forty_thousand_words_go_to_who_is_heard() -> None:
    words = transcript(*((i * 0.35, i * 0.35 + 0.3, "word") for i in range(40_000)))
    heard = annotation(*((i * 1.4, i * 1.4 + 1.5, f"SPEAKER_{i % 8:02}") for i in range(10_000)))
    turns = attribute(words, heard)
    assert {len(turn.words) for turn in turns} == {4}  # 1.4 s each
    assert [turn.speaker for turn in turns] == [f"SPEAKER_{i % 8:02}" for i in range(10_000)]


@dataclass
class Ears:
    """Hear one voice at a time, as clearly as can be, and remember when they were asked."""

    voices: tuple[Heard, ...] = ()
    asked: list[float] = field(default_factory=list)

    def __call__(self, times: NDArray[np.float64], labels: Sequence[str]) -> NDArray[np.float32]:
        self.asked += times.tolist()
        rows = [[self._is_heard(time, label) for label in labels] for time in times.tolist()]
        return np.array(rows, np.float32).reshape(len(times), len(labels))

    def _is_heard(self, time: float, label: str) -> bool:
        return any(label == own and start <= time < end for start, end, own in self.voices)


def listen(words: Transcript, heard: Annotation, ears: Ears) -> tuple[Turn, ...]:
    return WordAttributor()(words, heard, ears)


def test_sentence_in_overlap_goes_to_the_voice_that_is_heard() -> None:
    words = transcript((0.0, 1.0, "Go"), (1.0, 2.0, "on."), (2.2, 3.0, "All"), (3.0, 4.0, "right."))
    heard = annotation((0.0, 4.0, "A"), (2.0, 4.0, "B"))
    assert said(attribute(words, heard)) == [("A", "Go on. All right.")]
    found = listen(words, heard, Ears(((0.0, 2.0, "A"), (2.0, 4.0, "B"))))
    assert said(found) == [("A", "Go on."), ("B", "All right.")]


def test_voice_overrules_a_boundary_that_is_off() -> None:
    # Beside B, "So" costs 3 and "there." 3 nats; with A, who is silent, 1.1 and 1.9.
    words = transcript(
        (1.0, 2.0, "Done."), (2.05, 2.35, "So"), (2.35, 2.8, "there."), (2.9, 3.5, "Yes.")
    )
    heard = annotation((0.0, 2.0, "A"), (2.0, 4.0, "B"))
    assert said(attribute(words, heard)) == [("A", "Done."), ("B", "So there. Yes.")]
    found = listen(words, heard, Ears(((0.0, 2.85, "A"), (2.85, 4.0, "B"))))
    assert said(found) == [("A", "Done. So there."), ("B", "Yes.")]


def test_one_doubtful_look_does_not_break_a_sentence() -> None:
    words = transcript((0.0, 1.0, "Let"), (1.0, 1.3, "us"), (1.3, 2.0, "see."))
    heard = annotation((0.0, 2.0, "A"), (0.0, 2.0, "B"))
    ears = Ears(((0.0, 1.0, "A"), (1.0, 1.3, "B"), (1.3, 2.0, "A")))
    assert said(listen(words, heard, ears)) == [("A", "Let us see.")]


def test_nobody_is_asked_about_words_far_from_other_speakers() -> None:
    ears = Ears()
    listen(
        transcript((0.0, 1.0, "Yes."), (3.0, 4.0, "No.")),
        annotation((0.0, 1.0, "A"), (3.0, 4.0, "B")),
        ears,
    )
    assert ears.asked == []


def test_words_near_two_speakers_are_listened_to_every_fifth_of_a_second() -> None:
    ears = Ears()
    heard = annotation((0.0, 4.0, "A"), (2.0, 4.0, "B"))
    listen(transcript((1.0, 1.4, "well"), (2.0, 2.6, "yes")), heard, ears)
    assert ears.asked == pytest.approx([2.0, 2.2, 2.4, 2.6])  # "well" ends 0.6 s before B


def test_words_between_two_looks_share_the_nearest() -> None:
    ears = Ears()
    heard = annotation((0.0, 4.0, "A"), (0.0, 4.0, "B"))
    listen(transcript((2.26, 2.28, "all"), (2.28, 2.3, "right")), heard, ears)
    assert ears.asked == pytest.approx([2.2])


def test_silence_inside_a_word_is_not_listened_to() -> None:
    ears = Ears()
    heard = annotation((0.0, 1.2, "A"), (2.75, 4.0, "B"))
    listen(transcript((1.0, 3.0, "so")), heard, ears)
    assert ears.asked == pytest.approx([1.0, 1.2, 2.8, 3.0])


def test_voice_that_is_not_known_changes_nothing() -> None:
    def deaf(times: NDArray[np.float64], labels: Sequence[str]) -> NDArray[np.float32]:
        found = np.ones((len(times), len(labels)), np.float32)
        found[:, labels.index("B")] = np.nan
        return found

    words = transcript((0.0, 1.0, "Go"), (1.0, 2.0, "on."), (2.2, 3.0, "All"), (3.0, 4.0, "right."))
    heard = annotation((0.0, 4.0, "A"), (2.0, 4.0, "B"))
    assert WordAttributor()(words, heard, deaf) == attribute(words, heard)


@given(word_lists, heard_lists, heard_lists)
def test_every_word_is_kept_once_whatever_is_heard(words: list, heard: list, voices: list) -> None:
    given_words = words_at(words)
    ears = Ears(tuple((s / 64, (s + d) / 64, label) for (s, d), label in voices))
    turns = listen(given_words, heard_at(heard), ears)
    kept = sorted(id(word) for turn in turns for word in turn.words)
    assert kept == sorted(id(word) for word in given_words.words)
    assert {turn.speaker for turn in turns} <= {label for _, label in heard} | {None}
