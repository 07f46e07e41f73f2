"""A meeting that was exported goes on elsewhere as it would have here: undone, split, taught."""

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyannote.core import Segment

from meeting_app.domain import Meeting, VoiceConstraints, VoiceEvidence
from meeting_app.domain.corrections import (
    MergeSpeakers,
    Passage,
    ReassignWords,
    RemoveWords,
    RenameMeeting,
    RenameSpeaker,
    SplitSpeaker,
)
from meeting_app.errors import ConflictError, FormatError, NotFoundError
from meeting_app.formats.json import meeting_to_json
from meeting_app.formats.options import DEFAULTS, ExportOptions
from tests.fakes_jobs import EVIDENCE
from tests.meeting_app.conftest import App
from tests.strategies import corrections_of, meetings

A, B = "SPEAKER_00", "SPEAKER_01"
FULL = ExportOptions(with_voices=True)
# Of tests.fakes_jobs.LINES: A says four words from 0 s on, B five from 10 s on.
SAID_BY_B = Passage(Segment(10.0, 11.0), B)


@pytest.fixture
def other(tmp_path: Path) -> Iterator[App]:
    """A second library, as another machine has one."""
    found = App(tmp_path / "other")
    yield found
    found.repository.close()


def _moved(app: App, meeting_id: str, other: App, format: str = "json") -> str:
    """The id of the meeting in the other library."""
    content = app.service.export(meeting_id, format, FULL).content
    return other.service.restore(io.BytesIO(content), f"x.{format}").id


def _corrected(app: App) -> str:
    """A meeting with two corrections that count and one that was undone."""
    meeting_id = app.process()
    app.service.correct(meeting_id, RenameSpeaker(A, "Grace"), author="anna")
    app.service.correct(meeting_id, ReassignWords((SAID_BY_B,), A), author="ben")
    app.service.correct(meeting_id, RenameMeeting("Retro"), author="anna")
    app.service.undo(meeting_id, author="cleo")
    return meeting_id


@pytest.mark.parametrize("format", ["json", "zip"])
def test_last_correction_is_undone_and_repeated_after_the_import(
    app: App, other: App, format: str
) -> None:
    meeting_id = _corrected(app)
    there = _moved(app, meeting_id, other, format)
    assert other.service.corrections(there) == app.service.corrections(meeting_id)
    assert other.service.redo(there).meeting.title == "Retro"
    other.service.undo(there)
    undone = other.service.undo(there).meeting
    assert [turn.speaker for turn in undone.turns] == [A, B]
    assert undone.display_name(A) == "Grace"
    assert other.service.undo(there).meeting == app.repository.base(meeting_id)
    with pytest.raises(ConflictError, match="nothing to undo"):
        other.service.undo(there)


def test_speaker_is_split_and_corrections_teach_after_the_import(app: App, other: App) -> None:
    meeting_id = _corrected(app)
    there = _moved(app, meeting_id, other)
    other.service.teacher.propose(there)
    app.service.teacher.propose(meeting_id)
    assert other.reclusterer.asked is not None
    assert app.reclusterer.asked is not None
    evidence, meeting, constraints = other.reclusterer.asked
    assert evidence.embeddings.tolist() == EVIDENCE.embeddings.tolist()
    assert (meeting, constraints) == app.reclusterer.asked[1:]
    assert constraints != VoiceConstraints()
    other.reclusterer.segments = (Segment(11.0, 12.0),)
    split = other.service.teacher.split(there, B)
    assert split.meeting.speaker_by_label["SPEAKER_02"]
    assert other.service.corrections(there)[-1].correction == SplitSpeaker(
        B, (Segment(11.0, 12.0),)
    )


def test_label_that_was_given_before_the_export_is_not_given_again(app: App, other: App) -> None:
    meeting_id = app.process()
    app.service.correct(meeting_id, ReassignWords((SAID_BY_B,), None))
    app.service.correct(meeting_id, MergeSpeakers("SPEAKER_02", B))
    for library, its_id in ((app, meeting_id), (other, _moved(app, meeting_id, other))):
        again = library.service.correct(its_id, ReassignWords((SAID_BY_B,), None))
        assert {speaker.label for speaker in again.meeting.speakers} == {A, B, "SPEAKER_03"}


def test_voices_leave_only_if_they_are_asked_for(app: App, other: App) -> None:
    meeting_id = app.process()
    assert json.loads(app.service.export(meeting_id, "json").content)["voices"] is None
    told = json.loads(app.service.export(meeting_id, "json", FULL).content)["voices"]
    assert told["model"] == EVIDENCE.model
    content = app.service.export(meeting_id, "json").content
    there = other.service.restore(io.BytesIO(content), "x.json").id
    with pytest.raises(ConflictError, match="have the recording read again"):
        other.service.teacher.propose(there)


def test_without_history_nothing_is_told_of_what_was_removed(app: App) -> None:
    meeting_id = app.process()
    app.service.correct(meeting_id, RemoveWords((SAID_BY_B,)))
    whole = json.loads(app.service.export(meeting_id, "json").content)
    removed = "will"  # the second word of B
    assert removed in json.dumps(whole["history"])
    options = replace(DEFAULTS, with_history=False)
    told = json.loads(app.service.export(meeting_id, "json", options).content)
    assert told["history"] is None
    assert removed not in json.dumps(told["turns"])


def test_one_chapter_comes_with_nothing_of_the_others(app: App) -> None:
    options = replace(FULL, chapter=1)
    told = json.loads(app.service.export(_corrected(app), "json", options).content)
    assert (told["history"], told["voices"]) == (None, None)


