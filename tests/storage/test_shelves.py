"""Where meetings stand: filters, pages of the list, folders, tags and the trash."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from meeting_app.domain import (
    EVERYTHING,
    Facet,
    Filing,
    LibraryPlace,
    Meeting,
    SearchFilters,
)
from meeting_app.domain.corrections import RenameSpeaker
from meeting_app.errors import ConflictError, NotFoundError
from storage.repository import Repository
from tests.builders import a_meeting
from tests.storage.conftest import a_submission, correct

Store = Callable[[Meeting], str]
TRASH = SearchFilters(is_trashed=True)


def listed(repository: Repository, filters: SearchFilters) -> list[str]:
    return [entry.title for entry in repository.library(filters)]


@pytest.mark.parametrize(
    ("filters", "titles"),
    [
        (EVERYTHING, ["Long", "Short"]),
        (SearchFilters(speaker="Ana"), ["Long"]),
        (SearchFilters(speaker="An"), []),
        (SearchFilters(language="de"), ["Short"]),
        (SearchFilters(min_duration=20.0), ["Long"]),
        (SearchFilters(max_duration=20.0), ["Short"]),
        (SearchFilters(min_duration=10.0, max_duration=30.0), ["Long", "Short"]),
        (SearchFilters(tags=("weekly",)), ["Long", "Short"]),
        (SearchFilters(tags=("weekly", "board")), ["Long"]),
        (SearchFilters(folder="Customers"), ["Long", "Short"]),
        (SearchFilters(folder="Customers/North"), ["Long"]),
        (SearchFilters(folder="Custom"), []),
        (SearchFilters(folder="Customers_"), []),
        (SearchFilters(since=datetime(2000, 1, 1, tzinfo=UTC)), ["Long", "Short"]),
        (SearchFilters(until=datetime(2000, 1, 1, tzinfo=UTC)), []),
        (TRASH, []),
    ],
)
def test_filters_narrow_list_and_search_alike(
    repository: Repository, store: Store, filters: SearchFilters, titles: list[str]
) -> None:
    short = store(replace(a_meeting(("SPEAKER_00", "word"), title="Short"), language="de"))
    long = store(a_meeting(*[("SPEAKER_00", "word")] * 3, title="Long"))
    correct(repository, long, RenameSpeaker("SPEAKER_00", "Ana"))
    repository.tag([short, long], ["weekly"])
    repository.tag([long], ["board"])
    repository.move([short], "Customers")
    repository.move([long], "Customers/North")
    assert listed(repository, filters) == titles
    found = {hit.meeting_title for hit in repository.search("word", 50, filters)}
    assert found == {*titles}


def test_filter_by_speaker_finds_only_what_that_person_said(
    repository: Repository, store: Store
) -> None:
    meeting = store(a_meeting(("SPEAKER_00", "A word."), ("SPEAKER_01", "Another word.")))
    correct(repository, meeting, RenameSpeaker("SPEAKER_01", "Ana"))
    assert [hit.turn_id for hit in repository.search("word", 9, SearchFilters(speaker="Ana"))] == [
        1
    ]


@pytest.mark.parametrize("page", [1, 2, 3, 7])
def test_pages_of_the_list_together_are_the_list(
    repository: Repository, store: Store, page: int
) -> None:
    for number in range(5):
        store(a_meeting(title=str(number)))
    titles: list[str] = []
    place: LibraryPlace | None = None
    while entries := repository.library(EVERYTHING, page, place):
        titles += [entry.title for entry in entries]
        place = LibraryPlace.parse(str(LibraryPlace(entries[-1].created_at, entries[-1].id)))
    assert titles == ["4", "3", "2", "1", "0"]


@pytest.mark.parametrize("text", ["", "x", "2026-01-01_m1", "2026-01-01T00:00:00+00:00"])
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        LibraryPlace.parse(text)


def test_facets_count_meetings_outside_the_trash(repository: Repository, store: Store) -> None:
    first, second, third = (store(a_meeting()) for _ in range(3))
    for meeting in (first, second, third):
        correct(repository, meeting, RenameSpeaker("SPEAKER_00", "Ana"))
    repository.tag([first, second, third], ["weekly"])
    repository.move([first], "A")
    repository.move([second], "A/B")
    repository.trash(third)
    facets = repository.facets()
    assert facets.speakers == (Facet("Ana", 2),)
    assert facets.languages == (Facet("en", 2),)
    assert facets.tags == (Facet("weekly", 2),)
    assert facets.folders == (Facet("A", 2), Facet("A/B", 1))


def test_tags_are_put_on_once_and_taken_off(repository: Repository, store: Store) -> None:
    meeting = store(a_meeting())
    repository.tag([meeting, meeting], ["b", "a", "b"])
    repository.tag([meeting], ["a"])
    assert repository.library()[0].tags == ("a", "b")
    repository.untag([meeting], ["a", "never there"])
    assert repository.library()[0].tags == ("b",)


@pytest.mark.parametrize(
    "act",
    [
        lambda r, ids: r.tag(ids, ["a"]),
        lambda r, ids: r.untag(ids, ["b"]),
        lambda r, ids: r.move(ids, "A"),
    ],
)
def test_one_unknown_meeting_among_many_changes_nothing(
    repository: Repository, store: Store, act: Callable[[Repository, list[str]], None]
) -> None:
    meeting = store(a_meeting())
    repository.tag([meeting], ["b"])
    with pytest.raises(NotFoundError, match="0123"):
        act(repository, [meeting, "0123"])
    assert (repository.library()[0].tags, repository.library()[0].folder) == (("b",), None)


def test_folder_and_tags_of_a_submission_are_those_of_its_meeting(repository: Repository) -> None:
    wanted = replace(a_submission(), filing=Filing("Board", ("q3",)))
    repository.submit(wanted)
    claim = repository.claim(lease=60.0, max_attempts=3)
    assert claim is not None
    repository.finish(claim, a_meeting())
    (entry,) = repository.library()
    assert (entry.folder, entry.tags) == ("Board", ("q3",))


def test_what_is_in_the_trash_is_nowhere_else(repository: Repository, store: Store) -> None:
    meeting = store(a_meeting(title="Ship it"))
    assert repository.trash(meeting)
    assert (listed(repository, EVERYTHING), listed(repository, TRASH)) == ([], ["Ship it"])
    assert repository.search("ship", 10) == ()
    assert repository.jobs() == ()
    for act in (repository.meeting, repository.recording_of):
        with pytest.raises(NotFoundError, match="Ship it: the meeting is in the trash; restore it"):
            act(meeting)


def test_a_restored_meeting_is_as_it_was(repository: Repository, store: Store) -> None:
    meeting = store(a_meeting(title="Ship it"))
    repository.tag([meeting], ["weekly"])
    before = (repository.meeting(meeting), repository.library(), repository.search("ship", 10))
    repository.trash(meeting)
    repository.trash(meeting)
    repository.untrash(meeting)
    repository.untrash(meeting)
    after = (repository.meeting(meeting), repository.library(), repository.search("ship", 10))
    assert after == before


def test_only_what_has_been_in_the_trash_for_long_is_to_be_emptied(
    repository: Repository, store: Store
) -> None:
    meeting = store(a_meeting())
    store(a_meeting())
    repository.trash(meeting)
    now = datetime.now(UTC)
    assert repository.trashed_before(now - timedelta(days=1)) == ()
    assert repository.trashed_before(now + timedelta(seconds=1)) == (meeting,)


def test_a_job_without_a_meeting_cannot_be_put_into_the_trash(repository: Repository) -> None:
    job = repository.submit(a_submission())
    assert not repository.trash(job.meeting_id)
    repository.claim(lease=60.0, max_attempts=3)
    with pytest.raises(ConflictError, match="its job is running"):
        repository.trash(job.meeting_id)


def test_bytes_are_known_while_a_meeting_of_them_is_there_or_on_its_way(
    repository: Repository, store: Store
) -> None:
    wanted = a_submission("Asked for")
    sha256 = wanted.recording.sha256
    assert repository.known_recording(sha256) is None
    job = repository.submit(wanted)
    known = repository.known_recording(sha256)
    assert known is not None
    assert (known.meeting_id, known.title, known.is_trashed) == (job.meeting_id, "Asked for", False)
    repository.cancel(job.id)
    assert repository.known_recording(sha256) is None
    meeting = store(a_meeting(title="Made"))
    repository.trash(meeting)
    known = repository.known_recording(sha256)
    assert known is not None
    assert (known.meeting_id, known.title, known.is_trashed) == (meeting, "Made", True)
