"""WebVTT: subtitles for the web, each in the voice of its speaker.

Source: W3C, "WebVTT: The Web Video Text Tracks Format", Candidate Recommendation 2019.
"""

from meeting_app.domain import Meeting
from meeting_app.formats.cues import Cue, cues_of, timestamp


def meeting_to_vtt(meeting: Meeting) -> str:
    """A header and cues with voice tags; the header alone when nothing was said."""
    return "\n".join(["WEBVTT\n", *map(_block, cues_of(meeting, is_prefixed=False))])


def _block(cue: Cue) -> str:
    times = f"{timestamp(cue.start_ms, '.')} --> {timestamp(cue.end_ms, '.')}"
    voice = "" if cue.speaker is None else f"<v {_escaped(cue.speaker)}>"
    text = "\n".join(_escaped(line) for line in cue.lines)
    return f"{times}\n{voice}{text}{'</v>' if voice else ''}\n"


def _escaped(text: str) -> str:
    # The arrow that ends a cue cannot appear once its head is escaped.
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
