"""Speakers decided anew: what a split finds, and what a few corrections teach."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyannote.core import Segment

from meeting_app.domain import (
    Relabelling,
    Speaker,
    SpeakerSegment,
    Turn,
    VoiceConstraints,
    VoiceEvidence,
)
from meeting_app.errors import ConflictError, NotFoundError, OneVoiceError
from pipelines.diarization.reclustering import VoiceReclusterer
from tests.builders import an_empty_meeting, words
from tests.pipelines.diarization.voices import evidence_of, meeting_of, turn_segment

NOTHING = VoiceConstraints()
recluster = VoiceReclusterer()

# A is Anna and Ben by turns; B is Cleo.
MERGED = [("A", "anna", 2), ("B", "cleo", 2), ("A", "ben", 1)] * 4
# Anna and Ben; two of Ben's turns are Anna's.
GIVEN = [
    *[("A", "anna", 2), ("B", "ben", 2)] * 4,
    *[("A", "anna", 2), ("A", "ben", 2)] * 2,
]


def split(lines, label="A", **options):
    return recluster.split(evidence_of(lines), meeting_of(lines), label, **options)


def propose(lines, constraints=NOTHING):
    return recluster.propose(evidence_of(lines), meeting_of(lines), constraints)


def confirmed(lines, *numbers, was):
    """Users have given these turns to whom they have now; ``was`` had them before."""
    meeting = meeting_of(lines)
    segments = [(turn_segment(meeting, n), meeting.turns[n].speaker) for n in numbers]
    return VoiceConstraints(
        tuple(SpeakerSegment(segment, speaker) for segment, speaker in segments),
        tuple(SpeakerSegment(segment, was) for segment, _ in segments),
    )


# --- split ----------------------------------------------------------------------------


def test_a_speaker_who_is_two_people_is_split_and_who_says_less_goes():
    meeting = meeting_of(MERGED)
    assert split(MERGED) == tuple(turn_segment(meeting, n) for n in (2, 5, 8, 11))


def test_a_turn_that_holds_both_is_cut_between_its_sentences():
    lines = [("A", "anna", 6), ("A", "ben", 2), ("A", "anna", 4)]
    meeting = meeting_of(lines)
    joined = replace(
        meeting, turns=(Turn(0, "A", tuple(w for turn in meeting.turns for w in turn.words)),)
    )
    assert recluster.split(evidence_of(lines), joined, "A") == (turn_segment(meeting, 1),)


def test_somebody_who_says_little_is_found():
    lines = [("A", "anna", 6)] * 5 + [("A", "ben", 2)]
    assert split(lines) == (turn_segment(meeting_of(lines), 5),)


def test_one_voice_is_not_cut_in_halves():
    with pytest.raises(OneVoiceError, match=r"B: sounds like one person"):
        split(MERGED, "B")


def test_who_insists_gets_one_voice_cut():
    segments = split(MERGED, "B", insist=True)
    own = [turn_segment(meeting_of(MERGED), n) for n in (1, 4, 7, 10)]
    assert segments
    assert all(any(segment in turn for turn in own) for segment in segments)
    assert sum(s.duration for s in segments) < sum(turn.duration for turn in own)


def test_too_little_speech_is_not_split_even_if_asked_again():
    with pytest.raises(ConflictError, match=r"A: 2\.0 s of speech, too little"):
        split([("A", "anna", 1), ("B", "ben", 9)], insist=True)


def test_the_speaker_to_split_must_be_there():
    with pytest.raises(NotFoundError, match="C: no such speaker"):
        split(MERGED, "C")


def test_a_speaker_without_a_window_cannot_be_split():
    evidence = VoiceEvidence.nothing("fake", 16)
    with pytest.raises(ConflictError, match=r"0\.0 s of speech"):
        recluster.split(evidence, meeting_of(MERGED), "A")


def test_an_outlier_is_no_voice():
    lines = [("A", "anna", 2)] * 6
    evidence = evidence_of(lines)
    embeddings = evidence.embeddings.copy()
    embeddings[4:6] = np.eye(16, dtype=np.float32)[9]  # 0.7 s of noise
    noisy = replace(evidence, embeddings=embeddings)
    with pytest.raises(OneVoiceError):
        recluster.split(noisy, meeting_of(lines), "A")


# --- propose --------------------------------------------------------------------------


def test_what_is_clear_needs_no_change():
    assert propose([("A", "anna", 2), ("B", "ben", 2)] * 4) == ()


def test_turns_that_sound_like_another_speaker_are_proposed():
    meeting = meeting_of(GIVEN)
    assert propose(GIVEN) == tuple(
        Relabelling(turn_segment(meeting, number), "A", "B") for number in (9, 11)
    )


def test_one_passage_given_to_a_new_speaker_brings_the_others_along():
    lines = [*MERGED]
    lines[2] = ("C", "ben", 1)  # the user has made a speaker of one turn
    meeting = meeting_of(lines)
    found = propose(lines, confirmed(lines, 2, was="A"))
    assert found == tuple(
        Relabelling(turn_segment(meeting, number), "A", "C") for number in (5, 8, 11)
    )


def test_what_users_confirmed_never_changes():
    meeting = meeting_of(GIVEN)
    said = SpeakerSegment(turn_segment(meeting, 9), "A")  # against all evidence
    found = propose(GIVEN, VoiceConstraints(confirmed=(said,)))
    assert [change.segment for change in found] == [turn_segment(meeting, 11)]


def test_a_refused_speaker_is_not_proposed_again():
    meeting = meeting_of(GIVEN)
    said = SpeakerSegment(turn_segment(meeting, 9), "B")
    found = propose(GIVEN, VoiceConstraints(refused=(said,)))
    assert [change.segment for change in found] == [turn_segment(meeting, 11)]


HALVED = [("A", "anna", 2), ("B", "ben", 2), ("C", "anna", 2)] * 4


def test_two_speakers_with_one_voice_become_one_once_passages_were_moved():
    lines = [*HALVED]
    lines[2] = lines[5] = ("A", "anna", 2)
    meeting = meeting_of(lines)
    found = propose(lines, confirmed(lines, 2, 5, was="C"))
    assert found == tuple(Relabelling(turn_segment(meeting, n), "C", "A") for n in (8, 11))


def test_one_moved_passage_makes_nobody_one():
    lines = [*HALVED]
    lines[2] = ("A", "anna", 2)
    found = propose(lines, confirmed(lines, 2, was="C"))
    assert found != tuple(
        Relabelling(turn_segment(meeting_of(lines), n), "C", "A") for n in (5, 8, 11)
    )


def test_two_voices_do_not_become_one_whatever_was_moved():
    lines = [("A", "anna", 2), ("B", "ben", 2)] * 6
    lines[1] = lines[3] = ("A", "ben", 2)  # moved in error
    found = propose(lines, confirmed(lines, 1, 3, was="B"))
    assert not found


def test_who_has_a_confirmed_passage_stays_a_speaker():
    lines = [*HALVED]
    lines[2] = lines[5] = ("A", "anna", 2)
    taught = confirmed(lines, 2, 5, was="C")
    own = SpeakerSegment(turn_segment(meeting_of(lines), 8), "C")
    found = propose(lines, replace(taught, confirmed=(*taught.confirmed, own)))
    assert own.segment not in [change.segment for change in found]


def test_a_word_without_a_window_goes_with_the_sentence_before_it():
    lines = GIVEN
    evidence = evidence_of(lines)
    meeting = meeting_of(lines)
    last = meeting.turns[11]
    far = replace(last, words=(*last.words, *words("Well.", start=last.segment.end + 1.5)))
    longer = replace(meeting, turns=(*meeting.turns[:11], far))
    found = recluster.propose(evidence, longer, NOTHING)
    assert found[-1] == Relabelling(far.segment, "A", "B")


def test_words_that_were_nobodys_get_the_speaker_they_sound_like():
    lines = [("A", "anna", 2), ("B", "ben", 2)] * 4
    meeting = meeting_of(lines)
    turns = (*meeting.turns[:7], replace(meeting.turns[7], speaker=None))
    found = recluster.propose(evidence_of(lines), replace(meeting, turns=turns), NOTHING)
    assert found == (Relabelling(turn_segment(meeting, 7), None, "B"),)


def test_a_speaker_who_says_nothing_gets_nothing():
    lines = [("A", "anna", 2), ("B", "ben", 2)] * 4
    meeting = meeting_of(lines)
    silent = replace(meeting, speakers=(*meeting.speakers, Speaker("SPEAKER_09")))
    assert recluster.propose(evidence_of(lines), silent, NOTHING) == ()


def test_passages_of_one_speaker_never_overlap_even_if_their_words_do():
    lines = GIVEN
    meeting = meeting_of(lines)
    late = tuple(
        replace(w, segment=Segment(w.segment.start, w.segment.end + 0.3))
        for w in meeting.turns[9].words
    )
    split_turn = replace(meeting.turns[9], words=late)
    following = replace(meeting.turns[11], id=99, words=meeting.turns[10].words)
    turns = (*meeting.turns[:9], split_turn, following, meeting.turns[11])
    found = recluster.propose(evidence_of(lines), replace(meeting, turns=turns), NOTHING)
    for before, after in pairwise(found):
        assert before.before != after.before or before.segment.end <= after.segment.start


@pytest.mark.parametrize("num_windows", [0, 1])
def test_nothing_is_proposed_without_evidence_or_without_words(num_windows):
    evidence = VoiceEvidence(
        "fake",
        np.arange(float(num_windows)),
        np.ones((num_windows, 1), np.float32),
        np.ones(num_windows, np.float32),
    )
    assert recluster.propose(evidence, an_empty_meeting(), NOTHING) == ()
    if not num_windows:
        assert recluster.propose(evidence, meeting_of(GIVEN), NOTHING) == ()


@settings(max_examples=25, deadline=None)
@given(shift=st.floats(0, 1000), order=st.permutations(["A", "B"]))
def test_neither_time_nor_names_of_speakers_matter(shift, order):
    names = dict(zip("AB", order, strict=True))
    renamed = [(names[label], voice, n) for label, voice, n in GIVEN]
    shifted = [
        replace(
            turn,
            words=tuple(
                replace(w, segment=Segment(w.segment.start + shift, w.segment.end + shift))
                for w in turn.words
            ),
        )
        for turn in meeting_of(renamed).turns
    ]
    evidence = evidence_of(renamed)
    later = replace(evidence, times=evidence.times + shift)
    meeting = replace(meeting_of(renamed), turns=tuple(shifted))
    found = recluster.propose(later, meeting, NOTHING)
    assert [(c.before, c.after) for c in found] == [(names["A"], names["B"])] * 2
    starts = [change.segment.start - shift for change in found]
    assert starts == pytest.approx([c.segment.start for c in propose(GIVEN)])
