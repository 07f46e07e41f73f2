"""SRT: subtitles that every player reads, the speaker's name before the text."""

from meeting_app.config import SubtitlesConfig
from meeting_app.domain import Meeting
from meeting_app.formats.cues import cues_of, timestamp
from meeting_app.formats.options import DEFAULTS, ExportOptions
from meeting_app.formats.wording import Wording

# SRT has no escapes: what a player could take for a line of times or a tag gets a look-alike.
_LOOK_ALIKES = (("-->", "→"), ("<", "‹"), (">", "›"))


def meeting_to_srt(
    meeting: Meeting, options: ExportOptions = DEFAULTS, config: SubtitlesConfig | None = None
) -> str:
    """Numbered cues; empty when nothing was said."""
    cues = cues_of(
        meeting,
        is_prefixed=options.with_speakers,
        config=config,
        say=Wording(options.language),
    )
    blocks = []
    for number, cue in enumerate(cues, start=1):
        times = f"{timestamp(cue.start_ms, ',')} --> {timestamp(cue.end_ms, ',')}"
        text = harmless("\n".join(cue.lines))
        blocks.append(f"{number}\n{times}\n{text}\n")
    return "\n".join(blocks)


def harmless(text: str) -> str:
    """The text without the marks that mean something in SRT."""
    for mark, look_alike in _LOOK_ALIKES:
        text = text.replace(mark, look_alike)
    return text
