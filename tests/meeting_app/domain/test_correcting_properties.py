"""Whatever is corrected: words stay, ids are new, proofs and chapters hold, undo is exact."""

import itertools
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyannote.core import Segment, Timeline

from meeting_app.domain import Meeting, Turn
from meeting_app.domain.corrections import (
    Corrected,
    Correction,
    MadeCorrection,
    Numbering,
    ReassignWords,
    Relabel,
    RemoveWords,
    ReplaceWords,
    SplitSpeaker,
    carried,
    replayed,
    to_redo,
    to_undo,
)
from meeting_app.errors import ConflictError, NotFoundError
from meeting_app.formats.corrections import correction_from_json, correction_to_json
from tests.builders import an_empty_meeting
from tests.strategies import corrections_of, meetings

few = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
NOW = datetime(2026, 3, 4, tzinfo=UTC)


def words_of(meeting: Meeting) -> Counter[tuple[float, float, str]]:
    return Counter(
        (word.segment.start, word.segment.end, word.text)
        for turn in meeting.turns
        for word in turn.words
    )


def corrected(data: st.DataObject, meeting: Meeting, most: int = 6) -> list[MadeCorrection]:
    """Up to ``most`` corrections, each of which fits the meeting after the ones before."""
    state, made = Corrected.of(meeting), []
    for number in range(1, data.draw(st.integers(1, most)) + 1):
        correction = data.draw(corrections_of(state.meeting))
        try:
            state = state.then(correction)
        except (ConflictError, NotFoundError):
            continue
        made.append(MadeCorrection(number, correction, "ana", NOW))
    return made


def starts(turns: tuple[Turn, ...]) -> list[float]:
    return [turn.words[0].segment.start for turn in turns]


@few
@given(meetings(), st.data())
def test_a_meeting_holds_together_whatever_is_corrected(
    meeting: Meeting, data: st.DataObject
) -> None:
    state = Corrected.of(meeting)
    for made in corrected(data, meeting):
        before, state = state, state.then(made.correction)
        now = state.meeting
        assert starts(now.turns) == sorted(starts(now.turns))
        ids = [turn.id for turn in now.turns]
        assert len(set(ids)) == len(ids)
        new = set(ids) - {turn.id for turn in before.meeting.turns}
        assert all(turn >= before.numbering.next_turn for turn in new)
        minutes = now.minutes
        for line in (*minutes.summary, *minutes.decisions, *minutes.action_items):
            assert line.evidence
            assert set(line.evidence) <= set(ids)
        labels = [speaker.label for speaker in now.speakers]
        assert len(set(labels)) == len(labels)
        assert {turn.speaker for turn in now.turns} - {None} <= set(labels)
        if now.chapters:
            edges = [(c.segment.start, c.segment.end) for c in now.chapters]
            assert (edges[0][0], edges[-1][1]) == (0.0, meeting.duration)
            assert all(one[1] == other[0] for one, other in itertools.pairwise(edges))


@few
@given(meetings(), st.data())
def test_no_word_is_lost_unless_words_are_edited(meeting: Meeting, data: st.DataObject) -> None:
    made = corrected(data, meeting)
    edits = (ReplaceWords, RemoveWords)
    kept = [item for item in made if not isinstance(item.correction, edits)]
    try:
        now = replayed(meeting, kept).meeting
    except (ConflictError, NotFoundError):  # what was edited is missing to a later one
        return
    assert words_of(now) == words_of(meeting)


@few
@given(meetings(), st.data())
def test_what_is_heard_stays_heard_and_moved_words_are_heard_with_their_speaker(
    meeting: Meeting, data: st.DataObject
) -> None:
    state = Corrected.of(meeting)
    for made in corrected(data, meeting):
        before, state = state, state.then(made.correction)
        heard = Timeline(s.segment for s in state.meeting.speaker_segments).support()
        for item in before.meeting.speaker_segments:
            assert all(gap.duration < 1e-6 for gap in heard.gaps(support=item.segment))
        if isinstance(made.correction, ReassignWords | SplitSpeaker | Relabel):
            owner = {id(word): turn.speaker for turn in before.meeting.turns for word in turn.words}
            for turn in state.meeting.turns:
                own = Timeline(
                    s.segment for s in state.meeting.speaker_segments if s.speaker == turn.speaker
                ).support()
                for word in turn.words:
                    if owner[id(word)] != turn.speaker and word.segment.duration > 1e-6:
                        gaps = own.gaps(support=word.segment)
                        assert all(gap.duration < 1e-6 for gap in gaps)


@few
@given(meetings(), st.data())
def test_undoing_all_gives_the_base_and_repeating_all_gives_the_same_again(
    meeting: Meeting, data: st.DataObject
) -> None:
    history = corrected(data, meeting)
    reached = [replayed(meeting, history[:count]) for count in range(len(history) + 1)]
    for count in reversed(range(len(history))):
        last = to_undo(history)
        assert last is not None
        assert last.number == history[count].number
        history[count] = replace(last, is_undone=True)
        assert replayed(meeting, history) == reached[count]
    assert to_undo(history) is None
    for count in range(len(history)):
        first = to_redo(history)
        assert first is not None
        history[count] = replace(first, is_undone=False)
        assert replayed(meeting, history) == reached[count + 1]
    assert to_redo(history) is None


@few
@given(meetings(), st.data())
def test_corrections_carried_to_the_same_result_lead_to_the_same_meeting(
    meeting: Meeting, data: st.DataObject
) -> None:
    # Who is heard in the result must tell the labels apart, so each has a time of its own.
    spoken = tuple(
        s.__class__(Segment(1e6 + 10 * i, 1e6 + 10 * i + 5), s.speaker)
        for i, s in enumerate(meeting.speaker_segments)
    )
    known = {s.speaker for s in spoken}
    meeting = replace(
        meeting,
        speaker_segments=spoken,
        turns=tuple(
            replace(t, speaker=t.speaker if t.speaker in known else None) for t in meeting.turns
        ),
        speakers=tuple(s for s in meeting.speakers if s.label in known),
    )
    history = corrected(data, meeting, 3)
    found = carried(meeting, history, meeting)
    if all(made.problem is None for made in found.history):
        assert words_of(found.now.meeting) == words_of(replayed(meeting, history).meeting)
    assert [made.number for made in found.history] == [made.number for made in history]
    assert replayed(found.base, found.history).meeting == found.now.meeting


@few
@given(meetings(), st.data())
def test_a_correction_reads_back_equal_from_json(meeting: Meeting, data: st.DataObject) -> None:
    correction: Correction = data.draw(corrections_of(meeting))
    assert correction_from_json(correction_to_json(correction)) == correction


def test_a_label_and_an_id_that_went_are_not_given_again() -> None:
    meeting = an_empty_meeting()
    assert Numbering(5, 3).after(meeting) == Numbering(5, 3)
    assert Numbering(5, 3).new_label == "SPEAKER_03"
    assert Numbering.of(meeting).new_label == "SPEAKER_00"
