"""SegLST: who said what when, one object a turn, as scorers of transcripts read it.

Source: von Neumann et al. 2023, "MeetEval", arXiv:2307.11394.
"""

import json

from meeting_app.domain import Meeting
from meeting_app.formats.document import token, uri_of
from meeting_app.formats.text import clean

NOBODY = "unknown"  # a turn that no voice was found for; scorers want a speaker for every word


def meeting_to_seglst(meeting: Meeting) -> str:
    """One entry for each turn, times to the millisecond; labels, not names."""
    session_id = uri_of(meeting)
    entries = [
        {
            "session_id": session_id,
            "speaker": NOBODY if turn.speaker is None else token(turn.speaker) or NOBODY,
            "start_time": round(turn.segment.start, 3),
            "end_time": round(turn.segment.end, 3),
            "words": clean(turn.text),
        }
        for turn in meeting.turns
    ]
    return json.dumps(entries, ensure_ascii=False, indent=1)
