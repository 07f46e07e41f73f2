"""What is found by meaning, and that it keeps up with what is written."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pyannote.core import Segment

from meeting_app.domain import EVERYTHING, Meeting, SearchFilters
from meeting_app.domain.corrections import RenameSpeaker, ReplaceWords
from storage.passages import quantised
from storage.repository import Question, Repository
from tests.builders import a_meeting
from tests.storage.conftest import correct

Store = Callable[[Meeting], str]
TOPICS = ("rent", "release", "hiring")
"""What the fake encoder knows: a text means the topics that it names."""


class Encoder:
    """Counts texts; (num_texts, 4): a dimension for each topic and one for all that is said."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        self.seen += texts
        named = [[float(topic in text.lower()) for topic in TOPICS] + [0.5] for text in texts]
        vectors = np.array(named, dtype=np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def ask(text: str, min_likeness: float = 0.7) -> Question:
    return Question(f"what about {text}", Encoder()([text])[0], min_likeness)


def read_all(repository: Repository, encoder: Encoder | None = None) -> int:
    count = 0
    while repository.read_next_passages(encoder or Encoder()):
        count += 1
    return count


def found(repository: Repository, text: str, filters: SearchFilters = EVERYTHING) -> list[str]:
    hits = repository.search_alike(ask(text), 10, filters)
    return ["".join(piece for piece, _ in hit.excerpt) for hit in hits]


LINES = (
    ("SPEAKER_00", " ".join(["The rent is due."] + ["So it goes."] * 12)),
    ("SPEAKER_01", " ".join(["The release is late."] + ["So it goes."] * 12)),
)


def test_a_passage_that_means_the_like_is_found_where_it_was_said(
    repository: Repository, store: Store
) -> None:
    meeting = store(a_meeting(*LINES, title="Board"))
    read_all(repository)
    (hit,) = repository.search_alike(ask("release"), 10)
    assert (hit.meeting_id, hit.meeting_title, hit.turn_id) == (meeting, "Board", 1)
    assert (hit.speaker, hit.segment) == ("Speaker 2", Segment(10.0, 29.9))
    assert hit.excerpt[0][0].startswith("The release is late.")


def test_the_most_alike_comes_first_and_no_more_than_asked_for(
    repository: Repository, store: Store
) -> None:
    store(a_meeting(("SPEAKER_00", "Release and rent.")))
    store(a_meeting(("SPEAKER_00", "The release.")))
    read_all(repository)
    assert found(repository, "release") == ["The release.", "Release and rent."]
    assert len(repository.search_alike(ask("release"), 1)) == 1
    assert len(repository.search_alike(ask("release", 0.95), 10)) == 1


def test_what_holds_the_very_words_is_left_to_the_search_for_words(
    repository: Repository, store: Store
) -> None:
    store(a_meeting(("SPEAKER_00", "So what about the Release?")))
    read_all(repository)
    assert found(repository, "release") == []


def test_each_meeting_is_read_once(repository: Repository, store: Store) -> None:
    store(a_meeting())
    store(a_meeting())
    assert read_all(repository) == 2
    assert read_all(repository) == 0


def test_only_passages_with_other_words_are_embedded_again(
    repository: Repository, store: Store
) -> None:
    meeting = store(a_meeting(*LINES))
    read_all(repository)
    correct(repository, meeting, ReplaceWords(Segment(0.4, 0.9), "hiring"))
    encoder = Encoder()
    assert read_all(repository, encoder) == 1
    (again,) = encoder.seen
    assert again.startswith("The hiring is due.")
    assert found(repository, "rent") == []
    assert len(found(repository, "hiring")) == 1


def test_until_it_is_read_again_a_passage_is_found_and_shows_its_new_words(
    repository: Repository, store: Store
) -> None:
    meeting = store(a_meeting(("SPEAKER_00", "The rent rises.")))
    read_all(repository)
    correct(repository, meeting, ReplaceWords(Segment(0.4, 0.9), "price"))
    assert found(repository, "rent") == ["The price rises."]


def test_words_changed_while_a_meeting_was_read_are_read_again(
    repository: Repository, store: Store
) -> None:
    meeting = store(a_meeting(("SPEAKER_00", "The rent rises.")))

    def embed(texts: Sequence[str]) -> np.ndarray:
        if texts == ["The rent rises."]:
            correct(repository, meeting, ReplaceWords(Segment(0.4, 0.9), "hiring"))
        return Encoder()(texts)

    while repository.read_next_passages(embed):
        pass
    assert found(repository, "hiring") == ["The hiring rises."]


def test_a_meeting_deleted_while_it_was_read_stays_deleted(
    repository: Repository, store: Store
) -> None:
    meeting = store(a_meeting())

    def embed(texts: Sequence[str]) -> np.ndarray:
        repository.delete(meeting)
        return Encoder()(texts)

    assert repository.read_next_passages(embed)
    assert not repository.read_next_passages(embed)


@pytest.mark.parametrize(("language", "count"), [("en", 1), (None, 1), ("de", 0), ("zh", 0)])
def test_only_english_is_read(
    repository: Repository, store: Store, language: str | None, count: int
) -> None:
    store(a_meeting(language=language))
    assert read_all(repository) == count


def test_the_trash_is_neither_read_nor_searched(repository: Repository, store: Store) -> None:
    read, unread = store(a_meeting(("SPEAKER_00", "The rent."))), None
    read_all(repository)
    unread = store(a_meeting(("SPEAKER_00", "Rent.")))
    repository.trash(read)
    repository.trash(unread)
    assert read_all(repository) == 0
    assert found(repository, "rent") == []
    repository.untrash(read)
    assert found(repository, "rent") == ["The rent."]


def test_filters_hold_for_passages_too(repository: Repository, store: Store) -> None:
    first, second = store(a_meeting(*LINES)), store(a_meeting(*LINES, title="Tagged"))
    repository.tag([second], ["board"])
    correct(repository, first, RenameSpeaker("SPEAKER_00", "Ana"))
    correct(repository, first, RenameSpeaker("SPEAKER_01", "Ben"))
    read_all(repository)
    tagged = repository.search_alike(ask("rent"), 10, SearchFilters(tags=("board",)))
    assert [hit.meeting_title for hit in tagged] == ["Tagged"]
    assert len(found(repository, "rent", SearchFilters(speaker="Ana"))) == 1
    assert found(repository, "rent", SearchFilters(speaker="Ben")) == []


@given(
    arrays.arrays(
        np.float32,
        (3, 16),
        elements=st.one_of(st.floats(2**-6, 1, width=32), st.floats(-1, -(2**-6), width=32)),
    )
)
def test_a_byte_per_dimension_changes_cosines_by_less_than_a_fiftieth(
    vectors: np.ndarray,
) -> None:
    kept = quantised(vectors).astype(np.float32)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    kept /= np.linalg.norm(kept, axis=1, keepdims=True)
    # Each of 16 parts is off by half a step of 1/127 at most: by sqrt(16) / 254 = 0.016 in all.
    assert np.abs(unit @ unit.T - kept @ unit.T).max() < 0.02
