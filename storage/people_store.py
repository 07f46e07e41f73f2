"""People and voiceprints as the rest of the program sees them, in one transaction a method."""

import uuid
from datetime import UTC, datetime

import numpy as np
from sqlalchemy import Select, delete, exists, select
from sqlalchemy.orm import Session

from meeting_app.domain.people import Person, PersonEntry, Voiceprint, VoiceSample
from meeting_app.errors import ConflictError
from storage import people
from storage.database import Database
from storage.sealing import Sealer
from storage.tables import PersonRow, VoiceConsentRow, VoiceprintRow

_FLOAT = np.dtype("<f4")


class PeopleStore:
    """Everybody who was named. Ids that nobody has raise NotFoundError."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        """Nothing is read yet; the key is made with the first voiceprint."""
        self._database = database
        self._sealer = sealer

    def has_consent(self) -> bool:
        """Whether the user wants voices to be remembered."""
        with self._database.reading() as session:
            return session.get(VoiceConsentRow, 1) is not None

    def set_consent(self, is_given: bool) -> None:
        """Notes the user's wish; voiceprints that are there stay."""
        with self._database.writing() as session:
            session.execute(delete(VoiceConsentRow))
            if is_given:
                session.add(VoiceConsentRow(id=1, given_at=datetime.now(UTC)))

    def people(self) -> tuple[PersonEntry, ...]:
        """Everybody, who was heard latest first."""
        with self._database.reading() as session:
            return people.entries(session)

    def names_to_expect(self, meeting_id: str, num_others: int) -> tuple[str, ...]:
        """Names that may be said in a meeting: its own, then as many of the latest others."""
        with self._database.reading() as session:
            return people.names_to_expect(session, meeting_id, num_others)

    def remember(self, meeting_id: str, name: str, voice: VoiceSample, most: int) -> Person:
        """Adds what a named speaker sounds like to the voiceprint of the person of that name.

        What was remembered of the same meeting is replaced; of more than ``most`` meetings the
        oldest are forgotten.

        Raises:
            ConflictError: nobody in the library has that name.
            VoiceKeyError: the key cannot be made, or is gone while voiceprints need it.
        """
        with self._database.writing() as session:
            self._check_key(session)
            person = people.person_named(session, name)
            if person is None:
                raise ConflictError(f"{name}: nobody has that name; name a speaker first")
            mine = VoiceprintRow.person_id == person.id
            session.execute(
                delete(VoiceprintRow).where(mine, VoiceprintRow.meeting_id == meeting_id)
            )
            row = VoiceprintRow(
                id=uuid.uuid4().hex,
                person_id=person.id,
                meeting_id=meeting_id,
                model=voice.model,
                seconds=float(voice.seconds),
                created_at=datetime.now(UTC),
            )
            self._seal(row, voice)
            session.add(row)
            session.flush()
            latest = select(VoiceprintRow.id).where(mine).order_by(*_LATEST_FIRST).limit(most)
            session.execute(delete(VoiceprintRow).where(mine, VoiceprintRow.id.not_in(latest)))
            return person

    def voiceprints(self, model: str) -> tuple[Voiceprint, ...]:
        """What everybody sounds like to ``model``.

        Raises:
            VoiceKeyError: the key is gone or another, or a row was tampered with.
        """
        found: dict[Person, list[VoiceSample]] = {}
        with self._database.reading() as session:
            rows = (
                select(VoiceprintRow, PersonRow.name)
                .join(PersonRow, PersonRow.id == VoiceprintRow.person_id)
                .where(VoiceprintRow.model == model)
                .order_by(PersonRow.id, *_LATEST_FIRST)
            )
            for row, name in session.execute(rows):
                found.setdefault(Person(row.person_id, name), []).append(self._sample(row))
        return tuple(Voiceprint(person, tuple(samples)) for person, samples in found.items())

    def check_key(self) -> None:
        """Opens one voiceprint, if there is any.

        Raises:
            VoiceKeyError: the key is gone or another.
        """
        with self._database.reading() as session:
            row = session.scalar(select(VoiceprintRow).limit(1))
            if row is not None:
                self._sample(row)

    def rename(self, person_id: str, name: str) -> None:
        """Gives a person another name, in every meeting.

        Raises:
            ConflictError: somebody else has that name.
        """
        with self._database.writing() as session:
            people.rename(session, person_id, name)

    def merge(self, person_id: str, into: str) -> None:
        """Makes two people one, who has the name of ``into`` and both voiceprints.

        Raises:
            VoiceKeyError: the voiceprints cannot be read.
        """
        with self._database.writing() as session:
            people.give_name_of(session, person_id, into)
            taken = set(session.scalars(_samples_of(into).with_only_columns(_MEETING)))
            for row in session.scalars(_samples_of(person_id)).all():
                if row.meeting_id is not None and row.meeting_id in taken:
                    continue  # the person goes, and this sample with them
                voice = self._sample(row)  # sealed for its owner, so it is sealed anew
                row.person_id = into
                self._seal(row, voice)
            session.flush()
            session.execute(delete(PersonRow).where(PersonRow.id == person_id))

    def forget_voice(self, person_id: str) -> None:
        """Removes a person's voiceprint; the name stays."""
        with self._database.writing() as session:
            people.person_row(session, person_id)
            session.execute(delete(VoiceprintRow).where(VoiceprintRow.person_id == person_id))
            people.remove_unused(session)
        self._database.compact()

    def forget_all_voices(self) -> None:
        """Removes every voiceprint; needs no key."""
        with self._database.writing() as session:
            session.execute(delete(VoiceprintRow))
            people.remove_unused(session)
        self._database.compact()

    def delete(self, person_id: str) -> None:
        """Removes voiceprint and name everywhere, the free pages of the file included."""
        with self._database.writing() as session:
            people.forget_name(session, person_id)
        self._database.compact()

    def _check_key(self, session: Session) -> None:
        """A new key beside voiceprints of the old one would leave two that never fit."""
        if not self._sealer.has_key and session.scalar(select(exists().select_from(VoiceprintRow))):
            raise self._sealer.lost()

    def _seal(self, row: VoiceprintRow, voice: VoiceSample) -> None:
        plain = voice.embedding.astype(_FLOAT).tobytes()
        row.sealed = self._sealer.seal(plain, _belonging(row))

    def _sample(self, row: VoiceprintRow) -> VoiceSample:
        plain = self._sealer.open(row.sealed, _belonging(row))
        embedding = np.frombuffer(plain, _FLOAT).astype(np.float32)
        return VoiceSample(row.model, embedding, row.seconds)


_MEETING = VoiceprintRow.meeting_id
_LATEST_FIRST = (VoiceprintRow.created_at.desc(), VoiceprintRow.id)


def _samples_of(person_id: str) -> Select[VoiceprintRow]:
    return select(VoiceprintRow).where(VoiceprintRow.person_id == person_id)


def _belonging(row: VoiceprintRow) -> str:
    return f"voiceprint\n{row.id}\n{row.person_id}\n{row.model}"
