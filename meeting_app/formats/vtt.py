"""WebVTT: subtitles for the web, each in the voice of its speaker.

Source: W3C, "WebVTT: The Web Video Text Tracks Format", Candidate Recommendation 2019.
"""

from meeting_app.config import SubtitlesConfig
from meeting_app.domain import Meeting
from meeting_app.formats.cue_times import Cue, Voice
from meeting_app.formats.cues import cues_of, timestamp
from meeting_app.formats.options import DEFAULTS, ExportOptions
from meeting_app.formats.wording import Wording


def meeting_to_vtt(
    meeting: Meeting, options: ExportOptions = DEFAULTS, config: SubtitlesConfig | None = None
) -> str:
    """A header and cues with voice tags; the header alone when nothing was said."""
    cues = cues_of(meeting, is_prefixed=False, config=config, say=Wording(options.language))
    return "\n".join(["WEBVTT\n", *(_block(cue, options) for cue in cues)])


def _block(cue: Cue, options: ExportOptions) -> str:
    times = f"{timestamp(cue.start_ms, '.')} --> {timestamp(cue.end_ms, '.')}"
    voices = [_voice(voice, is_named=options.with_speakers) for voice in cue.voices]
    return "\n".join([times, *voices, ""])


def _voice(voice: Voice, *, is_named: bool) -> str:
    text = "\n".join(map(_escaped, voice.lines))
    if voice.speaker is None or not is_named:
        return text
    return f"<v {_escaped(voice.speaker)}>{text}</v>"


def _escaped(text: str) -> str:
    # The arrow that ends a cue cannot appear once its head is escaped.
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
