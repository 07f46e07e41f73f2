"""People and their voices: who is in the library, who may be speaking, who is to be forgotten.

Names come from users only. A voice is remembered when voices are switched on and the user says so
for a speaker that they have named.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from meeting_app.checks import LONGEST_NAME, checked_text
from meeting_app.config import VoicesConfig
from meeting_app.domain import Meeting
from meeting_app.domain.people import (
    NameSuggestion,
    Person,
    PersonEntry,
    Recognition,
    Voiceprint,
    VoiceSample,
    VoicesState,
    all_suggestions,
)
from meeting_app.errors import ConflictError, NotFoundError, VoiceKeyError
from pipelines.protocols import NameFinder, VoiceMatcher, VoiceNamer
from storage.repository import Media, PeopleStore, Repository

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Library:
    """Where meetings and what their voices sounded like are kept."""

    repository: Repository
    media: Media


class PeopleService:
    """The use cases around people."""

    def __init__(
        self,
        store: PeopleStore,
        library: Library,
        matcher: VoiceMatcher,
        find_names: NameFinder,
        config: VoicesConfig,
    ) -> None:
        self._store = store
        self._library = library
        self._matcher = matcher
        self._find_names = find_names
        self._config = config

    def voices(self) -> VoicesState:
        """Whether voices are remembered, and whether the voiceprints can be read."""
        problem = None
        try:
            self._store.check_key()
        except VoiceKeyError as error:
            problem = str(error)
        num_people = sum(entry.voice_seconds > 0 for entry in self._store.people())
        return VoicesState(self._is_on(), self._config.enabled, num_people, problem)

    def switch_voices(self, is_on: bool) -> None:
        """Notes that the user wants voices to be remembered, or does not.

        Switched off, nobody is recognised; voiceprints that are there stay until they are
        forgotten.

        Raises:
            ConflictError: the configuration has them on.
        """
        if self._config.enabled and not is_on:
            raise ConflictError(
                "voices: switched on by the setting voices.enabled; set it to false"
            )
        self._store.set_consent(is_on)

    def people(self) -> tuple[PersonEntry, ...]:
        """Everybody who is named in a meeting or whose voice is remembered; latest heard first."""
        return self._store.people()

    def remember_voice(self, meeting_id: str, label: str) -> Person:
        """Adds what a named speaker sounds like to the voiceprint of the person of that name.

        Raises:
            NotFoundError: there is no such meeting or speaker.
            ConflictError: voices are switched off, the speaker has no name or said too little,
                or it is not known what the meeting's voices sounded like.
            VoiceKeyError: the key of the voiceprints is gone.
        """
        if not self._is_on():
            raise ConflictError("voices: not switched on; switch them on on the page of people")
        meeting = self._library.repository.meeting(meeting_id).meeting
        speaker = meeting.speaker_by_label.get(label)
        if speaker is None:
            raise NotFoundError(f"{label}: no such speaker in meeting {meeting_id}; choose another")
        if speaker.name is None:
            raise ConflictError(f"{speaker.display_name}: has no name; name this speaker first")
        evidence = self._library.media.evidence(meeting_id)
        if evidence is None:
            raise ConflictError(
                f"{meeting.title}: what its voices sounded like was not kept; run it again"
            )
        voice = self._matcher.samples(evidence, meeting.speaker_segments).get(label)
        seconds = 0.0 if voice is None else voice.seconds
        if voice is None or seconds < self._config.min_speech:
            raise ConflictError(
                f"{speaker.name}: speaks alone for {seconds:.0f} s; "
                f"a voice is remembered from {self._config.min_speech:.0f} s on"
            )
        return self._store.remember(meeting_id, speaker.name, voice, self._config.max_meetings)

    def suggested_names(self, meeting_id: str) -> tuple[NameSuggestion, ...]:
        """Names that speakers without one may have; by label, best first.

        From introductions in the text and, when voices are on, from voices that are known.

        Raises:
            NotFoundError: there is no such meeting.
        """
        meeting = self._library.repository.meeting(meeting_id).meeting
        said = self._find_names(meeting.turns, meeting.language)
        given = {speaker.name for speaker in meeting.speakers}
        return tuple(
            suggestion
            for suggestion in all_suggestions(said, self._recognised(meeting_id, meeting))
            if suggestion.name not in given
            and (speaker := meeting.speaker_by_label.get(suggestion.label)) is not None
            and speaker.name is None
        )

    def expected_names(self, meeting_id: str) -> tuple[str, ...]:
        """Names that may be said in a meeting: of its speakers, then of the latest others."""
        return self._store.names_to_expect(meeting_id, self._config.name_hotwords)

    def voice_namer(self, model: str) -> VoiceNamer:
        """Names those in a running meeting who are known now; nobody while voices are off.

        Args:
            model: the network that makes the samples.
        """
        known = self._voiceprints(model)

        def name(samples: Mapping[str, VoiceSample]) -> dict[str, str]:
            found = self._matcher.recognise(samples, known, self._config.min_live_speech)
            return {label: each.person.name for label, each in found.items()}

        return name

    def rename(self, person_id: str, name: str) -> None:
        """Gives a person another name, in every meeting.

        Raises:
            NotFoundError: there is no such person.
            ConflictError: somebody else has that name, or it is blank, too long or not printable.
        """
        self._store.rename(person_id, checked_text("name", name, LONGEST_NAME))

    def merge(self, person_id: str, into: str) -> None:
        """Makes two people one: ``into`` keeps the name and gets meetings and voiceprints.

        Raises:
            NotFoundError: there is no such person.
            ConflictError: they are the same.
            VoiceKeyError: the voiceprints cannot be read.
        """
        if person_id == into:
            raise ConflictError(f"{person_id}: is the same person; choose two")
        self._store.merge(person_id, into)

    def forget_voice(self, person_id: str) -> None:
        """Removes a person's voiceprint; the name stays. Raises NotFoundError."""
        self._store.forget_voice(person_id)

    def forget_all_voices(self) -> None:
        """Removes every voiceprint, also when their key is lost; the names stay."""
        self._store.forget_all_voices()

    def delete(self, person_id: str) -> None:
        """Removes voiceprint and name, in every meeting; what was said stays as it was said.

        Raises:
            NotFoundError: there is no such person.
        """
        self._store.delete(person_id)

    def _is_on(self) -> bool:
        return self._config.enabled or self._store.has_consent()

    def _recognised(self, meeting_id: str, meeting: Meeting) -> Mapping[str, Recognition]:
        evidence = self._library.media.evidence(meeting_id) if self._is_on() else None
        if evidence is None:
            return {}
        samples = self._matcher.samples(evidence, meeting.speaker_segments)
        return self._matcher.recognise(
            samples, self._voiceprints(evidence.model), self._config.min_speech
        )

    def _voiceprints(self, model: str) -> tuple[Voiceprint, ...]:
        """Everybody's; none while voices are off, or when their key is gone."""
        if not self._is_on():
            return ()
        try:
            return self._store.voiceprints(model)
        except VoiceKeyError as error:  # all else goes on without them
            _LOGGER.warning("%s", error)
            return ()
