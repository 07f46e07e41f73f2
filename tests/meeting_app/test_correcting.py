"""Correcting a stored meeting: kept with who and when, undone, repeated, never overwritten."""

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pyannote.core import Segment

from meeting_app.correcting import Corrector, local_author
from meeting_app.domain import JobState, ProcessingOptions, SpeakerCount
from meeting_app.domain.corrections import (
    AddLine,
    Correction,
    LineKind,
    MergeSpeakers,
    Passage,
    ReassignWords,
    RenameMeeting,
    RenameSpeaker,
    ReplaceWords,
    SplitSpeaker,
)
from meeting_app.errors import ConflictError, NotFoundError, StaleError
from tests import fakes_jobs
from tests.builders import a_meeting
from tests.fakes_jobs import RECORDING

App = Any  # tests/meeting_app/conftest.py
A, B, C = "SPEAKER_00", "SPEAKER_01", "SPEAKER_02"
UNKNOWN = "0000000000000000"
# Each processed meeting says: A "We agreed to ship." at 0 s, B "I will write the notes." at 10 s.
OTHER_NOTES = ReplaceWords(Segment(10.0, 15.0), "I will write the minutes.")


def test_a_correction_is_kept_with_who_and_when(app: App) -> None:
    meeting_id = app.process()
    stored = app.service.correct(meeting_id, RenameSpeaker(A, " Ana "), 0, "eva")
    assert stored.revision == 1
    (made,) = app.service.corrections(meeting_id)
    assert (made.number, made.correction, made.author) == (1, RenameSpeaker(A, "Ana"), "eva")
    assert datetime.now(UTC) - made.made_at < timedelta(minutes=1)
    app.service.rename_meeting(meeting_id, "Board")
    assert app.service.corrections(meeting_id)[1].author == local_author()


def test_corrected_words_are_stored_and_found(app: App) -> None:
    meeting_id = app.process()
    app.service.correct(meeting_id, OTHER_NOTES)
    texts = [turn.text for turn in app.service.meeting(meeting_id).meeting.turns]
    assert texts == ["We agreed to ship.", "I will write the minutes."]
    assert app.service.search("notes") == ()
    assert [hit.turn_id for hit in app.service.search("minutes")] == [1]


def test_reassigned_words_are_found_under_their_new_speaker(app: App) -> None:
    meeting_id = app.process()
    app.service.rename_speaker(meeting_id, A, "Ana")
    app.service.correct(meeting_id, ReassignWords((Passage(Segment(10, 11), B),), A))
    assert [(hit.turn_id, hit.speaker) for hit in app.service.search("will")] == [(2, "Ana")]
    assert app.service.library()[0].speakers == ("Ana", "Speaker 2")


def test_what_changes_nothing_is_not_kept(app: App) -> None:
    meeting_id = app.process()
    once = app.service.correct(meeting_id, OTHER_NOTES)
    assert app.service.correct(meeting_id, OTHER_NOTES) == once
    assert app.service.rename_speaker(meeting_id, A, "  ") == once
    assert len(app.service.corrections(meeting_id)) == 1


def test_a_correction_of_a_meeting_that_has_changed_is_refused(app: App) -> None:
    meeting_id = app.process()
    app.service.correct(meeting_id, RenameMeeting("One"), 0)
    for act in (
        lambda: app.service.correct(meeting_id, RenameMeeting("Two"), 0),
        lambda: app.service.undo(meeting_id, 0),
        lambda: app.service.redo(meeting_id, 0),
    ):
        with pytest.raises(
            StaleError, match=r"One: was changed elsewhere \(revision 1, yours is 0"
        ):
            act()
    assert app.service.meeting(meeting_id).meeting.title == "One"


def test_who_does_not_say_what_they_saw_corrects_what_is_there(app: App) -> None:
    meeting_id = app.process()
    with ThreadPoolExecutor(4) as pool:
        names = [f"Name {number}" for number in range(8)]
        list(pool.map(lambda name: app.service.rename_speaker(meeting_id, A, name), names))
    history = app.service.corrections(meeting_id)
    assert [made.number for made in history] == list(range(1, 9))
    assert app.service.meeting(meeting_id).revision == 8