def test_meeting_that_was_never_corrected_has_no_history(app: App, other: App) -> None:
    meeting_id = app.process()
    assert json.loads(app.service.export(meeting_id, "json").content)["history"] is None
    there = _moved(app, meeting_id, other)
    assert (other.repository.base(there), other.service.corrections(there)) == (None, ())


@st.composite
def voices(draw: st.DrawFn, duration: float) -> VoiceEvidence:
    """Up to four windows in time order."""
    times = draw(st.lists(st.floats(0.0, duration), max_size=4, unique=True).map(sorted))
    random = np.random.default_rng(draw(st.integers(0, 99)))
    embeddings = random.standard_normal((len(times), 192)).astype(np.float32)
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    durations = draw(st.lists(st.floats(0, 1.5, width=32), min_size=4, max_size=4))
    return VoiceEvidence(
        "ecapa", np.array(times), embeddings, np.array(durations[: len(times)], np.float32)
    )


@given(meetings(), st.data())
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_meeting_goes_on_elsewhere_as_it_would_have_here(
    app: App, other: App, meeting: Meeting, data: st.DataObject
) -> None:
    here = app.service.restore(io.BytesIO(meeting_to_json(meeting).encode()), "x.json").id
    app.media.keep_evidence(here, data.draw(voices(meeting.duration)))
    for _ in range(data.draw(st.integers(0, 4))):
        _change(app, here, data)
    there = _moved(app, here, other)
    assert _facts(other, there) == _facts(app, here)
    exported = app.service.export(here, "json", FULL).content
    assert other.service.export(there, "json", FULL).content == exported
    while _undone(app, here):
        assert _undone(other, there)
        assert _facts(other, there) == _facts(app, here)
    assert not _undone(other, there)


def _change(app: App, meeting_id: str, data: st.DataObject) -> None:
    """Corrects something, undoes or repeats it; what does not fit changes nothing."""
    now = app.service.meeting(meeting_id).meeting
    step: Callable[[], object] = data.draw(
        st.sampled_from(
            (lambda: app.service.undo(meeting_id), lambda: app.service.redo(meeting_id))
        )
        | corrections_of(now).map(lambda made: lambda: app.service.correct(meeting_id, made))
    )
    try:
        step()
    except (ConflictError, NotFoundError):
        return


def _facts(app: App, meeting_id: str) -> tuple[Any, ...]:
    service, base = app.service, app.repository.base(meeting_id)
    undone_by_whoever = [replace(m, undone_by=None) for m in service.corrections(meeting_id)]
    return service.meeting(meeting_id).meeting, base, undone_by_whoever


def _undone(app: App, meeting_id: str) -> bool:
    try:
        app.service.undo(meeting_id)
    except ConflictError:
        return False
    return True


MADE = ("history", "corrections")


@pytest.mark.parametrize(
    ("steps", "to", "complaint"),
    [
        (("history", "base", "turns", 1, "id"), 0, "$.history.base.turns[1].id: 0 is taken by"),
        (
            ("history", "base", "turns", 0, "speaker"),
            "X",
            "$.history.base.turns[0].speaker: nobody",
        ),
        (("history", "base", "title"), "\ud800", "holds half a character"),
        (MADE, {}, "$.history.corrections: {} is not a list"),
        (MADE, [None] * 10_001, "10001 corrections; set the history to null"),
        ((*MADE, 0, "correction", "label"), "X", "corrections[0]: does not"),
        ((*MADE, 2, "correction", "title"), " ", "corrections[2]: title: bla"),
        ((*MADE, 0, "correction", "kind"), "exec", "is no correction; give"),
        ((*MADE, 0, "author"), "", "corrections[0]: author: blank"),
        ((*MADE, 0, "author"), "a" * 101, "shorten it to 100 at most"),
        ((*MADE, 0, "undone_by"), "\udc00", "holds half a character"),
        ((*MADE, 0, "problem"), "p" * 5001, "corrections[0]: a problem of 5001 characters"),
        ((*MADE, 0, "made_at"), "soon", "'soon' is not a date and time"),
        ((*MADE, 0, "is_undone"), 1, "is_undone: 1 is not true or false"),
        ((*MADE, 0, "is_dropped"), True, "dropped but not undone"),
        ((*MADE, 0, "is_active"), True, "is_active: not a key of this"),
        (
            ("voices", "times", "data"),
            "AAAAAAAAWUA=",
            "$.voices.times: up to 100.0 s of a recording",
        ),
        (
            ("voices", "embeddings", "data"),
            "AAAAAA==",
            "$.voices.embeddings: a row is not of length",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_package_whose_past_or_voices_cannot_be_is_refused_whole(
    app: App, other: App, steps: tuple[str | int, ...], to: object, complaint: str
) -> None:
    document = json.loads(app.service.export(_corrected(app), "json", FULL).content)
    *way, last = steps
    place = document
    for step in way:
        place = place[step]
    place[last] = to
    with pytest.raises(FormatError) as caught:
        other.service.restore(io.BytesIO(json.dumps(document).encode()), "x.json")
    assert complaint in str(caught.value)
    assert other.service.library() == ()
    assert list((other.home / "evidence").glob("*")) == []


def test_what_the_library_refuses_leaves_no_voices_behind(
    app: App, other: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = app.service.export(_corrected(app), "json", FULL).content

    def refuse(*_: object) -> None:
        raise ConflictError("full")

    monkeypatch.setattr(other.repository, "restore", refuse)
    with pytest.raises(ConflictError, match="full"):
        other.service.restore(io.BytesIO(content), "x.json")
    assert list((other.home / "evidence").glob("*")) == []
