"""What corrections say about voices."""

from pyannote.core import Segment

from meeting_app.domain import Meeting, Relabelling, SpeakerSegment, VoiceConstraints
from meeting_app.domain.corrections import (
    Correction,
    MergeSpeakers,
    MoveTurnBoundary,
    Passage,
    ReassignWords,
    Relabel,
    RenameMeeting,
    RenameSpeaker,
    ReplaceWords,
    SplitSpeaker,
)
from meeting_app.domain.teaching import constraints_of
from tests.builders import a_meeting

A, B, C = "SPEAKER_00", "SPEAKER_01", "SPEAKER_02"
# Turns of four words: 0 to 1.9 s, 10 to 11.9 s and so on.
LINES = ((A, "one two three four."), (B, "five six seven eight."), (A, "nine ten eleven twelve."))


def meeting() -> Meeting:
    return a_meeting(*LINES)


def taught(*corrections: Correction) -> VoiceConstraints:
    return constraints_of(meeting(), corrections)


def said(start: float, end: float, speaker: str) -> SpeakerSegment:
    return SpeakerSegment(Segment(start, end), speaker)


def give(start: float, end: float, before: str, after: str | None) -> ReassignWords:
    return ReassignWords((Passage(Segment(start, end), before),), after)


def test_words_given_to_somebody_are_theirs_and_not_whose_they_were() -> None:
    found = taught(give(0, 1.9, A, B))
    assert found == VoiceConstraints((said(0, 1.9, B),), (said(0, 1.9, A),))


def test_only_the_words_that_were_moved_are_confirmed() -> None:
    found = taught(give(0.5, 1.4, A, B))
    assert found.confirmed == (said(0.5, 1.4, B),)


def test_words_given_to_a_new_speaker_are_theirs() -> None:
    found = taught(give(0, 1.9, A, None))
    assert found == VoiceConstraints((said(0, 1.9, C),), (said(0, 1.9, A),))


def test_the_last_word_counts_and_the_first_owner_stays_refused() -> None:
    found = taught(give(0, 1.9, A, B), give(0, 1.9, B, None))
    assert found.confirmed == (said(0, 1.9, C),)
    assert found.refused == (said(0, 1.9, A), said(0, 1.9, B))


def test_words_given_back_are_no_longer_refused_to_their_speaker() -> None:
    found = taught(give(0, 1.9, A, B), give(0, 1.9, B, A))
    assert found == VoiceConstraints((said(0, 1.9, A),), (said(0, 1.9, B),))


def test_a_moved_boundary_confirms_the_words_that_changed_sides() -> None:
    found = taught(MoveTurnBoundary(10.0, 11.0))  # five and six go to the turn before
    assert found == VoiceConstraints((said(10.0, 10.9, A),), (said(10.0, 10.9, B),))


def test_merging_confirms_nothing_but_takes_what_was_confirmed_along() -> None:
    assert taught(MergeSpeakers(B, A)) == VoiceConstraints()
    found = taught(give(0, 1.9, A, None), MergeSpeakers(C, B))
    assert found == VoiceConstraints((said(0, 1.9, B),), (said(0, 1.9, A),))


def test_who_was_moved_from_a_speaker_that_is_merged_away_is_not_the_merged_one() -> None:
    found = taught(give(20, 21.9, A, None), MergeSpeakers(A, B))
    assert found == VoiceConstraints((said(20, 21.9, C),), (said(20, 21.9, B),))


def test_merging_with_whom_words_were_taken_from_refuses_nobody() -> None:
    found = taught(give(0, 1.9, A, B), MergeSpeakers(A, B))
    assert found == VoiceConstraints((said(0, 1.9, B),), ())


def test_splits_and_accepted_proposals_confirm_nothing() -> None:
    assert taught(SplitSpeaker(A, (Segment(20, 22),))) == VoiceConstraints()
    change = Relabelling(Segment(20, 22), A, B)
    assert taught(Relabel((change,))) == VoiceConstraints()


def test_what_was_confirmed_of_a_speaker_who_is_split_moves_along() -> None:
    found = taught(give(10, 11.9, B, A), SplitSpeaker(A, (Segment(10, 12),)))
    assert found.confirmed == (said(10, 11.9, C),)


def test_names_and_titles_say_nothing_about_voices() -> None:
    assert taught(RenameSpeaker(A, "Anna"), RenameMeeting("Budget")) == VoiceConstraints()


def test_words_that_keep_their_times_stay_confirmed_when_they_are_spelt_anew() -> None:
    found = taught(give(0, 1.9, A, B), ReplaceWords(Segment(0, 1.9), "One two tree four.", (B,)))
    assert found.confirmed == (said(0, 1.9, B),)


def test_without_corrections_nothing_is_known() -> None:
    assert taught() == VoiceConstraints()
