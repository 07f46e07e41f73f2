"""What users did while a meeting ran goes over to the sealed one."""

import logging
from collections import defaultdict
from collections.abc import Sequence
from difflib import SequenceMatcher

import numpy as np
from pyannote.core import Segment

from meeting_app.domain import LiveLine, Meeting, Word, join_words
from meeting_app.domain.corrections import ReplaceWords
from meeting_app.domain.live_messages import MeetingSealed
from meeting_app.domain.same_voices import same_voices
from meeting_app.errors import ConflictError
from meeting_app.live.session import LiveSession
from meeting_app.service import MeetingService

_LOGGER = logging.getLogger(__name__)

_REACH = 0.5  # seconds around an edited line in which a word may still belong to it


def carry(library: MeetingService, meeting_id: str, session: LiveSession) -> MeetingSealed:
    """Names voices and corrects lines of the sealed meeting; repeating it changes nothing.

    Returns:
        How the sealed meeting differs from what was shown.
    """
    state = session.state()
    meeting = library.meeting(meeting_id).meeting
    same = same_voices(state.voices, meeting.speaker_segments)
    for label, name in state.names:
        if label in same:
            library.rename_speaker(meeting_id, same[label], name)
    for line, segment in edited_spans(state.lines, session):
        try:
            library.correct(meeting_id, ReplaceWords(segment, line))
        except ConflictError as error:  # nothing was found there to put the user's line in place of
            _LOGGER.warning("%s: an edited line has no place: %s", meeting_id, error)
    meeting = library.meeting(meeting_id).meeting
    words = sum(len(turn.words) for turn in meeting.turns)
    changed, labels_changed = differences(state.lines, meeting, same)
    return MeetingSealed(meeting_id, words, changed, labels_changed)


def edited_spans(lines: Sequence[LiveLine], session: LiveSession) -> list[tuple[str, Segment]]:
    """Text and place of each edited line; its place reaches half-way to its neighbours."""
    spans = [session.span(line.id) for line in lines if line.words]
    spoken = [line for line in lines if line.words]
    found: list[tuple[str, Segment]] = []
    for index, line in enumerate(spoken):
        if not line.is_edited:
            continue
        start, end = spans[index].start, spans[index].end
        before = spans[index - 1].end if index else 0.0
        after = spans[index + 1].start if index + 1 < len(spans) else end + 2 * _REACH
        start -= min(_REACH, max(0.0, start - before) / 2)
        end += min(_REACH, max(0.0, after - end) / 2)
        found.append((join_words(line.words), Segment(start, end)))
    return found


def differences(
    lines: Sequence[LiveLine], meeting: Meeting, same: dict[str, str]
) -> tuple[int, int]:
    """Words and labels of the sealed meeting that are not as the lines showed them."""
    shown: dict[int, list[tuple[Word, str | None]]] = defaultdict(list)
    starts = [line.words[0].segment.start for line in lines if line.words]
    for turn in meeting.turns:
        for word in turn.words:
            middle = (word.segment.start + word.segment.end) / 2
            place = max(0, int(np.searchsorted(starts, middle, side="right")) - 1)
            shown[place].append((word, turn.speaker))
    words = labels = 0
    spoken = [line for line in lines if line.words]
    for place, sealed in shown.items():
        if not spoken:
            words += len(sealed)
            continue
        line = spoken[place]
        words += _num_changed([w.text for w in line.words], [w.text for w, _ in sealed])
        labels += _num_relabelled(line, sealed, same)
    return words, labels


def _num_changed(before: Sequence[str], after: Sequence[str]) -> int:
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    return len(after) - sum(block.size for block in matcher.get_matching_blocks())


def _num_relabelled(
    line: LiveLine, sealed: Sequence[tuple[Word, str | None]], same: dict[str, str]
) -> int:
    middles = np.array([(w.segment.start + w.segment.end) / 2 for w in line.words])
    count = 0
    for word, speaker in sealed:
        middle = (word.segment.start + word.segment.end) / 2
        label = line.speakers[int(np.argmin(np.abs(middles - middle)))]
        count += label is not None and same.get(label) != speaker
    return count
