"""What one can do with people: voices are opt-in, names are suggested and never given."""

from dataclasses import replace
from pathlib import Path

import pytest
from pyannote.core import Segment

from meeting_app.config import VoicesConfig
from meeting_app.domain import Meeting, SpeakerSegment
from meeting_app.domain.corrections import RenameSpeaker
from meeting_app.domain.people import (
    NameSource,
    NameSuggestion,
    Person,
    Recognition,
    VoiceSample,
    VoicesState,
    all_suggestions,
)
from meeting_app.errors import ConflictError, NotFoundError
from meeting_app.people import PeopleService
from storage.repository import Media
from tests.builders import a_meeting
from tests.libraries import empty_library
from tests.people import evidence_of, people_service
from tests.storage.conftest import a_submission, correct

SPEECH = 20.0  # seconds of every speaker


class Shelf:
    """A library whose meetings have voices."""

    def __init__(self, folder: Path) -> None:
        self.repository = empty_library(folder / "home")
        self.media = Media(folder / "home")
        self.key_file = folder / "voices.key"

    def people(self, **settings: object) -> PeopleService:
        config = replace(VoicesConfig(), **settings)
        return people_service(self.repository, self.media, self.key_file, config)

    def put(self, voices: dict[str, int] | None, *lines: tuple[str, str]) -> str:
        """A meeting of these lines in which each label has a voice and ``SPEECH``."""
        meeting = heard_for(SPEECH, a_meeting(*lines))
        self.repository.submit(a_submission())
        claim = self.repository.claim(lease=60.0, max_attempts=3)
        assert claim is not None
        if voices is not None:
            self.media.keep_evidence(claim.job.meeting_id, evidence_of(meeting, voices))
        self.repository.finish(claim, meeting)
        return claim.job.meeting_id

    def name(self, meeting_id: str, label: str, name: str | None) -> None:
        correct(self.repository, meeting_id, RenameSpeaker(label, name))


def heard_for(seconds: float, meeting: Meeting) -> Meeting:
    """The meeting, its speakers heard one after the other for so long."""
    segments = tuple(
        SpeakerSegment(Segment(i * seconds, (i + 1) * seconds), speaker.label)
        for i, speaker in enumerate(meeting.speakers)
    )
    return replace(meeting, speaker_segments=segments)


@pytest.fixture
def shelf(tmp_path: Path):
    found = Shelf(tmp_path)
    yield found
    found.repository.close()


A, B = "SPEAKER_00", "SPEAKER_01"
TALK = ((A, "Shall we begin?"), (B, "Yes please."))


def test_voices_are_off_until_the_user_says_so(shelf: Shelf) -> None:
    people = shelf.people()
    assert people.voices() == VoicesState(False, False, 0, None)
    people.switch_voices(True)
    assert people.voices() == VoicesState(True, False, 0, None)
    people.switch_voices(False)
    assert not people.voices().is_on


def test_configuration_switches_voices_on_for_good(shelf: Shelf) -> None:
    people = shelf.people(enabled=True)
    assert people.voices() == VoicesState(True, True, 0, None)
    with pytest.raises(ConflictError, match=r"voices\.enabled"):
        people.switch_voices(False)


def test_nothing_is_remembered_while_voices_are_off(shelf: Shelf) -> None:
    meeting = shelf.put({A: 0, B: 1}, *TALK)
    shelf.name(meeting, A, "Laura")
    with pytest.raises(ConflictError, match="not switched on"):
        shelf.people().remember_voice(meeting, A)
    assert not shelf.key_file.exists()
    assert shelf.people(enabled=True).voices().num_people == 0


def test_voice_that_was_remembered_is_suggested_in_a_later_meeting(shelf: Shelf) -> None:
    people = shelf.people(enabled=True)
    first = shelf.put({A: 0, B: 1}, *TALK)
    shelf.name(first, A, "Laura")
    laura = people.remember_voice(first, A)
    later = shelf.put({A: 5, B: 0}, *TALK)
    (found,) = people.suggested_names(later)
    assert (found.label, found.name, found.source) == (B, "Laura", NameSource.VOICE)
    assert found.person_id == laura.id
    assert found.confidence > 0.99
    # Suggested is not named.
    assert [s.name for s in shelf.repository.meeting(later).meeting.speakers] == [None, None]
    assert shelf.people(enabled=False).suggested_names(later) == ()


def test_known_voices_are_named_in_a_running_meeting_from_little_speech(shelf: Shelf) -> None:
    people = shelf.people(enabled=True, min_live_speech=3.0)
    first = shelf.put({A: 0, B: 1}, *TALK)
    shelf.name(first, A, "Laura")
    people.remember_voice(first, A)
    evidence = shelf.media.evidence(first)
    assert evidence is not None

    def heard(seconds: float) -> dict[str, VoiceSample]:
        alone = {B: Segment(0, SPEECH), A: Segment(SPEECH, 2 * SPEECH)}
        means = {label: evidence.mean([segment]) for label, segment in alone.items()}
        return {k: VoiceSample(evidence.model, mean, seconds) for k, mean in means.items()}

    assert people.voice_namer(evidence.model)(heard(3.0)) == {B: "Laura"}
    assert people.voice_namer(evidence.model)(heard(2.9)) == {}
    assert people.voice_namer("another")(heard(3.0)) == {}
    assert shelf.people().voice_namer(evidence.model)(heard(3.0)) == {}