def test_undo_and_redo_walk_through_the_corrections(app: App) -> None:
    meeting_id = app.process()
    commands = (RenameSpeaker(A, "Ana"), MergeSpeakers(B, A), OTHER_NOTES)
    states = [app.service.meeting(meeting_id).meeting]
    states += [app.service.correct(meeting_id, command).meeting for command in commands]
    for state in states[-2::-1]:
        assert app.service.undo(meeting_id).meeting == state
    with pytest.raises(ConflictError, match="nothing to undo"):
        app.service.undo(meeting_id)
    assert [hit.turn_id for hit in app.service.search("notes")] == [1]
    for state in states[1:]:
        assert app.service.redo(meeting_id).meeting == state
    with pytest.raises(ConflictError, match="nothing to repeat"):
        app.service.redo(meeting_id)
    assert app.service.meeting(meeting_id).revision == 9


def test_undo_after_a_restart_or_by_another_process_leads_to_the_same(app: App) -> None:
    meeting_id = app.process()
    commands = (RenameSpeaker(A, "Ana"), MergeSpeakers(B, A), OTHER_NOTES)
    states = [app.service.meeting(meeting_id).meeting]
    states += [app.service.correct(meeting_id, command).meeting for command in commands]
    other = Corrector(app.repository)  # remembers nothing of what was before
    assert other.undo(meeting_id, None, "eva").meeting == states[2]
    assert app.service.undo(meeting_id).meeting == states[1]  # what it remembers is out of date
    assert app.service.undo(meeting_id).meeting == states[0]
    assert other.redo(meeting_id, None).meeting == states[1]


