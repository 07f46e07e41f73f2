"""A PeopleService that keeps everything in memory."""

from collections.abc import Sequence
from dataclasses import replace

from meeting_app.domain.people import NameSuggestion, PersonEntry, VoicesState
from meeting_app.errors import ConflictError, NotFoundError


class FakePeople:
    """Answers like the real one; suggestions are those it is given."""

    def __init__(self, entries: Sequence[PersonEntry] = ()) -> None:
        self.entries = {entry.person.id: entry for entry in entries}
        self.suggestions: dict[str, tuple[NameSuggestion, ...]] = {}
        self.remembered: list[tuple[str, str]] = []
        self.is_on = False
        self.problem: str | None = None

    def voices(self) -> VoicesState:
        num_people = sum(entry.voice_seconds > 0 for entry in self.entries.values())
        return VoicesState(self.is_on, False, num_people, self.problem)

    def switch_voices(self, is_on: bool) -> None:
        self.is_on = is_on

    def people(self) -> tuple[PersonEntry, ...]:
        return tuple(self.entries.values())

    def suggested_names(self, meeting_id: str) -> tuple[NameSuggestion, ...]:
        return self.suggestions.get(meeting_id, ())

    def remember_voice(self, meeting_id: str, label: str) -> None:
        if not self.is_on:
            raise ConflictError("voices: not switched on; switch them on")
        self.remembered.append((meeting_id, label))

    def rename(self, person_id: str, name: str) -> None:
        entry = self._entry(person_id)
        if any(other.person.name == name for other in self.entries.values()):
            raise ConflictError(f"{name}: somebody else has that name; merge the two")
        self.entries[person_id] = replace(entry, person=replace(entry.person, name=name))

    def merge(self, person_id: str, into: str) -> None:
        entry, kept = self._entry(person_id), self._entry(into)
        both = (*entry.appearances, *kept.appearances)
        self.entries[into] = replace(kept, appearances=both)
        del self.entries[person_id]

    def forget_voice(self, person_id: str) -> None:
        self.entries[person_id] = replace(self._entry(person_id), voice_seconds=0.0)

    def forget_all_voices(self) -> None:
        for person_id in self.entries:
            self.forget_voice(person_id)
        self.problem = None

    def delete(self, person_id: str) -> None:
        self._entry(person_id)
        del self.entries[person_id]

    def _entry(self, person_id: str) -> PersonEntry:
        if person_id not in self.entries:
            raise NotFoundError(f"{person_id}: no such person; list them")
        return self.entries[person_id]
