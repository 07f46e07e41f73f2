"""Names make people; their voices are kept sealed; who is deleted is gone from every byte."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from meeting_app.domain import Meeting
from meeting_app.domain.corrections import RenameSpeaker
from meeting_app.domain.people import PersonEntry
from meeting_app.errors import ConflictError, NotFoundError, VoiceKeyError
from storage.repository import PeopleStore, Repository
from tests.builders import a_meeting
from tests.people import MODEL, a_direction, a_sample
from tests.storage.conftest import correct

Store = Callable[[Meeting], str]


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "settings" / "voices.key"


@pytest.fixture
def people(repository: Repository, key_file: Path) -> PeopleStore:
    return repository.people(key_file)


def named(*names: str, title: str = "Standup") -> Meeting:
    """A meeting in which each name has a turn of 2.4 s, six words."""
    lines = [(f"SPEAKER_{i:02d}", "We agreed to ship on Monday.") for i in range(len(names))]
    meeting = a_meeting(*lines, title=title)
    for i, name in enumerate(names):
        meeting = meeting.rename_speaker(f"SPEAKER_{i:02d}", name)
    return meeting


def entry(people: PeopleStore, name: str) -> PersonEntry:
    return next(found for found in people.people() if found.person.name == name)


def names(people: PeopleStore) -> list[str]:
    return sorted(found.person.name for found in people.people())


def test_nobody_is_a_person_before_a_name_is_given(people: PeopleStore, store: Store) -> None:
    store(a_meeting())
    assert people.people() == ()


def test_a_name_makes_a_person_with_the_meetings_in_which_it_stands(
    people: PeopleStore, store: Store
) -> None:
    store(named("Laura", "David", title="Monday"))
    second = store(named("Laura", title="Tuesday"))
    laura = entry(people, "Laura")
    assert [found.title for found in laura.appearances] == ["Tuesday", "Monday"]
    assert laura.appearances[0].meeting_id == second
    assert laura.appearances[0].label == "SPEAKER_00"
    assert not laura.appearances[0].is_remembered
    assert laura.seconds == pytest.approx(2 * 2.9)  # six words each, the last of 0.4 s
    assert names(people) == ["David", "Laura"]


def test_naming_a_speaker_makes_a_person_and_unnaming_unmakes_them(
    repository: Repository, people: PeopleStore, store: Store
) -> None:
    meeting = store(a_meeting())
    correct(repository, meeting, RenameSpeaker("SPEAKER_00", "Laura"))
    assert names(people) == ["Laura"]
    correct(repository, meeting, RenameSpeaker("SPEAKER_00", None))
    assert names(people) == []


def test_voice_comes_back_as_it_was_remembered(people: PeopleStore, store: Store) -> None:
    meeting = store(named("Laura"))
    person = people.remember(meeting, "Laura", a_sample(3, seconds=12.5), most=5)
    (voiceprint,) = people.voiceprints(MODEL)
    (sample,) = voiceprint.samples
    assert voiceprint.person == person
    np.testing.assert_array_equal(sample.embedding, a_direction(3))
    assert (sample.seconds, sample.model) == (12.5, MODEL)
    laura = entry(people, "Laura")
    assert (laura.voice_seconds, laura.appearances[0].is_remembered) == (12.5, True)
    assert people.voiceprints("another-model") == ()


def test_nobody_without_a_name_is_remembered(people: PeopleStore, store: Store) -> None:
    meeting = store(a_meeting())
    with pytest.raises(ConflictError, match="Laura: nobody has that name"):
        people.remember(meeting, "Laura", a_sample(), most=5)
    assert people.voiceprints(MODEL) == ()


def test_remembering_a_meeting_again_replaces_what_was_remembered_of_it(
    people: PeopleStore, store: Store
) -> None:
    meeting = store(named("Laura"))
    people.remember(meeting, "Laura", a_sample(0), most=5)
    people.remember(meeting, "Laura", a_sample(1), most=5)
    (sample,) = people.voiceprints(MODEL)[0].samples
    np.testing.assert_array_equal(sample.embedding, a_direction(1))


def test_of_too_many_meetings_the_oldest_is_forgotten(people: PeopleStore, store: Store) -> None:
    for number in range(3):
        people.remember(store(named("Laura")), "Laura", a_sample(number), most=2)
    samples = people.voiceprints(MODEL)[0].samples
    assert [int(np.argmax(sample.embedding)) for sample in samples] == [2, 1]


@pytest.mark.parametrize("name", [None, "Lara"])
def test_voice_of_a_naming_that_is_undone_is_forgotten(
    repository: Repository, people: PeopleStore, store: Store, name: str | None
) -> None:
    kept, undone = store(named("Laura")), store(named("Laura"))
    people.remember(kept, "Laura", a_sample(0), most=5)
    people.remember(undone, "Laura", a_sample(1), most=5)
    correct(repository, undone, RenameSpeaker("SPEAKER_00", name))
    (sample,) = people.voiceprints(MODEL)[0].samples
    np.testing.assert_array_equal(sample.embedding, a_direction(0))


def test_voice_outlives_its_meeting(
    repository: Repository, people: PeopleStore, store: Store
) -> None:
    meeting = store(named("Laura"))
    people.remember(meeting, "Laura", a_sample(), most=5)
    repository.delete(meeting)
    found = entry(people, "Laura")
    assert (found.appearances, found.last_heard, found.voice_seconds) == ((), None, 20.0)


def test_person_without_voice_goes_with_the_last_meeting(
    repository: Repository, people: PeopleStore, store: Store
) -> None:
    repository.delete(store(named("Laura")))
    assert people.people() == ()


def test_renaming_reaches_every_meeting_and_the_search(
    repository: Repository, people: PeopleStore, store: Store
) -> None:
    ids = [store(named("Laura")), store(named("Laura", "David"))]
    people.rename(entry(people, "Laura").person.id, "Zephyrine")
    for meeting in ids:
        speaker = repository.meeting(meeting).meeting.speaker_by_label["SPEAKER_00"]
        assert speaker.name == "Zephyrine"
    assert len(repository.search("Zephyrine", 10)) == 2
    assert repository.search("Laura", 10) == ()
    assert names(people) == ["David", "Zephyrine"]


def test_name_of_somebody_else_is_refused(people: PeopleStore, store: Store) -> None:
    store(named("Laura", "David"))
    with pytest.raises(ConflictError, match="David: somebody else has that name; merge"):
        people.rename(entry(people, "Laura").person.id, "David")
    assert names(people) == ["David", "Laura"]


def test_merging_gives_one_person_all_meetings_and_voices(
    repository: Repository, people: PeopleStore, store: Store
) -> None:
    first, second = store(named("Laura")), store(named("Laura Smith"))
    people.remember(first, "Laura", a_sample(0), most=5)
    kept = people.remember(second, "Laura Smith", a_sample(1), most=5)
    people.merge(entry(people, "Laura").person.id, kept.id)
    assert names(people) == ["Laura Smith"]
    assert len(entry(people, "Laura Smith").appearances) == 2
    (voiceprint,) = people.voiceprints(MODEL)
    heard = {int(np.argmax(sample.embedding)) for sample in voiceprint.samples}
    assert (voiceprint.person, heard) == (kept, {0, 1})
    assert repository.meeting(first).meeting.speakers[0].name == "Laura Smith"


def test_merging_two_of_one_meeting_keeps_the_voice_of_who_stays(
    people: PeopleStore, store: Store
) -> None:
    meeting = store(named("Laura", "Lara"))
    people.remember(meeting, "Lara", a_sample(0), most=5)
    kept = people.remember(meeting, "Laura", a_sample(1), most=5)
    people.merge(entry(people, "Lara").person.id, kept.id)
    (sample,) = people.voiceprints(MODEL)[0].samples
    np.testing.assert_array_equal(sample.embedding, a_direction(1))


def test_forgetting_a_voice_keeps_the_name(people: PeopleStore, store: Store) -> None:
    meeting = store(named("Laura"))
    person = people.remember(meeting, "Laura", a_sample(), most=5)
    people.forget_voice(person.id)
    assert people.voiceprints(MODEL) == ()
    assert names(people) == ["Laura"]


def test_consent_is_remembered(people: PeopleStore) -> None:
    seen = [people.has_consent()]
    for wish in (True, True, False):
        people.set_consent(wish)
        seen.append(people.has_consent())
    assert seen == [False, True, True, False]


@pytest.mark.parametrize("act", ["rename", "merge", "forget_voice", "delete"])
def test_nobody_with_that_id_is_said(people: PeopleStore, act: str) -> None:
    second = ("x",) if act in ("rename", "merge") else ()
    with pytest.raises(NotFoundError, match="nobody-1: no such person"):
        getattr(people, act)("nobody-1", *second)


def test_names_to_expect_are_the_meetings_own_and_then_the_latest(
    people: PeopleStore, store: Store
) -> None:
    store(named("Old"))
    own = store(named("Own", "Other"))
    store(named("New"))
    assert people.names_to_expect(own, 0) == ("Own", "Other")
    assert people.names_to_expect(own, 1) == ("Own", "Other", "New")
    assert people.names_to_expect(own, 9) == ("Own", "Other", "New", "Old")
    assert people.names_to_expect("not yet there", 1) == ("New",)


# Who is deleted.


def all_bytes(home: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(home.rglob("*")) if path.is_file())


def test_deleted_name_stands_nowhere_in_the_files(
    repository: Repository, people: PeopleStore, store: Store, tmp_path: Path
) -> None:
    meeting = named("Zephyrine", "David")
    ids = [store(meeting), store(named("Zephyrine"))]
    person = people.remember(ids[0], "Zephyrine", a_sample(), most=5)
    home = tmp_path / "home"
    assert b"Zephyrine" in all_bytes(home)
    assert b"zephyrine" in all_bytes(home)  # as the index has it
    people.delete(person.id)
    assert b"zephyrine" not in all_bytes(home).lower()
    assert names(people) == ["David"]
    assert people.voiceprints(MODEL) == ()
    for meeting_id in ids:
        assert repository.meeting(meeting_id).meeting.speakers[0].name is None
    assert len(repository.search("agreed", 10)) == 3  # the index still works
    assert len(repository.search("David", 10)) == 1


def test_deleting_one_person_leaves_the_others_voices(people: PeopleStore, store: Store) -> None:
    meeting = store(named("Laura", "David"))
    laura = people.remember(meeting, "Laura", a_sample(0), most=5)
    david = people.remember(meeting, "David", a_sample(1), most=5)
    people.delete(laura.id)
    assert [found.person for found in people.voiceprints(MODEL)] == [david]


# Keys.


def test_voice_is_not_readable_in_the_database(
    people: PeopleStore, store: Store, tmp_path: Path
) -> None:
    voice = np.random.default_rng(0).normal(size=192).astype(np.float32)
    sample = replace(a_sample(), embedding=voice / np.linalg.norm(voice))
    people.remember(store(named("Laura")), "Laura", sample, most=5)
    assert sample.embedding.tobytes()[:16] not in all_bytes(tmp_path / "home")


def test_with_a_lost_key_nothing_new_is_remembered_and_all_can_be_forgotten(
    people: PeopleStore, store: Store, key_file: Path
) -> None:
    meeting = store(named("Laura", "David"))
    people.remember(meeting, "Laura", a_sample(), most=5)
    key_file.unlink()
    for act in (
        lambda: people.voiceprints(MODEL),
        lambda: people.remember(meeting, "David", a_sample(), most=5),
        people.check_key,
    ):
        with pytest.raises(VoiceKeyError, match="is gone; put the file back"):
            act()
    assert not key_file.exists()
    people.forget_all_voices()
    people.check_key()
    people.remember(meeting, "David", a_sample(), most=5)
    assert len(people.voiceprints(MODEL)) == 1


def test_voice_moved_to_another_person_is_refused(
    people: PeopleStore, store: Store, tmp_path: Path
) -> None:
    meeting = store(named("Laura", "David"))
    people.remember(meeting, "Laura", a_sample(), most=5)
    david = entry(people, "David").person.id
    connection = sqlite3.connect(tmp_path / "home" / "library.sqlite3")
    with connection:
        connection.execute("UPDATE voiceprints SET person_id = ?", (david,))
    connection.close()
    with pytest.raises(VoiceKeyError, match="damaged"):
        people.voiceprints(MODEL)
