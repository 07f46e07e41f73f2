"""What a meeting is while it is still going on: lines of words, and how they change."""

from dataclasses import dataclass

from meeting_app.domain.meeting import Chapter, SpeakerSegment
from meeting_app.domain.transcript import Word


@dataclass(frozen=True, slots=True)
class LiveLine:
    """One utterance, from the first sound of speech to the pause after it."""

    id: int  # counted from 0 in order of time
    words: tuple[Word, ...] = ()
    speakers: tuple[str | None, ...] = ()  # label of each word; None while it is not known
    num_stable: int = 0  # leading words that only the second pass may still change
    is_final: bool = False  # the second pass has spoken
    is_settled: bool = False  # the labels will not change any more before the seal
    is_edited: bool = False  # the user's own words, kept through the seal

    def __post_init__(self) -> None:
        if len(self.speakers) != len(self.words) or not 0 <= self.num_stable <= len(self.words):
            raise ValueError(
                f"line {self.id}: {len(self.words)} words, {len(self.speakers)} labels, "
                f"{self.num_stable} stable; give one label per word"
            )


@dataclass(frozen=True, slots=True)
class PartialWords:
    """The first pass hears these words in the line after those that are stable."""

    line: int
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class StableWords:
    """The leading ``num_stable`` words of the line stay as they are shown."""

    line: int
    num_stable: int


@dataclass(frozen=True, slots=True)
class BetterWords:
    """The second pass replaces the leading ``num_replaced`` words of a line that goes on."""

    line: int
    num_replaced: int  # of the words that are shown
    words: tuple[Word, ...]  # stable


@dataclass(frozen=True, slots=True)
class FinalWords:
    """The second pass replaces all words of the line; no words take the line away."""

    line: int
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class WordSpeakers:
    """Who says the words of a line, one label each."""

    line: int
    speakers: tuple[str | None, ...]
    is_settled: bool = False


@dataclass(frozen=True, slots=True)
class VoicesHeard:
    """Who speaks when, overlap kept; replaces all that was known from ``start`` on."""

    start: float  # seconds
    segments: tuple[SpeakerSegment, ...]
    settled_until: float  # seconds; before it nothing changes any more before the seal


@dataclass(frozen=True, slots=True)
class VoiceNamed:
    """Somebody gave a voice a name; None takes it."""

    speaker: str  # label
    name: str | None


@dataclass(frozen=True, slots=True)
class VoiceRecognised:
    """A voice is taken for that of somebody who is known; None takes that back.

    It is shown while nobody gives the voice a name, and is forgotten with the running meeting.
    """

    speaker: str  # label
    name: str | None


@dataclass(frozen=True, slots=True)
class ChaptersSoFar:
    """The topics up to now; the last one is still going on."""

    chapters: tuple[Chapter, ...]


@dataclass(frozen=True, slots=True)
class Behind:
    """How much sound has arrived that the first pass has not listened to."""

    seconds: float


LiveUpdate = (
    PartialWords
    | StableWords
    | BetterWords
    | FinalWords
    | WordSpeakers
    | VoicesHeard
    | VoiceNamed
    | VoiceRecognised
    | ChaptersSoFar
    | Behind
)
"""What the recognition of a running meeting reports, in the order in which it is to be applied."""