def test_undone_steps_are_read_from_memory_and_forgotten_when_something_else_changes(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting_id = app.process()
    for name in ("Ana", "Eva", "Ida"):
        app.service.rename_speaker(meeting_id, A, name)
    replays: list[str] = []
    base = app.repository.base
    monkeypatch.setattr(app.repository, "base", lambda known: replays.append(known) or base(known))
    assert app.service.undo(meeting_id).meeting.display_name(A) == "Eva"
    assert not replays
    Corrector(app.repository).correct(meeting_id, RenameSpeaker(B, "Bob"), None, "eva")
    assert app.service.undo(meeting_id).meeting.display_name(B) == "Speaker 2"
    assert replays == [meeting_id]


def test_a_new_correction_ends_what_can_be_repeated_and_forgets_nothing(app: App) -> None:
    meeting_id = app.process()
    app.service.rename_speaker(meeting_id, A, "Ana")
    app.service.undo(meeting_id)
    app.service.rename_speaker(meeting_id, A, "Eva")
    with pytest.raises(ConflictError, match="nothing to repeat"):
        app.service.redo(meeting_id)
    assert [(m.number, m.is_undone) for m in app.service.corrections(meeting_id)] == [
        (1, True),
        (2, False),
    ]
    assert [made.is_dropped for made in app.service.corrections(meeting_id)] == [True, False]
    assert app.service.undo(meeting_id).meeting.display_name(A) == "Speaker 1"
    assert app.service.redo(meeting_id).meeting.display_name(A) == "Eva"


def test_the_history_tells_who_took_a_correction_back_until_it_is_made_again(app: App) -> None:
    meeting_id = app.process()
    app.service.rename_speaker(meeting_id, A, "Ana", author="ana")
    app.service.undo(meeting_id, author="tom")
    (made,) = app.service.corrections(meeting_id)
    assert (made.author, made.undone_by, made.is_undone) == ("ana", "tom", True)
    app.service.redo(meeting_id)
    (made,) = app.service.corrections(meeting_id)
    assert (made.author, made.undone_by, made.is_undone) == ("ana", None, False)


def test_ids_and_labels_that_went_are_not_given_again(app: App) -> None:
    meeting_id = app.process()
    words = ReassignWords((Passage(Segment(0.5, 0.9), A),), None)
    first = app.service.correct(meeting_id, words).meeting
    assert [(t.id, t.speaker) for t in first.turns] == [(0, A), (2, C), (3, A), (1, B)]
    app.service.correct(meeting_id, MergeSpeakers(C, A))
    again = app.service.correct(meeting_id, words).meeting
    assert [(t.id, t.speaker) for t in again.turns] == [(0, A), (4, "SPEAKER_03"), (5, A), (1, B)]


TEXTS: list[tuple[Callable[[str], Correction], int]] = [
    (RenameMeeting, 200),
    (lambda text: RenameSpeaker(A, text), 100),
    (lambda text: ReplaceWords(Segment(0.0, 5.0), text), 20_000),
    (lambda text: AddLine(LineKind.ACTION, text, (1.0,)), 2_000),
    (lambda text: AddLine(LineKind.ACTION, "x", (1.0,), owner=text), 100),
    (lambda text: AddLine(LineKind.ACTION, "x", (1.0,), due=text), 100),
]


@pytest.mark.parametrize(("make", "longest"), TEXTS)
def test_a_text_that_cannot_be_shown_is_refused(
    app: App, make: Callable[[str], Correction], longest: int
) -> None:
    meeting_id = app.process()
    for text in ("a\x00b", "\u202eb", "x" * (longest + 1)):
        with pytest.raises(ConflictError):
            app.service.correct(meeting_id, make(text))
    assert app.service.corrections(meeting_id) == ()
    app.service.correct(meeting_id, make("x" * longest))


def test_too_many_passages_are_refused(app: App) -> None:
    meeting_id = app.process()
    passages = tuple(Segment(i, i + 1) for i in range(20_001))
    with pytest.raises(ConflictError, match="20001 passages"):
        app.service.correct(meeting_id, SplitSpeaker(A, passages))


@pytest.mark.parametrize(
    "act",
    [
        lambda s: s.correct(UNKNOWN, RenameMeeting("x")),
        lambda s: s.undo(UNKNOWN),
        lambda s: s.redo(UNKNOWN),
        lambda s: s.corrections(UNKNOWN),
        lambda s: s.rerun(UNKNOWN, ProcessingOptions()),
    ],
)
def test_an_unknown_meeting_is_refused(app: App, act: Callable[[Any], object]) -> None:
    with pytest.raises(NotFoundError, match=UNKNOWN):
        act(app.service)


def rerun(app: App, meeting_id: str, *lines: tuple[str, str]) -> None:
    """Reads the recording again, and finds ``lines`` in it."""
    app.service.rerun(meeting_id, ProcessingOptions("de", SpeakerCount.exactly(3)))
    app.stages.lines = lines
    app.worker().run_next()


def test_another_run_uses_the_same_recording_and_job(app: App) -> None:
    meeting_id = app.process()
    (before,) = app.service.jobs()
    job = app.service.rerun(meeting_id, ProcessingOptions("de", SpeakerCount.exactly(3)))
    assert (job.id, job.meeting_id, job.state) == (before.id, meeting_id, JobState.QUEUED)
    assert job.options == ProcessingOptions("de", SpeakerCount.exactly(3))
    assert app.service.meeting(meeting_id).meeting.turns  # readable meanwhile
    with pytest.raises(ConflictError, match="being processed already"):
        app.service.rerun(meeting_id, ProcessingOptions())
    app.worker().run_next()
    assert app.service.job(job.id).state == JobState.DONE
    assert len(app.service.library()) == 1


def test_another_run_comes_after_those_that_wait(app: App) -> None:
    meeting_id = app.process()
    waiting = app.submit(filename="next.wav")
    app.service.rerun(meeting_id, ProcessingOptions())
    assert app.worker().run_next().id == waiting.id


def test_corrections_go_over_to_the_voices_that_are_the_same(app: App) -> None:
    meeting_id = app.process()
    app.service.rename_meeting(meeting_id, "Board")
    app.service.rename_speaker(meeting_id, A, "Ana")
    app.service.correct(meeting_id, OTHER_NOTES)
    # The labels are the other way round now.
    rerun(app, meeting_id, (B, "We agreed to chip."), (A, "I will write notes."))
    stored = app.service.meeting(meeting_id)
    assert stored.meeting.title == "Board"
    assert [(s.label, s.name) for s in stored.meeting.speakers] == [(A, None), (B, "Ana")]
    assert [t.text for t in stored.meeting.turns] == [
        "We agreed to chip.",
        "I will write the minutes.",
    ]
    assert all(made.problem is None for made in app.service.corrections(meeting_id))
    assert [hit.turn_id for hit in app.service.search("chip")] == [0]
    app.service.undo(meeting_id)
    assert app.service.meeting(meeting_id).meeting.turns[1].text == "I will write notes."


def test_a_correction_that_no_longer_fits_is_kept_and_says_why(app: App) -> None:
    meeting_id = app.process()
    app.service.correct(meeting_id, MergeSpeakers(B, A))
    app.service.correct(meeting_id, ReplaceWords(Segment(10.0, 15.0), "I write."))
    app.service.rename_speaker(meeting_id, A, "Ana")
    rerun(app, meeting_id, (A, "We agreed to ship."))  # one voice now, and nothing at 10 s
    history = app.service.corrections(meeting_id)
    assert [made.problem is None for made in history] == [False, False, True]
    assert "no words are there" in (history[1].problem or "")
    meeting = app.service.meeting(meeting_id).meeting
    assert meeting.display_name(A) == "Ana"
    assert app.service.undo(meeting_id).meeting.display_name(A) == "Speaker 1"
    with pytest.raises(ConflictError, match="nothing to undo"):
        app.service.undo(meeting_id)


def test_a_speaker_that_a_split_had_made_keeps_the_name_if_the_new_run_finds_him(app: App) -> None:
    meeting_id = app.process()
    app.service.correct(meeting_id, MergeSpeakers(B, A))
    app.service.correct(meeting_id, SplitSpeaker(A, (Segment(10.0, 13.0),)))
    app.service.rename_speaker(meeting_id, C, "Carl")
    rerun(app, meeting_id, (A, "We agreed to ship."), (B, "I will write the notes."))
    meeting = app.service.meeting(meeting_id).meeting
    assert meeting.display_name(meeting.turns[1].speaker) == "Carl"


def test_a_correction_made_while_the_recording_is_read_again_is_not_lost(app: App) -> None:
    meeting_id = app.process()
    app.service.rerun(meeting_id, ProcessingOptions())
    pipeline = app.stages.pipeline

    def meanwhile(*arguments: Any) -> Any:
        result = pipeline(*arguments)
        app.service.rename_speaker(meeting_id, B, "Ben")
        return result

    worker = app.worker()
    object.__setattr__(worker, "pipeline", meanwhile)
    worker.run_next()
    assert app.service.meeting(meeting_id).meeting.display_name(B) == "Ben"
    assert app.service.jobs()[0].state == JobState.DONE


def test_a_run_that_fails_leaves_the_meeting(app: App) -> None:
    meeting_id = app.process()
    app.service.rename_speaker(meeting_id, A, "Ana")
    before = app.service.meeting(meeting_id)
    app.service.rerun(meeting_id, ProcessingOptions())
    app.stages.failure[fakes_jobs.Stage.WORDS] = RuntimeError("no memory")
    app.worker().run_next()
    assert app.service.jobs()[0].state == JobState.FAILED
    assert app.service.meeting(meeting_id) == before


def test_names_from_before_there_were_corrections_are_kept_by_another_run(app: App) -> None:
    named = a_meeting(*fakes_jobs.LINES).rename_speaker(A, "Ana")
    job = app.service.submit(io.BytesIO(RECORDING), "a.wav")
    app.repository.finish(app.repository.claim(60.0, 3), named)
    rerun(app, job.meeting_id, *fakes_jobs.LINES)
    assert app.service.meeting(job.meeting_id).meeting.display_name(A) == "Ana"


def test_a_person_who_is_deleted_does_not_come_back_with_undo(app: App) -> None:
    meeting_id = app.process()
    app.service.rename_speaker(meeting_id, A, "Ana")
    app.service.rename_speaker(meeting_id, A, "Eva")
    line = AddLine(LineKind.ACTION, "Write.", (1.0,), owner="Ana")
    app.service.correct(meeting_id, line)
    job = app.service.submit(io.BytesIO(RECORDING + b"b"), "b.wav")
    named = a_meeting(*fakes_jobs.LINES).rename_speaker(A, "Ana")
    app.repository.finish(app.repository.claim(60.0, 3), named)
    app.service.rename_speaker(job.meeting_id, B, "Ben")  # "Ana" is in the base
    (ana,) = [e.person.id for e in app.service.people.people() if e.person.name == "Ana"]
    app.service.people.delete(ana)
    for _ in range(2):
        app.service.undo(meeting_id)
    assert app.service.meeting(meeting_id).meeting.display_name(A) == "Speaker 1"
    assert app.service.redo(meeting_id).meeting.display_name(A) == "Eva"
    assert app.service.redo(meeting_id).meeting.minutes.action_items[0].owner is None
    assert app.service.meeting(job.meeting_id).meeting.display_name(A) == "Speaker 1"
    assert app.service.undo(job.meeting_id).meeting.display_name(A) == "Speaker 1"