def test_voice_is_forgotten_when_the_naming_is_undone(shelf: Shelf) -> None:
    people = shelf.people(enabled=True)
    first = shelf.put({A: 0, B: 1}, *TALK)
    shelf.name(first, A, "Laura")
    people.remember_voice(first, A)
    shelf.name(first, A, None)
    assert people.suggested_names(shelf.put({A: 0, B: 1}, *TALK)) == ()


def test_name_that_is_given_is_not_suggested_again(shelf: Shelf) -> None:
    people = shelf.people()
    meeting = shelf.put(None, (A, "I'm Laura."), (B, "I'm David."))
    shelf.name(meeting, A, "Laura Smith")
    assert [(s.label, s.name) for s in people.suggested_names(meeting)] == [(B, "David")]
    shelf.name(meeting, A, "David")
    assert people.suggested_names(meeting) == ()


def test_introductions_are_suggested_without_voices(shelf: Shelf) -> None:
    meeting = shelf.put(None, (A, "I'm Laura."), (B, "Good."))
    (found,) = shelf.people().suggested_names(meeting)
    assert (found.label, found.name, found.turn_id) == (A, "Laura", 0)


def test_with_a_lost_key_introductions_are_still_suggested_and_the_problem_is_shown(
    shelf: Shelf,
) -> None:
    people = shelf.people(enabled=True)
    first = shelf.put({A: 0, B: 1}, *TALK)
    shelf.name(first, A, "Laura")
    people.remember_voice(first, A)
    shelf.key_file.unlink()
    meeting = shelf.put({A: 0, B: 1}, (A, "Hello."), (B, "I'm David."))
    assert [s.name for s in people.suggested_names(meeting)] == ["David"]
    assert "voices.key" in (people.voices().problem or "")
    people.forget_all_voices()
    assert people.voices().problem is None


@pytest.mark.parametrize(
    ("label", "error", "message"),
    [
        ("SPEAKER_09", NotFoundError, "no such speaker"),
        (B, ConflictError, "Speaker 2: has no name"),
    ],
)
def test_only_a_named_speaker_is_remembered(
    shelf: Shelf, label: str, error: type[Exception], message: str
) -> None:
    meeting = shelf.put({A: 0, B: 1}, *TALK)
    with pytest.raises(error, match=message):
        shelf.people(enabled=True).remember_voice(meeting, label)


def test_too_little_speech_is_not_remembered(shelf: Shelf) -> None:
    meeting = shelf.put({A: 0, B: 1}, *TALK)
    shelf.name(meeting, A, "Laura")
    with pytest.raises(ConflictError, match=r"Laura: speaks alone for 20 s; .* from 30 s on"):
        shelf.people(enabled=True, min_speech=30.0).remember_voice(meeting, A)


def test_meeting_from_before_voices_were_kept_is_said(shelf: Shelf) -> None:
    meeting = shelf.put(None, *TALK)
    shelf.name(meeting, A, "Laura")
    with pytest.raises(ConflictError, match="was not kept; run it again"):
        shelf.people(enabled=True).remember_voice(meeting, A)


def test_person_is_not_merged_with_themselves(shelf: Shelf) -> None:
    meeting = shelf.put(None, *TALK)
    shelf.name(meeting, A, "Laura")
    people = shelf.people()
    laura = people.people()[0].person.id
    with pytest.raises(ConflictError, match="same person"):
        people.merge(laura, laura)


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "La\nura"])
def test_name_that_cannot_be_shown_is_refused(shelf: Shelf, name: str) -> None:
    meeting = shelf.put(None, *TALK)
    shelf.name(meeting, A, "Laura")
    people = shelf.people()
    with pytest.raises(ConflictError, match="name"):
        people.rename(people.people()[0].person.id, name)


def test_a_meeting_expects_its_own_names_and_those_of_others_only_when_asked(shelf: Shelf) -> None:
    meeting = shelf.put(None, *TALK)
    shelf.name(meeting, A, "Laura")
    shelf.name(shelf.put(None, *TALK), A, "David")
    assert shelf.people().expected_names(meeting) == ("Laura",)
    assert shelf.people(name_hotwords=1).expected_names(meeting) == ("Laura", "David")


# What was said and what was heard.

LAURA = Person("p1", "Laura Smith")


def said(label: str, name: str, confidence: float = 0.9, turn_id: int = 3) -> NameSuggestion:
    return NameSuggestion(label, name, NameSource.INTRODUCTION, confidence, turn_id)


def test_voice_and_introduction_that_agree_are_one_suggestion_surer_than_either() -> None:
    recognised = {A: Recognition(LAURA, 0.7, 0.5, confidence=0.8)}
    (found,) = all_suggestions([said(A, "Laura", 0.9)], recognised)
    sure = pytest.approx(1 - 0.2 * 0.1)
    assert found == NameSuggestion(A, "Laura Smith", NameSource.VOICE, sure, 3, "p1")


def test_voice_and_introduction_that_differ_are_both_suggested_surest_first() -> None:
    recognised = {A: Recognition(LAURA, 0.7, 0.5, confidence=0.8)}
    found = all_suggestions([said(A, "David"), said(B, "Laura")], recognised)
    assert [(s.label, s.name) for s in found] == [(A, "David"), (A, "Laura Smith"), (B, "Laura")]
