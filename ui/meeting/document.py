"""The meeting as its page's scripts read it: plain columns instead of one object per word.

Times are in hundredths of a second from the start of the recording. Four hours with 40,000
words make about 900 kB, 250 kB compressed.

    ========== =====================================================================
    speakers   label, name, initials, color (1–8) of each, in order of label
    voices     start, end, speaker (its place in ``speakers``) of each segment heard
    chapters   start, end, title of each
    turns      id, speaker (-1 for nobody known), first (place of its first word)
    words      text, start, length, probability (percent), doubt (see ``WORD_DOUBT``)
    language   code of what is spoken, empty where that is not known
    revision   and canUndo, canRedo, hasVoices: what can be done with it
    parts      markup of the parts of the page
    ========== =====================================================================
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from meeting_app.domain import Meeting, StoredMeeting
from meeting_app.domain.corrections import MadeCorrection, to_redo, to_undo
from meeting_app.domain.doubts import doubtful_labels, is_doubtful_word
from ui.meeting.views import MeetingView

WORD_DOUBT, LABEL_DOUBT = 1, 2
"""Bits of a word's doubt: it may be another word; it may be another speaker's."""
_NOBODY = -1


@dataclass(frozen=True, slots=True)
class PageState:
    """What can be done with the meeting as it is."""

    can_undo: bool = False
    can_redo: bool = False
    has_voices: bool = False  # whether it is known what they sounded like

    @classmethod
    def of(cls, history: Sequence[MadeCorrection], has_voices: bool) -> "PageState":
        """After these corrections."""
        return cls(to_undo(history) is not None, to_redo(history) is not None, has_voices)


def meeting_document(
    stored: StoredMeeting,
    state: PageState,
    view: MeetingView,
    parts: Mapping[str, str],
) -> bytes:
    """The document, as JSON in UTF-8."""
    meeting = stored.meeting
    places = {speaker.label: place for place, speaker in enumerate(meeting.speakers)}
    content = {
        "id": stored.id,
        "title": view.title,
        "duration": view.duration,
        "language": view.language_code or "",
        "revision": stored.revision,
        "canUndo": state.can_undo,
        "canRedo": state.can_redo,
        "hasVoices": state.has_voices,
        "speakers": [
            {
                "label": s.label,
                "name": s.name,
                "is_named": speaker.name is not None,
                "initials": s.initials,
                "color": s.color,
            }
            for s, speaker in zip(view.speakers, meeting.speakers, strict=True)
        ],
        "voices": _voices(meeting, places),
        "chapters": [
            {"start": _ticks(c.start), "end": _ticks(c.end), "title": c.title}
            for c in view.chapters
        ],
        "turns": _turns(meeting, places),
        "words": _words(meeting),
        "parts": dict(parts),
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _voices(meeting: Meeting, places: Mapping[str, int]) -> dict[str, list[int]]:
    known = [item for item in meeting.speaker_segments if item.speaker in places]
    return {
        "start": [_ticks(item.segment.start) for item in known],
        "end": [_ticks(item.segment.end) for item in known],
        "speaker": [places[item.speaker] for item in known],
    }


def _turns(meeting: Meeting, places: Mapping[str, int]) -> dict[str, list[int]]:
    firsts, num_words = [], 0
    for turn in meeting.turns:
        firsts.append(num_words)
        num_words += len(turn.words)
    return {
        "id": [turn.id for turn in meeting.turns],
        "speaker": [
            _NOBODY if turn.speaker is None else places.get(turn.speaker, _NOBODY)
            for turn in meeting.turns
        ],
        "first": firsts,
    }


def _words(meeting: Meeting) -> dict[str, Any]:
    words = [word for turn in meeting.turns for word in turn.words]
    labels = [is_doubtful for turn in doubtful_labels(meeting) for is_doubtful in turn]
    starts = [_ticks(word.segment.start) for word in words]
    return {
        "text": [word.text for word in words],
        "start": starts,
        "length": [
            _ticks(word.segment.end) - start for word, start in zip(words, starts, strict=True)
        ],
        "probability": [round(100 * float(word.probability)) for word in words],
        "doubt": [
            is_doubtful_word(word.probability) * WORD_DOUBT + is_doubtful * LABEL_DOUBT
            for word, is_doubtful in zip(words, labels, strict=True)
        ],
    }


def _ticks(seconds: float) -> int:
    return round(100 * float(seconds))
