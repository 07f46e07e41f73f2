"""RTTM: who spoke when, one segment a line, as scorers of diarization read it.

Source: NIST, "The 2009 (RT-09) Rich Transcription Meeting Recognition Evaluation Plan",
appendix A.
"""

import math
from collections.abc import Sequence

from pyannote.core import Segment

from meeting_app.domain import Meeting, SpeakerSegment
from meeting_app.errors import FormatError
from meeting_app.formats.document import token, uri_of

_OTHER_TYPES = (
    *("NOSCORE", "SEGMENT", "LEXEME", "NON-LEX", "NON-SPEECH", "FILLER", "EDIT", "IP", "SU"),
    *("CB", "A/P", "SPKR-INFO", "NO_RT_METADATA"),
)
_FEWEST_FIELDS = 8  # up to the speaker; the ones behind it are not ours


def meeting_to_rttm(meeting: Meeting) -> str:
    """The diarization of the meeting; labels, not names, so that a rename changes no score."""
    return segments_to_rttm(meeting.speaker_segments, uri_of(meeting))


def segments_to_rttm(segments: Sequence[SpeakerSegment], uri: str) -> str:
    """One line for each segment, to the millisecond; those that round to nothing are left out."""
    return "".join(
        f"SPEAKER {token(uri) or 'meeting'} 1 {start / 1000:.3f} {(end - start) / 1000:.3f} "
        f"<NA> <NA> {token(item.speaker) or 'unknown'} <NA> <NA>\n"
        for item in segments
        for start, end in [(round(item.segment.start * 1000), round(item.segment.end * 1000))]
        if end > start
    )


def segments_from_rttm(text: str, uri: str | None = None) -> tuple[SpeakerSegment, ...]:
    """The segments of one recording, ordered by start, end and label.

    Args:
        text: the file; comments (``;;``) and lines other than SPEAKER are passed over.
        uri: the recording; None when the file is about one only.

    Raises:
        FormatError: a line is not RTTM, or the file is about several recordings and ``uri`` is
            None; says which.
    """
    found: dict[str, list[SpeakerSegment]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        fields = line.split()
        if fields and not fields[0].startswith(";") and _is_speaker(fields, number):
            found.setdefault(fields[1], []).append(_segment(fields, number))
    if uri is None and len(found) > 1:
        raise FormatError(f"about {len(found)} recordings: {', '.join(found)}; say which to read")
    wanted = [uri] if uri is not None else list(found)
    segments = [segment for name in wanted for segment in found.get(name, [])]
    return tuple(sorted(segments, key=lambda s: (s.segment.start, s.segment.end, s.speaker)))


def _is_speaker(fields: Sequence[str], number: int) -> bool:
    if fields[0] in _OTHER_TYPES:
        return False
    if fields[0] != "SPEAKER":
        raise FormatError(f"line {number}: {fields[0]!r} is not a type of RTTM; expected SPEAKER")
    if len(fields) < _FEWEST_FIELDS:
        raise FormatError(
            f"line {number}: {len(fields)} fields; expected SPEAKER, recording, channel, start, "
            "duration, <NA>, <NA>, speaker, <NA>, <NA>"
        )
    return True


def _segment(fields: Sequence[str], number: int) -> SpeakerSegment:
    start = _seconds(fields[3], f"line {number}: start")
    duration = _seconds(fields[4], f"line {number}: duration")
    return SpeakerSegment(Segment(start, round(start + duration, 6)), fields[7])


def _seconds(text: str, where: str) -> float:
    try:
        seconds = float(text)
    except ValueError as error:
        raise FormatError(f"{where} {text!r} is not a number; give seconds") from error
    if not math.isfinite(seconds) or seconds < 0:
        raise FormatError(f"{where} {text!r} is not a time; give seconds from zero on")
    return seconds
