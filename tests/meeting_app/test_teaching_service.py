"""Corrections teach: proposals and splits of stored meetings."""

from typing import Any

import pytest
from pyannote.core import Segment

from meeting_app.domain import Relabelling, SpeakerSegment, VoiceConstraints
from meeting_app.domain.corrections import Passage, ReassignWords, Relabel, SplitSpeaker
from meeting_app.errors import ConflictError, NotFoundError, OneVoiceError, StaleError
from tests.fakes_jobs import EVIDENCE

App = Any  # tests/meeting_app/conftest.py
A, B = "SPEAKER_00", "SPEAKER_01"
# Of tests.fakes_jobs.LINES: A says four words from 0 s on, B five from 10 s on.
CHANGE = Relabelling(Segment(10.0, 11.0), B, A)


def test_a_proposal_is_made_of_evidence_meeting_and_corrections(app: App) -> None:
    meeting_id = app.process()
    given = ReassignWords((Passage(Segment(0.0, 0.9), A),), B)
    stored = app.service.correct(meeting_id, given)
    app.reclusterer.changes = (CHANGE,)
    proposal = app.service.teacher.propose(meeting_id)
    assert (proposal.revision, proposal.changes) == (stored.revision, (CHANGE,))
    evidence, meeting, constraints = app.reclusterer.asked
    assert evidence.times.tolist() == EVIDENCE.times.tolist()
    assert meeting == stored.meeting
    said = Segment(0.0, 0.9)
    assert constraints == VoiceConstraints((SpeakerSegment(said, B),), (SpeakerSegment(said, A),))


def test_what_was_undone_teaches_nothing(app: App) -> None:
    meeting_id = app.process()
    app.service.correct(meeting_id, ReassignWords((Passage(Segment(0.0, 0.9), A),), B))
    app.service.undo(meeting_id)
    app.service.teacher.propose(meeting_id)
    assert app.reclusterer.asked[2] == VoiceConstraints()


def test_a_proposal_changes_nothing_until_it_is_accepted(app: App) -> None:
    meeting_id = app.process()
    before = app.service.meeting(meeting_id)
    app.reclusterer.changes = (CHANGE,)
    proposal = app.service.teacher.propose(meeting_id)
    assert app.service.meeting(meeting_id) == before
    after = app.service.correct(meeting_id, Relabel(proposal.changes), proposal.revision)
    assert [turn.speaker for turn in after.meeting.turns] == [A, A, B]


def test_a_speaker_is_split_as_one_correction(app: App) -> None:
    meeting_id = app.process()
    app.reclusterer.segments = (Segment(10.0, 11.0),)
    stored = app.service.teacher.split(meeting_id, B, author="anna")
    assert [turn.speaker for turn in stored.meeting.turns] == [A, "SPEAKER_02", B]
    (made,) = app.service.corrections(meeting_id)
    assert made.correction == SplitSpeaker(B, (Segment(10.0, 11.0),))
    assert made.author == "anna"


def test_one_voice_is_split_only_if_the_user_insists(app: App) -> None:
    meeting_id = app.process()
    app.reclusterer.is_one_voice = True
    app.reclusterer.segments = (Segment(10.0, 11.0),)
    with pytest.raises(OneVoiceError):
        app.service.teacher.split(meeting_id, B)
    assert app.service.corrections(meeting_id) == ()
    assert app.service.teacher.split(meeting_id, B, insist=True).revision > 0


def test_a_split_of_a_meeting_that_was_changed_elsewhere_is_refused(app: App) -> None:
    meeting_id = app.process()
    seen = app.service.meeting(meeting_id).revision
    app.service.rename_speaker(meeting_id, A, "Anna")
    app.reclusterer.segments = (Segment(10.0, 11.0),)
    with pytest.raises(StaleError, match="was changed elsewhere"):
        app.service.teacher.split(meeting_id, B, seen)


def test_a_meeting_whose_voices_are_not_known_says_what_to_do(app: App) -> None:
    meeting_id = app.process()
    app.media.remove_evidence(meeting_id)
    for act in (
        lambda: app.service.teacher.propose(meeting_id),
        lambda: app.service.teacher.split(meeting_id, A),
    ):
        with pytest.raises(ConflictError, match=r"standup: .* have the recording read again"):
            act()


def test_there_must_be_such_a_meeting(app: App) -> None:
    with pytest.raises(NotFoundError):
        app.service.teacher.propose("nowhere")
    with pytest.raises(NotFoundError):
        app.service.teacher.split("nowhere", A)
