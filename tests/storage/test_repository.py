"""What goes into the library comes out the same."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from pyannote.core import Segment
from sqlalchemy import event

from meeting_app.domain import (
    JobState,
    Meeting,
    ProcessingOptions,
    Progress,
    SpeakerCount,
    Stage,
    Turn,
    Word,
)
from meeting_app.errors import ConflictError, LeaseLostError, NotFoundError
from storage.repository import Repository, Submission
from tests.builders import a_meeting, a_word, an_empty_meeting
from tests.strategies import meetings, speaker_counts

Store = Callable[[Meeting], str]
UNKNOWN = "0000000000000000"


@given(meeting=meetings())
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_stored_meeting_reads_back_equal(
    repository: Repository, store: Store, meeting: Meeting
) -> None:
    assert repository.meeting(store(meeting)).meeting == meeting


def test_a_stored_meeting_knows_its_recording(
    repository: Repository, store: Store, submission: Submission
) -> None:
    assert repository.meeting(store(a_meeting())).recording == submission.recording


def test_numbers_of_numpy_read_back_as_numbers(repository: Repository, store: Store) -> None:
    half, quarter = np.float32(0.5), np.float32(0.25)  # exact in binary
    word = Word(Segment(quarter, half), "hi", half)
    turn = Turn(0, None, (word,))
    found = repository.meeting(store(replace(an_empty_meeting(), turns=(turn,)))).meeting
    assert found.turns == (Turn(0, None, (Word(Segment(0.25, 0.5), "hi", 0.5),)),)


def test_a_silent_recording_gives_an_empty_meeting(repository: Repository, store: Store) -> None:
    meeting_id = store(an_empty_meeting())
    assert repository.meeting(meeting_id).meeting == an_empty_meeting()
    assert repository.library()[0].speakers == ()


def test_the_library_lists_the_newest_first(repository: Repository, store: Store) -> None:
    ids = [store(a_meeting(title=title)) for title in ("first", "second", "third")]
    entries = repository.library()
    assert [entry.id for entry in entries] == ids[::-1]
    assert [entry.title for entry in entries] == ["third", "second", "first"]
    assert entries[0].speakers == ("Speaker 1", "Speaker 2")


@given(speakers=speaker_counts())
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_options_of_a_job_read_back_equal(
    repository: Repository, submission: Submission, speakers: SpeakerCount
) -> None:
    options = ProcessingOptions("zh", speakers, "whisper-small", ("会议", "Ångström"))
    job = repository.submit(replace(submission, options=options))
    assert job.options == options
    assert repository.job(job.id) == job
    assert job.state == JobState.QUEUED
    assert job.progress is None


@contextmanager
def statements(repository: Repository) -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    asked: list[str] = []

    def note(_c: object, _u: object, statement: str, *_: object) -> None:
        asked.append(statement)

    engine = repository._database._engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_a_full_library_is_listed_in_as_many_statements_as_a_small_one(
    repository: Repository, store: Store
) -> None:
    counts = []
    for number in range(1, 21):
        store(a_meeting(title=f"Meeting {number}"))
        with statements(repository) as asked:
            assert len(repository.library()) == number
        counts.append(len(asked))
    assert set(counts) == {counts[0]}


def test_forty_thousand_words_are_read_in_as_many_statements_as_four(
    repository: Repository, store: Store
) -> None:
    words = tuple(a_word("word", 0.36 * i, 0.36 * i + 0.3) for i in range(40_000))
    turns = tuple(Turn(i, "SPEAKER_00", words[20 * i : 20 * i + 20]) for i in range(2_000))
    counts = []
    for said in (turns[:1], turns):
        meeting_id = store(replace(an_empty_meeting(duration=14_400.0), turns=said))
        with statements(repository) as asked:
            meeting = repository.meeting(meeting_id).meeting
        assert sum(len(turn.words) for turn in meeting.turns) == 20 * len(said)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_same_bytes_under_two_names_are_one_recording(
    repository: Repository, submission: Submission
) -> None:
    other = replace(submission, recording=replace(submission.recording, filename="other.wav"))
    assert [repository.submit(s).filename for s in (submission, other)] == [
        "standup.wav",
        "other.wav",
    ]
    assert repository.recordings() == {submission.recording.sha256}


def test_a_recording_is_free_once_its_last_meeting_is_deleted(
    repository: Repository, submission: Submission
) -> None:
    first, second = repository.submit(submission), repository.submit(submission)
    assert repository.delete(first.meeting_id) is None
    assert repository.delete(second.meeting_id) == submission.recording.sha256
    assert repository.recordings() == frozenset()
    assert repository.jobs() == ()


def test_a_deleted_meeting_leaves_no_row_anywhere(repository: Repository, store: Store) -> None:
    meeting_id = store(a_meeting())
    repository.tag([meeting_id], ["weekly"])
    repository.read_next_passages(lambda texts: np.ones((len(texts), 4), np.float32))
    repository.delete(meeting_id)
    with repository._database.reading() as session:
        tables = session.connection().exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'table'"
            " AND name NOT LIKE '%_fts_%' AND name <> 'alembic_version'"
        )
        counts = {
            name: session.connection().exec_driver_sql(f"SELECT count(*) FROM {name}").scalar()
            for name in tables.scalars()
        }
    assert len(counts) == 19
    assert set(counts.values()) == {0}


@pytest.mark.parametrize(
    "act",
    [
        lambda r: r.job(UNKNOWN),
        lambda r: r.cancel(UNKNOWN),
        lambda r: r.retry(UNKNOWN),
        lambda r: r.meeting(UNKNOWN),
        lambda r: r.recording_of(UNKNOWN),
        lambda r: r.delete(UNKNOWN),
        lambda r: r.editable(UNKNOWN),
        lambda r: r.corrections(UNKNOWN),
        lambda r: r.rerun(UNKNOWN, ProcessingOptions()),
    ],
)
def test_an_unknown_id_is_named_in_the_error(
    repository: Repository, act: Callable[[Repository], object]
) -> None:
    with pytest.raises(NotFoundError, match=UNKNOWN):
        act(repository)


def test_the_oldest_job_is_claimed_first_and_only_once(
    repository: Repository, submission: Submission
) -> None:
    jobs = [repository.submit(submission) for _ in range(3)]
    claims = [repository.claim(60.0, 3) for _ in range(4)]
    assert [claim.job.id if claim else None for claim in claims] == [*(j.id for j in jobs), None]


def test_an_expired_lease_can_be_claimed_again_and_binds_the_first_worker_no_more(
    repository: Repository, submission: Submission
) -> None:
    repository.submit(submission)
    first = repository.claim(-1.0, 3)
    second = repository.claim(60.0, 3)
    assert first is not None
    assert second is not None
    assert second.job.num_attempts == 2
    for act in (
        lambda: repository.renew(first, 60.0),
        lambda: repository.save_draft(first, "{}"),
        lambda: repository.save_progress(first, Progress(Stage.WORDS, 0.5, 0.5)),
        lambda: repository.finish(first, a_meeting()),
        lambda: repository.fail(first, "broken"),
        lambda: repository.stop(first),
        lambda: repository.release(first),
    ):
        with pytest.raises(LeaseLostError, match=first.job.id):
            act()
    assert repository.library() == ()
    assert repository.finish(second, a_meeting()).state == JobState.DONE


def test_what_a_job_had_to_do_without_is_kept_with_it_until_it_is_run_again(
    repository: Repository, submission: Submission
) -> None:
    repository.submit(submission)
    claim = repository.claim(60.0, 3)
    assert claim is not None
    repository.save_progress(claim, Progress(Stage.WORDS, 0.5, 0.5, None, ("float16", "CPU")))
    done = repository.finish(claim, a_meeting())
    assert done.progress == Progress(Stage.MINUTES, 1.0, 1.0, 0.0, ("float16", "CPU"))
    assert repository.rerun(done.meeting_id, ProcessingOptions()).progress is None


def test_a_renewed_lease_is_not_claimable(repository: Repository, submission: Submission) -> None:
    repository.submit(submission)
    claim = repository.claim(-1.0, 3)
    assert claim is not None
    assert repository.renew(claim, 60.0) is False
    assert repository.claim(60.0, 3) is None


def test_a_job_whose_workers_keep_dying_fails_with_the_stage_in_the_message(
    repository: Repository, submission: Submission
) -> None:
    job = repository.submit(submission)
    for _ in range(2):
        claim = repository.claim(-1.0, 2)
        assert claim is not None
        if claim.job.num_attempts == 1:
            repository.renew(claim, 60.0)
            repository.save_progress(claim, Progress(Stage.WORDS, 0.5, 0.5))
            repository.renew(claim, -1.0)
    assert repository.claim(60.0, 2) is None
    failed = repository.job(job.id)
    assert failed.state == JobState.FAILED
    assert failed.error == (
        "standup.wav: the worker died 2 times, last in stage words; "
        "look at the log, free some memory, then try again"
    )


def test_a_draft_outlives_its_worker_and_goes_with_the_job(
    repository: Repository, submission: Submission
) -> None:
    job = repository.submit(submission)
    first = repository.claim(60.0, 3)
    assert first is not None
    assert first.draft is None
    repository.save_draft(first, "one")
    repository.save_draft(first, "two")
    repository.fail(first, "broken")
    repository.retry(job.id)
    second = repository.claim(60.0, 3)
    assert second is not None
    assert second.draft == "two"
    repository.finish(second, a_meeting())
    with repository._database.reading() as session:
        drafts = session.connection().exec_driver_sql("SELECT count(*) FROM job_drafts")
        assert drafts.scalar() == 0


def test_a_released_job_counts_no_attempt(repository: Repository, submission: Submission) -> None:
    repository.submit(submission)
    claim = repository.claim(60.0, 3)
    assert claim is not None
    released = repository.release(claim)
    assert (released.state, released.num_attempts) == (JobState.QUEUED, 0)


@pytest.mark.parametrize("is_expired", [False, True])
def test_cancelling_a_running_job_waits_for_its_worker_unless_that_is_dead(
    repository: Repository, submission: Submission, is_expired: bool
) -> None:
    job = repository.submit(submission)
    claim = repository.claim(-1.0 if is_expired else 60.0, 3)
    assert claim is not None
    state = repository.cancel(job.id).state
    assert state == (JobState.CANCELLED if is_expired else JobState.RUNNING)
    if not is_expired:
        assert repository.renew(claim, 60.0) is True


def test_a_job_whose_worker_died_after_a_cancellation_is_cancelled(
    repository: Repository, submission: Submission
) -> None:
    job = repository.submit(submission)
    claim = repository.claim(60.0, 3)
    assert claim is not None
    repository.cancel(job.id)
    repository.renew(claim, -1.0)
    assert repository.claim(60.0, 3) is None
    assert repository.job(job.id).state == JobState.CANCELLED


def test_what_is_done_cannot_be_cancelled_or_tried_again(
    repository: Repository, store: Store
) -> None:
    store(a_meeting())
    (job,) = repository.jobs()
    with pytest.raises(ConflictError, match="done"):
        repository.cancel(job.id)
    with pytest.raises(ConflictError, match="done"):
        repository.retry(job.id)


def test_a_meeting_that_cannot_be_stored_leaves_nothing(
    repository: Repository, submission: Submission
) -> None:
    repository.submit(submission)
    claim = repository.claim(60.0, 3)
    assert claim is not None
    turns = a_meeting().turns
    twice = replace(a_meeting(), turns=(turns[0], turns[0]))
    with pytest.raises(Exception, match="UNIQUE"):
        repository.finish(claim, twice)
    assert repository.library() == ()
    assert repository.search("ship", 10) == ()
    assert repository.job(claim.job.id).state == JobState.RUNNING
