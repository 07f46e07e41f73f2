"""Which words, and whose, a reader should hear again before relying on them."""

from bisect import bisect_right
from collections.abc import Sequence

from meeting_app.domain.meeting import Meeting
from meeting_app.domain.statistics import overlaps_of
from meeting_app.domain.transcript import Turn, is_sentence_end

# On 7 min of AMI, LibriSpeech and telephone speech (1,028 words, Whisper base) every second word
# below 0.5 is wrong, and they are 45 % of all wrong words; 0.7 finds 63 %, but shades every sixth
# word, five in eight of them in vain.
DOUBTFUL_PROBABILITY = 0.5  # of a word; below it is shaded
SHORT_TURN = 1.0  # seconds; a shorter turn in the middle of a sentence may be mislabelled


def is_doubtful_word(probability: float) -> bool:
    """Whether a word of that ASR posterior is likely enough to be wrong."""
    return probability < DOUBTFUL_PROBABILITY


def doubtful_labels(meeting: Meeting) -> tuple[tuple[bool, ...], ...]:
    """For each turn, for each of its words: whether it may be somebody else's.

    So is a word while two are heard at once, and a short turn that cuts somebody else's
    sentence in two.
    """
    overlaps = overlaps_of(meeting.speaker_segments)
    starts = [overlap.start for overlap in overlaps]

    def is_overlapped(time: float) -> bool:
        index = bisect_right(starts, time) - 1
        return index >= 0 and time < overlaps[index].end

    return tuple(
        tuple(
            cuts or is_overlapped((word.segment.start + word.segment.end) / 2)
            for word in turn.words
        )
        for turn, cuts in zip(meeting.turns, _cut_in(meeting.turns), strict=True)
    )


def _cut_in(turns: Sequence[Turn]) -> list[bool]:
    """For each turn, whether it is short and stands inside a sentence of another speaker."""
    found = [False] * len(turns)
    for index in range(1, len(turns) - 1):
        before, turn, after = turns[index - 1 : index + 2]
        found[index] = (
            before.speaker == after.speaker != turn.speaker
            and turn.segment.duration < SHORT_TURN
            and not is_sentence_end(before.words[-1].text)
        )
    return found
