"""How meetings are kept in order and found by what they mean: folders, tags, trash, likeness."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from meeting_app.checks import checked_folder, checked_tags
from meeting_app.domain import EVERYTHING, Facets, LibraryEntry, SearchFilters, SearchHit
from pipelines.protocols import QueryEncoder
from storage.repository import Media, Question, Repository


@dataclass(frozen=True, slots=True)
class Meaning:
    """What finds passages that say the like in other words."""

    encode: QueryEncoder
    min_likeness: float  # cosine from which a passage counts as alike


class Shelves:
    """The use cases of a collection of meetings."""

    def __init__(self, repository: Repository, media: Media, meaning: Meaning | None) -> None:
        self._repository = repository
        self._media = media
        self._meaning = meaning

    def facets(self) -> Facets:
        """By which speakers, languages, tags and folders meetings can be chosen."""
        return self._repository.facets()

    def entry(self, meeting_id: str) -> LibraryEntry:
        """A meeting as the library lists it.

        Raises:
            NotFoundError: there is none, or it is in the trash.
        """
        return self._repository.entry(meeting_id)

    def search_alike(
        self, query: str, limit: int = 20, filters: SearchFilters = EVERYTHING
    ) -> tuple[SearchHit, ...]:
        """Passages that mean nearly what ``query`` does, without holding all of its words.

        Only English is understood: a query without a Latin letter finds nothing, and meetings
        in other languages are left to the search for words.

        Raises:
            WeightsError: the sentence encoder cannot be had.
            ModelError: it cannot be loaded.
        """
        if self._meaning is None or limit < 1 or not _is_latin(query):
            return ()
        question = Question(query, self._meaning.encode(query), self._meaning.min_likeness)
        return self._repository.search_alike(question, limit, filters)

    def tag(self, meeting_ids: Sequence[str], tags: Sequence[str]) -> None:
        """Puts tags on meetings; those that are on them already stay.

        Raises:
            NotFoundError: one of the meetings is not there; then nothing is changed.
            ConflictError: a tag is blank, too long or not printable.
        """
        self._repository.tag(meeting_ids, checked_tags(tags))

    def untag(self, meeting_ids: Sequence[str], tags: Sequence[str]) -> None:
        """Takes tags off meetings, where they are on. Raises as ``tag`` does."""
        self._repository.untag(meeting_ids, checked_tags(tags))

    def move(self, meeting_ids: Sequence[str], folder: str | None) -> None:
        """Puts meetings into a folder; None and blanks take them out of any.

        Raises:
            NotFoundError: one of the meetings is not there; then nothing is changed.
            ConflictError: the name of the folder is too long or not printable.
        """
        self._repository.move(meeting_ids, checked_folder(folder))

    def restore(self, meeting_id: str) -> None:
        """Takes a meeting out of the trash, if it is in there.

        Raises:
            NotFoundError: there is no such meeting.
        """
        self._repository.untrash(meeting_id)

    def empty_trash(self) -> int:
        """Removes for good what is in the trash; returns how many meetings that were."""
        return empty_trash(self._repository, self._media, datetime.now(UTC))


def empty_trash(repository: Repository, media: Media, before: datetime) -> int:
    """Removes for good what is in the trash since ``before``; returns the number of meetings."""
    meeting_ids = repository.trashed_before(before)
    for meeting_id in meeting_ids:
        remove_for_good(repository, media, meeting_id)
    return len(meeting_ids)


def remove_for_good(repository: Repository, media: Media, meeting_id: str) -> None:
    """Removes a meeting with its job, and the files that nothing else needs.

    Raises:
        NotFoundError: there is no such meeting.
        ConflictError: its job is running.
    """
    with media.exclusive():
        orphan = repository.delete(meeting_id)
        if orphan is not None:
            media.remove(orphan)
        media.remove_evidence(meeting_id)


def _is_latin(query: str) -> bool:
    return any("a" <= character <= "z" for character in query.casefold())
